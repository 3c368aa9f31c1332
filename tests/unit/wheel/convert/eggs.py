"""Eggs and installers in the forms that setuptools and distutils gave them."""

from __future__ import annotations

import io
import struct
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PKG_INFO = b"Metadata-Version: 1.0\nName: some\nVersion: 1.0\nSummary: a thing\n"
STUB = """\
def __bootstrap__():
    global __bootstrap__, __loader__, __file__
    import sys, pkg_resources, imp
    __file__ = pkg_resources.resource_filename(__name__, '{library}')
    __loader__ = None; del __bootstrap__, __loader__
    imp.load_dynamic(__name__,__file__)
__bootstrap__()
"""
I386, AMD64 = 0x14C, 0x8664
_SETTINGS = "[metadata]\nname=some\nversion=1.0\n\n[Setup]\ninfo=a\\nb\ntarget_compile=1\n"


def zipped(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def egg_files(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {"some/__init__.py": b"answer = 42\n", "EGG-INFO/PKG-INFO": PKG_INFO, **files}


def make_egg(
    folder: Path, files: Mapping[str, bytes], name: str = "some-1.0-py3.8.egg", script: bytes = b""
) -> Path:
    """Write an egg's file; ``script`` stands before it, and offsets count from its beginning."""
    path = folder / name
    path.write_bytes(script)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        for member, data in egg_files(files).items():
            archive.writestr(member, data)
    return path


def make_egg_folder(
    folder: Path, files: Mapping[str, bytes], name: str = "some-1.0-py3.8.egg"
) -> Path:
    for member, data in egg_files(files).items():
        place = folder / name / member
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    return folder / name


def make_installer(
    folder: Path,
    files: Mapping[str, bytes],
    name: str = "some-1.0.win32.exe",
    *,
    settings: str = "",
    machine: int = I386,
) -> Path:
    """Write an installer, whose archive's offsets count from the archive's own beginning."""
    path = folder / name
    path.write_bytes(program(machine, _SETTINGS + settings) + zipped(files))
    return path


def program(machine: int, settings: str) -> bytes:
    head = b"MZ".ljust(0x3C, b"\0") + struct.pack("<I4sH", 0x40, b"PE\0\0", machine)
    text = settings.encode() + b"\0\0"
    return head + b"code" * 20 + text + struct.pack("<3I", 0x1234567B, len(text), 0)
