"""Whether this machine can build and prove for a target, and what is missing. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wheelyard.builders.cross.host import host_of
from wheelyard.builders.prove.runner import emulator_of, why_not
from wheelyard.builders.sysroots.suites import architecture_of, suite_of, suite_with
from wheelyard.errors import UsageError
from wheelyard.targets.detect import THIS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wheelyard.builders.survey import Survey
    from wheelyard.targets.target import Target

COMPILER = "zig"
"""What the store calls the compiler of cross builds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ability:
    """What can be done for a target.

    ``missing`` says what can't and what to do about it; ``fetched`` what would be fetched the
    first time.
    """

    target: str
    build: bool
    prove: bool
    missing: tuple[str, ...]
    fetched: tuple[str, ...] = ()


def version_of(target: Target) -> str:
    """Give the version of a target's Python, ``"3.11"`` or ``"3.13t"``."""
    suffix = "t" if target.python.free_threaded else ""
    return ".".join(map(str, target.python.version)) + suffix


def ability(target: Target, here: Survey) -> Ability:
    """Judge one target."""
    if target.name == THIS:
        lacking = tuple(_lacks_here(target, here))
        return Ability(target=target.name, build=not lacking, prove=not lacking, missing=lacking)
    lacking = tuple(dict.fromkeys(_lacks(target, here)))
    unproved = why_not(target)
    return Ability(
        target=target.name,
        build=not lacking,
        prove=not lacking and not unproved,
        missing=(*lacking, *((f"to prove: {unproved}",) if unproved else ())),
        fetched=() if lacking else tuple(_fetched(target, here)),
    )


def _lacks_here(target: Target, here: Survey) -> Iterator[str]:
    version = version_of(target)
    if not here.pythons.get(version):
        yield f"no Python {version}: install it, for example with: uv python install {version}"
    if not here.compiler:
        yield "no C compiler: install one that is called cc"


def _lacks(target: Target, here: Survey) -> Iterator[str]:
    try:
        host_of(target)
    except UsageError as error:
        yield str(error)
    if here.mirrors.problem:
        yield f"no sysroot: {here.mirrors.problem}"
    try:
        suite, architecture = suite_of(target), architecture_of(target.machine)
    except UsageError as error:
        yield f"no sysroot: {error}"
    else:
        known = here.mirrors.architectures.get(suite)
        if known is not None and architecture not in known:
            yield f"no sysroot: {suite} has no packages for {architecture}; choose another Python"
    version = version_of(target)
    if not here.pythons.get(version) and not _is_debians(version):
        yield f"no Python {version} to build with: uv python install {version}"


def _is_debians(version: str) -> bool:
    try:
        suite_with(version)
    except UsageError:
        return False
    return True


def _fetched(target: Target, here: Survey) -> Iterator[str]:
    if COMPILER not in here.kept:
        yield "the compiler (ziglang, from the package index)"
    version = version_of(target)
    if not here.pythons.get(version):
        yield f"Python {version} to build with"
    if suite_of(target) not in here.mirrors.architectures:
        yield f"the lists of {suite_of(target)}, which say whether it has all that is needed"
    emulator = emulator_of(target, here.arch)
    if emulator and emulator not in here.kept and not why_not(target):
        yield f"an emulator ({emulator})"
