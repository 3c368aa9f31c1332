"""The records of a zip file, from bytes to values (PKWARE APPNOTE 6.3.10, section 4).

Only what a wheel may hold is understood. Everything that two zip readers could read differently
raises :class:`BadZipError`, whose arguments are the rule broken and the detail.
"""

from __future__ import annotations

import stat
import struct
from dataclasses import dataclass

from wheelyard.errors import VerificationError

SIGNATURE_LOCAL = b"PK\x03\x04"
SIGNATURE_CENTRAL = b"PK\x01\x02"
SIGNATURE_END = b"PK\x05\x06"
SIGNATURE_END64 = b"PK\x06\x06"
SIGNATURE_LOCATOR64 = b"PK\x06\x07"
SIGNATURE_DESCRIPTOR = b"PK\x07\x08"
_SIGNATURES = (
    SIGNATURE_LOCAL,
    SIGNATURE_CENTRAL,
    SIGNATURE_END,
    SIGNATURE_END64,
    SIGNATURE_LOCATOR64,
)

FLAGS_ENCRYPTED = 0x1 | 0x40 | 0x2000  # the content, strongly, the names
FLAG_DESCRIPTOR = 0x8
FLAG_PATCH = 0x20
FLAG_UTF8 = 0x800

END = struct.Struct("<4s4H2LH")
END64 = struct.Struct("<4sQ2H2L4Q")
LOCATOR64 = struct.Struct("<4sLQL")
CENTRAL = struct.Struct("<4s6H3L5H2L")
LOCAL = struct.Struct("<4s5H3L2H")
TAIL_SIZE = END.size + 0xFFFF + LOCATOR64.size + END64.size
"""So many bytes at the end of the file hold every end record."""

FULL16 = 0xFFFF
FULL32 = 0xFFFFFFFF
_DOS_FOLDER = 0x10
_LATEST = 63  # of APPNOTE's versions, that a reader must know: 6.3
EXTRA_ZIP64 = 0x0001
_EXTRA_UNICODE_PATH = 0x7075


class BadZipError(VerificationError):
    """A zip record that is broken or that two readers would understand differently."""

    def __init__(self, rule: str, detail: str) -> None:
        super().__init__(rule, detail)
        self.rule = rule
        self.detail = detail


@dataclass(frozen=True)
class End:
    """Where the central directory is: offset and size in bytes, and its number of entries."""

    entries: int
    size: int
    offset: int


@dataclass(frozen=True)
class Entry:
    """What one header says of a member; sizes in bytes, ``header`` the local header's offset.

    ``mode`` is that of a folder where only the attributes of DOS call it one.
    """

    name: bytes
    flags: int
    method: int
    crc: int
    compressed: int
    size: int
    mode: int
    header: int


def parse_end(tail: bytes, file_size: int) -> End:
    """Return where the central directory is; it must end right where the end records begin.

    Args:
        tail: the last :data:`TAIL_SIZE` bytes of the file, or all of a shorter one.
        file_size: of the whole file, in bytes.

    Raises:
        BadZipError: there are no end records, two, or such that contradict one another.
    """
    at = _find_end(tail)
    start = file_size - len(tail)
    end = END.unpack_from(tail, at)
    if end[1] or end[2] or end[3] != end[4]:
        raise BadZipError("zip-end", "the archive claims to be split over several disks")
    found, ends_at = End(entries=end[4], size=end[5], offset=end[6]), start + at
    locator = tail[max(at - LOCATOR64.size, 0) : at]
    if locator.startswith(SIGNATURE_LOCATOR64):
        found, ends_at = _parse_end64(tail, start, at - LOCATOR64.size, found)
    elif found.entries == FULL16 or FULL32 in {found.size, found.offset}:
        raise BadZipError("zip64", "the end record refers to a zip64 record that is not there")
    if found.offset + found.size != ends_at:
        raise BadZipError(
            "zip-layout",
            f"the central directory should end at byte {ends_at}, not "
            f"{found.offset + found.size}: something stands before or behind it",
        )
    return found


def find_appended(tail: bytes, file_size: int) -> int:
    """Return where an archive begins that was appended to a program, by its own end record.

    Args:
        tail: as for :func:`parse_end`.
        file_size: of the program with the archive, in bytes.

    Raises:
        BadZipError: there is no end record, or one that the file is too short for.
    """
    at = _find_end(tail)
    end = END.unpack_from(tail, at)
    start = file_size - len(tail) + at - end[5] - end[6]
    if start < 0:
        raise BadZipError("zip-end", "the end record tells of more than the file holds")
    return int(start)


def _find_end(tail: bytes) -> int:
    """Return where the only end record begins in ``tail``."""
    candidates = []
    at = tail.rfind(SIGNATURE_END)
    last = at
    while at >= 0:
        if len(tail) >= at + END.size:
            comment = END.unpack_from(tail, at)[7]
            if at + END.size + comment == len(tail):
                candidates.append(at)
        at = tail.rfind(SIGNATURE_END, 0, at)
    if not candidates:
        if last < 0:
            raise BadZipError("zip-end", "it has no end record: no zip file, or cut off")
        raise BadZipError("zip-end", "bytes follow the end record, or it is cut off")
    if len(candidates) > 1 or any(
        signature in tail[candidates[0] + END.size :] for signature in _SIGNATURES
    ):
        raise BadZipError("zip-end", "the archive's comment holds zip records: two archives in one")
    return candidates[0]


def _parse_end64(tail: bytes, start: int, locator_at: int, end: End) -> tuple[End, int]:
    _, disk, offset, disks = LOCATOR64.unpack_from(tail, locator_at)
    at = locator_at - END64.size
    if disk or disks != 1 or at < 0 or offset != start + at:
        raise BadZipError("zip64", "the zip64 locator does not point at the record before it")
    record = END64.unpack_from(tail, at)
    signature, length, _, _, disk, directory_disk, here, entries, size, directory = record
    if signature != SIGNATURE_END64 or length != END64.size - 12:
        raise BadZipError("zip64", "the zip64 end record is broken")
    if disk or directory_disk or here != entries:
        raise BadZipError("zip64", "the archive claims to be split over several disks")
    agrees = (
        end.entries in {FULL16, entries}
        and end.size in {FULL32, size}
        and end.offset in {FULL32, directory}
    )
    if not agrees:
        raise BadZipError("zip64", "the end record and the zip64 end record disagree")
    return End(entries=entries, size=size, offset=directory), offset


def parse_directory(data: bytes, entries: int) -> tuple[Entry, ...]:
    """Return the central directory's entries, in its order; ``data`` must hold no byte more.

    Raises:
        BadZipError: it does, or it is cut off; an entry is broken or needs a later reader.
    """
    found, at = [], 0
    for _ in range(entries):
        if len(data) < at + CENTRAL.size or not data.startswith(SIGNATURE_CENTRAL, at):
            raise BadZipError("zip-layout", "the central directory is broken or too short")
        record = CENTRAL.unpack_from(data, at)
        name_at = at + CENTRAL.size
        extra_at = name_at + record[10]
        at = extra_at + record[11] + record[12]
        if at > len(data) or record[13]:
            raise BadZipError("zip-layout", "the central directory is broken or too short")
        found.append(_central_entry(record, data[name_at:extra_at], data[extra_at:at]))
    if at != len(data):
        raise BadZipError("zip-layout", "the central directory holds more than it counts")
    return tuple(found)


def _central_entry(record: tuple[int, ...], name: bytes, rest: bytes) -> Entry:
    if record[2] & 0xFF > _LATEST:
        raise BadZipError("method", f"{name!r} needs a reader of version {record[2] & 0xFF}")
    extra = parse_extra(rest[: record[11]], name)
    values = [record[9], record[8], record[16]]  # size, compressed, offset: the zip64 order
    full = [index for index, value in enumerate(values) if value == FULL32]
    wide = extra.get(EXTRA_ZIP64, b"")
    if len(wide) != 8 * len(full):
        raise BadZipError("zip64", f"{name!r} has a zip64 field that its sizes do not call for")
    for index, value in zip(full, struct.unpack(f"<{len(full)}Q", wide)):
        values[index] = value
    mode = record[15] >> 16 or (stat.S_IFDIR if record[15] & _DOS_FOLDER else 0)
    return Entry(
        name=name,
        flags=record[3],
        method=record[4],
        crc=record[7],
        compressed=values[1],
        size=values[0],
        mode=mode,
        header=values[2],
    )


def parse_extra(data: bytes, name: bytes) -> dict[int, bytes]:
    """Return the extra fields by number; ``name`` is the member's, for the unicode path field.

    Raises:
        BadZipError: one is cut off, is there twice, or gives the member another name.
    """
    fields: dict[int, bytes] = {}
    at = 0
    while at < len(data):
        if len(data) < at + 4:
            raise BadZipError("zip-layout", f"{name!r} has a broken extra field")
        number, size = struct.unpack_from("<2H", data, at)
        at += 4 + size
        if at > len(data) or number in fields:
            raise BadZipError("zip-layout", f"{name!r} has a broken or doubled extra field")
        fields[number] = data[at - size : at]
    path = fields.get(_EXTRA_UNICODE_PATH)
    if path is not None and path[5:] != name:
        raise BadZipError("zip-mismatch", f"{name!r} has a second name, {path[5:]!r}")
    return fields


def parse_local(data: bytes) -> tuple[Entry, int]:
    """Return a local header and its length in bytes; ``mode`` and ``header`` are 0 in it.

    Args:
        data: bytes from the header's beginning, at least to the end of its extra fields.

    Raises:
        BadZipError: it is none or cut off, or its sizes contradict one another.
    """
    if len(data) < LOCAL.size or not data.startswith(SIGNATURE_LOCAL):
        raise BadZipError("zip-layout", "no local header stands where the directory points")
    record = LOCAL.unpack_from(data)
    name_end = LOCAL.size + record[9]
    end = name_end + record[10]
    if end > len(data):
        raise BadZipError("zip-layout", "a local header is cut off")
    name = data[LOCAL.size : name_end]
    wide = parse_extra(data[name_end:end], name).get(EXTRA_ZIP64)
    compressed, size = record[7], record[8]
    if wide is not None:
        if len(wide) != 16:  # noqa: PLR2004 - both sizes, always (APPNOTE 4.5.3)
            raise BadZipError("zip64", f"{name!r} has a broken zip64 field in its local header")
        size64, compressed64 = struct.unpack("<2Q", wide)
        if size not in {FULL32, size64} or compressed not in {FULL32, compressed64}:
            raise BadZipError("zip64", f"{name!r}: the zip64 field and the sizes disagree")
        size, compressed = size64, compressed64
    return Entry(name, record[2], record[3], record[6], compressed, size, 0, 0), end


def parse_descriptor(data: bytes) -> tuple[int, int, int]:
    """Return CRC, compressed size and size; ``data`` is all that stands behind the member.

    Raises:
        BadZipError: it has no data descriptor's length.
    """
    body = data[4:] if len(data) in {16, 24} and data.startswith(SIGNATURE_DESCRIPTOR) else data
    form = {12: "<3L", 20: "<L2Q"}.get(len(body))
    if form is None:
        raise BadZipError("data-descriptor", f"{len(data)} bytes are no data descriptor")
    crc, compressed, size = struct.unpack(form, body)
    return crc, compressed, size
