"""One installation at a time in a folder, from before the folder is there until it is done.

A lock file in the folder says that a living process works in it: the lock goes with the process,
however it ends. A marker beside it says that the folder was new and is not finished: without a
living process it is what a killed one left, and all of it goes.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from wheelyard.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LOCK = ".wheelyard-lock"
_MARKER = ".wheelyard-unfinished"


@contextmanager
def claimed(folder: Path) -> Iterator[bool]:
    """Make a folder if it is missing and keep other installations out of it; they wait.

    Yields whether nothing is in it; then it is removed again when the block fails.

    Raises:
        UsageError: something else than a folder is in its place.
        OSError: it can't be made or written.
    """
    lock = _acquire(folder)
    failed = False
    try:
        yield _begin(folder)
        with suppress(FileNotFoundError):
            (folder / _MARKER).unlink()
    except BaseException:
        # Nobody else is in it: a marker is ours, even if we were interrupted while setting it.
        failed = (folder / _MARKER).exists()
        raise
    finally:
        if failed:
            _empty(folder)
        # The lock goes last: who waits for it never sees a folder that is half removed.
        with suppress(OSError):
            (folder / _LOCK).unlink()
        if failed:
            with suppress(OSError):  # somebody else has begun in it
                folder.rmdir()
        os.close(lock)


def _acquire(folder: Path) -> int:
    while True:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise UsageError(f"{folder}: something else than a folder; name another") from None
        try:
            descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        except FileNotFoundError:  # removed by an installation that failed just now
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if _is(descriptor, folder / _LOCK):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # who held it has removed it


def _is(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except FileNotFoundError:
        return False


def _begin(folder: Path) -> bool:
    """Mark the folder as unfinished unless something is in it that is not ours."""
    if (folder / _MARKER).exists():
        _empty(folder)
    if any(path.name != _LOCK for path in folder.iterdir()):
        return False
    (folder / _MARKER).touch()
    return True


def _empty(folder: Path) -> None:
    """Remove everything but the lock, the marker last."""
    for path in folder.iterdir():
        if path.name in {_LOCK, _MARKER}:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink()
    with suppress(FileNotFoundError):
        (folder / _MARKER).unlink()
