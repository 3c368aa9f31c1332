"""What the resolver may ask, answered from indexes, the store and, at the last, a backend."""

from __future__ import annotations

import tarfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from threading import Lock
from typing import IO, TYPE_CHECKING, Protocol

from wheelyard.builders.archives import BROKEN_ARCHIVE
from wheelyard.errors import WheelyardError
from wheelyard.plans.finder import ProjectMetadata
from wheelyard.plans.release import File
from wheelyard.wheel import parse_metadata

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from concurrent.futures import Future
    from pathlib import Path

    from wheelyard.builders.artifacts import Artifacts
    from wheelyard.index.page import IndexFile, ProjectPage
    from wheelyard.wheel.metadata import Metadata
    from wheelyard.wheel.names import NormalizedName

_STATIC = (2, 2)
_PREFETCHERS = 8


class Pages(Protocol):
    """Project pages of an index."""

    def project(self, name: NormalizedName) -> ProjectPage | None:
        """Give a project's page, ``None`` where the index doesn't know it."""
        ...

    def metadata(self, file: IndexFile) -> bytes | None:
        """Give a wheel's METADATA without the wheel, where the index offers it (PEP 658)."""
        ...


class IndexRepository:
    """The resolver's view of indexes and of the metadata behind their files."""

    def __init__(
        self,
        pages: Pages,
        artifacts: Artifacts,
        backend: Callable[[NormalizedName, File], ProjectMetadata],
        locked: Mapping[NormalizedName, tuple[File, ...]],
    ) -> None:
        """Put it together.

        Args:
            pages: The indexes.
            artifacts: Where files come from.
            backend: Asks a source distribution's build backend for its metadata.
            locked: Files that a lock names; no index is asked for these projects.
        """
        self._pages = pages
        self._artifacts = artifacts
        self._backend = backend
        self._locked = locked
        self._pool = ThreadPoolExecutor(_PREFETCHERS, thread_name_prefix="page")
        self._asked: dict[NormalizedName, Future[tuple[File, ...]]] = {}
        self._guard = Lock()
        self._listed: dict[str, IndexFile] = {}
        self._metadata = cache(self._read_metadata)

    def files(self, name: NormalizedName) -> tuple[File, ...]:
        """Give every published file of a project."""
        return self._page(name).result()

    def prefetch(self, names: Iterable[NormalizedName]) -> None:
        """Begin to fetch the pages of projects."""
        for name in names:
            self._page(name)

    def _page(self, name: NormalizedName) -> Future[tuple[File, ...]]:
        with self._guard:
            if name not in self._asked:
                self._asked[name] = self._pool.submit(self._files, name)
            return self._asked[name]

    def _files(self, name: NormalizedName) -> tuple[File, ...]:
        if name in self._locked:
            return self._locked[name]
        page = self._pages.project(name)
        if page is None:
            return ()
        self._listed |= {file.url: file for file in page.files if file.core_metadata}
        return tuple(
            File(
                filename=file.filename,
                url=file.url,
                sha256=file.sha256 or "",
                size=file.published.size or 0,
                requires_python=file.requires_python or "",
                yanked=file.yanked is not None,
            )
            for file in page.files
        )

    def metadata(self, name: NormalizedName, file: File) -> ProjectMetadata:
        """Give what a file's metadata says; each file is read once."""
        return self._metadata(name, file)

    def _read_metadata(self, name: NormalizedName, file: File) -> ProjectMetadata:
        if file.is_wheel:
            offered = self._offered_metadata(file)
            if offered is not None:
                return offered
            facts = self._artifacts.facts(self._artifacts.fetch(file))
            return ProjectMetadata(version=facts.version, requires_dist=facts.requires_dist)
        if file.is_archive:
            artifact = self._artifacts.fetch(file)
            static = static_metadata(self._artifacts.store.path(artifact.sha256), file.filename)
            if static is not None:
                return static
        return self._backend(name, file)

    def _offered_metadata(self, file: File) -> ProjectMetadata | None:
        """Give what the index says of a wheel that is not here yet, where it does (PEP 658)."""
        listed = self._listed.get(file.url)
        if listed is None or self._artifacts.store.has(file.sha256):
            return None
        content = self._pages.metadata(listed)
        if content is None:
            return None
        metadata = parse_metadata(content)
        return ProjectMetadata(version=metadata.version, requires_dist=metadata.requires_dist)

    def close(self) -> None:
        """Stop fetching ahead."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def static_metadata(archive: Path, filename: str) -> ProjectMetadata | None:
    """Read the metadata of a source distribution where it is certain (PEP 643), else ``None``.

    From version 2.2 on, ``PKG-INFO`` says which fields a build may still change.
    """
    try:
        text = _pkg_info(archive, filename)
        metadata = parse_metadata(text) if text is not None else None
    except (*BROKEN_ARCHIVE, WheelyardError):
        return None
    if metadata is None or not _certain(metadata):
        return None
    return ProjectMetadata(version=metadata.version, requires_dist=metadata.requires_dist)


def _certain(metadata: Metadata) -> bool:
    version = metadata.all("Metadata-Version")
    numbers = version[0].split(".") if version else []
    parts = tuple(int(part) for part in numbers if part.isdecimal())
    dynamic = {name.lower() for name in metadata.all("Dynamic")}
    return parts >= _STATIC and "requires-dist" not in dynamic


def _pkg_info(archive: Path, filename: str) -> bytes | None:
    if filename.endswith(".zip"):
        with zipfile.ZipFile(archive) as content:
            names = [name for name in content.namelist() if _is_pkg_info(name)]
            return content.read(names[0]) if names else None
    with tarfile.open(archive) as content:
        for member in _members(content):
            stream: IO[bytes] | None = content.extractfile(member)
            if stream is not None:
                return stream.read()
    return None


def _members(content: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    return (member for member in content if _is_pkg_info(member.name))


def _is_pkg_info(name: str) -> bool:
    parts = name.split("/")
    return len(parts) == 2 and parts[1] == "PKG-INFO"  # noqa: PLR2004 - project-1.0/PKG-INFO
