"""Every hostile wheel, with the rule that must refuse it; and the odd ones that only warn."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tests.hostile.craft import (
    CONTENT,
    INFO,
    METADATA,
    WHEEL,
    WHEEL_NAME,
    Frame,
    craft,
    end_record,
    item,
    local_header,
    record_hash,
    record_rows,
    wheel_items,
    with_first,
    with_rows,
    zip64_records,
    zip_bytes,
)

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Case:
    """A wheel as bytes and the rule it breaks; ``strict`` ones are refused only when asked for."""

    id: str
    rule: str
    make: Callable[[], bytes]
    name: str = WHEEL_NAME
    strict: bool = False


def _descriptor(data: bytes, *, size_off: int = 0) -> bytes:
    squeeze = zlib.compressobj(6, zlib.DEFLATED, -15)
    packed = squeeze.compress(data) + squeeze.flush()
    return struct.pack("<4s3L", b"PK\7\x08", zlib.crc32(data), len(packed), len(data) + size_off)


def _described(descriptor: bytes) -> bytes:
    zero = {"crc": 0, "csize": 0, "size": 0}
    return with_first(flags=8, local=zero, descriptor=descriptor)


def _zip64(**lies: int) -> bytes:
    plain = zip_bytes(wheel_items())
    count, size, offset = struct.unpack("<H2L", plain[-12:-2])
    body = plain[:-22]
    truth = {"count": count, "size": size, "offset": offset, "at": len(body), **lies}
    end = {"disk": 0, "count": 0xFFFF, "size": 0xFFFFFFFF, "offset": 0xFFFFFFFF}
    return body + zip64_records(**truth) + end_record(end)


def good_zip64() -> bytes:
    return _zip64()


def good_descriptor() -> bytes:
    return _described(_descriptor(b"x = 1\n"))


def _bomb(size: int) -> bytes:
    return craft(item("good/bomb.bin", bytes(size)))


def _lying_bomb() -> bytes:
    """A member that declares 6 bytes and holds 10 million."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    payload = squeeze.compress(bytes(10_000_000)) + squeeze.flush()
    return with_first(payload=payload)


def _sized(size: int) -> bytes:
    """A member that declares another size than it has; RECORD says none."""
    first, *middle, _ = wheel_items()
    rows = [row.rpartition(",")[0] + "," for row in record_rows([first, *middle])]
    record = "\n".join([*rows, f"{INFO}/RECORD,,"]).encode()
    lying = replace(first, local={"size": size}, central={"size": size})
    return zip_bytes([lying, *middle, item(f"{INFO}/RECORD", record)])


def _overlap() -> bytes:
    """Two directory entries for one local header."""
    items = wheel_items(item("good/other.py"))
    offset = len(local_header(items[0]) + items[0].compressed)
    twin = item("good/other.py", central={"offset": offset})
    return zip_bytes([*items, twin], Frame(hidden=()))


def _two_archives() -> bytes:
    inner = zip_bytes(wheel_items())
    return zip_bytes(wheel_items(), Frame(comment=inner))


def _metadata(text: bytes) -> bytes:
    return craft(metadata=text)


def _entry_points(text: str) -> bytes:
    return craft(item(f"{INFO}/entry_points.txt", text.encode()))


def _without(name: str) -> bytes:
    return zip_bytes([it for it in wheel_items() if it.name != f"{INFO}/{name}".encode()])


def _member(name: str, **fields: Any) -> Callable[[], bytes]:
    return lambda: craft(item(name, **fields))


_PATHS = [
    Case("parent", "path-escape", _member("../evil.py")),
    Case("parent-inside", "path-escape", _member("good/../../evil.py")),
    Case("parent-harmless", "path-escape", _member("good/../evil.py")),
    Case("parent-backslash", "path-escape", _member("..\\evil.py")),
    Case("absolute", "path-escape", _member("/tmp/wheelyard-evil.py")),  # noqa: S108
    Case("drive", "path-escape", _member("C:/evil.py")),
    Case("drive-relative", "path-escape", _member("c:evil.py")),
    Case("network-path", "path-escape", _member("//server/share/evil.py")),
    Case("network-path-backslash", "path-escape", _member("\\\\server\\evil.py")),
    Case("data-parent", "path-escape", _member("good-1.0.data/scripts/../../../evil")),
    Case("data-absolute", "path-form", _member("good-1.0.data/data//etc/evil")),
    Case("backslash", "path-character", _member("good\\evil.py")),
    Case("nul", "path-character", _member("good/evil.py\0.txt")),
    Case("newline", "path-character", _member("good/evil\n.py")),
    Case("escape-sequence", "path-character", _member("good/\x1b[2J.py")),
    Case("c1-control", "path-character", _member("good/\x9b.py")),
    Case("empty-part", "path-form", _member("good//evil.py")),
    Case("dot-part", "path-form", _member("good/./evil.py")),
    Case("empty-name", "path-form", _member("")),
    Case("only-dot", "path-form", _member(".")),
]
_KINDS = [
    Case("symlink", "link", lambda: craft(item("good/link", b"/etc", mode=0o120777))),
    Case(
        "file-through-symlink",
        "link",
        lambda: craft(item("good/up", b"/tmp", mode=0o120777), item("good/up/evil.py")),
    ),
    Case("fifo", "special-file", _member("good/fifo", mode=0o010644)),
    Case("character-device", "special-file", _member("good/null", mode=0o020666)),
    Case("block-device", "special-file", _member("good/disk", mode=0o060666)),
    Case("socket", "special-file", _member("good/socket", mode=0o140666)),
    Case("folder-called-file", "special-file", _member("good/folder", mode=0o040755)),
    Case("folder-with-content", "special-file", _member("good/folder/", mode=0o040755)),
]
_CLASHES = [
    Case("duplicate", "duplicate-name", _member("good/__init__.py")),
    Case("duplicate-other-content", "duplicate-name", _member("good/__init__.py", data=b"evil")),
    Case("case-clash", "name-clash", _member("good/__INIT__.py")),
    Case("sharp-s-clash", "name-clash", lambda: craft(item("a/straße"), item("a/STRASSE"))),
    Case("unicode-clash", "name-clash", lambda: craft(item("a/\u00e9"), item("a/e\u0301"))),
    Case("file-and-folder", "name-clash", lambda: craft(item("a/b"), item("a/b/c.py"))),
    Case("file-and-folder-case", "name-clash", lambda: craft(item("a/B"), item("a/b/c.py"))),
    Case("data-over-root", "name-clash", _member("good-1.0.data/purelib/good/__init__.py")),
    Case("data-over-record", "name-clash", _member(f"good-1.0.data/platlib/{INFO}/RECORD")),
]
_STRUCTURE = [
    Case("no-zip", "zip-end", lambda: b"#!/bin/sh\nexit\n"),
    Case("empty-file", "zip-end", lambda: b""),
    Case("cut-off", "zip-end", lambda: craft()[:-7]),
    Case("cut-in-half", "zip-end", lambda: craft()[:200]),
    Case("trailing-bytes", "zip-end", lambda: craft(frame=Frame(suffix=b"evil"))),
    Case("trailing-archive", "zip-layout", lambda: craft() + craft()),
    Case("archive-in-comment", "zip-end", _two_archives),
    Case("end-in-comment", "zip-end", lambda: craft(frame=Frame(comment=b"PK\5\6" + bytes(18)))),
    Case("several-disks", "zip-end", lambda: craft(frame=Frame(end={"disk": 1}))),
    Case("prefix-unmoved", "zip-layout", lambda: b"#!/bin/sh\n" + craft()),
    Case("prefix-moved", "zip-layout", lambda: craft(frame=Frame(prefix=b"#!/bin/sh\n"))),
    Case("gap-before-directory", "zip-layout", lambda: craft(frame=Frame(before_directory=b"e"))),
    Case("gap-after-directory", "zip-layout", lambda: craft(frame=Frame(after_directory=b"evil"))),
    Case("gap-between", "zip-layout", lambda: with_first(behind=b"evil")),
    Case("count-too-small", "zip-layout", lambda: craft(frame=Frame(end={"count": 3}))),
    Case("count-too-large", "zip-layout", lambda: craft(frame=Frame(end={"count": 5}))),
    Case("hidden-member", "zip-layout", lambda: craft(item("e.py"), frame=Frame(hidden=(1,)))),
    Case("overlap", "zip-layout", _overlap),
    Case("offset-nowhere", "zip-layout", lambda: with_first(central={"offset": 5})),
    Case("local-name", "zip-mismatch", lambda: with_first(local={"name": b"good/__main__.py"})),
    Case("local-size", "zip-mismatch", lambda: with_first(local={"size": 5})),
    Case("local-compressed", "zip-mismatch", lambda: with_first(local={"csize": 5})),
    Case("local-crc", "zip-mismatch", lambda: with_first(local={"crc": 5})),
    Case("local-method", "zip-mismatch", lambda: with_first(local={"method": 0})),
    Case("local-flags", "zip-mismatch", lambda: with_first(local={"flags": 0x800})),
    Case(
        "unicode-path",
        "zip-mismatch",
        lambda: with_first(
            central={"extra": struct.pack("<2HBL", 0x7075, 9, 1, 0) + b"e.py"},
        ),
    ),
    Case("broken-extra", "zip-layout", lambda: with_first(central={"extra": b"\1\0\x20\0"})),
    Case("zip64-end-missing", "zip64", lambda: craft(frame=Frame(end={"count": 0xFFFF}))),
    Case("zip64-count-lies", "zip-layout", lambda: _zip64(count=3)),
    Case("zip64-offset-lies", "zip-layout", lambda: _zip64(offset=0)),
    Case("zip64-locator-lies", "zip64", lambda: _zip64(at=0)),
    Case("zip64-member-missing", "zip64", lambda: with_first(central={"size": 0xFFFFFFFF})),
    Case(
        "zip64-member-extra",
        "zip64",
        lambda: with_first(central={"extra": struct.pack("<2HQ", 1, 8, 99)}),
    ),
    Case(
        "zip64-local-lies",
        "zip64",
        lambda: with_first(local={"extra": struct.pack("<2H2Q", 1, 16, 99, 99)}),
    ),
    Case("descriptor-lies", "data-descriptor", lambda: _described(_descriptor(b"y", size_off=1))),
    Case("descriptor-missing", "data-descriptor", lambda: _described(b"")),
    Case("descriptor-strict", "data-descriptor", good_descriptor, strict=True),
    Case("name-encoding", "encoding", lambda: with_first(name=b"good/\xff.py")),
    Case("name-unmarked", "encoding", lambda: with_first(
        name="good/é.py".encode(), local={"flags": 0}, central={"flags": 0})),
]  # fmt: skip
_CONTENT = [
    Case("encrypted", "encryption", lambda: with_first(flags=1)),
    Case("bzip2", "method", lambda: with_first(method=12)),
    Case("lzma", "method", lambda: with_first(method=14)),
    Case("zstd", "method", lambda: with_first(method=93)),
    Case("crc", "crc", lambda: with_first(local={"crc": 1}, central={"crc": 1})),
    Case("deflate-cut-off", "deflate", lambda: with_first(payload=b"\xab")),
    Case("deflate-garbage", "deflate", lambda: with_first(payload=b"\xff\xff\xff")),
    Case("deflate-tail", "deflate", lambda: with_first(
        payload=item("x").compressed + b"evil")),
    Case("size-too-small", "size", lambda: _sized(5)),
    Case("size-too-large", "size", lambda: _sized(7)),
    Case("stored-size", "size", lambda: with_first(method=0, payload=b"x")),
    Case("bomb-ratio", "limit-ratio", lambda: _bomb(70 << 20)),
    Case("bomb-lying", "size", _lying_bomb),
]  # fmt: skip
_RECORD = [
    Case("record-wrong-hash", "record-hash", lambda: with_rows(
        f"good/__init__.py,{record_hash(b'y')},6", drop="good/")),
    Case("record-wrong-size", "record-size", lambda: with_rows(
        f"good/__init__.py,{record_hash(CONTENT)},7", drop="good/")),
    Case("record-no-hash", "record-hash", lambda: with_rows("good/__init__.py,,", drop="good/")),
    Case("record-md5", "record-hash", lambda: with_rows(
        f"good/__init__.py,{record_hash(CONTENT, 'md5')},6", drop="good/")),
    Case("record-sha1", "record-hash", lambda: with_rows(
        f"good/__init__.py,{record_hash(CONTENT, 'sha1')},6", drop="good/")),
    Case("record-unknown-hash", "record-hash", lambda: with_rows(
        "good/__init__.py,own=abc,6", drop="good/")),
    Case("record-missing-row", "record-missing", lambda: with_rows(drop="good/")),
    Case("record-missing-wheel", "record-missing", lambda: with_rows(drop=f"{INFO}/WHEEL")),
    Case("record-absent-file", "record-absent", lambda: with_rows(
        f"good/gone.py,{record_hash(b'')},0")),
    Case("record-two-columns", "record-form", lambda: with_rows("good/a.py,")),
    Case("record-four-columns", "record-form", lambda: with_rows("good/a.py,,,")),
    Case("record-twice", "record-form", lambda: with_rows("good/__init__.py,,")),
    Case("record-negative-size", "record-form", lambda: with_rows("good/a.py,,-1")),
    Case("record-parent", "record-path", lambda: with_rows(f"../evil,{record_hash(b'')},0")),
    Case("record-absolute", "record-path", lambda: with_rows(f"/evil,{record_hash(b'')},0")),
    Case("record-encoding", "record-form", lambda: craft(record=b"\xff,,\n")),
    Case("record-quote", "record-form", lambda: craft(record=b'"good,,\n')),
]  # fmt: skip
_NAMES = [
    Case("no-dist-info", "dist-info", lambda: zip_bytes([item("good/__init__.py")])),
    Case("two-dist-infos", "dist-info", _member("other-1.0.dist-info/METADATA")),
    Case("two-dist-infos-case", "dist-info", _member("GOOD-1.0.DIST-INFO/METADATA")),
    Case("dist-info-name", "dist-info", lambda: craft(info="evil-1.0.dist-info")),
    Case("dist-info-version", "dist-info", lambda: craft(info="good-2.0.dist-info")),
    Case("no-metadata", "missing-file", lambda: _without("METADATA")),
    Case("no-wheel", "missing-file", lambda: _without("WHEEL")),
    Case("no-record", "missing-file", lambda: _without("RECORD")),
    Case("no-member", "missing-file", lambda: zip_bytes([])),
    Case("metadata-name", "name-mismatch", lambda: _metadata(METADATA.replace(b"good", b"evil"))),
    Case("metadata-version", "version-mismatch", lambda: _metadata(
        METADATA.replace(b"1.0", b"1.1"))),
    Case("file-name", "name-mismatch", craft, "evil-1.0-py3-none-any.whl"),
    Case("file-version", "version-mismatch", craft, "good-1.1-py3-none-any.whl"),
    Case("metadata-name-twice", "metadata", lambda: _metadata(METADATA + b"Name: evil\n")),
    Case("metadata-no-version", "metadata", lambda: _metadata(b"Name: good\n")),
    Case("metadata-encoding", "metadata", lambda: _metadata(METADATA + b"Summary: \xff\n")),
    Case("wheel-encoding", "metadata", lambda: craft(wheel=WHEEL + b"X: \xff\n")),
    Case("wheel-no-version", "metadata", lambda: craft(wheel=WHEEL.replace(b"Wheel-V", b"V"))),
    Case("wheel-purelib", "metadata", lambda: craft(wheel=WHEEL.replace(b"true", b"maybe"))),
    Case("wheel-version-2", "wheel-version", lambda: craft(wheel=WHEEL.replace(b"1.0", b"2.0"))),
]  # fmt: skip
_ENTRY_POINTS = [
    Case("script-absolute", "entry-point", lambda: _entry_points(
        "[console_scripts]\n/tmp/evil = good:main\n")),
    Case("script-parent", "entry-point", lambda: _entry_points(
        "[console_scripts]\n../evil = good:main\n")),
    Case("script-dots", "entry-point", lambda: _entry_points("[gui_scripts]\n.. = good:main\n")),
    Case("script-code", "entry-point", lambda: _entry_points(
        "[console_scripts]\nevil = good:main();import os;os.system('x')\n")),
    Case("script-import-code", "entry-point", lambda: _entry_points(
        "[console_scripts]\nevil = good;import os:main\n")),
    Case("script-newline", "entry-point", lambda: _entry_points(
        "[console_scripts]\nevil = good:main\n  import os\n")),
    Case("script-no-function", "entry-point", lambda: _entry_points(
        "[console_scripts]\nevil = good\n")),
    Case("script-twice", "entry-point", lambda: _entry_points(
        "[console_scripts]\na = good:main\na = good:other\n")),
    Case("entry-points-encoding", "entry-point", lambda: craft(
        item(f"{INFO}/entry_points.txt", b"[x]\na=\xff\n"))),
]  # fmt: skip
_DATA = [
    Case("data-unknown-key", "data-folder", _member("good-1.0.data/evil/a")),
    Case("data-stdlib", "data-folder", _member("good-1.0.data/stdlib/os.py")),
    Case("data-other", "data-folder", _member("other-1.0.data/scripts/a")),
    Case("data-no-version", "data-folder", _member("good.data/scripts/a")),
    Case("data-file-in-root", "data-folder", _member("good-1.0.data/a")),
    Case("data-key-is-file", "data-folder", _member("good-1.0.data/scripts")),
]

REFUSED = (
    _PATHS + _KINDS + _CLASHES + _STRUCTURE + _CONTENT + _RECORD + _NAMES + _ENTRY_POINTS + _DATA
)

WARNED = [
    Case("file-tag", "tag-mismatch", craft, "good-1.0-cp311-abi3-linux_x86_64.whl"),
    Case("file-build", "tag-mismatch", lambda: craft(wheel=WHEEL + b"Build: 2\n"),
         "good-1.0-1-py3-none-any.whl"),
    Case("wheel-no-tag", "tag-mismatch", lambda: craft(wheel=WHEEL.replace(b"Tag: ", b"Tog: "))),
    Case("windows-device", "windows-name", _member("good/aux.py")),
    Case("windows-stream", "windows-name", _member("good/a:b")),
    Case("windows-trailing-dot", "windows-name", _member("good/dot.")),
    Case("pth", "pth-file", _member("good.pth")),
    Case("pth-data", "pth-file", _member("good-1.0.data/purelib/good.pth")),
    Case("setuid", "mode-bits", _member("good/run", mode=0o104755)),
    Case("wheel-version-1.9", "wheel-version-newer", lambda: craft(
        wheel=WHEEL.replace(b"1.0", b"1.9"))),
    Case("requires-url", "direct-url", lambda: _metadata(
        METADATA + b"Requires-Dist: evil @ https://example.invalid/evil.whl\n")),
    Case("odd-plugin", "entry-point-form", lambda: _entry_points("[plugins]\na b = good:main\n")),
]  # fmt: skip
