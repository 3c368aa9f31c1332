"""Unpacked wheels, kept by the SHA-256 of the wheel, to be hard-linked into environments.

An entry is verified when it is made and appears by one rename, so several processes may share a
cache. A hard link is the same file in the environment and here, so an edit there would reach the
next installation; each use therefore compares every file's size and modification time with what
they were, and makes the entry again when they differ. The files keep mode 0644 or 0755 as the
installed ones must have.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, NamedTuple, TypeVar

from wheelyard.errors import HostError, VerificationError
from wheelyard.installer.scripts import PLACEHOLDER
from wheelyard.wheel.entry_points import EntryPoint
from wheelyard.wheel.filename import WheelFilename, parse_wheel_filename
from wheelyard.wheel.findings import Finding
from wheelyard.wheel.names import Sha256
from wheelyard.wheel.reader import VerifiedWheel, unpack_wheel

if TYPE_CHECKING:
    from collections.abc import Iterable

_FORMAT = "wheels-2"
_CONTENT = "content"
_INDEX = "index.json"

_T = TypeVar("_T")


class CachedFile(NamedTuple):
    """A file of an unpacked wheel; a named tuple, as there are ten thousands of them.

    ``hash`` is as in ``RECORD``, sha256 or better with its algorithm; ``script`` says that its
    first line is to be replaced.
    """

    path: str
    hash: str
    size: int
    modified: int
    script: bool


@dataclass(frozen=True)
class UnpackedWheel:
    """A verified wheel in the cache; ``folder`` holds its members below ``content``."""

    folder: Path
    wheel: str
    sha256: Sha256
    dist_info: str
    requires_python: str
    root_is_purelib: bool
    scripts: tuple[EntryPoint, ...]
    warnings: tuple[Finding, ...]
    files: tuple[CachedFile, ...]

    @property
    def content(self) -> Path:
        """Where the members are."""
        return self.folder / _CONTENT

    @property
    def filename(self) -> WheelFilename:
        """The wheel's file name, taken apart."""
        return parse_wheel_filename(self.wheel)


def cached_wheel(cache: Path, path: Path, sha256: Sha256) -> UnpackedWheel:
    """Return the cache's entry for a wheel, made now if there is none or it was touched.

    Args:
        cache: the folder of the cache; made if missing.
        path: the wheel.
        sha256: of the wheel; what is unpacked is compared with it.

    Raises:
        InvalidWheelError: the wheel breaks rules.
        VerificationError: it is not the one with this digest.
        HostError: something else writes into the cache.
    """
    folder = cache / _FORMAT / sha256[:2] / sha256
    found = _load(folder, path.name)
    if found is not None:
        return found
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".new-"))
    try:
        _make(path, scratch, sha256)
        return publish(scratch, folder, lambda: _load(folder, path.name))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _make(path: Path, scratch: Path, sha256: Sha256) -> None:
    verified = unpack_wheel(path, scratch / _CONTENT)
    if verified.sha256 != sha256:
        raise VerificationError(f"{path}: it changed while it was read; copy it again")
    index = json.dumps(_describe(verified, scratch / _CONTENT), separators=(",", ":"))
    (scratch / _INDEX).write_text(index, "utf-8")


def publish(scratch: Path, folder: Path, load: Callable[[], _T | None]) -> _T:
    """Give a new folder its name, unless another process was quicker, and return what it holds.

    Args:
        scratch: the new folder, beside ``folder``.
        folder: its name from now on; what is there and was touched is removed.
        load: reads ``folder``; None when it is not there or was touched.

    Raises:
        HostError: it was touched again at once.
    """
    parent = os.open(folder.parent, os.O_RDONLY)
    try:
        fcntl.flock(parent, fcntl.LOCK_EX)  # a good entry, which others use, is never moved
        found = load()
        if found is None:
            _replace(scratch, folder)
            found = load()
    finally:
        os.close(parent)
    if found is None:
        raise HostError(f"{folder}: something changes the cache; install again with another one")
    return found


def _replace(scratch: Path, folder: Path) -> None:
    aside = scratch.with_name(f"{scratch.name}-old")
    with suppress(FileNotFoundError):
        folder.rename(aside)
    scratch.chmod(0o755)
    scratch.rename(folder)
    shutil.rmtree(aside, ignore_errors=True)


def _describe(verified: VerifiedWheel, content: Path) -> dict[str, Any]:
    wheel = verified.wheel
    rows = {row.path: f"{row.hash_algorithm}={row.hash}" for row in wheel.record if row.hash}
    return {
        "sha256": verified.sha256,
        "dist_info": wheel.dist_info,
        "requires_python": wheel.metadata.requires_python or "",
        "root_is_purelib": wheel.info.root_is_purelib,
        "scripts": [asdict(entry) for entry in wheel.entry_points if entry.is_script],
        "warnings": [asdict(warning) for warning in wheel.warnings],
        "files": [
            _describe_file(content, member.name, rows.get(member.name, ""))
            for member in wheel.members
            if not member.is_folder
        ],
    }


def _describe_file(content: Path, name: str, row: str) -> CachedFile:
    path = content / name
    script = False
    if name.split("/")[1:2] == ["scripts"] and name.partition("/")[0].endswith(".data"):
        path.chmod(0o755)  # whatever is installed as a script must be executable
        with path.open("rb") as stream:
            script = stream.read(len(PLACEHOLDER)) == PLACEHOLDER
    status = path.stat()
    return CachedFile(name, row, status.st_size, status.st_mtime_ns, script)


def _load(folder: Path, wheel: str) -> UnpackedWheel | None:
    try:
        index = json.loads((folder / _INDEX).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    files = tuple(CachedFile(*file) for file in index["files"])
    if not untouched(f"{folder}/{_CONTENT}/", files):
        return None
    return UnpackedWheel(
        folder=folder,
        wheel=wheel,
        sha256=Sha256(index["sha256"]),
        dist_info=index["dist_info"],
        requires_python=index["requires_python"],
        root_is_purelib=index["root_is_purelib"],
        scripts=tuple(
            EntryPoint(**{**entry, "extras": tuple(entry["extras"])}) for entry in index["scripts"]
        ),
        warnings=tuple(Finding(**warning) for warning in index["warnings"]),
        files=files,
    )


def untouched(prefix: str, files: Iterable[CachedFile]) -> bool:
    """Whether every file below ``prefix`` has the size and modification time noted for it."""
    try:
        for file in files:
            status = os.lstat(prefix + file.path)
            if status.st_size != file.size or status.st_mtime_ns != file.modified:
                return False
    except OSError:
        return False
    return True
