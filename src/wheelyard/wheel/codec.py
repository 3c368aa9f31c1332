"""Deflate and CRC-32, by the fastest library that is there; zlib is always there.

Whichever inflates, the content is the same. What deflates decides the bytes of a wheel: libdeflate
and zlib compress the same content otherwise.
"""

from __future__ import annotations

import zlib
from typing import Any, Callable, Protocol

_LEVEL = 6
_WINDOW = -zlib.MAX_WBITS  # no header around it, as zip files have it


class Inflater(Protocol):
    """What takes a deflate stream apart, as :func:`zlib.decompressobj` gives it."""

    @property
    def eof(self) -> bool:
        """Whether the stream has ended."""

    @property
    def unused_data(self) -> bytes:
        """What stood behind the stream."""

    @property
    def unconsumed_tail(self) -> bytes:
        """What is still to be given to :meth:`decompress`, which had reached its limit."""

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        """Return at most ``max_length`` bytes of content."""


_deflate: Any
_zlib: Any
try:
    import deflate as _deflate
except ImportError:
    _deflate = None
try:
    from zlib_ng import zlib_ng as _zlib
except ImportError:
    _zlib = zlib

CorruptDataError: type[Exception] = _zlib.error
"""What :meth:`Inflater.decompress` raises."""

crc32: Callable[[bytes, int], int] = _zlib.crc32
"""The CRC-32 of some bytes, going on from that of those before; 0 at the beginning."""


def compress(data: bytes) -> bytes:
    """Return ``data`` as one deflate stream, without a header."""
    if _deflate:
        return bytes(_deflate.deflate_compress(data, _LEVEL))
    deflater = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW)
    return deflater.compress(data) + deflater.flush()


def inflater() -> Inflater:
    """Return what takes one deflate stream apart."""
    found: Inflater = _zlib.decompressobj(_WINDOW)
    return found
