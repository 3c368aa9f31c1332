"""Installers that distutils' bdist_wininst made: a program, settings, a zip file behind them.

The program is the same in all but its processor. The settings say what its file name may not, for
a file can be renamed: which Python it is for.
"""

from __future__ import annotations

import os
import re
import struct
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wheelyard.errors import UsageError
from wheelyard.wheel import zip_records as zr
from wheelyard.wheel.convert.source import ABOUT, ROOT, OldFile, Source, decode, read_members
from wheelyard.wheel.reader import opened
from wheelyard.wheel.summary import LIBRARY
from wheelyard.wheel.writer import file_from_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from wheelyard.wheel.writer import WheelFile

_NAME = re.compile(
    r"(?P<name>.+?)-(?P<version>[0-9].*?)\.(?:win32|[a-z]+-\w+)(?:-py(?P<python>[0-9]\.[0-9]+))?\.exe"
)
_PYTHON = re.compile(r"[0-9]\.[0-9]+")
_PLATFORMS = {0x14C: "win32", 0x8664: "win-amd64", 0x200: "win-ia64", 0xAA64: "win-arm64"}
_HEADER = struct.Struct("<3I")  # mark, length of the settings, length of a bitmap
_MARKS = (0x1234567A, 0x1234567B)
_SETTINGS_LIMIT = 1 << 20
_LIBRARIES = ("PURELIB", "PLATLIB")
_KEYS = (*_LIBRARIES, "HEADERS", "SCRIPTS", "DATA")
# The settings by the names that metadata has for them.
_ABOUT = {
    "name": "Name",
    "version": "Version",
    "description": "Summary",
    "url": "Home-page",
    "author": "Author",
    "author_email": "Author-email",
    "maintainer": "Maintainer",
    "maintainer_email": "Maintainer-email",
}


@dataclass(frozen=True)
class _Program:
    """What stands before the archive, and where that begins, in bytes."""

    platform: str
    settings: Mapping[str, str]
    start: int


def read_installer(path: Path) -> Source:
    """Read an installer.

    Raises:
        UsageError: another kind of program, or one for several projects or an unknown processor.
        InvalidWheelError: it holds every rule that the archive breaks.
        HostError: the file cannot be read.
    """
    program = _read_program(path)
    files = read_members(path, program.start)
    about = _find_about(path, files)
    extensions = any(file.path.startswith("PLATLIB/") for file in files)
    placed = [_placed(file, about, split=extensions) for file in files]
    if not about:
        placed.append(OldFile(ABOUT, file_from_bytes("PKG-INFO", _pkg_info(program.settings))))
    native = extensions or any(
        old.scheme == ROOT and LIBRARY.search(old.file.path) for old in placed
    )
    if native and not program.platform:
        raise UsageError(f"{path}: it is for a processor that no wheel's tag names")
    named = _NAME.fullmatch(path.name)
    words = named.groupdict("") if named else dict.fromkeys(("name", "version", "python"), "")
    target = program.settings.get("target_version", "")
    return Source(
        path=path,
        files=tuple(placed),
        name=program.settings.get("name") or words["name"],
        version=program.settings.get("version") or words["version"],
        python=target if _PYTHON.fullmatch(target) else words["python"],
        platform=program.platform if native else "",
        extensions=extensions,
        remarks=_remarks(program.settings),
    )


def _read_program(path: Path) -> _Program:
    with opened(path) as descriptor:
        size = os.fstat(descriptor).st_size
        tail_size = min(size, zr.TAIL_SIZE)
        try:
            start = zr.find_appended(os.pread(descriptor, tail_size, size - tail_size), size)
        except zr.BadZipError as error:
            raise _other(path, f"there is no zip file behind it ({error.detail})") from None
        settings = _read_settings(descriptor, start)
        if not settings:
            raise _other(path, "no settings stand right before the zip file behind it")
        return _Program(_platform(descriptor), settings, start)


def _other(path: Path, reason: str) -> UsageError:
    return UsageError(f"{path}: no bdist_wininst installer: {reason}; those and eggs are converted")


def _platform(descriptor: int) -> str:
    """Return the platform whose program it is (PE format, "COFF File Header"), or ``""``."""
    at = int.from_bytes(os.pread(descriptor, 4, 0x3C), "little")
    header = os.pread(descriptor, 6, at)
    if not header.startswith(b"PE\0\0"):
        return ""
    return _PLATFORMS.get(int.from_bytes(header[4:], "little"), "")


def _read_settings(descriptor: int, start: int) -> dict[str, str]:
    """Return the lines ``key=value`` that end right before the archive; no key is there twice."""
    if start < _HEADER.size:
        return {}
    mark, length, _ = _HEADER.unpack(os.pread(descriptor, _HEADER.size, start - _HEADER.size))
    begin = start - _HEADER.size - length
    if mark not in _MARKS or length > _SETTINGS_LIMIT or begin < 0:
        return {}
    text = decode(os.pread(descriptor, length, begin).partition(b"\0")[0])
    pairs = (line.strip().partition("=") for line in text.split("\n"))
    return {key: value for key, _, value in pairs if value}


def _find_about(path: Path, files: tuple[WheelFile, ...]) -> str:
    """Return the path of the project's metadata, a file or a folder; ``""`` when there is none."""
    parts = [file.path.split("/") for file in files]
    strange = sorted({names[0] for names in parts} - {*_KEYS})
    if strange or not files:
        held = ", ".join(strange) or "nothing"
        raise _other(path, f"the zip file behind it holds {held}, not only {', '.join(_KEYS)}")
    found = {
        f"{names[0]}/{names[1]}"
        for names in parts
        if names[0] in _LIBRARIES and len(names) > 1 and names[1].endswith(".egg-info")
    }
    if len(found) > 1:
        raise UsageError(f"{path}: it is for several projects, {', '.join(sorted(found))}")
    return "".join(found)


def _placed(file: WheelFile, about: str, *, split: bool) -> OldFile:
    """Return where a file belongs; with ``split``, what is pure is apart from the rest."""
    if about and (file.path == about or file.path.startswith(f"{about}/")):
        return OldFile(ABOUT, replace(file, path=file.path[len(about) + 1 :] or "PKG-INFO"))
    key, _, rest = file.path.partition("/")
    if key in _LIBRARIES:
        return OldFile("purelib" if split and key == "PURELIB" else ROOT, replace(file, path=rest))
    if key == "HEADERS":  # HEADERS/Include/PROJECT/…; an installer of wheels names the project
        rest = re.sub(r"^Include/[^/]+/", "", rest)
    return OldFile(key.lower(), replace(file, path=rest))


def _pkg_info(settings: Mapping[str, str]) -> bytes:
    """Return what the settings tell of a project, as ``PKG-INFO`` would."""
    known = [(header, settings[key]) for key, header in _ABOUT.items() if key in settings]
    return "".join(f"{header}: {value}\n" for header, value in known).encode()


def _remarks(settings: Mapping[str, str]) -> tuple[str, ...]:
    script = settings.get("install_script")
    if not script:
        return ()
    return (f"the installer ran {script} when it was done; of a wheel, nothing is run",)
