"""Sources' archives unpacked: nothing lands outside of the folder, and no small one fills the disk.

What a tar may hold is what PEP 706's ``data`` filter lets through, and it is decided here because
Python 3.11 has that filter only since 3.11.4: Debian 12's has not.
"""

from __future__ import annotations

import lzma
import os
import shutil
import tarfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tarfile import TarFile, TarInfo

BROKEN_ARCHIVE = (
    *(tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, EOFError),
    # OverflowError: of a time; RuntimeError: encrypted, or of an unknown compression
    *(ValueError, KeyError, OverflowError, RuntimeError),
)
"""What reading an archive that is no sound one may raise."""
_MOST_FILES = 200_000
_MOST_BYTES = 8 << 30
_CHUNK = 1 << 20  # bytes


def extract(archive: Path, folder: Path, *, zipped: bool) -> None:
    """Unpack an archive into an empty folder.

    Owners are dropped, modes say no more than what can be run, and times stay: build systems
    compare them.

    Raises:
        ValueError: A member leads elsewhere, is a device, or there is too much of it all.
        OSError, tarfile.TarError, zipfile.BadZipFile: Or another of ``BROKEN_ARCHIVE``.
    """
    if zipped:
        _unzip(archive, folder)
        return
    root, tally = folder.resolve(), _Tally()
    with tarfile.open(archive) as tar:
        for member in tar:
            tally.add(member.size)
            _put(member, tar, root)


class _Tally:
    """What was unpacked so far: a small archive must not fill the disk."""

    def __init__(self) -> None:
        self._files = 0
        self._size = 0

    def add(self, size: int) -> None:
        """Count a member; its size is what will be written, whatever the archive's own is."""
        self._files += 1
        self._size += size
        if self._files > _MOST_FILES or self._size > _MOST_BYTES:
            limits = f"{_MOST_FILES} files or {_MOST_BYTES >> 30} GiB"
            raise ValueError(f"it holds more than {limits}, which no source does")


def _put(member: TarInfo, tar: TarFile, root: Path) -> None:
    """Put a member of a tar in its place; what was there under its name gives way."""
    place = _place(root, member.name)
    if member.isdir():
        place.mkdir(exist_ok=True)
        return
    if place.is_symlink() or place.is_file():
        place.unlink()
    if member.issym():
        if not _leads_inside(root, place.parent / member.linkname):
            raise ValueError(f"{member.name} is a link that leads out of the archive")
        place.symlink_to(member.linkname)
    elif member.islnk():
        other = _place(root, member.linkname)
        if other.is_symlink() or not other.is_file():
            raise ValueError(f"{member.name} is a link to {member.linkname}, which is no file")
        os.link(other, place)
    elif member.isreg():
        _write(member, tar, place)
    else:
        raise ValueError(f"{member.name} is a device or a pipe")


def _place(root: Path, name: str) -> Path:
    """Give where a member goes, its folder made; no link is followed on the way."""
    path = PurePosixPath(name.lstrip("/"))
    if ".." in path.parts:
        raise ValueError(f"{name} leads out of the archive")
    folder = root
    for part in path.parts[:-1]:
        folder /= part
        if folder.is_symlink():
            raise ValueError(f"{name} lies behind a link")
        folder.mkdir(exist_ok=True)
    return folder / path.name


def _leads_inside(root: Path, path: Path) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(root)


def _write(member: TarInfo, tar: TarFile, place: Path) -> None:
    content = tar.extractfile(member)
    if content is None:
        raise ValueError(f"{member.name} has no content")
    with content, place.open("xb") as out:
        shutil.copyfileobj(content, out, _CHUNK)
    if place.stat().st_size != member.size:
        raise EOFError(f"{member.name} ends too early")
    place.chmod(0o755 if member.mode & 0o100 else 0o644)
    os.utime(place, (member.mtime, member.mtime))


def _unzip(archive: Path, folder: Path) -> None:
    with zipfile.ZipFile(archive) as content:
        for name in content.namelist():
            path = PurePosixPath(name.replace("\\", "/"))
            if path.is_absolute() or ".." in path.parts:
                raise ValueError(f"{name} leads out of the archive")
        tally = _Tally()
        for member in content.infolist():
            tally.add(member.file_size)  # zipfile writes no more than this
            place = Path(content.extract(member, folder))  # every name was looked at
            if (member.external_attr >> 16) & 0o111 and place.is_file():
                place.chmod(0o755)
