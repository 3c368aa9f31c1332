"""Zip files that two readers would understand differently, and content that isn't what it says."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace
from functools import cache
from typing import Any

from tests.hostile.case import Case, described, descriptor, first, zip64
from tests.hostile.craft import (
    INFO,
    Frame,
    craft,
    end_record,
    item,
    local_header,
    record_rows,
    wheel_items,
    zip64_records,
    zip_bytes,
)


def framed(**frame: Any) -> bytes:
    return craft(frame=Frame(**frame))


def _unicode_path(name: bytes) -> bytes:
    return struct.pack("<2HBL", 0x7075, 5 + len(name), 1, 0) + name


def _overlap() -> bytes:
    """Two directory entries for one local header."""
    items = wheel_items(item("good/other.py"))
    offset = len(local_header(items[0]) + items[0].compressed)
    twin = item("good/other.py", central={"offset": offset})
    return zip_bytes([*items, twin], Frame(hidden=()))


def _two_archives() -> bytes:
    return zip_bytes(wheel_items(), Frame(comment=zip_bytes(wheel_items())))


def _end_in_member_comment() -> bytes:
    """A directory entry whose comment is an end record that reaches to the end of the file."""
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0, 0, 0, 0, 22)
    *others, last = wheel_items()
    return zip_bytes([*others, replace(last, central={"comment": end})])


def _two_directories() -> bytes:
    """The short end record has one directory, the zip64 end record another with a file more."""
    seen, hidden = wheel_items(), wheel_items(item("good/evil.py"))
    archives = [zip_bytes(seen), zip_bytes(hidden)]
    size, offset = struct.unpack("<2L", archives[1][-10:-2])
    body = archives[1][:-22]
    records = zip64_records(count=len(hidden), size=size, offset=offset, at=len(body))
    end = {"disk": 0, "count": len(seen), "size": size, "offset": offset}
    return body + records + end_record(end)


STRUCTURE = [
    Case("no-zip", "zip-end", "It is a shell script.", lambda: b"#!/bin/sh\nexit\n"),
    Case("empty-file", "zip-end", "It is empty.", lambda: b""),
    Case("cut-off", "zip-end", "Its last bytes are missing.", lambda: craft()[:-7]),
    Case("cut-in-half", "zip-end", "Half of it is missing.", lambda: craft()[:200]),
    Case("trailing-bytes", "zip-end", "Bytes follow the end record, in which others look for an "
         "end record.", lambda: framed(suffix=b"evil")),
    Case("trailing-archive", "zip-layout", "Two archives stand one behind the other: who reads "
         "from the front sees the first (CVE-2025-54368).", lambda: craft() + craft()),
    Case("archive-in-comment", "zip-end", "The comment is an archive, which is the one that "
         "counts for who looks for the last end record.", _two_archives),
    Case("end-in-comment", "zip-end", "The comment holds an end record.",
         lambda: framed(comment=b"PK\5\6" + bytes(18))),
    Case("end-in-member-comment", "zip-end", "A member's comment holds an end record.",
         _end_in_member_comment),
    Case("several-disks", "zip-end", "It claims to be one of several disks.",
         lambda: framed(end={"disk": 1})),
    Case("counts-differ", "zip-end", "The end record has two numbers of members.",
         lambda: framed(end={"here": 3})),
    Case("member-on-another-disk", "zip-layout", "A member claims to be on another disk.",
         first(central={"disk": 1})),
    Case("prefix-unmoved", "zip-layout", "A shell script stands before it.",
         lambda: b"#!/bin/sh\n" + craft()),
    Case("prefix-moved", "zip-layout", "A shell script stands before it, and every offset knows "
         "that.", lambda: framed(prefix=b"#!/bin/sh\n")),
    Case("gap-before-directory", "zip-layout", "A byte between members and directory is nobody's.",
         lambda: framed(before_directory=b"e")),
    Case("gap-after-directory", "zip-layout", "Bytes behind the directory are nobody's.",
         lambda: framed(after_directory=b"evil")),
    Case("gap-between", "zip-layout", "Bytes between two members are nobody's.",
         first(behind=b"evil")),
    Case("count-too-small", "zip-layout", "The end record counts fewer members than there are.",
         lambda: framed(end={"count": 3})),
    Case("count-too-large", "zip-layout", "The end record counts more members than there are.",
         lambda: framed(end={"count": 5})),
    Case("hidden-member", "zip-layout", "A member isn't in the directory, so only who reads from "
         "the front sees it (CVE-2025-54368).",
         lambda: craft(item("good/evil.py"), frame=Frame(hidden=(1,)))),
    Case("overlap", "zip-layout", "Two entries of the directory are one local header.", _overlap),
    Case("offset-nowhere", "zip-layout", "An entry points into another member.",
         first(central={"offset": 5})),
    Case("offset-beyond-numbers", "zip-layout", "An entry points behind what a file offset can "
         "say.", first(central={
             "offset": 0xFFFFFFFF, "extra": struct.pack("<2HQ", 1, 8, 2**64 - 1)})),
    Case("local-name", "zip-mismatch", "A member has two names, one in its own header.",
         first(local={"name": b"good/__main__.py"})),
    Case("local-size", "zip-mismatch", "A member has two sizes.", first(local={"size": 5})),
    Case("local-compressed", "zip-mismatch", "A member has two compressed sizes, so the next one "
         "begins elsewhere for some.", first(local={"csize": 5})),
    Case("local-crc", "zip-mismatch", "A member has two checksums.", first(local={"crc": 5})),
    Case("local-method", "zip-mismatch", "A member is compressed for some and not for others.",
         first(local={"method": 0})),
    Case("local-flags", "zip-mismatch", "A member's name is UTF-8 for some.",
         first(local={"flags": 0x800})),
    Case("unicode-path", "zip-mismatch", "An extra field has a second name.",
         first(central={"extra": _unicode_path(b"e.py")})),
    Case("unicode-path-local", "zip-mismatch", "An extra field has one in the member's own header.",
         first(local={"extra": _unicode_path(b"e.py")})),
    Case("extra-twice", "zip-layout", "An extra field is there twice; the first or the last "
         "counts.", first(central={"extra": 2 * _unicode_path(b"good/__init__.py")})),
    Case("broken-extra", "zip-layout", "An extra field is longer than its place.",
         first(central={"extra": b"\1\0\x20\0"})),
    Case("zip64-end-missing", "zip64", "The end record refers to a zip64 one that isn't there.",
         lambda: framed(end={"count": 0xFFFF})),
    Case("zip64-count-lies", "zip-layout", "The zip64 end record counts fewer members.",
         zip64(count=3)),
    Case("zip64-count-explodes", "limit-count", "The zip64 end record counts a trillion members.",
         zip64(count=10**12)),
    Case("zip64-offset-lies", "zip-layout", "The zip64 end record has another directory's place.",
         zip64(offset=0)),
    Case("zip64-locator-lies", "zip64", "The locator points elsewhere than at the record before "
         "it.", zip64(at=0)),
    Case("zip64-two-directories", "zip64", "The short end record has one number of members, the "
         "zip64 one another.", _two_directories),
    Case("zip64-extensible-data", "zip64", "Bytes stand within the zip64 end record, which only "
         "some readers step over.", zip64(more=b"evil")),
    Case("zip64-member-missing", "zip64", "A size refers to a zip64 field that isn't there.",
         first(central={"size": 0xFFFFFFFF})),
    Case("zip64-member-extra", "zip64", "A zip64 field has a size that isn't called for.",
         first(central={"extra": struct.pack("<2HQ", 1, 8, 99)})),
    Case("zip64-local-lies", "zip64", "A zip64 field has other sizes than the header it is in.",
         first(local={"extra": struct.pack("<2H2Q", 1, 16, 99, 99)})),
    Case("descriptor-lies", "data-descriptor", "What stands behind a member has another size.",
         described(descriptor(b"y", size_off=1))),
    Case("descriptor-missing", "data-descriptor", "Nothing stands behind a member, as was "
         "announced.", described(b"")),
    Case("descriptor-stored", "data-descriptor", "A member that isn't compressed ends where its "
         "own content says so, for who reads a stream.",
         described(descriptor(b"x = 1\n", b"x = 1\n"), method=0)),
    Case("descriptor-strict", "data-descriptor", "Sizes stand behind a member; refused only when "
         "strict, as on PyPI.", described(descriptor(b"x = 1\n")), strict=True),
    Case("name-encoding", "encoding", "A name is no UTF-8.", first(name=b"good/\xff.py")),
    Case("name-unmarked", "encoding", "A name is UTF-8 and isn't marked so: others read CP437.",
         first(name="good/é.py".encode(), local={"flags": 0}, central={"flags": 0})),
]  # fmt: skip


@cache
def _bomb() -> bytes:
    return craft(item("good/bomb.bin", bytes(70 << 20)))


@cache
def _spread_bomb() -> bytes:
    return craft(*(item(f"good/bomb{number}.bin", bytes(25 << 20)) for number in range(3)))


def _lying_bomb() -> bytes:
    """A member that declares 6 bytes and holds 10 million."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    return first(payload=squeeze.compress(bytes(10_000_000)) + squeeze.flush())()


def _sized(size: int) -> bytes:
    """A member that declares another size than it has; RECORD says none."""
    one, *middle, _ = wheel_items()
    rows = [row.rpartition(",")[0] + "," for row in record_rows([one, *middle])]
    record = "\n".join([*rows, f"{INFO}/RECORD,,"]).encode()
    lying = replace(one, local={"size": size}, central={"size": size})
    return zip_bytes([lying, *middle, item(f"{INFO}/RECORD", record)])


CONTENT = [
    Case("encrypted", "encryption", "A member is encrypted.", first(flags=1)),
    Case("strongly-encrypted", "encryption", "A member is encrypted in PKWARE's later way.",
         first(flags=0x40)),
    Case("masked-headers", "encryption", "The members' own headers are hidden.",
         first(flags=0x2000)),
    Case("patch", "method", "A member is the difference to another file.", first(flags=0x20)),
    Case("version-to-come", "method", "A member needs a reader of a version that isn't there.",
         first(central={"version": 64})),
    Case("bzip2", "method", "A member is compressed as only some readers know.",
         first(method=12)),
    Case("lzma", "method", "A member is compressed with LZMA.", first(method=14)),
    Case("zstd", "method", "A member is compressed with Zstandard.", first(method=93)),
    Case("crc", "crc", "A checksum is wrong.", first(local={"crc": 1}, central={"crc": 1})),
    Case("deflate-cut-off", "deflate", "Compressed data ends too early.", first(payload=b"\xab")),
    Case("deflate-garbage", "deflate", "Compressed data is none.", first(payload=b"\xff\xff\xff")),
    Case("deflate-tail", "deflate", "Bytes follow compressed data within the member.",
         first(payload=item("x").compressed + b"evil")),
    Case("size-too-small", "size", "A member is larger than it says.", lambda: _sized(5)),
    Case("size-too-large", "size", "A member is smaller than it says.", lambda: _sized(7)),
    Case("stored-size", "size", "A member that isn't compressed has two sizes.",
         first(method=0, payload=b"x")),
    Case("bomb-ratio", "limit-ratio", "70 MB of zeros in 70 kB.", _bomb),
    Case("bomb-spread", "limit-ratio", "The same in several members, each of which passes.",
         _spread_bomb),
    Case("bomb-lying", "size", "10 MB that call themselves 6 bytes.", _lying_bomb),
]  # fmt: skip
