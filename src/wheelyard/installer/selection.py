"""Which wheel each pin stands for: the one with a listed hash, if the interpreter accepts it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wheelyard.errors import HostError, VerificationError
from wheelyard.wheel.filename import parse_wheel_filename
from wheelyard.wheel.requires_python import accepts_python

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from wheelyard.installer.cache import UnpackedWheel
    from wheelyard.installer.values import Compatibility
    from wheelyard.installer.wheelhouse import PinnedWheel
    from wheelyard.wheel.names import Sha256

    Digest = tuple[Path, Sha256]


def choose_wheels(
    pinned: Sequence[PinnedWheel], digests: Sequence[Sequence[Digest]]
) -> tuple[Digest, ...]:
    """Return each pin's wheel and its digest.

    Args:
        pinned: the pins with the wheels of their name and version.
        digests: for each pin, its wheels with their real SHA-256.

    Raises:
        VerificationError: it names every wheel whose hash is not listed.
    """
    chosen: list[Digest] = []
    problems = []
    for each, found in zip(pinned, digests):
        chosen += [pair for pair in found if pair[1] in each.pin.hashes][:1]
        problems += [
            f"{path.name}: its sha256 is {digest}, listed is {', '.join(each.pin.hashes)}"
            for path, digest in found
            if digest not in each.pin.hashes
        ]
    if problems:
        raise VerificationError(
            "Wheels are not those that requirements.txt lists, so nothing is installed; copy the "
            "wheelhouse again:" + "".join(f"\n  {problem}" for problem in problems)
        )
    return tuple(chosen)


def check_requires_python(wheels: Iterable[UnpackedWheel], release: tuple[int, ...]) -> None:
    """Refuse wheels whose ``Requires-Python`` excludes the interpreter.

    Raises:
        HostError: it names every such wheel and what it requires.
    """
    problems = [
        f"{wheel.wheel}: it requires Python {wheel.requires_python}"
        for wheel in wheels
        if not accepts_python(wheel.requires_python, release)
    ]
    if problems:
        version = ".".join(map(str, release))
        raise HostError(
            f"The wheelhouse was not made for Python {version}, so nothing is installed; build one "
            "for this target:" + "".join(f"\n  {problem}" for problem in problems)
        )


def check_fit(paths: Iterable[Path], compatibility: Compatibility) -> None:
    """Refuse wheels that the interpreter cannot use.

    Raises:
        HostError: it says of every such wheel why.
    """
    names = [parse_wheel_filename(path.name) for path in paths]
    problems = [
        f"{name}: {compatibility.explain(name)}"
        for name in names
        if compatibility.tags.isdisjoint(name.tags)
    ]
    if problems:
        raise HostError(
            "The wheelhouse was made for another machine or Python, so nothing is installed; "
            "build one for this target:" + "".join(f"\n  {problem}" for problem in problems)
        )
