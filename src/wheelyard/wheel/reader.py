"""Wheels from disk: opened, verified, unpacked; a wheel that breaks any rule is refused whole.

:func:`open_wheel` reads the structure and the ``.dist-info`` files, which is quick for any size.
:func:`verify_wheel` streams every byte besides. :func:`unpack_wheel` does both while it writes into
a folder of another name, which takes its place only at the end.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Callable, Optional

from wheelyard.errors import HostError, UsageError
from wheelyard.wheel.archive import Member, member_chunks, read_archive
from wheelyard.wheel.filename import WheelFilename, parse_wheel_filename
from wheelyard.wheel.findings import Finding, InvalidWheelError
from wheelyard.wheel.inspection import inspect
from wheelyard.wheel.member_rules import DEFAULT_LIMITS, Limits, parent_folders
from wheelyard.wheel.names import Sha256
from wheelyard.wheel.record import RecordEntry, encode_hash
from wheelyard.wheel.threads import in_order

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wheelyard.wheel.entry_points import EntryPoint
    from wheelyard.wheel.metadata import Metadata, WheelInfo

_CHUNK = 1 << 20

_Target = Callable[[Member], Optional[int]]


@dataclass(frozen=True)
class Wheel:
    """A wheel that keeps every rule that can be seen without reading all of its content.

    ``dist_info`` is the folder's name as the wheel spells it.
    """

    path: Path
    members: tuple[Member, ...]
    dist_info: str
    metadata: Metadata
    info: WheelInfo
    record: tuple[RecordEntry, ...]
    entry_points: tuple[EntryPoint, ...]
    warnings: tuple[Finding, ...]

    @property
    def filename(self) -> WheelFilename:
        """The file's name, taken apart."""
        return parse_wheel_filename(self.path.name)

    def read(self, name: str) -> bytes:
        """Return a member's content, whole.

        Raises:
            KeyError: there is no such member.
            InvalidWheelError: the content is damaged.
        """
        return b"".join(self.chunks({member.name: member for member in self.members}[name]))

    def chunks(self, member: Member) -> Iterator[bytes]:
        """Yield a member's content piece by piece; it is checked when exhausted."""
        with opened(self.path) as descriptor:
            yield from member_chunks(descriptor, member, self.path.name)


@dataclass(frozen=True)
class VerifiedWheel:
    """A wheel whose every byte was checked, with the file's own digest and size in bytes."""

    wheel: Wheel
    sha256: Sha256
    size: int


def open_wheel(path: Path, *, limits: Limits = DEFAULT_LIMITS, strict: bool = False) -> Wheel:
    """Open a wheel and check all but its content.

    Args:
        path: the file; its name is part of what must agree.
        limits: caps on members and sizes.
        strict: refuse data descriptors as well, as PyPI does.

    Raises:
        InvalidWheelFilenameError: the name is no wheel's.
        InvalidWheelError: it holds every rule broken.
        HostError: the file cannot be read.
    """
    parse_wheel_filename(path.name)
    with opened(path) as descriptor:
        return _open(descriptor, path, limits, strict=strict)


def verify_wheel(
    path: Path, *, limits: Limits = DEFAULT_LIMITS, strict: bool = False
) -> VerifiedWheel:
    """Check every rule and every byte of a wheel; nothing is written.

    Raises:
        InvalidWheelFilenameError: the name is no wheel's.
        InvalidWheelError: it holds every rule broken.
        HostError: the file cannot be read.
    """
    parse_wheel_filename(path.name)
    with opened(path) as descriptor:
        wheel = _open(descriptor, path, limits, strict=strict)
        _stream(descriptor, wheel, _nowhere)
        return VerifiedWheel(wheel, _sha256(descriptor), os.fstat(descriptor).st_size)


def unpack_wheel(
    path: Path, folder: Path, *, limits: Limits = DEFAULT_LIMITS, strict: bool = False
) -> VerifiedWheel:
    """Verify a wheel and unpack it into ``folder``, which must not exist; all or nothing.

    Files get mode 0644, or 0755 where the wheel has them executable.

    Raises:
        InvalidWheelFilenameError: the name is no wheel's.
        InvalidWheelError: it holds every rule broken; nothing was left behind.
        UsageError: ``folder`` exists.
        HostError: the file cannot be read.
    """
    parse_wheel_filename(path.name)
    if folder.exists() or folder.is_symlink():
        raise UsageError(f"{folder}: it exists already; remove it or name another folder")
    with opened(path) as descriptor:
        wheel = _open(descriptor, path, limits, strict=strict)
        folder.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
        try:
            _make_folders(wheel, scratch)
            _stream(descriptor, wheel, lambda member: _create(scratch, member))
            digest = _sha256(descriptor)
            scratch.chmod(0o755)
            scratch.rename(folder)
        except BaseException:
            shutil.rmtree(scratch, ignore_errors=True)
            raise
        return VerifiedWheel(wheel, digest, os.fstat(descriptor).st_size)


def file_sha256(path: Path) -> Sha256:
    """Return the SHA-256 of a whole file.

    Raises:
        HostError: the file cannot be read.
    """
    with opened(path) as descriptor:
        return _sha256(descriptor)


@contextmanager
def opened(path: Path) -> Iterator[int]:
    """Give a descriptor to read ``path`` by, as long as the block lasts.

    Raises:
        HostError: the file cannot be read.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe would keep us waiting
    except OSError as error:
        raise HostError(f"{path}: it cannot be read ({error.strerror}); check the path") from error
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise HostError(f"{path}: it is no file; check the path")
        yield descriptor
    finally:
        os.close(descriptor)


def _open(descriptor: int, path: Path, limits: Limits, *, strict: bool) -> Wheel:
    archive = read_archive(descriptor, limits)

    def read(member: Member) -> bytes:
        return b"".join(member_chunks(descriptor, member, path.name))

    inspection = inspect(archive, parse_wheel_filename(path.name), limits, read)
    findings = set(inspection.findings)
    if strict:
        findings |= {
            Finding("data-descriptor", "data descriptors are refused when strict", member.name)
            for member in archive.members
            if member.described
        }
    said = inspection.said
    if findings or said is None:
        raise InvalidWheelError(path.name, tuple(sorted(findings)))
    return Wheel(
        path=path,
        members=archive.members,
        dist_info=said.dist_info,
        metadata=said.metadata,
        info=said.info,
        record=said.record,
        entry_points=said.entry_points,
        warnings=inspection.warnings,
    )


def _stream(descriptor: int, wheel: Wheel, target: _Target) -> None:
    """Read every member once, check it, and write it where ``target`` opens a file for it."""
    rows = {row.path: row for row in wheel.record if row.hash}

    def check(member: Member) -> tuple[Finding, ...]:
        chunks = member_chunks(descriptor, member, wheel.path.name)
        try:
            digest = _copy(chunks, member, rows, _nowhere if member.is_folder else target)
        except InvalidWheelError as error:
            return error.findings
        if member.name in rows and digest != rows[member.name].hash:
            detail = "its content is not what RECORD lists: it was changed"
            return (Finding("record-hash", detail, member.name),)
        return ()

    checked = in_order(check, wheel.members, lambda member: member.size)
    findings = [finding for found in checked for finding in found]
    if findings:
        raise InvalidWheelError(wheel.path.name, tuple(sorted(findings)))


def _nowhere(_member: Member) -> None:
    """Open no file: content is checked and not kept."""


def _copy(
    chunks: Iterator[bytes], member: Member, rows: dict[str, RecordEntry], target: _Target
) -> str:
    row = rows.get(member.name)
    digest = hashlib.new(row.hash_algorithm if row else "sha256")
    output = target(member)
    try:
        for chunk in chunks:
            digest.update(chunk)
            if output is not None:
                _write(output, chunk)
    finally:
        if output is not None:
            os.close(output)
    return encode_hash(digest.digest())


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _make_folders(wheel: Wheel, root: Path) -> None:
    for folder in sorted(parent_folders(member.name for member in wheel.members)):
        (root / folder).mkdir()
        (root / folder).chmod(0o755)  # the umask took some away


def _create(root: Path, member: Member) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    descriptor = os.open(f"{root}/{member.name}", flags, member.permissions)
    os.fchmod(descriptor, member.permissions)  # the umask took some away
    return descriptor


def _sha256(descriptor: int) -> Sha256:
    digest, at = hashlib.sha256(), 0
    while chunk := os.pread(descriptor, _CHUNK, at):
        digest.update(chunk)
        at += len(chunk)
    return Sha256(digest.hexdigest())
