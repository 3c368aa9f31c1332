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

from filelock import FileLock, Timeout


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

    def make(self) -> Path:
        """Make an empty folder."""
        return Path(tempfile.mkdtemp(dir=self._base))

    def close(self) -> None:
        """Remove everything that is left."""
        with self._gate:
            remove_tree(self._base)
            self._lock.release()
            _lock_of(self._base).unlink(missing_ok=True)

    def _sweep(self) -> None:
        # By folders and by locks: a kill may have come between the making of the two.
        found = {path.with_suffix("") for path in self._root.iterdir()} - {self._root / ".gate"}
        for folder in found:
            lock = FileLock(_lock_of(folder))
            try:
                lock.acquire(blocking=False)
            except Timeout:
                continue
            remove_tree(folder)
            lock.release()
            _lock_of(folder).unlink(missing_ok=True)


def _lock_of(folder: Path) -> Path:
    return folder.with_suffix(".lock")


def remove_tree(folder: Path) -> None:
    """Remove a folder and what is in it, also where a build left folders read-only."""
    _open_up(folder)
    for parent, folders, _ in os.walk(folder):
        for name in folders:
            _open_up(Path(parent, name))
    shutil.rmtree(folder, ignore_errors=True)


def _open_up(folder: Path) -> None:
    """Let a folder be read and changed, before it is walked into; never what a link leads to."""
    with contextlib.suppress(OSError):
        if not folder.is_symlink():
            folder.chmod(0o700)
