"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from wheelyard.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


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
        UsageError: it is there, and stays as it was.
    """
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _written(place, lambda stream: stream.write(content), mode) as new:
        try:
            os.link(new, place)
        except FileExistsError:
            raise UsageError(f"{place} is there already: give another name") from None


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
