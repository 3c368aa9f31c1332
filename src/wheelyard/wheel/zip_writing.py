"""A zip file made of members that are compressed already (PKWARE APPNOTE 6.3.10, section 4).

Each has the same time, Unix as the system that made it, and no data descriptor; zip64 is used only
where sizes call for it.
"""

from __future__ import annotations

import hashlib
import stat
import struct
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import IO

from wheelyard.wheel import zip_records as zr
from wheelyard.wheel.archive import DEFLATED, STORED
from wheelyard.wheel.codec import compress, crc32
from wheelyard.wheel.names import Sha256

_EARLIEST = 315532800  # 1980-01-01, where a zip file's time begins
_LATEST = 4354819198  # 2107-12-31 23:59:58, where it ends
_UNIX = 3 << 8
_VERSION, _VERSION64 = 20, 45  # what a reader must know: deflate, zip64


@dataclass(frozen=True)
class ZipMember:
    """A member: ``data`` as ``method`` left it, ``size`` in bytes and ``crc`` of its content."""

    name: str
    executable: bool
    method: int
    size: int
    crc: int
    data: bytes


def pack_member(name: str, content: bytes, *, executable: bool = False) -> ZipMember:
    """Return content as a member; what deflate can't make smaller is stored as it is."""
    data, method = compress(content), DEFLATED
    if len(data) >= len(content):
        data, method = content, STORED
    return ZipMember(name, executable, method, len(content), crc32(content, 0), data)


class ZipWriter:
    """A zip file that is being written to a stream, from its beginning to its end."""

    def __init__(self, stream: IO[bytes], timestamp: int) -> None:
        """Begin a file; ``timestamp`` is every member's, in seconds since 1970."""
        self._stream = stream
        self._timestamp = timestamp
        self._digest = hashlib.sha256()
        self._directory: list[bytes] = []
        self.size = 0

    @property
    def sha256(self) -> Sha256:
        """The digest of all that was written so far."""
        return Sha256(self._digest.hexdigest())

    def add(self, member: ZipMember) -> None:
        """Write a member."""
        at = self.size
        self._write(local_header(member, self._timestamp))
        self._write(member.data)
        self._directory.append(directory_entry(member, self._timestamp, at))

    def finish(self) -> None:
        """Write the directory and the end records."""
        directory = b"".join(self._directory)
        self._write(directory + end_records(len(self._directory), len(directory), self.size))

    def _write(self, data: bytes) -> None:
        self._stream.write(data)
        self._digest.update(data)
        self.size += len(data)


def local_header(member: ZipMember, timestamp: int) -> bytes:
    """Return what stands before a member's data."""
    name, flags = _encode(member.name)
    sizes, wide = (len(member.data), member.size), b""
    if max(sizes) >= zr.FULL32:
        wide = struct.pack("<2H2Q", zr.EXTRA_ZIP64, 16, member.size, len(member.data))
        sizes = (zr.FULL32, zr.FULL32)
    version = _VERSION64 if wide else _VERSION
    head = (zr.SIGNATURE_LOCAL, version, flags, member.method, *_dos_time(timestamp), member.crc)
    return zr.LOCAL.pack(*head, *sizes, len(name), len(wide)) + name + wide


def directory_entry(member: ZipMember, timestamp: int, at: int) -> bytes:
    """Return a member's entry in the directory; its header stands ``at`` bytes from the begin."""
    name, flags = _encode(member.name)
    values = (member.size, len(member.data), at)  # in the order of the zip64 field
    long = [value for value in values if value >= zr.FULL32]
    size, compressed, offset = (min(value, zr.FULL32) for value in values)
    wide = struct.pack(f"<2H{len(long)}Q", zr.EXTRA_ZIP64, 8 * len(long), *long) if long else b""
    version = _VERSION64 if wide else _VERSION
    mode = (stat.S_IFREG | (0o755 if member.executable else 0o644)) << 16
    head = (zr.SIGNATURE_CENTRAL, _UNIX | version, version, flags, member.method)
    sizes = (member.crc, compressed, size, len(name), len(wide))
    rest = (*_dos_time(timestamp), *sizes, 0, 0, 0, mode, offset)
    return zr.CENTRAL.pack(*head, *rest) + name + wide


def end_records(entries: int, size: int, offset: int, comment: bytes = b"") -> bytes:
    """Return what stands behind the directory, which has ``size`` bytes from ``offset`` on."""
    short = (min(entries, zr.FULL16), min(size, zr.FULL32), min(offset, zr.FULL32))
    end = zr.END.pack(zr.SIGNATURE_END, 0, 0, short[0], *short, len(comment)) + comment
    if zr.FULL16 not in short[:1] and zr.FULL32 not in short[1:]:
        return end
    length = zr.END64.size - 12
    versions = (_VERSION64, _VERSION64)  # as zipfile has them, so that its files are restored
    end64 = zr.END64.pack(
        zr.SIGNATURE_END64, length, *versions, 0, 0, entries, entries, size, offset
    )
    return end64 + zr.LOCATOR64.pack(zr.SIGNATURE_LOCATOR64, 0, offset + size, 1) + end


def _encode(name: str) -> tuple[bytes, int]:
    return name.encode(), 0 if name.isascii() else zr.FLAG_UTF8


@lru_cache(maxsize=8)
def _dos_time(timestamp: int) -> tuple[int, int]:
    """Return the time and the date as a header has them, 16 bits each (APPNOTE 4.4.6)."""
    moment = time.gmtime(min(max(timestamp, _EARLIEST), _LATEST))
    date = (moment.tm_year - 1980) << 9 | moment.tm_mon << 5 | moment.tm_mday
    return moment.tm_hour << 11 | moment.tm_min << 5 | moment.tm_sec // 2, date
