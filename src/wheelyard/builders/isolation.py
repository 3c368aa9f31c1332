"""Keeping a build off the network: bubblewrap where it can be had, else ``unshare``.

Which of the two works is found by trying, once a process; the report says which it was.
"""

from __future__ import annotations

import enum
import functools
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class Isolation(enum.StrEnum):
    """How builds are kept off the network."""

    BUBBLEWRAP = "bubblewrap"
    """No network, and only the scratch folder and the caches named can be written."""
    UNSHARE = "unshare"
    """No network."""
    NONE = "none"
    """Nothing could be had: builds can reach the network."""


@functools.cache
def detect_isolation() -> Isolation:
    """Give the best that works on this machine for this user."""
    for kind in (Isolation.BUBBLEWRAP, Isolation.UNSHARE):
        probe = wrap(("true",), kind, writable=())
        if shutil.which(probe[0]) and _succeeds(probe):
            return kind
    return Isolation.NONE


def _succeeds(command: Sequence[str]) -> bool:
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def wrap(
    command: Sequence[str], isolation: Isolation, *, writable: Sequence[Path]
) -> tuple[str, ...]:
    """Give the command that runs another one isolated.

    Args:
        command: What to run.
        isolation: By which means.
        writable: The folders that it may write to; only bubblewrap enforces this.
    """
    if isolation is Isolation.BUBBLEWRAP:
        binds = [part for path in writable for part in ("--bind", str(path), str(path))]
        return ("bwrap", *_BWRAP, *binds, "--", *command)
    if isolation is Isolation.UNSHARE:
        user = () if os.geteuid() == 0 else ("--user", "--map-current-user")
        # A process space of its own, so that everything below ends when we are killed.
        space = ("--net", "--fork", "--pid", "--kill-child")
        return ("unshare", *user, *space, "--", *command)
    return tuple(command)


_BWRAP = (
    *("--ro-bind", "/", "/"),
    *("--dev", "/dev"),
    *("--proc", "/proc"),
    "--unshare-all",
    "--die-with-parent",
    *("--cap-drop", "ALL"),
)
