"""A process's own folder for unfinished work, gone with it.

``ROOT/scratch/<random>/`` is locked by the process that uses it. One whose lock is free belonged
to a process that died, however it died, and the next process removes it. Folders are made and
swept under one lock, so a folder without a holder is never one that is about to have one.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

if TYPE_CHECKING:
    from collections.abc import Iterator


class Scratch:
    """Work folders of one process below ``root``, which is made when missing."""

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self._root = root
        self._gate = FileLock(root / ".gate")
        with self._gate:
            self._sweep()
            self._base = Path(tempfile.mkdtemp(dir=root))
            self._lock = FileLock(_lock_of(self._base), thread_local=False)
            self._lock.acquire()

    @contextlib.contextmanager
    def folder(self) -> Iterator[Path]:
        """Give an empty folder, removed at the end."""
        place = Path(tempfile.mkdtemp(dir=self._base))
        try:
            yield place
        finally:
            remove_tree(place)

    def close(self) -> None:
        """Remove everything that is left."""
        with self._gate:
            remove_tree(self._base)
            self._lock.release()
            _lock_of(self._base).unlink(missing_ok=True)

    def _sweep(self) -> None:
        for lock_file in self._root.glob("*.lock"):
            lock = FileLock(lock_file)
            try:
                lock.acquire(blocking=False)
            except Timeout:
                continue
            remove_tree(lock_file.with_suffix(""))
            lock.release()
            lock_file.unlink(missing_ok=True)


def _lock_of(folder: Path) -> Path:
    return folder.with_suffix(".lock")


def remove_tree(folder: Path) -> None:
    """Remove a folder and what is in it, also where a build left folders read-only."""
    for parent, _, _ in os.walk(folder, onerror=None):
        with contextlib.suppress(OSError):
            Path(parent).chmod(0o700)
    shutil.rmtree(folder, ignore_errors=True)
