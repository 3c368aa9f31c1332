"""Small files of signatures and keys: read within bounds, written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from wheelyard.errors import VerificationError
from wheelyard.wheel.reader import opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


_LARGEST = 1 << 20  # bytes; thousands of signers have less


def read_small(place: Path) -> bytes:
    """Read a file that may be a stranger's.

    Raises:
        HostError: it can't be read, or is no regular file.
        VerificationError: it is larger than a signature.
    """
    with opened(place) as descriptor:
        content = os.pread(descriptor, _LARGEST + 1, 0)
    if len(content) > _LARGEST:
        raise VerificationError(f"it has more than {_LARGEST} bytes, so it is no signature")
    return content


def replace_file(place: Path, write: Callable[[IO[bytes]], object], mode: int) -> None:
    """Let ``write`` make a file anew; readers see the old one or the new one, with its mode.

    What is written is readable by its owner alone until it is whole. A link stays, and leads to it.
    """
    target = place.resolve()
    with _written(target, write, mode) as new:
        new.replace(target)


def create_file(place: Path, content: bytes, mode: int) -> None:
    """Write a file that isn't there; a folder that it needs is made for its owner alone.

    Raises:
        FileExistsError: it is there, and stays as it was.
    """
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _written(place, lambda stream: stream.write(content), mode) as new:
        place.hardlink_to(new)


@contextmanager
def _written(place: Path, write: Callable[[IO[bytes]], object], mode: int) -> Iterator[Path]:
    descriptor, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
    new = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
        new.chmod(mode)
        yield new
    finally:
        new.unlink(missing_ok=True)


def write_file(place: Path, content: bytes, mode: int) -> None:
    """Write a file; a folder that it needs is made for its owner alone."""
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    replace_file(place, lambda stream: stream.write(content), mode)
