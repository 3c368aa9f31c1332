"""Debian's suite and architecture for a target: a table, asked. Pure but for the reading of it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from wheelyard.errors import UsageError

if TYPE_CHECKING:
    from wheelyard.targets.target import Machine, Target

_ARM_32 = re.compile(r"armv[5-8]\w*")
_COMPANION = re.compile(r"(?:-security|-updates|/updates|-proposed-updates|-proposed|-backports)\Z")


@dataclass(frozen=True, kw_only=True, slots=True)
class Keyring:
    """Where a distribution's keys are.

    Attributes:
        file: the pattern of its name in ``/usr/share/keyrings``.
        package: what has it, here and in ``suite``, which is another distribution's.
    """

    file: str
    package: str
    suite: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Distribution:
    """Who publishes a suite.

    Attributes:
        origin: what its release files call it.
        components: what a mirror of it is asked for when it is named by its URL alone.
        security_apart: security updates are on mirrors of their own only.
    """

    origin: str
    suites: tuple[str, ...]
    components: tuple[str, ...]
    security_apart: bool
    keyring: Keyring


def distribution_of(suite: str) -> Distribution:
    """Give the distribution that a suite is of, or that an update of a suite is of.

    >>> distribution_of("noble-updates").origin
    'Ubuntu'
    """
    base = _COMPANION.sub("", suite)
    distributions = _distributions()
    return next((one for one in distributions if base in one.suites), distributions[0])


@cache
def _distributions() -> tuple[Distribution, ...]:
    return tuple(
        Distribution(
            origin=table["origin"],
            suites=tuple(table["suites"]),
            components=tuple(table["components"]),
            security_apart=table["security-apart"],
            keyring=Keyring(**table["keyring"]),
        )
        for table in _tables()["distributions"].values()
    )


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
        raise UsageError(
            f"no suite of Debian or Ubuntu has Python {python}, only {', '.join(pythons)}"
        )
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
    """Give the suite that a name in apt's configuration belongs to; None when we don't know it.

    ``"bookworm-security"`` and ``"bookworm"`` belong to ``"bookworm"``, ``"nodistro"`` to none.
    """
    base = _COMPANION.sub("", name)
    return base if any(base in one.suites for one in _distributions()) else None


def not_needed() -> frozenset[str]:
    """Give the packages that only matter to a running system."""
    return frozenset(_tables()["packages"]["not-needed"])
