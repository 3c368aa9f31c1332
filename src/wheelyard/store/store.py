"""Artifacts by SHA-256, records by key; safe with several processes, whole after any kill.

::

    ROOT/objects/ab/cdef…     content, read-only, sealed, named by its SHA-256
    ROOT/records/<kind>/ab/…  JSON records by key (step results, resolutions, facts of artifacts)
    ROOT/scratch/<random>/    a running process's work; gone with it
    ROOT/leases/<key>         who makes what just now

Everything is written to a scratch folder on the same file system, flushed, and put in place with
one rename, so a reader sees it whole or not at all. An object's time is set to a fixed one, its
seal: writing to it, or to a wheelhouse's hard link of it, breaks the seal, and an object whose seal
is broken is hashed again before it is used.

A new store is its owner's alone: what is resolved and downloaded may name private addresses.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
from typing import TYPE_CHECKING, Any, Self

from filelock import FileLock

from wheelyard.errors import HostError
from wheelyard.store.root import make_root
from wheelyard.store.scratch import Scratch, remove_tree
from wheelyard.wheel.names import Sha256

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

SEAL = 315532800
"""The time of last change that every object has: 1980-01-01."""


class StoreError(HostError):
    """The store can't be written: no space, no permission."""


class Store:
    """A store at a folder, which is made when missing."""

    def __init__(self, root: Path) -> None:
        self.root = root
        with storage_errors(root):
            make_root(root)
            for name in ("objects", "records", "leases"):
                (root / name).mkdir(parents=True, exist_ok=True)
            self._scratch = Scratch(root / "scratch")

    # -- artifacts

    def path(self, sha256: str) -> Path:
        """Give where an artifact lies or would lie."""
        return self.root / "objects" / sha256[:2] / sha256[2:]

    def has(self, sha256: str) -> bool:
        """Whether an artifact is there, and is what it was when it came."""
        if not sha256:
            return False
        place = self.path(sha256)
        try:
            if place.stat().st_mtime == SEAL:
                return True
            sound = hash_file(place) == sha256
        except OSError:
            return False
        with contextlib.suppress(OSError):
            if sound:
                os.utime(place, (SEAL, SEAL))
            else:
                place.unlink()
        return sound

    def add(self, file: Path, sha256: str = "") -> Sha256:
        """Move a finished file of a scratch folder into the store.

        Args:
            file: It is gone from its place afterwards.
            sha256: Its digest, where the caller has just computed it.
        """
        digest = sha256 or hash_file(file)
        place = self.path(digest)
        with storage_errors(self.root):
            place.parent.mkdir(exist_ok=True)
            file.chmod(0o444)
            os.utime(file, (SEAL, SEAL))
            _flush(file)
            file.replace(place)
        return Sha256(digest)

    def add_bytes(self, content: bytes) -> Sha256:
        """Put content in."""
        digest = hashlib.sha256(content).hexdigest()
        if not self.has(digest):
            with self.scratch() as folder, storage_errors(self.root):
                file = folder / "content"
                file.write_bytes(content)
                self.add(file, digest)
        return Sha256(digest)

    # -- records

    @staticmethod
    def key_of(text: str) -> str:
        """Give a key for what a text names."""
        return hashlib.sha256(text.encode()).hexdigest()

    def record(self, kind: str, key: str, data: Mapping[str, Any]) -> None:
        """Write a JSON record under a key; the last writer wins."""
        place = self._record_path(kind, key)
        text = json.dumps(data, sort_keys=True, separators=(",", ":"))
        with self.scratch() as folder, storage_errors(self.root):
            file = folder / "record"
            file.write_text(text, encoding="utf-8")
            _flush(file)
            place.parent.mkdir(parents=True, exist_ok=True)
            file.replace(place)

    def lookup(self, kind: str, key: str) -> dict[str, Any] | None:
        """Read a record; ``None`` when there is none or it can't be read (it will be made anew)."""
        try:
            data = json.loads(self._record_path(kind, key).read_bytes())
        except (OSError, ValueError):
            return None
        return data if isinstance(data, dict) else None

    def _record_path(self, kind: str, key: str) -> Path:
        return self.root / "records" / kind / key[:2] / key[2:]

    # -- work in progress

    @contextlib.contextmanager
    def scratch(self) -> Iterator[Path]:
        """Give an empty folder on the store's file system, removed at the end."""
        with storage_errors(self.root):
            place = self._scratch.make()
        try:
            yield place
        finally:
            remove_tree(place)

    @contextlib.contextmanager
    def lease(self, key: str) -> Iterator[None]:
        """Hold the right to make what a key stands for; others wait, in whichever process."""
        lock = FileLock(self.root / "leases" / key)
        with storage_errors(self.root):
            lock.acquire()
        try:
            yield
        finally:
            lock.release()

    def close(self) -> None:
        """Remove what this process left unfinished."""
        self._scratch.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def hash_file(file: Path) -> Sha256:
    """Give the SHA-256 of a file's content, in hexadecimal."""
    with file.open("rb") as stream:
        return Sha256(hashlib.file_digest(stream, "sha256").hexdigest())


def _flush(file: Path) -> None:
    """Bring a file's content to the disk before its name says that it is there."""
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def is_full(error: OSError) -> bool:
    """Whether there is no space left."""
    return error.errno in {errno.ENOSPC, errno.EDQUOT}


def no_space(place: Path) -> str:
    """Give the sentence for a full disk."""
    return f"no space left for {place}: free some, or point --store at another disk"


@contextlib.contextmanager
def storage_errors(place: Path) -> Iterator[None]:
    """Turn a full disk, a missing permission and the like into an error that says what to do."""
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise StoreError(no_space(place)) from error
        raise StoreError(
            f"{place} can't be written ({error.strerror}): name another folder"
        ) from error
