"""The one tree of errors.

Every class carries its exit code and hands its positional arguments to ``Exception``, so that an
error survives pickling on its way back from a worker process. Runs on Python 3.9 (it is shipped
to targets).
"""

from __future__ import annotations


class WheelyardError(Exception):
    """Something that a person can act on; the message names the object, the cause, the next step.

    The exit code on the class is what the command line returns.
    """

    exit_code = 1


class UsageError(WheelyardError):
    """A wrong argument, a configuration or requirements file with errors (exit code 2)."""

    exit_code = 2


class ResolutionError(WheelyardError):
    """No set of versions fits, or a version or file is not on the index (exit code 3)."""

    exit_code = 3


class BuildError(WheelyardError):
    """A wheel could not be made (exit code 4)."""

    exit_code = 4


class VerificationError(WheelyardError):
    """Content is not what it claims to be, or is unsafe (exit code 5)."""

    exit_code = 5


class HostError(WheelyardError):
    """This machine lacks something: a tool, disk space, a permission (exit code 6)."""

    exit_code = 6
