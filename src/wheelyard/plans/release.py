"""The files that an index has of one project, grouped by version."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Self

from packaging.version import InvalidVersion, Version

from wheelyard.wheel.names import normalize_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wheelyard.wheel.names import NormalizedName

_SDIST_SUFFIXES = (".tar.gz", ".zip", ".tgz", ".tar.bz2", ".tar.xz")


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """One published file.

    ``sha256`` is empty where the index names none, and ``hashes`` are then the digests that it may
    turn out to have (empty: any); ``requires_python`` is PEP 440 text or empty; ``size`` is in
    bytes, 0 where it is not known.
    """

    filename: str
    url: str
    sha256: str = ""
    size: int = 0
    requires_python: str = ""
    yanked: bool = False
    hashes: tuple[str, ...] = ()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what ``asdict`` wrote, also by way of JSON."""
        return cls(**{**data, "hashes": tuple(data["hashes"])})

    @property
    def is_wheel(self) -> bool:
        """Whether it is a wheel, else it is a source distribution."""
        return self.filename.endswith(".whl")

    @property
    def is_archive(self) -> bool:
        """Whether it is a source distribution in one file, not a repository or a folder."""
        return self.filename.endswith(_SDIST_SUFFIXES) and not self.url.startswith("git+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Release:
    """All files of one version."""

    version: Version
    files: tuple[File, ...]

    @property
    def yanked(self) -> bool:
        """PEP 592: whether every file of it was withdrawn."""
        return all(file.yanked for file in self.files)


def releases(name: NormalizedName, files: Iterable[File]) -> tuple[Release, ...]:
    """Group files by version, newest first; files of unknown form are left out."""
    found: dict[Version, list[File]] = defaultdict(list)
    for file in files:
        version = version_of(name, file.filename)
        if version is not None:
            found[version].append(file)
    ordered = sorted(found.items(), key=lambda pair: pair[0], reverse=True)
    return tuple(Release(version=version, files=tuple(group)) for version, group in ordered)


def version_of(name: NormalizedName, filename: str) -> Version | None:
    """Read the version off the name of a wheel or a source distribution of a project."""
    if filename.endswith(".whl"):
        parts = filename.split("-")
        if len(parts) not in {5, 6} or normalize_name(parts[0]) != name:
            return None
        # A "-" of the version stands as "_" in a file name (PEP 427).
        return parse_version(parts[1].replace("_", "-"))
    for suffix in _SDIST_SUFFIXES:
        if filename.endswith(suffix):
            return _sdist_version(name, filename.removesuffix(suffix))
    return None


def _sdist_version(name: NormalizedName, stem: str) -> Version | None:
    """Cut the project's name off, however it is spelled; it may hold dashes itself."""
    for position, character in enumerate(stem):
        if character == "-" and normalize_name(stem[:position]) == name:
            version = parse_version(stem[position + 1 :])
            if version is not None:
                return version
    return None


@lru_cache(maxsize=65536)
def parse_version(text: str) -> Version | None:
    """Parse a PEP 440 version, ``None`` for what is none."""
    try:
        return Version(text)
    except InvalidVersion:
        return None
