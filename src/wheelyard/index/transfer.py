"""Download a file: streamed, resumed, checked while it comes, published whole or not at all.

A download grows in a hidden ``.part`` file that is locked while somebody writes to it, so several
threads and processes may want the same file at once: the others wait, then find it there.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING

from wheelyard.errors import HostError, VerificationError
from wheelyard.index.location import local_path
from wheelyard.index.session import BrokenConnectionError, FileGoneError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from wheelyard.index.page import IndexFile
    from wheelyard.index.session import HttpSession

# The best first; the weak ones of old indexes still find a broken download.
_ALGORITHMS = ("sha256", "sha512", "sha384", "sha3_256", "blake2b", "sha224", "sha1", "md5")
_CHUNK = 1 << 20
_DISK_FULL = (errno.ENOSPC, errno.EDQUOT)


def fetch(
    file: IndexFile,
    folder: Path,
    session: HttpSession,
    progress: Callable[[int], None] | None = None,
) -> Path:
    """Have a file in a folder; one that is there already with the right digest stays.

    Args:
        file: from a page, or made for a direct URL; a ``file:`` URL is copied.
        folder: made when it isn't there.
        session: asks the server.
        progress: is told how many bytes there are so far, now and then.

    Raises:
        IndexUnreachableError: the server doesn't answer.
        VerificationError: another digest than the index announced; nothing stays behind.
        HostError: offline, no space, or the folder can't be written to.
    """
    target = folder / file.filename
    if _is_there(target, file):
        return target
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _open_part(folder / f".{file.filename}.part") as part:
            if not _is_there(target, file):  # another process may have been faster
                _fill(part, file, session, progress or _ignore)
                part.publish(target)
    except OSError as error:
        if isinstance(error, FileNotFoundError) and local_path(file.url):
            raise FileGoneError(f"{file.url} is not there any more. Resolve again.") from error
        advice = "Free some space" if error.errno in _DISK_FULL else "Check the folder"
        raise HostError(
            f"{target} can't be written: {error.strerror or error}. {advice} and try again."
        ) from error
    return target


def _ignore(_done: int) -> None:
    """Nobody wants to know."""


class _Part:
    """A file that grows, with the digest of what is in it so far."""

    def __init__(self, file: IO[bytes], path: Path) -> None:
        self._file = file
        self._path = path
        self.algorithm = "sha256"
        self._digest = hashlib.sha256()
        self.size = 0

    def start(self, algorithm: str, *, keep: bool) -> None:
        """Begin with what is there already, or with nothing."""
        self.algorithm = algorithm
        self._digest = hashlib.new(algorithm)
        self.size = 0
        self._file.seek(0)
        while keep and (chunk := self._file.read(_CHUNK)):
            self._digest.update(chunk)
            self.size += len(chunk)
        self._file.truncate(self.size)

    def add(self, chunk: bytes) -> None:
        self._file.write(chunk)
        self._digest.update(chunk)
        self.size += len(chunk)

    def digest(self) -> str:
        return self._digest.hexdigest()

    def publish(self, target: Path) -> None:
        """Make it last, then give it its name."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._path.chmod(0o644)
        self._path.replace(target)

    def discard(self) -> None:
        with suppress(FileNotFoundError):
            self._path.unlink()


@contextmanager
def _open_part(path: Path) -> Iterator[_Part]:
    """Open and lock; who waited for a lock may hold a file that has been published meanwhile."""
    while True:
        # The name can be foreseen: whoever put a link there would choose what we write to.
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if _is_same(file, path):
                part = _Part(file, path)
                try:
                    yield part
                except OSError as error:
                    if error.errno in _DISK_FULL:
                        part.discard()
                    raise
                finally:
                    if part.size == 0:
                        part.discard()
                return


def _is_same(file: IO[bytes], path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _fill(
    part: _Part, file: IndexFile, session: HttpSession, progress: Callable[[int], None]
) -> None:
    """Fill and verify; a wrong digest of a resumed file may come from its beginning: once again."""
    expected = _expected(file)
    algorithm = expected[0] if expected else "sha256"
    part.start(algorithm, keep=expected is not None)
    resumed = part.size > 0
    while True:
        if expected is None or part.digest() != expected[1]:
            _append(part, file, session, progress)
        if expected is None or part.digest() == expected[1]:
            return
        if not resumed:
            break
        part.start(algorithm, keep=False)
        resumed = False
    part.discard()
    raise VerificationError(
        f"{file.filename} has the {algorithm} {part.digest()}, but {expected[1]} was announced "
        f"({file.url}). Don't use this file: its index or something in between changed it."
    )


def _append(
    part: _Part, file: IndexFile, session: HttpSession, progress: Callable[[int], None]
) -> None:
    """Get what is missing; as long as bytes come, broken connections are no reason to give up."""
    path, failures = local_path(file.url), 0
    if path is not None:
        _copy(part, path, progress)
        return
    while True:
        before = part.size
        try:
            _stream(part, file, session, progress)
        except BrokenConnectionError:
            failures = 1 if part.size > before else failures + 1
            if not session.pause(failures):
                raise
        else:
            return


def _stream(
    part: _Part, file: IndexFile, session: HttpSession, progress: Callable[[int], None]
) -> None:
    start = part.size if _expected(file) else 0  # what can't be verified isn't pieced together
    with session.stream(file.url, start) as body:
        if body.start != part.size:
            part.start(part.algorithm, keep=False)
        for chunk in body.chunks:
            part.add(chunk)
            progress(part.size)


def _copy(part: _Part, path: Path, progress: Callable[[int], None]) -> None:
    part.start(part.algorithm, keep=False)
    with path.open("rb") as source:
        while chunk := source.read(_CHUNK):
            part.add(chunk)
            progress(part.size)


def _expected(file: IndexFile) -> tuple[str, str] | None:
    """The best digest that the index gave."""
    hashes = dict(file.hashes)
    return next(((name, hashes[name]) for name in _ALGORITHMS if name in hashes), None)


def _is_there(target: Path, file: IndexFile) -> bool:
    expected = _expected(file)
    if expected is None or not target.is_file():
        return False
    with target.open("rb") as opened:
        digest = hashlib.file_digest(opened, lambda: hashlib.new(expected[0]))
    return digest.hexdigest() == expected[1]
