"""Wheels to disk: the same files, names and time give the same bytes, on any machine.

Members stand in one order (package, then ``.dist-info``, ``RECORD`` last), with one time, modes
0644 and 0755 only, and Unix as the system that made them. Several are compressed at once, which
changes nothing in them. The bytes depend on what deflates (:mod:`wheelyard.wheel.codec`) besides.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Callable

from wheelyard.errors import UsageError
from wheelyard.wheel.content_rules import UNHASHED, find_dist_info, tag_findings
from wheelyard.wheel.findings import Finding, InvalidWheelError
from wheelyard.wheel.member_rules import clash_findings, name_findings
from wheelyard.wheel.reader import open_wheel
from wheelyard.wheel.record import RecordEntry, encode_hash, format_record
from wheelyard.wheel.threads import in_order
from wheelyard.wheel.zip_writing import ZipMember, ZipWriter, pack_member

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wheelyard.wheel.archive import Member
    from wheelyard.wheel.filename import WheelFilename
    from wheelyard.wheel.names import Sha256
    from wheelyard.wheel.reader import Wheel

_CHUNK = 1 << 20


@dataclass(frozen=True)
class WheelFile:
    """A file to be put into a wheel; ``chunks`` is called once and gives ``size`` bytes."""

    path: str
    size: int
    executable: bool
    chunks: Callable[[], Iterator[bytes]]


@dataclass(frozen=True)
class WrittenWheel:
    """A wheel on disk, with the file's digest and size in bytes."""

    path: Path
    sha256: Sha256
    size: int


def file_from_bytes(path: str, data: bytes, *, executable: bool = False) -> WheelFile:
    """Return a file whose content is in memory."""
    return WheelFile(path, len(data), executable, lambda: iter((data,)))


def file_from_disk(path: str, source: Path) -> WheelFile:
    """Return a file whose content is read when the wheel is written.

    Raises:
        UsageError: ``source`` is no regular file; wheels hold neither links nor devices.
    """
    status = source.lstat()
    if not stat.S_ISREG(status.st_mode):
        raise UsageError(f"{source}: no regular file, so no wheel can hold it; copy its content")
    return WheelFile(path, status.st_size, bool(status.st_mode & 0o111), lambda: _chunks(source))


def _chunks(source: Path) -> Iterator[bytes]:
    with source.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


def files_from_folder(folder: Path) -> tuple[WheelFile, ...]:
    """Return every file below ``folder``, for example an unpacked wheel.

    Raises:
        UsageError: there is a link or a device among them.
    """
    paths = sorted(path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    return tuple(file_from_disk(path.relative_to(folder).as_posix(), path) for path in paths)


def files_from_wheel(
    wheel: Wheel, changes: Mapping[str, bytes | None] | None = None
) -> tuple[WheelFile, ...]:
    """Return a wheel's files, to be written again under another name or with changes.

    Args:
        wheel: its content is read while the new wheel is written.
        changes: new content by path, also of files that were not there; None removes a file.
    """
    new = dict(changes or {})
    files = {member.name: _from_member(wheel, member) for member in wheel.members}
    changed = [
        file_from_bytes(path, data, executable=path in files and files[path].executable)
        for path, data in new.items()
        if data is not None
    ]
    kept = (file for path, file in files.items() if path not in new and not path.endswith("/"))
    return (*kept, *changed)


def _from_member(wheel: Wheel, member: Member) -> WheelFile:
    executable = bool(member.permissions & 0o111)
    return WheelFile(member.name, member.size, executable, partial(wheel.chunks, member))


def write_wheel(
    folder: Path, filename: WheelFilename, files: Iterable[WheelFile], *, timestamp: int
) -> WrittenWheel:
    """Write a wheel into ``folder``, with a new ``RECORD``; it appears whole or not at all.

    A few files are in memory at once, each whole.

    Args:
        folder: where to; it must exist. A file of the same name is replaced.
        filename: its tags and names must be those in ``WHEEL`` and ``METADATA``.
        files: the content in any order; a ``RECORD`` among them, or its signature, is left out.
        timestamp: the time of every member in seconds since 1970, usually ``SOURCE_DATE_EPOCH``;
            brought into the years 1980 to 2107, which is all that a zip file can say.

    Raises:
        UsageError: the files are no wheel that a reader would accept; it names every reason.
    """
    dist_info, ordered = _arrange(filename, files)
    scratch = Path(tempfile.mkdtemp(dir=folder, prefix=".write-"))
    try:
        path = scratch / str(filename)
        with path.open("wb") as stream:
            archive = ZipWriter(stream, timestamp)
            _write_members(archive, ordered, dist_info)
            stream.flush()
            os.fsync(stream.fileno())
        _check(path, filename)
        written = WrittenWheel(folder / path.name, archive.sha256, archive.size)
        path.replace(written.path)
    except InvalidWheelError as error:
        raise _unwritable(filename, error.findings) from None
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return written


def _check(path: Path, filename: WheelFilename) -> None:
    """Read what was written as anybody would; its tags must be what its name says, besides."""
    wrong = tag_findings(filename, open_wheel(path).info)
    if wrong:
        raise InvalidWheelError(path.name, tuple(wrong))


def _arrange(filename: WheelFilename, files: Iterable[WheelFile]) -> tuple[str, list[WheelFile]]:
    """Return the name of the ``.dist-info`` folder, and the files in the order of writing."""
    given = list(files)
    names = [file.path for file in given]
    dist_info, findings = find_dist_info(names, filename)
    findings += name_findings(names) + clash_findings(names)
    if findings:
        raise _unwritable(filename, findings)
    left_out = {f"{dist_info}/{name}" for name in UNHASHED}
    kept = [file for file in given if file.path not in left_out]
    kept.sort(key=lambda file: (file.path.startswith(f"{dist_info}/"), file.path))
    return dist_info, kept


def _unwritable(filename: WheelFilename, findings: Iterable[Finding]) -> UsageError:
    reasons = "".join(f"\n  {finding}" for finding in findings)
    return UsageError(
        f"{filename}: not written, for every reader would refuse it; correct these:{reasons}"
    )


def _write_members(archive: ZipWriter, files: Iterable[WheelFile], dist_info: str) -> None:
    rows = []
    for member, row in in_order(_compress, files, lambda file: file.size):
        archive.add(member)
        rows.append(row)
    own = f"{dist_info}/RECORD"
    record = file_from_bytes(own, format_record((*rows, RecordEntry(own))))
    archive.add(_compress(record)[0])
    archive.finish()


def _compress(file: WheelFile) -> tuple[ZipMember, RecordEntry]:
    content = b"".join(file.chunks())
    digest = encode_hash(hashlib.sha256(content).digest())
    member = pack_member(file.path, content, executable=file.executable)
    return member, RecordEntry(file.path, "sha256", digest, len(content))
