"""What must hold for any bytes: a result or a refusal, and after a refusal nothing lies beside.

One input is one byte that says what it is for, and the rest. :mod:`tools.fuzz` draws inputs by what
they reach; the seeds are tested with all else.
"""

from __future__ import annotations

import struct
import tempfile
import zipfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tests.hostile.craft import (
    INFO,
    METADATA,
    WHEEL,
    WHEEL_NAME,
    item,
    wheel_items,
    zip_bytes,
)
from tests.unit.wheel.convert.eggs import I386, PKG_INFO, program

from wheelyard.errors import VerificationError, WheelyardError
from wheelyard.signatures.envelope import read_envelope
from wheelyard.signatures.jws import check_jws
from wheelyard.wheel import open_wheel, unpack_wheel, verify_wheel
from wheelyard.wheel.convert import plan_conversion, write_conversion
from wheelyard.wheel.lint import lint_wheel
from wheelyard.wheel.summary import metadata_as_dict, summarize

if TYPE_CHECKING:
    from collections.abc import Callable

PARTS = b"\0--\0"
"""What parts the files of a wheel in an input of :func:`try_parts`."""
_CHANGE = struct.Struct("<2BI")  # which member and header, which field, its value
_FIELDS = ("flags", "method", "crc", "csize", "size", "offset", "disk", "attributes")
_SHORT = {"flags", "method", "disk"}
_TIME = 1_600_000_000


def run(data: bytes) -> None:
    """Try one input; anything but a refusal of ours is a defect."""
    if data:
        with tempfile.TemporaryDirectory() as name:
            TARGETS[data[0] % len(TARGETS)](data[1:], Path(name))


def try_wheel(data: bytes, folder: Path) -> None:
    """Take the bytes for a wheel."""
    path = folder / WHEEL_NAME
    path.write_bytes(data)
    unopened, unverified = _refusal(open_wheel, path), _refusal(verify_wheel, path)
    refused = _refusal(lambda path: unpack_wheel(path, folder / "out"), path)
    assert refused == unverified, "unpacked and verified by different rules"
    assert unverified or not unopened, "verified what can't be opened"
    if refused:
        assert WHEEL_NAME in refused, "it doesn't name the file"
        assert [one.name for one in folder.iterdir()] == [WHEEL_NAME], "something was left behind"
        return
    wheel = open_wheel(path)
    summarize(wheel)
    lint_wheel(wheel)
    metadata_as_dict(wheel.metadata)
    assert _unpacked(folder / "out") == _seen_by_zipfile(path), "zipfile sees another wheel"


def _refusal(read: Callable[[Path], object], path: Path) -> str:
    try:
        read(path)
    except WheelyardError as error:
        return str(error)
    return ""


def _unpacked(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if not path.is_dir()]
    assert all(path.is_file() and not path.is_symlink() for path in files)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def _seen_by_zipfile(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {one.filename: archive.read(one) for one in archive.infolist() if not one.is_dir()}


def try_parts(data: bytes, folder: Path) -> None:
    """Take the parts for a member's name and the metadata of a wheel that is sound else."""
    name, metadata, wheel, record, entry_points = _split(data)
    extra = [item("good/x.py")] if not name else [replace(item("x"), name=name)]
    extra += [item(f"{INFO}/entry_points.txt", entry_points)] if entry_points else []
    items = wheel_items(
        *extra, metadata=metadata or METADATA, wheel=wheel or WHEEL, record=record or None
    )
    try_wheel(zip_bytes(items), folder)


def try_headers(data: bytes, folder: Path) -> None:
    """Take the bytes for changes to single fields of a good wheel's headers."""
    items = wheel_items()
    for which, field, value in _CHANGE.iter_unpack(data[: len(data) // 6 * 6]):
        key = _FIELDS[field % len(_FIELDS)]
        number = value & 0xFFFF if key in _SHORT else value
        at = which % len(items)
        if which & 0x80:
            items[at] = replace(items[at], local={**items[at].local, key: number})
        else:
            items[at] = replace(items[at], central={**items[at].central, key: number})
    try_wheel(zip_bytes(items), folder)


def try_egg(data: bytes, folder: Path) -> None:
    """Take the bytes for an egg."""
    _convert(folder, "good-1.0-py3.8.egg", data)


def try_egg_info(data: bytes, folder: Path) -> None:
    """Take the parts for the metadata of an egg."""
    names = ("PKG-INFO", "requires.txt", "entry_points.txt", "scripts/run", "native_libs.txt")
    parts = dict(zip(names, _split(data), strict=True))
    parts["PKG-INFO"] = parts["PKG-INFO"] or PKG_INFO
    items = [item(f"EGG-INFO/{name}", part) for name, part in parts.items()]
    _convert(folder, "good-1.0-py3.8.egg", zip_bytes([item("good.py"), *items]))


def _split(data: bytes) -> list[bytes]:
    return [*data.split(PARTS), *([b""] * 5)][:5]


def try_installer(data: bytes, folder: Path) -> None:
    """Take the bytes for what stands behind the program of an installer."""
    _convert(folder, "good-1.0.win32.exe", program(I386, "[metadata]\nname=good\n") + data)


def _convert(folder: Path, name: str, data: bytes) -> None:
    path = folder / name
    path.write_bytes(data)
    try:
        written = write_conversion(plan_conversion(path), folder, timestamp=_TIME)
    except WheelyardError:
        assert [one.name for one in folder.iterdir()] == [name], "something was left behind"
    else:
        verify_wheel(written.path)


def try_signature(data: bytes, _folder: Path) -> None:
    """Take the bytes for a signature, beside a wheel and inside."""
    with suppress(VerificationError):
        read_envelope(data)
    with suppress(VerificationError):
        check_jws(data, b"")


TARGETS = (
    try_wheel, try_parts, try_headers, try_egg, try_egg_info, try_installer, try_signature,
)  # fmt: skip
