"""Ask the configured indexes for a project's files."""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from wheelyard.errors import VerificationError
from wheelyard.index.folder import files_in_folder, read_local_page
from wheelyard.index.location import local_path
from wheelyard.index.page import ProjectPage
from wheelyard.index.pages import KeptPage, PageStore, freshness
from wheelyard.index.session import HttpSession
from wheelyard.index.simple import ACCEPT, belongs_to, parse_links, parse_page
from wheelyard.index.transfer import fetch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from wheelyard.index.location import Location
    from wheelyard.index.page import IndexFile
    from wheelyard.index.session import Answer
    from wheelyard.index.settings import IndexSettings
    from wheelyard.wheel.names import NormalizedName

_LOG = logging.getLogger(__name__)
_GONE = (404, 410)
_UNCHANGED = 304


class IndexClient:
    """Looks projects up; may be used from several threads at once.

    A project is asked for once in a client's life, so that all steps of a build see the same
    files, whatever is published meanwhile.
    """

    def __init__(self, settings: IndexSettings, cache_dir: Path, *, offline: bool = False) -> None:
        self._settings = settings
        self._offline = offline
        self._store = PageStore(cache_dir)
        self._session = HttpSession(settings, offline=offline)
        self._known: dict[NormalizedName, ProjectPage | None] = {}
        self._links: tuple[IndexFile, ...] | None = None
        self._links_lock = threading.Lock()

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    def project(self, name: NormalizedName) -> ProjectPage | None:
        """Give all files of a project, or None where no index and no folder has it.

        Files of ``find_links`` come first; then those of the first index that has the project, or
        of all, as ``IndexSettings.merge_indexes`` says. Of files with the same name the first one
        counts.

        Raises:
            HostError: an index can't be asked, or we are offline and have never asked it.
            IndexPageError: an answer that can't be.
        """
        if name not in self._known:
            self._known[name] = self._look_up(name)
        return self._known[name]

    def _look_up(self, name: NormalizedName) -> ProjectPage | None:
        links = tuple(file for file in self._all_links() if belongs_to(file.filename, name))
        pages: list[ProjectPage] = []
        for index in self._settings.indexes:
            page = self._ask(index, name)
            if page is not None:
                pages.append(page)
                if not self._settings.merge_indexes:
                    break
        if links:
            pages.insert(0, ProjectPage(name=name, origin=links[0].url, files=links))
        return merge_pages(pages)

    def _ask(self, index: Location, name: NormalizedName) -> ProjectPage | None:
        folder = local_path(index.url)
        if folder is not None:
            return read_local_page(folder / name, name)
        page = self._page(f"{index.url}{name}/")
        if page.status in _GONE:
            return None
        return parse_page(name, page.url, page.content_type, page.body)

    def _page(self, url: str) -> KeptPage:
        """Give a page from disk where that may be, else from its server."""
        kept = self._store.load(url)
        if kept is not None and (self._offline or kept.fresh_until > time.time()):
            return kept
        conditions = kept.conditions() if kept is not None else {}
        answer = self._session.read(url, {"Accept": ACCEPT, **conditions})
        page = _page_from_answer(answer, kept)
        self._store.keep(url, page)
        return page

    def _all_links(self) -> tuple[IndexFile, ...]:
        """Everything in the folders and on the pages of ``find_links``; read once."""
        with self._links_lock:
            if self._links is None:
                places = self._settings.find_links
                self._links = tuple(file for place in places for file in self._read_links(place))
            return self._links

    def _read_links(self, place: Location) -> Iterator[IndexFile]:
        path = local_path(place.url)
        if path is None:
            page = self._page(place.url)
            if page.status in _GONE:
                _LOG.warning("find-links: %s is not there; going on without it", place.url)
                return
            yield from parse_links(page.url, page.body)
        elif path.is_dir():
            yield from files_in_folder(path)
        elif path.is_file():
            yield from parse_links(place.url, path.read_bytes())
        else:
            _LOG.warning("find-links: %s is not there; going on without it", path)

    def metadata(self, file: IndexFile) -> bytes | None:
        """Give a wheel's METADATA without the wheel (PEP 658), where the index offers it.

        Raises:
            HostError: the index can't be asked, or we are offline and have never asked it.
            VerificationError: not the content that the index announced.
        """
        if not file.core_metadata:
            return None
        content = self._read_metadata(file)
        if content is not None and file.core_metadata not in (True, _digest(content)):
            raise VerificationError(
                f"The metadata of {file.filename} has the SHA-256 {_digest(content)}, but "
                f"{file.core_metadata} was announced. Don't use this file; tell the operator."
            )
        return content

    def _read_metadata(self, file: IndexFile) -> bytes | None:
        url = f"{file.url}.metadata"
        path = local_path(url)
        if path is not None:
            return path.read_bytes() if path.is_file() else None
        kept = self._store.load(url)
        if kept is not None and _digest(kept.body) == file.core_metadata:
            return kept.body
        page = self._page(url)
        return None if page.status in _GONE else page.body

    def fetch(
        self, file: IndexFile, folder: Path, progress: Callable[[int], None] | None = None
    ) -> Path:
        """Download a file of a page into a folder; see ``transfer.fetch``."""
        return fetch(file, folder, self._session, progress)


def merge_pages(pages: list[ProjectPage]) -> ProjectPage | None:
    """Put pages of one project together; the first says everything but the further files."""
    if not pages:
        return None
    files: dict[str, IndexFile] = {}
    for page in pages:
        for file in page.files:
            files.setdefault(file.filename, file)
    return replace(pages[0], files=tuple(files.values()))


def _page_from_answer(answer: Answer, kept: KeptPage | None) -> KeptPage:
    fresh_until = time.time() + freshness(answer.headers)
    if answer.status == _UNCHANGED and kept is not None:
        return replace(kept, fresh_until=fresh_until)
    return KeptPage(
        url=answer.url,
        status=answer.status,
        content_type=answer.headers.get("Content-Type", ""),
        etag=answer.headers.get("ETag", ""),
        last_modified=answer.headers.get("Last-Modified", ""),
        fresh_until=fresh_until,
        body=answer.body,
    )


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
