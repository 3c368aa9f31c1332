"""Versions: read, put in order, brought into one form (PEP 440)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache, total_ordering
from math import inf
from typing import Any

from wheelyard.errors import VerificationError

_VERSION = re.compile(
    r"""\s*v?
    (?:(?P<epoch>[0-9]+)!)?
    (?P<release>[0-9]+(?:\.[0-9]+)*)
    (?:[-_.]?(?P<pre>a|b|c|rc|alpha|beta|pre|preview)[-_.]?(?P<pre_n>[0-9]+)?)?
    (?P<post>-(?P<post_n1>[0-9]+)|[-_.]?(?:post|rev|r)[-_.]?(?P<post_n2>[0-9]+)?)?
    (?P<dev>[-_.]?dev[-_.]?(?P<dev_n>[0-9]+)?)?
    (?:\+(?P<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?
    \s*""",
    re.VERBOSE | re.IGNORECASE,
)
_LONGEST = 500  # characters; Python refuses to read a number of some thousand digits
_PRE = {"alpha": "a", "beta": "b", "c": "rc", "pre": "rc", "preview": "rc"}
_SEPARATORS = re.compile(r"[-_.]")


class InvalidVersionError(VerificationError):
    """A text that is no version (PEP 440)."""


@total_ordering
@dataclass(frozen=True, eq=False)
class Version:
    """A version; it compares as PEP 440 orders, so ``1.0`` equals ``1``.

    ``release`` has the zeros that were written, ``pre`` its letters as ``a``, ``b`` or ``rc``;
    ``post`` and ``dev`` are None where there is no such part.
    """

    epoch: int
    release: tuple[int, ...]
    pre: tuple[str, int] | None = None
    post: int | None = None
    dev: int | None = None
    local: tuple[int | str, ...] = ()

    def __str__(self) -> str:
        return "".join(
            (
                f"{self.epoch}!" if self.epoch else "",
                ".".join(map(str, self.release)),
                "{}{}".format(*self.pre) if self.pre else "",
                f".post{self.post}" if self.post is not None else "",
                f".dev{self.dev}" if self.dev is not None else "",
                f"+{'.'.join(map(str, self.local))}" if self.local else "",
            )
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and self._key == other._key

    def __lt__(self, other: Version) -> bool:
        return self._key < other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def is_prerelease(self) -> bool:
        """Whether it comes before its release: an alpha, a candidate, a development version."""
        return self.pre is not None or self.dev is not None

    @property
    def public(self) -> Version:
        """The version without its local part."""
        return Version(self.epoch, self.release, self.pre, self.post, self.dev)

    @property
    def shortest_release(self) -> tuple[int, ...]:
        """The release without its last zeros."""
        end = len(self.release)
        while end > 1 and self.release[end - 1] == 0:
            end -= 1
        return self.release[:end]

    @property
    def _key(self) -> tuple[Any, ...]:
        # A development version of the release itself comes before its alphas, the release behind
        # its candidates; in a local part numbers come behind letters.
        early = self.post is None and self.dev is not None
        pre = self.pre or (("", -1) if early else ("z", 0))
        post = -1 if self.post is None else self.post
        dev = inf if self.dev is None else self.dev
        local = tuple(
            (piece, "") if isinstance(piece, int) else (-1, piece) for piece in self.local
        )
        return (self.epoch, self.shortest_release, pre, post, dev, local)


@lru_cache(maxsize=4096)
def parse_version(text: str) -> Version:
    """Read a version.

    Raises:
        InvalidVersionError: it is none.

    >>> str(parse_version("v1.0-ALPHA_2+Ubuntu-1"))
    '1.0a2+ubuntu.1'
    """
    found = _VERSION.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        raise InvalidVersionError(f"{text[:_LONGEST]!r} is no version (PEP 440)")
    part = found.groupdict()
    pre = (part["pre"] or "").lower()
    return Version(
        epoch=int(part["epoch"] or 0),
        release=tuple(map(int, part["release"].split("."))),
        pre=(_PRE.get(pre, pre), int(part["pre_n"] or 0)) if pre else None,
        post=int(part["post_n1"] or part["post_n2"] or 0) if part["post"] else None,
        dev=int(part["dev_n"] or 0) if part["dev"] else None,
        local=_local(part["local"] or ""),
    )


def is_version(text: str) -> bool:
    """Whether ``text`` is a version (PEP 440)."""
    try:
        parse_version(text)
    except InvalidVersionError:
        return False
    return True


def _local(text: str) -> tuple[int | str, ...]:
    pieces = _SEPARATORS.split(text.lower()) if text else []
    return tuple(int(piece) if piece.isdigit() else piece for piece in pieces)


def normalize_version(version: str) -> str:
    """Return the form in which versions are compared: PEP 440, without the release's last zeros.

    What PEP 440 does not know (old projects) is only lower-cased: it equals itself.

    >>> normalize_version("v1.0.0-ALPHA_2+Ubuntu-1")
    '1a2+ubuntu.1'
    """
    try:
        parsed = parse_version(version)
    except InvalidVersionError:
        return version.strip().lower()
    return str(replace(parsed, release=parsed.shortest_release))


def same_version(left: str, right: str) -> bool:
    """Whether two spellings are one version (PEP 440: ``1.0`` is ``1.0.0`` is ``v1``).

    A file name cannot hold ``-``, so it stands there as ``_`` (PEP 427); both are one here.
    """
    return normalize_version(unescape_version(left)) == normalize_version(unescape_version(right))


def unescape_version(version: str) -> str:
    """Return a version as it was before it became part of a file name (PEP 427)."""
    return version.replace("_", "-")
