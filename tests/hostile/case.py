"""What a hostile wheel is to the tests, and the small ways to make one."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from tests.hostile.craft import (
    INFO,
    WHEEL_NAME,
    craft,
    end_record,
    item,
    wheel_items,
    with_first,
    zip64_records,
    zip_bytes,
)

if TYPE_CHECKING:
    from collections.abc import Callable

CONSOLE = "[console_scripts]\n"


@dataclass(frozen=True)
class Case:
    """A wheel as bytes, the rule it breaks, and in one sentence what it does.

    ``strict`` ones are refused only when asked for; ``aimed`` ones name a folder outside of the
    destination, which whoever makes them gives.
    """

    id: str
    rule: str
    does: str
    make: Callable[..., bytes]
    name: str = WHEEL_NAME
    strict: bool = False
    aimed: bool = False

    def content(self, outside: str = "/nowhere") -> bytes:
        return self.make(outside) if self.aimed else self.make()


def member(name: str, **fields: Any) -> Callable[[], bytes]:
    """A good wheel with one member more, which RECORD lists."""
    return lambda: craft(item(name, **fields))


def metadata(text: bytes) -> Callable[[], bytes]:
    return partial(craft, metadata=text)


def entry_points(text: str) -> Callable[[], bytes]:
    return lambda: craft(item(f"{INFO}/entry_points.txt", text.encode()))


def without(name: str) -> Callable[[], bytes]:
    left_out = f"{INFO}/{name}".encode()
    return lambda: zip_bytes([it for it in wheel_items() if it.name != left_out])


def first(**changes: Any) -> Callable[[], bytes]:
    """A good wheel whose first member is changed after RECORD was written."""
    return partial(with_first, **changes)


def descriptor(data: bytes, packed: bytes | None = None, *, size_off: int = 0) -> bytes:
    """What stands behind a member whose sizes were not known before."""
    if packed is None:
        squeeze = zlib.compressobj(6, zlib.DEFLATED, -15)
        packed = squeeze.compress(data) + squeeze.flush()
    return struct.pack("<4s3L", b"PK\7\x08", zlib.crc32(data), len(packed), len(data) + size_off)


def described(behind: bytes, **fields: Any) -> Callable[[], bytes]:
    zero = {"crc": 0, "csize": 0, "size": 0}
    return first(flags=8, local=zero, descriptor=behind, **fields)


def zip64(*, more: bytes = b"", plain: bool = False, **lies: int) -> Callable[[], bytes]:
    """A good wheel with zip64 end records; ``plain`` leaves the truth in the short one."""

    def make() -> bytes:
        archive = zip_bytes(wheel_items())
        count, size, offset = struct.unpack("<H2L", archive[-12:-2])
        body = archive[:-22]
        truth = {"count": count, "size": size, "offset": offset}
        full = {"count": 0xFFFF, "size": 0xFFFFFFFF, "offset": 0xFFFFFFFF}
        end = {"disk": 0, **(truth if plain else full)}
        told: dict[str, Any] = {**truth, "at": len(body), **lies, "more": more}
        return body + zip64_records(**told) + end_record(end)

    return make
