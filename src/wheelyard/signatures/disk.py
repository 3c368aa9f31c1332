"""Small files that may be a stranger's, read within bounds."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from wheelyard.errors import VerificationError
from wheelyard.wheel.reader import opened

if TYPE_CHECKING:
    from pathlib import Path

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
