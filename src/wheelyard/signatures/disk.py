"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def replace_file(place: Path, write: Callable[[IO[bytes]], object], mode: int) -> None:
    """Let ``write`` make a file anew; readers see the old one or the new one, with its mode.

    What is written is readable by its owner alone until it is whole.
    """
    descriptor, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
    new = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
        new.chmod(mode)
        new.replace(place)
    finally:
        new.unlink(missing_ok=True)


def write_file(place: Path, content: bytes, mode: int) -> None:
    """Write a file; a folder that it needs is made for its owner alone."""
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    replace_file(place, lambda stream: stream.write(content), mode)
