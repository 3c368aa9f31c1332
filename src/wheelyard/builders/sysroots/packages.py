"""Lists of packages: parsed for the few fields that are needed, and asked by name. Pure.

A list has 60,000 packages; they stay rows of text until somebody asks for one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from debian.deb822 import PkgRelation
from debian.debian_support import version_compare

from wheelyard.errors import VerificationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Row = tuple[str, str, str, str, str, int, str]
"""Name, version, relations, provides, file, size, SHA-256: a package as it is kept."""

_FIELD = re.compile(
    r"^(Package|Version|Depends|Pre-Depends|Provides|Filename|Size|SHA256):[ \t]*"
    r"(.*(?:\n[ \t].*)*)",
    re.MULTILINE,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Package:
    """A package of an archive.

    Attributes:
        depends: for each thing that it needs, the names of those that can be it.
        provides: names that it also goes by.
        url: where its ``.deb`` is.
        size: of the ``.deb``, in bytes.
        sha256: of the ``.deb``.
    """

    name: str
    version: str
    depends: tuple[tuple[str, ...], ...]
    provides: tuple[str, ...]
    url: str
    size: int
    sha256: str


def parse_packages(text: str, place: str) -> Iterator[Row]:
    """Read a list of packages.

    Raises:
        VerificationError: a package lacks a field that it must have.
    """
    for stanza in text.split("\n\n"):
        if not stanza.strip():
            continue
        fields = dict(_FIELD.findall(stanza))
        relations = (fields.get("Pre-Depends"), fields.get("Depends"))
        try:
            yield (
                fields["Package"],
                fields["Version"],
                ", ".join(filter(None, relations)),
                fields.get("Provides", ""),
                fields["Filename"],
                int(fields["Size"]),
                fields["SHA256"],
            )
        except (KeyError, ValueError) as error:
            raise VerificationError(
                f"{place}: the package {fields.get('Package', '?')} has no usable {error}. "
                "Choose another mirror."
            ) from error


def names_of(relations: str) -> tuple[tuple[str, ...], ...]:
    """Read relations; versions, architectures and profiles don't matter here.

    >>> names_of("libc6 (>= 2.34), default-mta | mail-transport-agent, perl:any")
    (('libc6',), ('default-mta', 'mail-transport-agent'), ('perl',))
    """
    groups = PkgRelation.parse_relations(relations)
    return tuple(tuple(one["name"] for one in group if one.get("name")) for group in groups)


class Catalogue:
    """The newest of each package in several lists, and who provides what."""

    def __init__(self, lists: Iterable[tuple[str, Sequence[Row]]]) -> None:
        """Put lists together; each comes with the URL that its files are below."""
        self._rows: dict[str, tuple[str, Row]] = {}
        for url, rows in lists:
            for row in rows:
                self._offer(url, row)
        self._providers: dict[str, list[str]] = {}
        for name, (_, row) in self._rows.items():
            for provided in _provided(row[3]):
                self._providers.setdefault(provided, []).append(name)

    def _offer(self, url: str, row: Row) -> None:
        known = self._rows.get(row[0])
        if known is None or version_compare(row[1], known[1][1]) > 0:
            self._rows[row[0]] = (url, row)

    def find(self, name: str) -> Package | None:
        """Give a package, or else the first by name of those that provide it."""
        if name not in self._rows:
            return self._package(min(self._providers[name])) if name in self._providers else None
        return self._package(name)

    def names(self) -> Iterable[str]:
        """Give the names of all packages."""
        return self._rows.keys()

    def _package(self, name: str) -> Package:
        url, (_, version, relations, provides, file, size, sha256) = self._rows[name]
        return Package(
            name=name,
            version=version,
            depends=names_of(relations) if relations else (),
            provides=_provided(provides),
            url=url + file,
            size=size,
            sha256=sha256,
        )


def _provided(provides: str) -> tuple[str, ...]:
    return tuple(one.partition("(")[0].strip() for one in provides.split(",") if one.strip())
