"""What an egg or an installer holds, in one form for both."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from wheelyard.wheel.archive import member_chunks, read_archive
from wheelyard.wheel.findings import Finding, InvalidWheelError
from wheelyard.wheel.inspection import TEXT_LIMIT, archive_findings
from wheelyard.wheel.member_rules import DEFAULT_LIMITS
from wheelyard.wheel.reader import opened
from wheelyard.wheel.threads import in_order
from wheelyard.wheel.writer import WheelFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wheelyard.wheel.archive import Archive, Member

_CHUNK = 1 << 20

ROOT = ""
"""The scheme of what is installed among the packages."""
ABOUT = "egg-info"
"""The scheme of what tells of the project: ``PKG-INFO`` and the like."""


@dataclass(frozen=True)
class OldFile:
    """A file and where it belongs: :data:`ROOT`, :data:`ABOUT` or a key of ``.data``.

    The file's path begins below that place.
    """

    scheme: str
    file: WheelFile


@dataclass(frozen=True)
class Source:
    """An egg or an installer; every byte of its files was checked.

    ``name`` and ``version`` are for a project whose ``PKG-INFO`` lacks them. ``python`` is ``2.7``,
    ``platform`` ``win-amd64`` or ``linux-x86_64``; all four are ``""`` where nothing says them.
    ``extensions`` tells whether it holds modules for that Python alone.
    """

    path: Path
    files: tuple[OldFile, ...]
    name: str
    version: str
    python: str
    platform: str
    extensions: bool
    remarks: tuple[str, ...]

    def read(self, name: str) -> bytes:
        """Return the content of a file that tells of the project; empty where there is none.

        Raises:
            InvalidWheelError: it is too large to be that.
        """
        for old in self.files:
            if old.scheme == ABOUT and old.file.path == name:
                if old.file.size > TEXT_LIMIT:
                    found = Finding("limit-file", f"{old.file.size} bytes of text", name)
                    raise InvalidWheelError(self.path.name, (found,))
                return content(old.file)
        return b""


def content(file: WheelFile) -> bytes:
    """Return all of a file."""
    return b"".join(file.chunks())


def decode(data: bytes) -> str:
    """Return a text that is UTF-8 as a rule, and Latin-1 where its tool knew no better."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def read_members(path: Path, start: int = 0, *, script: bool = False) -> tuple[WheelFile, ...]:
    """Return the files in a zip archive, each of which was read to its end.

    Args:
        path: the archive, or the program that it was appended to.
        start: the byte at which it begins, from which its offsets count.
        script: let a shell script stand before it, as in an egg that can be executed.

    Raises:
        InvalidWheelError: it holds every rule broken.
        HostError: the file cannot be read.
    """
    with opened(path) as descriptor:
        archive = _read_structure(descriptor, start)
        if script and archive.members and os.pread(descriptor, 2, 0) == b"#!":
            archive = _without_script(archive)
        findings = archive_findings(archive, DEFAULT_LIMITS)
        members = [replace(member, start=member.start + start) for member in archive.members]
        if not findings:
            findings = _content_findings(descriptor, members, path.name)
    if findings:
        raise InvalidWheelError(path.name, tuple(sorted(findings)))
    return tuple(_as_file(path, member) for member in members if not member.is_folder)


def _read_structure(descriptor: int, start: int) -> Archive:
    if not start:
        return read_archive(descriptor)
    with tempfile.TemporaryFile() as part:
        while chunk := os.pread(descriptor, _CHUNK, start + part.tell()):
            part.write(chunk)
        part.flush()
        return read_archive(part.fileno())


def _without_script(archive: Archive) -> Archive:
    """Forgive bytes before the first member: where there are members, all else names one."""
    named = (one for one in archive.findings if one.member or one.rule != "zip-layout")
    return replace(archive, findings=tuple(named))


def _content_findings(descriptor: int, members: list[Member], name: str) -> list[Finding]:
    def check(member: Member) -> tuple[Finding, ...]:
        try:
            for _ in member_chunks(descriptor, member, name):
                pass
        except InvalidWheelError as error:
            return error.findings
        return ()

    checked = in_order(check, members, lambda member: member.size)
    return [finding for found in checked for finding in found]


def _as_file(path: Path, member: Member) -> WheelFile:
    executable = bool(member.permissions & 0o111)
    return WheelFile(member.name, member.size, executable, partial(_chunks, path, member))


def _chunks(path: Path, member: Member) -> Iterator[bytes]:
    with opened(path) as descriptor:
        yield from member_chunks(descriptor, member, path.name)
