"""Whom this user trusts, and for which packages."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from wheelyard.errors import UsageError
from wheelyard.signatures.keys import PublicKey, parse_public_key
from wheelyard.wheel import normalize_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wheelyard.wheel import NormalizedName

_FORMAT = 1
_PATTERN = re.compile(r"[A-Za-z0-9._*?-]+")
_ID_LETTERS = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class TrustedKey:
    """A key by a name of the user's, and the patterns of project names that it may sign."""

    name: str
    key: PublicKey
    patterns: tuple[str, ...]

    def covers(self, projects: Iterable[NormalizedName]) -> bool:
        """Whether it is trusted for all of these."""
        return all(
            any(fnmatchcase(project, pattern) for pattern in self.patterns) for project in projects
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class TrustStore:
    """The keys that a user trusts, by name."""

    keys: tuple[TrustedKey, ...] = ()

    def find(self, key: PublicKey) -> TrustedKey | None:
        """Return what is known of a key."""
        return next((known for known in self.keys if known.key == key), None)

    def add(self, new: TrustedKey) -> TrustStore:
        """Return a store with one more key; one that is there gets the new patterns.

        Raises:
            UsageError: the name is another key's.
        """
        for known in self.keys:
            if known.name == new.name and known.key != new.key:
                raise UsageError(
                    f"{new.name} is the name of another key, {known.key.id[:16]}; remove that, or "
                    "give this one another name"
                )
        others = [known for known in self.keys if known.key != new.key]
        return TrustStore(keys=tuple(sorted([*others, new], key=lambda known: known.name)))

    def remove(self, name: str) -> TrustStore:
        """Return a store without a key, named or by the beginning of its id (8 letters or more).

        Raises:
            UsageError: there is none, or there are several.
        """
        fitting = [
            known
            for known in self.keys
            if known.name == name or (len(name) >= _ID_LETTERS and known.key.id.startswith(name))
        ]
        if len(fitting) != 1:
            many = "several keys" if fitting else "no key"
            raise UsageError(f"{name}: {many} of that name; `wheelyard trust list` has them")
        return replace(self, keys=tuple(known for known in self.keys if known not in fitting))


def normalize_pattern(pattern: str) -> str:
    """Return a pattern as it is compared with normalised names: ``*`` and ``?`` stay.

    Raises:
        UsageError: no name fits it.
    """
    if not _PATTERN.fullmatch(pattern):
        raise UsageError(
            f"{pattern!r} is no pattern of project names: letters, digits, -, * and ?, as in numpy*"
        )
    return normalize_name(pattern)


def parse_trust(data: bytes, source: str) -> TrustStore:
    """Read a trust store.

    Raises:
        UsageError: it is garbled; the message names ``source``.
    """
    try:
        document = json.loads(data)
        if document["format"] != _FORMAT:
            raise UsageError(f"{source} is of a later version of Wheelyard: update this one")
        keys = tuple(_parse_key(key, source) for key in document["keys"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(
            f"{source} is garbled ({error!r}); mend it, or move it away and trust your keys again"
        ) from None
    return TrustStore(keys=keys)


def _parse_key(data: dict[str, Any], source: str) -> TrustedKey:
    return TrustedKey(
        name=str(data["name"]),
        key=parse_public_key(data["public_key"].encode(), source),
        patterns=tuple(map(str, data["for"])),
    )


def render_trust(store: TrustStore) -> bytes:
    """Return a trust store as JSON."""
    keys = [
        {"name": known.name, "public_key": known.key.to_pem().decode(), "for": list(known.patterns)}
        for known in store.keys
    ]
    return json.dumps({"format": _FORMAT, "keys": keys}, indent=1).encode() + b"\n"
