"""Compatibility tags: ``cp311-abi3-manylinux_2_17_x86_64`` (PEP 425), also in compressed sets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import prod
from typing import TYPE_CHECKING

from wheelyard.errors import VerificationError

if TYPE_CHECKING:
    from collections.abc import Iterable

_PARTS = 3
_MOST = 1000  # tags in a set; three parts of 64 MiB would be more than any memory holds
_NAME = re.compile(r"\w+", re.ASCII)


class InvalidTagError(VerificationError):
    """A text that is no compatibility tag."""


@dataclass(frozen=True, order=True)
class Tag:
    """One interpreter, ABI and platform, for example ``cp311``, ``abi3``, ``linux_armv7l``."""

    python: str
    abi: str
    platform: str

    def __str__(self) -> str:
        return f"{self.python}-{self.abi}-{self.platform}"


@lru_cache(maxsize=4096)
def parse_tag(text: str) -> tuple[Tag, ...]:
    """Return every tag in a compressed set, sorted, each once (PEP 425).

    Raises:
        InvalidTagError: ``text`` is not three parts, of letters, digits, _ and dots, between ``-``;
            or it stands for more than 1000 tags.

    >>> [str(tag) for tag in parse_tag("py2.py3-none-any")]
    ['py2-none-any', 'py3-none-any']
    """
    parts = [part.split(".") for part in text.lower().split("-")]
    if len(parts) != _PARTS or not all(_NAME.fullmatch(name) for part in parts for name in part):
        raise InvalidTagError(
            f"{text!r} is no wheel tag; write it as python-abi-platform (PEP 425)"
        )
    count = prod(map(len, parts))
    if count > _MOST:
        raise InvalidTagError(f"{text[:60]}… stands for {count} tags; {_MOST} are allowed")
    return tuple(sorted({Tag(*names) for names in product(*parts)}))


def compress_tags(tags: Iterable[Tag]) -> str:
    """Return the compressed set that stands for exactly ``tags``, each part sorted (PEP 425).

    Raises:
        InvalidTagError: there is none, as for ``py2-none-any`` together with ``py3-abi3-any``.
    """
    wanted = sorted(set(tags))
    columns = zip(*((tag.python, tag.abi, tag.platform) for tag in wanted))
    text = "-".join(".".join(sorted(set(column))) for column in columns)
    if not wanted or parse_tag(text) != tuple(wanted):
        names = ", ".join(map(str, wanted)) or "no tag"
        raise InvalidTagError(
            f"{names}: no single file name can say this; write one wheel for each"
        )
    return text
