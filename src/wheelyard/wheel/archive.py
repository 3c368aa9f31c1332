"""A zip file read so strictly that every reader must see the same members in it.

The members must fill the file without a gap: first byte to central directory, each local header
equal to its directory entry. What :mod:`zipfile` overlooks (hidden members, lying descriptors,
overlaps, bytes behind a compressed stream) is refused here.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wheelyard.wheel import codec
from wheelyard.wheel import zip_records as zr
from wheelyard.wheel.findings import Finding, InvalidWheelError
from wheelyard.wheel.member_rules import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from collections.abc import Iterator

STORED, DEFLATED = 0, 8
_METHODS = {STORED, DEFLATED}
_CHUNK = 1 << 18
_USUAL_EXTRA = 64


@dataclass(frozen=True)
class Member:
    """One file or folder in the archive; sizes in bytes, ``start`` where its data begins."""

    name: str
    method: int
    size: int
    compressed: int
    crc: int
    mode: int
    start: int
    described: bool

    @property
    def is_folder(self) -> bool:
        """Whether it is only a folder's name."""
        return self.name.endswith("/")

    @property
    def permissions(self) -> int:
        """0o755 when anyone may execute it, otherwise 0o644 (mode 0: no Unix wrote it)."""
        return 0o755 if self.mode & 0o111 and stat.S_IMODE(self.mode) else 0o644


@dataclass(frozen=True)
class Archive:
    """The members in the order of their data, and what is wrong with the archive's structure."""

    size: int
    members: tuple[Member, ...]
    findings: tuple[Finding, ...]


def read_archive(descriptor: int, limits: Limits = DEFAULT_LIMITS) -> Archive:
    """Read the structure of an open zip file; no member's content is read.

    ``findings`` holds every broken member. When the directory itself cannot be read, or has more
    entries than ``limits`` allows, it holds that alone and there are no members.
    """
    size = os.fstat(descriptor).st_size
    try:
        tail_size = min(size, zr.TAIL_SIZE)
        end = zr.parse_end(_read(descriptor, tail_size, size - tail_size), size)
        _check_count(end, limits)
        directory = zr.parse_directory(_read(descriptor, end.size, end.offset), end.entries)
    except zr.BadZipError as error:
        return Archive(size, (), (Finding(error.rule, error.detail),))
    entries = sorted(directory, key=lambda entry: entry.header)
    borders = [min(entry.header, end.offset) for entry in entries] + [end.offset]
    findings = []
    if borders[0]:
        findings.append(Finding("zip-layout", f"{borders[0]} bytes stand before the first member"))
    members = []
    for entry, border in zip(entries, borders[1:]):
        member, wrong = _read_member(descriptor, entry, border)
        members.append(member)
        findings += wrong
    return Archive(size, tuple(members), tuple(findings))


def _check_count(end: zr.End, limits: Limits) -> None:
    if end.entries > limits.count:
        raise zr.BadZipError("limit-count", f"{end.entries} members, {limits.count} allowed")


def _read(descriptor: int, size: int, offset: int) -> bytes:
    return os.pread(descriptor, size, offset)


def _read_member(descriptor: int, entry: zr.Entry, border: int) -> tuple[Member, list[Finding]]:
    name, findings = _decode(entry)
    start = entry.header
    try:
        local, length = _read_local(descriptor, entry, border)
        start += length
        _check_extent(descriptor, entry, start, border)
        _check_agreement(entry, local)
    except zr.BadZipError as error:
        findings.append(Finding(error.rule, error.detail, name))
    if entry.flags & zr.FLAGS_ENCRYPTED:
        findings.append(Finding("encryption", "it is encrypted", name))
    if entry.flags & zr.FLAG_PATCH:
        findings.append(Finding("method", "it is a patch of a file", name))
    if entry.method not in _METHODS:
        findings.append(Finding("method", f"compression method {entry.method}", name))
    described = bool(entry.flags & zr.FLAG_DESCRIPTOR)
    sizes = (entry.size, entry.compressed, entry.crc)
    return Member(name, entry.method, *sizes, entry.mode, start, described), findings


def _decode(entry: zr.Entry) -> tuple[str, list[Finding]]:
    try:
        name = entry.name.decode()
    except UnicodeDecodeError:
        name = entry.name.decode("cp437")
        return name, [Finding("encoding", "its name is not UTF-8", name)]
    if not entry.flags & zr.FLAG_UTF8 and not name.isascii():
        return name, [Finding("encoding", "its name is not marked as UTF-8", name)]
    return name, []


def _read_local(descriptor: int, entry: zr.Entry, border: int) -> tuple[zr.Entry, int]:
    if entry.header >= border:
        raise zr.BadZipError("zip-layout", "it overlaps the next member or the directory")
    size = zr.LOCAL.size + len(entry.name) + _USUAL_EXTRA
    data = _read(descriptor, size, entry.header)
    extra_size = int.from_bytes(data[28:30], "little")
    if extra_size > _USUAL_EXTRA:
        data = _read(descriptor, size + extra_size, entry.header)
    return zr.parse_local(data)


def _check_extent(descriptor: int, entry: zr.Entry, start: int, border: int) -> None:
    """The data, and the descriptor where one is announced, must end at the next header."""
    left = border - start - entry.compressed
    if left < 0:
        raise zr.BadZipError("zip-layout", "it overlaps the next member or the directory")
    if entry.flags & zr.FLAG_DESCRIPTOR:
        if entry.method == STORED and entry.compressed:
            raise zr.BadZipError(
                "data-descriptor", "who reads it as a stream can't tell where it ends"
            )
        described = zr.parse_descriptor(_read(descriptor, min(left, 25), border - left))
        if described != (entry.crc, entry.compressed, entry.size):
            raise zr.BadZipError(
                "data-descriptor", "its data descriptor and the directory disagree"
            )
    elif left:
        raise zr.BadZipError("zip-layout", f"{left} bytes that no directory entry names follow it")


def _check_agreement(entry: zr.Entry, local: zr.Entry) -> None:
    """The local header says what the directory says; sizes may be 0 when a descriptor follows."""
    facts = ["name", "flags", "method", "crc", "compressed", "size"]
    differing = [fact for fact in facts if getattr(entry, fact) != getattr(local, fact)]
    if entry.flags & local.flags & zr.FLAG_DESCRIPTOR:
        later = {"crc", "compressed", "size"}
        differing = [fact for fact in differing if fact not in later or getattr(local, fact)]
    if differing:
        raise zr.BadZipError(
            "zip-mismatch",
            f"local header and central directory disagree on {', '.join(differing)}",
        )


def member_chunks(descriptor: int, member: Member, wheel: str = "wheel") -> Iterator[bytes]:
    """Yield a member's content; never more than it declares, and checked when exhausted.

    Safe in several threads on one ``descriptor``: it reads by position.

    Raises:
        InvalidWheelError: rules ``size``, ``crc`` or ``deflate``; discard the bytes yielded.
    """
    raw = _raw_chunks(descriptor, member)
    chunks = raw if member.method == STORED else _inflate(raw, min(member.size + 1, 4 * _CHUNK))
    try:
        yield from _checked(chunks, member)
    except zr.BadZipError as error:
        finding = Finding(error.rule, error.detail, member.name)
        raise InvalidWheelError(wheel, (finding,)) from None


def _checked(chunks: Iterator[bytes], member: Member) -> Iterator[bytes]:
    count, crc = 0, 0
    for chunk in chunks:
        count += len(chunk)
        if count > member.size:
            raise zr.BadZipError("size", f"it holds more than the {member.size} bytes declared")
        crc = codec.crc32(chunk, crc)
        yield chunk
    if count != member.size:
        raise zr.BadZipError("size", f"it holds {count} bytes, not the {member.size} declared")
    if crc != member.crc:
        raise zr.BadZipError("crc", "its CRC-32 is wrong: it was damaged or changed")


def _raw_chunks(descriptor: int, member: Member) -> Iterator[bytes]:
    at, end = member.start, member.start + member.compressed
    while at < end:
        chunk = os.pread(descriptor, min(_CHUNK, end - at), at)
        if not chunk:
            raise zr.BadZipError("size", "the file ends within it")
        at += len(chunk)
        yield chunk


def _inflate(raw: Iterator[bytes], limit: int) -> Iterator[bytes]:
    """Yield what ``raw`` holds, at most ``limit`` bytes at a time."""
    inflater = codec.inflater()
    for chunk in raw:
        waiting = chunk
        while waiting and not inflater.eof:
            yield _decompress(inflater, waiting, limit)
            waiting = inflater.unconsumed_tail
        if waiting or inflater.unused_data:
            raise zr.BadZipError("deflate", "bytes follow its compressed data")
    while not inflater.eof:  # what the limit left inside
        plain = _decompress(inflater, b"", limit)
        if not plain:
            raise zr.BadZipError("deflate", "its compressed data is cut off")
        yield plain


def _decompress(inflater: codec.Inflater, data: bytes, limit: int) -> bytes:
    try:
        return inflater.decompress(data, limit)
    except codec.CorruptDataError as error:
        raise zr.BadZipError("deflate", f"its compressed data is broken ({error})") from None
