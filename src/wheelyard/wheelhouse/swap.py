"""Putting a finished folder in the place of another in one instant (Linux ``renameat2``)."""

from __future__ import annotations

import ctypes
import errno
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2  # linux/fs.h
_UNSUPPORTED = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP}


def put_in_place(new: Path, place: Path) -> None:
    """Let ``place`` become ``new``; what was there lies at ``new`` afterwards.

    Where the file system can exchange two names, a reader sees the old folder or the new one at
    every moment. Elsewhere there is an instant with neither.
    """
    if not place.exists():
        new.rename(place)
        return
    try:
        _exchange(new, place)
    except OSError as error:
        if error.errno not in _UNSUPPORTED:
            raise
        aside = new.with_name(new.name + ".old")
        place.rename(aside)
        new.rename(place)
        aside.rename(new)


def _exchange(one: Path, other: Path) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    function = getattr(library, "renameat2", None)
    if function is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    names = (os.fsencode(one), os.fsencode(other))
    if function(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
