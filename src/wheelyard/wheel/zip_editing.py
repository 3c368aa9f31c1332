"""A member more at the end of a zip file, or the last one less; no other byte of it is changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import IO

from wheelyard.errors import UsageError
from wheelyard.wheel import zip_records as zr
from wheelyard.wheel.zip_writing import ZipMember, directory_entry, end_records, local_header

_CHUNK = 1 << 20


@dataclass(frozen=True)
class _Tail:
    """A zip file's directory, entry by entry, and what stands behind it, as they are written.

    ``comment`` is the last part of ``end``.
    """

    offset: int
    entries: tuple[bytes, ...]
    end: bytes
    comment: bytes


def append_member(source: IO[bytes], target: IO[bytes], member: ZipMember, timestamp: int) -> None:
    """Write a copy of a good zip file with one member more; the time in seconds since 1970.

    Raises:
        UsageError: its end is written in a form that :func:`remove_last_member` couldn't restore.
    """
    tail = _read_tail(source)
    if tail.end != _end_of(tail):
        raise UsageError(
            "its end records are not in the usual form, so they couldn't be restored; "
            "`wheelyard unpack` and `wheelyard pack` give a wheel that has them so"
        )
    _copy(source, target, tail.offset)
    data = local_header(member, timestamp) + member.data
    target.write(data)
    entry = directory_entry(member, timestamp, tail.offset)
    longer = replace(tail, offset=tail.offset + len(data), entries=(*tail.entries, entry))
    _write_tail(target, longer)


def remove_last_member(source: IO[bytes], target: IO[bytes], name: str) -> None:
    """Write a copy of a good zip file without its last member.

    Raises:
        UsageError: ``name`` is not the last one; taking it out would move what follows.
    """
    tail = _read_tail(source)
    headers = [zr.parse_directory(entry, 1)[0].header for entry in tail.entries]
    last = max(range(len(headers)), key=headers.__getitem__)
    entry = zr.parse_directory(tail.entries[last], 1)[0]
    if entry.name != name.encode():
        raise UsageError(
            f"{name} is not the last member, so another tool put it there; `wheelyard unpack` and "
            "`wheelyard pack` give a wheel without it"
        )
    others = tail.entries[:last] + tail.entries[last + 1 :]
    _copy(source, target, entry.header)
    _write_tail(target, replace(tail, offset=entry.header, entries=others))


def _read_tail(source: IO[bytes]) -> _Tail:
    size = source.seek(0, 2)
    tail_size = min(size, zr.TAIL_SIZE)
    source.seek(size - tail_size)
    end = zr.parse_end(source.read(), size)
    source.seek(end.offset)
    directory, rest = source.read(end.size), source.read()
    entries, at = [], 0
    for _ in range(end.entries):
        begun = at
        lengths = zr.CENTRAL.unpack_from(directory, at)[10:13]  # name, extra fields, comment
        at += zr.CENTRAL.size + sum(lengths)
        entries.append(directory[begun:at])
    comment = rest[rest.rindex(zr.SIGNATURE_END) + zr.END.size :]
    return _Tail(end.offset, tuple(entries), rest, comment)


def _copy(source: IO[bytes], target: IO[bytes], size: int) -> None:
    source.seek(0)
    while size and (chunk := source.read(min(size, _CHUNK))):
        target.write(chunk)
        size -= len(chunk)


def _write_tail(target: IO[bytes], tail: _Tail) -> None:
    target.write(b"".join(tail.entries))
    target.write(_end_of(tail))


def _end_of(tail: _Tail) -> bytes:
    size = sum(map(len, tail.entries))
    return end_records(len(tail.entries), size, tail.offset, tail.comment)
