"""A ``.deb`` unpacked as data: no root, no scripts, nothing outside of the folder.

``/usr`` is merged as Debian does it: ``lib/x`` is put to ``usr/lib/x``, and ``lib`` is a link.
Links with absolute targets are made relative, so that they stay inside wherever the folder is.
Owners and the set-user-ID bits are dropped. What can't be data (devices, pipes) is refused.
"""

from __future__ import annotations

import gzip
import lzma
import os
import posixpath
import shutil
import sys
import tarfile
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from debian.arfile import ArError, ArFile

from wheelyard.builders.sysroots.alternatives import choose, parse_alternatives
from wheelyard.errors import HostError, VerificationError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from tarfile import TarInfo

    from wheelyard.builders.sysroots.alternatives import Alternative

_MERGED = ("bin", "sbin", "lib", "lib32", "lib64", "libo32", "libx32")
_FORMATS = (".tar", ".tar.gz", ".tar.xz", ".tar.zst")
_MODE = 0o755
_CHUNK = 1 << 20


class UnsafePackageError(VerificationError):
    """A package that would write outside of its folder, or isn't one."""


def unpack(deb: Path, name: str, root: Path) -> tuple[Alternative, ...]:
    """Unpack a package's files into a folder, beside those of others.

    Returns:
        The links that it wants to have made, for ``finish``.

    Raises:
        UnsafePackageError: it can't be read, or is unsafe; ``root`` is then not to be used.
    """
    root = root.resolve()
    try:
        with _contents(deb, "data") as archive:
            for member in archive:
                _put(member, archive, root)
        return parse_alternatives(_script(deb))
    except (ArError, tarfile.TarError, lzma.LZMAError, zstd.ZstdError, EOFError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise HostError(f"{name} can't be unpacked into {root}: {error.strerror}") from error
        raise UnsafePackageError(f"{name} is damaged: {error}. Fetch it again.") from error
    except UnsafePackageError as error:
        raise UnsafePackageError(f"{name}: {error}. Don't use its mirror.") from error


@contextmanager
def _contents(deb: Path, part: str) -> Iterator[tarfile.TarFile]:
    """Open one of a package's two archives: ``control`` or ``data``."""
    with deb.open("rb") as stream:
        members = {member.name: member for member in ArFile(fileobj=stream).getmembers()}
        names = [part + suffix for suffix in _FORMATS]
        found = next((name for name in names if name in members), None)
        if found is None:
            raise UnsafePackageError(f"it has none of {', '.join(names)}: {', '.join(members)}")
        with (
            _decompressed(found, cast("IO[bytes]", members[found])) as data,
            tarfile.open(fileobj=data, mode="r|") as archive,
        ):
            yield archive


def _script(deb: Path) -> str:
    """Read what would be run after the installation; it may be a program, which says nothing."""
    with _contents(deb, "control") as archive:
        for member in archive:
            if posixpath.normpath(member.name) == "postinst" and member.isreg():
                stream = archive.extractfile(member)
                return stream.read().decode("utf-8", "replace") if stream else ""
    return ""


def _decompressed(name: str, stream: IO[bytes]) -> IO[bytes]:
    if name.endswith(".xz"):
        return cast("IO[bytes]", lzma.LZMAFile(stream))
    if name.endswith(".zst"):
        return cast("IO[bytes]", zstd.ZstdFile(stream))
    return cast("IO[bytes]", gzip.GzipFile(fileobj=stream)) if name.endswith(".gz") else stream


def finish(root: Path, alternatives: Iterable[Alternative] = ()) -> None:
    """Make the links of a merged ``/usr``, and those that the packages let be made.

    Raises:
        UnsafePackageError: one would be outside of the folder.
    """
    root = root.resolve()
    for name in _MERGED:
        folder = root / "usr" / name
        if folder.is_dir():
            (root / name).symlink_to(f"usr/{name}")
    for link, target in choose(alternatives).items():
        path, program = _inside(root, merged(link)), root / merged(target)
        if program.exists() and not os.path.lexists(path):
            path.symlink_to(posixpath.relpath(program, path.parent))


def lay(tree: Path, root: Path) -> None:
    """Put a tree's files over those of ``root``, as links to the same files."""
    for folder, folders, files in os.walk(tree):
        place = root / Path(folder).relative_to(tree)
        place.mkdir(_MODE, parents=True, exist_ok=True)
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        for name in (*files, *links):
            path = place / name
            if path.is_symlink() or path.is_file():
                path.unlink()
            if not path.is_dir():
                os.link(Path(folder) / name, path, follow_symlinks=False)


def _put(member: TarInfo, archive: tarfile.TarFile, root: Path) -> None:
    place = merged(member.name)
    if place in ("", *_MERGED):
        return
    path = _inside(root, place)
    if member.isdir():
        if not path.is_dir():
            _make_way(path)
            path.mkdir(_MODE)
    elif member.issym():
        _make_way(path)
        path.symlink_to(_relative(root, path, member))
    elif member.islnk():
        _make_way(path)
        os.link(_inside(root, merged(member.linkname)), path, follow_symlinks=False)
    elif member.isreg():
        _make_way(path)
        _write(path, archive.extractfile(member), member.mode)
    else:
        raise UnsafePackageError(f"{member.name} is a device or a pipe")


def merged(name: str) -> str:
    """Give the place of a path below a root whose ``/usr`` is merged; empty for the root itself.

    >>> merged("./lib/aarch64-linux-gnu/libz.so.1")
    'usr/lib/aarch64-linux-gnu/libz.so.1'
    """
    if ".." in name.split("/"):
        raise UnsafePackageError(f"{name} leads out of its folder")
    return _merge(posixpath.normpath("/" + name).lstrip("/"))


def _merge(place: str) -> str:
    top, slash, _ = place.partition("/")
    return f"usr/{place}" if slash and top in _MERGED else place


def _inside(root: Path, place: str) -> Path:
    """Give the real path of a place, whose folder is made; links to folders are followed."""
    folder, _, name = place.rpartition("/")
    real = Path(os.path.realpath(root / folder))
    if not real.is_relative_to(root):
        raise UnsafePackageError(f"{place} leads out of its folder")
    real.mkdir(_MODE, parents=True, exist_ok=True)
    return real / name


def _relative(root: Path, path: Path, member: TarInfo) -> str:
    """Give a link's target from where the link is; ``..`` at the root stays at the root.

    It is taken from where the package has the link: the merging may have moved both.
    """
    target = member.linkname
    if not target.startswith("/") and ".." not in target.split("/"):
        return target
    origin = "/" + posixpath.dirname(posixpath.normpath("/" + member.name).lstrip("/"))
    absolute = posixpath.normpath(posixpath.join(origin, target)).lstrip("/")
    place = _merge(absolute) if absolute not in _MERGED else f"usr/{absolute}"
    return posixpath.relpath(root / place, path.parent)


def _make_way(path: Path) -> None:
    """Remove a file of an earlier package; a folder with something in it stays and is an error."""
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.is_dir():
        path.rmdir()


def _write(path: Path, stream: IO[bytes] | None, mode: int) -> None:
    if stream is None:
        raise UnsafePackageError(f"{path.name} has no content")
    with path.open("xb") as out:
        shutil.copyfileobj(stream, out, _CHUNK)
        os.fchmod(out.fileno(), 0o755 if mode & 0o111 else 0o644)
