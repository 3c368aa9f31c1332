"""Zip files and wheels in which every single field can lie; for tests only."""

from __future__ import annotations

import base64
import hashlib
import struct
import zlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WHEEL_NAME = "good-1.0-py3-none-any.whl"
CONTENT = b"x = 1\n"
INFO = "good-1.0.dist-info"
METADATA = b"Metadata-Version: 2.1\nName: good\nVersion: 1.0\n"
WHEEL = b"Wheel-Version: 1.0\nGenerator: craft\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


@dataclass(frozen=True)
class Item:
    """A member; ``local`` and ``central`` replace single fields of its two headers."""

    name: bytes
    data: bytes = b""
    method: int = 8
    flags: int = 0
    mode: int = 0o100644
    payload: bytes | None = None
    descriptor: bytes = b""
    behind: bytes = b""
    local: Mapping[str, Any] = field(default_factory=dict)
    central: Mapping[str, Any] = field(default_factory=dict)

    @property
    def compressed(self) -> bytes:
        if self.payload is not None:
            return self.payload
        if self.method != 8:
            return self.data
        squeeze = zlib.compressobj(6, zlib.DEFLATED, -15)
        return squeeze.compress(self.data) + squeeze.flush()

    def fields(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "name": self.name,
            "flags": self.flags if self.name.isascii() else self.flags | 0x800,
            "method": self.method,
            "crc": zlib.crc32(self.data),
            "csize": len(self.compressed),
            "size": len(self.data),
            "extra": b"",
            **changes,
        }


def item(name: str, data: bytes = CONTENT, **fields: Any) -> Item:
    return Item(name.encode(), data, **fields)


def local_header(it: Item) -> bytes:
    f = it.fields(it.local)
    head = struct.pack(
        "<4s5H3L2H",
        *(b"PK\3\4", 20, f["flags"], f["method"], 0, 33, f["crc"], f["csize"], f["size"]),
        *(len(f["name"]), len(f["extra"])),
    )
    return bytes(head + f["name"] + f["extra"])


def central_header(it: Item, offset: int) -> bytes:
    usual = {"offset": offset, "comment": b"", "disk": 0, "version": 20}
    f = {**usual, "attributes": it.mode << 16, **it.fields(it.central)}
    head = struct.pack(
        "<4s6H3L5H2L",
        *(b"PK\1\2", 0x0314, f["version"], f["flags"], f["method"], 0, 33),
        *(f["crc"], f["csize"], f["size"]),
        *(len(f["name"]), len(f["extra"]), len(f["comment"]), f["disk"], 0),
        *(f["attributes"], f["offset"]),
    )
    return bytes(head + f["name"] + f["extra"] + f["comment"])


@dataclass(frozen=True)
class Frame:
    """What stands around the members; ``end`` replaces fields of the end record."""

    prefix: bytes = b""
    before_directory: bytes = b""
    after_directory: bytes = b""
    comment: bytes = b""
    suffix: bytes = b""
    hidden: tuple[int, ...] = ()
    end: Mapping[str, int] = field(default_factory=dict)


def zip_bytes(items: Sequence[Item], frame: Frame | None = None) -> bytes:
    """Write a zip file; ``frame.hidden`` members get no directory entry."""
    frame = frame or Frame()
    data, directory = frame.prefix, b""
    for index, it in enumerate(items):
        if index not in frame.hidden:
            directory += central_header(it, len(data))
        data += local_header(it) + it.compressed + it.descriptor + it.behind
    data += frame.before_directory
    count = len(items) - len(frame.hidden)
    end = {"count": count, "size": len(directory), "offset": len(data), "disk": 0, **frame.end}
    data += directory + frame.after_directory
    return data + end_record(end, frame.comment) + frame.comment + frame.suffix


def end_record(end: Mapping[str, int], comment: bytes = b"") -> bytes:
    counts = (end["disk"], 0, end.get("here", end["count"]), end["count"])
    return struct.pack("<4s4H2LH", b"PK\5\6", *counts, end["size"], end["offset"], len(comment))


def zip64_records(count: int, size: int, offset: int, at: int, more: bytes = b"") -> bytes:
    head = (b"PK\6\6", 44 + len(more), 45, 45)
    record = struct.pack("<4sQ2H2L4Q", *head, 0, 0, count, count, size, offset)
    return record + more + struct.pack("<4sLQL", b"PK\6\7", 0, at, 1)


def record_hash(data: bytes, algorithm: str = "sha256") -> str:
    digest = hashlib.new(algorithm, data).digest()
    return f"{algorithm}={base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def record_rows(items: Sequence[Item]) -> list[str]:
    rows = [
        f'"{it.name.decode(errors="replace")}",{record_hash(it.data)},{len(it.data)}'
        for it in items
        if not it.name.endswith(b"/")
    ]
    return list(dict.fromkeys(rows))


def wheel_items(
    *extra: Item,
    metadata: bytes = METADATA,
    wheel: bytes = WHEEL,
    record: bytes | None = None,
    info: str = INFO,
) -> list[Item]:
    """Return a good wheel's members and ``extra`` ones, with a right ``RECORD`` unless given."""
    items = [
        item("good/__init__.py"),
        *extra,
        item(f"{info}/METADATA", metadata),
        item(f"{info}/WHEEL", wheel),
    ]
    if record is None:
        record = "\n".join([*record_rows(items), f"{info}/RECORD,,"]).encode() + b"\n"
    return [*items, item(f"{info}/RECORD", record)]


def craft(*extra: Item, frame: Frame | None = None, **parts: Any) -> bytes:
    """Return a wheel, good but for what is given."""
    return zip_bytes(wheel_items(*extra, **parts), frame)


def with_first(**changes: Any) -> bytes:
    """Return a good wheel whose first member is changed after RECORD was written."""
    first, *rest = wheel_items()
    return zip_bytes([replace(first, **changes), *rest])


def with_rows(*rows: str, drop: str = "") -> bytes:
    """Return a good wheel with more ``RECORD`` rows, or without those that begin with ``drop``."""
    items = wheel_items()[:-1]
    kept = [row for row in record_rows(items) if not (drop and row.startswith(f'"{drop}'))]
    return craft(record="\n".join([*kept, *rows, f"{INFO}/RECORD,,"]).encode() + b"\n")
