"""Debian's suite and architecture for a target: a table, asked. Pure but for the reading of it."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from wheelyard.errors import UsageError

if TYPE_CHECKING:
    from wheelyard.targets.target import Machine, Target

_ARM_32 = re.compile(r"armv[5-8]\w*")
_COMPANION = re.compile(r"(?:-security|-updates|/updates|-proposed-updates|-backports)\Z")


@cache
def _tables() -> dict[str, Any]:
    file = resources.files(__package__) / "debian.toml"
    return tomllib.loads(file.read_text("utf-8"))


def suite_of(target: Target) -> str:
    """Give the suite whose own Python has the target's version.

    Raises:
        UsageError: there is none.
    """
    version = ".".join(map(str, target.python.version))
    try:
        return suite_with(version)
    except UsageError as error:
        raise UsageError(
            f"{target.name}: {error}. Choose one of these, or name a sysroot of your own."
        ) from None


def suite_with(python: str) -> str:
    """Give the suite whose own Python has a version: ``"bookworm"`` for ``"3.11"``.

    Raises:
        UsageError: there is none.
    """
    pythons: dict[str, str] = _tables()["pythons"]
    if python not in pythons:
        raise UsageError(f"no suite of Debian has Python {python}, only {', '.join(pythons)}")
    return pythons[python]


def library_suite(target: Target) -> str:
    """Give the suite of libraries that are to be grafted into wheels for a target.

    It is the newest whose C library is not newer than the target's, else the oldest there is: what
    was linked with a newer one than the target's may not run there. Empty if no suite has any.
    """
    architecture = architecture_of(target.machine)
    offered: list[tuple[tuple[int, ...], str]] = [
        (tuple(map(int, one["glibc"].split("."))), name)
        for name, one in _tables()["libraries"].items()
        if architecture in one["architectures"]
    ]
    if target.libc.family != "glibc" or not offered:
        return ""
    fitting = [one for one in offered if one[0] <= target.libc.version]
    return max(fitting, default=min(offered))[1]


def architecture_of(machine: Machine) -> str:
    """Give Debian's name of a machine's architecture: ``"arm64"``.

    Raises:
        UsageError: Debian has none for it.
    """
    tables = _tables()
    if _ARM_32.fullmatch(machine.arch):
        found = tables["arm"].get(machine.float_abi or "hard")
    else:
        found = tables["architectures"].get(machine.arch)
    if found is None:
        floats = f" with {machine.float_abi} floats" if machine.float_abi else ""
        raise UsageError(
            f"Debian has no packages for {machine.arch}{floats}. Name a sysroot of your own."
        )
    return str(found)


def multiarch_of(architecture: str) -> str:
    """Give the name of the folders of an architecture's libraries: ``"aarch64-linux-gnu"``."""
    return str(_tables()["multiarch"][architecture])


def is_rolling(suite: str) -> bool:
    """Whether a suite has no releases, so that an old state of it is all that a mirror may have."""
    return suite in _tables()["suites"]["rolling"]


def base_suite(name: str) -> str | None:
    """Give the suite that a name in apt's configuration belongs to; None when it isn't Debian's.

    ``"bookworm-security"`` and ``"bookworm"`` belong to ``"bookworm"``, ``"focal"`` to none.
    """
    base = _COMPANION.sub("", name)
    return base if base in _tables()["suites"]["names"] else None


def not_needed() -> frozenset[str]:
    """Give the packages that only matter to a running system."""
    return frozenset(_tables()["packages"]["not-needed"])
