"""What of this machine goes into what is built on it."""

from __future__ import annotations

import functools
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wheelyard.targets.target import Target


def host_identity(host: Target) -> str:
    """Name the machine, C library, distribution and compiler, as they enter a step's key."""
    distro = f"{host.distro.id} {host.distro.version}" if host.distro else ""
    return f"{host.machine.arch} {host.libc} {distro} {_compiler()}"


@functools.cache
def _compiler() -> str:
    try:
        done = subprocess.run(("cc", "--version"), capture_output=True, text=True, check=False)
    except OSError:
        return "no compiler"
    return done.stdout.partition("\n")[0]
