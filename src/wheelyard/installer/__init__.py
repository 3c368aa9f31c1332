"""Puts wheels into an environment: verified, all or nothing, without a network.

What is asked for (:func:`read_wanted`, :func:`everything_in`) and what there is
(:func:`find_candidates`, :func:`wheelhouse_candidates`) are brought together by :func:`select`;
what that chose is put in place by :func:`install`.

Standard library only, Python 3.9 and later, as it is shipped to the machines installed to.
"""

from wheelyard.installer.candidates import Candidate, find_candidates, wheelhouse_candidates
from wheelyard.installer.choice import Reader, Rules
from wheelyard.installer.core import install
from wheelyard.installer.environment import Destination
from wheelyard.installer.programs import Programs, install_scripts
from wheelyard.installer.selection import check_python, select, wheel_reader
from wheelyard.installer.values import (
    Change,
    Compatibility,
    InstallReport,
    InstallRequest,
    Options,
    Selected,
)
from wheelyard.installer.wanted import Wanted, everything_in, read_wanted

__all__ = [
    "Candidate",
    "Change",
    "Compatibility",
    "Destination",
    "InstallReport",
    "InstallRequest",
    "Options",
    "Programs",
    "Reader",
    "Rules",
    "Selected",
    "Wanted",
    "check_python",
    "everything_in",
    "find_candidates",
    "install",
    "install_scripts",
    "read_wanted",
    "select",
    "wheel_reader",
    "wheelhouse_candidates",
]
