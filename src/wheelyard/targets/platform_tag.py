"""What a platform tag says: operating system, architecture, C library and its lowest version.

Runs on Python 3.9 with the standard library alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from wheelyard.targets.platforms import LEGACY_MANYLINUX
from wheelyard.targets.target import Libc

_LEGACY = {alias: version for version, alias in LEGACY_MANYLINUX.items()}
_LINUX = re.compile(
    r"(?:(?P<family>manylinux|musllinux)_(?P<major>\d+)_(?P<minor>\d+)"
    r"|(?P<legacy>manylinux(?:1|2010|2014))|linux)_(?P<arch>\w+)"
)
_OTHER_SYSTEMS = {
    "win": "Windows",
    "macosx": "macOS",
    "ios": "iOS",
    "android": "Android",
    "pyodide": "Pyodide",
    "pyemscripten": "Pyodide",
}


@dataclass(frozen=True)
class PlatformTag:
    """A platform tag, understood.

    Attributes:
        system: ``"Linux"``, ``"macOS"``, ``"Windows"`` …, or None for ``any``; the tag itself
            where it isn't known.
        arch: ``"aarch64"``; None for ``any`` and for other systems.
        floor: the C library it needs and the lowest version; None for ``linux_*``.
    """

    system: str | None
    arch: str | None = None
    floor: Libc | None = None


def parse_platform(tag: str) -> PlatformTag:
    """Understand the platform of a tag; never fails, since a new one may come any day."""
    if tag == "any":
        return PlatformTag(None)
    match = _LINUX.fullmatch(tag)
    if match is None:
        known = _OTHER_SYSTEMS.get(re.split(r"[_\d]", tag)[0])
        return PlatformTag(known or repr(tag))
    return PlatformTag("Linux", match["arch"], _floor(match))


def is_known_platform(tag: str) -> bool:
    """Whether the form of a platform tag is a known one, ``any`` among them."""
    return parse_platform(tag).system != repr(tag)


def _floor(match: re.Match[str]) -> Libc | None:
    if match["legacy"]:
        return Libc("glibc", _LEGACY[match["legacy"]])
    if match["family"]:
        family = "glibc" if match["family"] == "manylinux" else "musl"
        return Libc(family, (int(match["major"]), int(match["minor"])))
    return None
