"""``RECORD``: the list of a wheel's or an installed project's files (PEP 376, PEP 427)."""

from __future__ import annotations

import base64
import csv
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wheelyard.errors import VerificationError
from wheelyard.wheel.names import Sha256

if TYPE_CHECKING:
    from collections.abc import Iterable

_COLUMNS = 3
_HASH = re.compile(r"([a-z0-9_]+)=([A-Za-z0-9_-]+)={0,2}")
_SIZE = re.compile(r"[0-9]{1,18}")
_SHOWN = 20
_MOST = 1_000_000  # rows; an installation of the largest wheel has half of that


class InvalidRecordError(VerificationError):
    """A ``RECORD`` with malformed rows; the message names them, the first 20 of very many."""


@dataclass(frozen=True)
class RecordEntry:
    """One row. ``hash`` is urlsafe base64 without padding; ``size`` is in bytes.

    ``hash_algorithm`` and ``hash`` are ``""``, and ``size`` is None, where the row is silent.
    """

    path: str
    hash_algorithm: str = ""
    hash: str = ""
    size: int | None = None


def parse_record(data: bytes | str) -> tuple[RecordEntry, ...]:
    """Read a ``RECORD``; the paths are not judged, for an installed one may leave its folder.

    Raises:
        InvalidRecordError: it is no UTF-8, or rows have not three columns, a hash and a size in
            form, or name a path twice.
    """
    if isinstance(data, bytes):
        try:
            data = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise InvalidRecordError(f"RECORD: it is not UTF-8 (byte {error.start})") from None
    entries: dict[str, RecordEntry] = {}
    issues: list[str] = []
    try:
        for number, row in enumerate(csv.reader(io.StringIO(data, newline=""), strict=True), 1):
            issue = _issue(row) or (row[0] in entries and f"{row[0]!r} is listed twice")
            if number > _MOST:
                issue = f"there are more than {_MOST} rows"
            if issue:
                issues.append(f"row {number}: {issue}")
            else:
                entries[row[0]] = _entry(row)
            if number > _MOST or len(issues) > _SHOWN:
                break
    except csv.Error as error:
        issues.append(f"it is no CSV: {error}")
    if issues:
        more = "; and more" if len(issues) > _SHOWN else ""
        raise InvalidRecordError(f"RECORD: {'; '.join(issues[:_SHOWN])}{more}")
    return tuple(entries.values())


def _issue(row: list[str]) -> str:
    if len(row) != _COLUMNS:
        return f"{len(row)} columns, not path, hash and size"
    path, digest, size = row
    if not path:
        return "the path is empty"
    if digest and not _HASH.fullmatch(digest):
        return f"{digest!r} is no hash like sha256=…"
    if size and not _SIZE.fullmatch(size):
        return f"{size!r} is no size"
    return ""


def _entry(row: list[str]) -> RecordEntry:
    found = _HASH.fullmatch(row[1])
    algorithm, digest = (found[1], found[2]) if found else ("", "")
    return RecordEntry(row[0], algorithm, digest, int(row[2]) if row[2] else None)


def format_record(entries: Iterable[RecordEntry]) -> bytes:
    """Write a ``RECORD`` in the order given, lines ended by a line feed."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    for entry in entries:
        digest = f"{entry.hash_algorithm}={entry.hash}" if entry.hash else ""
        writer.writerow((entry.path, digest, "" if entry.size is None else entry.size))
    return text.getvalue().encode()


def encode_hash(digest: bytes) -> str:
    """Return a digest as ``RECORD`` writes it: urlsafe base64 without padding."""
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def hash_to_hex(digest: str) -> Sha256:
    """Return the hexadecimal form of a digest written as in ``RECORD``."""
    return Sha256(base64.urlsafe_b64decode(digest + "=" * (-len(digest) % 4)).hex())
