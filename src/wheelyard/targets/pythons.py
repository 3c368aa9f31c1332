"""CPython's names: versions, ABIs, extension-module suffixes.

Runs on Python 3.9 with the standard library alone.
"""

from __future__ import annotations

import re

from wheelyard.errors import UsageError
from wheelyard.targets.target import Libc, Machine, Python

OLDEST_PYTHON = (3, 9)
_OLDEST_FREE_THREADED = (3, 13)  # PEP 703
_SPELLING = re.compile(r"3\.(?P<minor>\d+)(?P<patch>\.\d+(?:(?:a|b|rc)\d+)?)?(?P<threads>t)?")

# The first half of CPython's PLATFORM_TRIPLET (configure.ac), where it isn't `<arch>-linux`.
_TRIPLET_CPU = {
    "i586": "i386",
    "i686": "i386",
    "ppc": "powerpc",
    "ppc64": "powerpc64",
    "ppc64le": "powerpc64le",
}
_ARM_32 = re.compile(r"armv[5-8]\w*")
# What follows `gnu` or `musl`, by float ABI.
_ARM_FLOAT = {"hard": "eabihf", "soft": "eabi"}


def make_python(spelling: str, machine: Machine, libc: Libc) -> Python:
    """Make the CPython called ``3.11``, ``3.11.7`` or ``3.13t`` on a machine.

    Without a patch number it is ``.0``: pip and uv also take the oldest release of the series
    when they work for another machine, so that a file which needs a later patch is not chosen
    for a machine that may lack it.

    Raises:
        UsageError: not a CPython version of 3.9 or later.
    """
    minor, patch, free_threaded = _parse_spelling(spelling)
    threads = "t" if free_threaded else ""
    nodot = f"3{minor}{threads}"
    return Python(
        implementation="cp",
        version=(3, minor),
        full_version=f"3.{minor}{patch}",
        free_threaded=free_threaded,
        abi=f"cp{nodot}",
        ext_suffix=f".cpython-{nodot}-{platform_triplet(machine, libc)}.so",
    )


def _parse_spelling(spelling: str) -> tuple[int, str, bool]:
    match = _SPELLING.fullmatch(spelling)
    if match is None:
        raise UsageError(
            f"Python version {spelling!r} is not understood: write 3.11, 3.11.7 or, "
            "for the free-threaded build, 3.13t."
        )
    minor, free_threaded = int(match["minor"]), bool(match["threads"])
    if (3, minor) < OLDEST_PYTHON:
        raise UsageError(f"Python {spelling} is too old: the oldest one supported is 3.9.")
    if free_threaded and (3, minor) < _OLDEST_FREE_THREADED:
        raise UsageError(f"Python {spelling} does not exist: free threading begins with 3.13t.")
    return minor, match["patch"] or ".0", free_threaded


def platform_triplet(machine: Machine, libc: Libc) -> str:
    """CPython's PLATFORM_TRIPLET: ``"aarch64-linux-gnu"``, ``"arm-linux-gnueabihf"``.

    It is Debian's multiarch triplet; musl has its own since CPython 3.9.11/3.10.3 (bpo-43112).
    """
    os_name = "linux-musl" if libc.family == "musl" else "linux-gnu"
    if _ARM_32.fullmatch(machine.arch):
        return f"arm-{os_name}{_ARM_FLOAT[machine.float_abi or 'hard']}"
    cpu = _TRIPLET_CPU.get(machine.arch, machine.arch)
    return f"{cpu}-{os_name}{'spe' if machine.float_abi == 'spe' else ''}"
