"""Debian's archive: lists and packages, fetched, checked and kept in the store.

The release files vouch for the lists, and these for the packages; both are kept by their hashes.
Record: ``debian-lists`` (by the list's hash: its rows).
"""

from __future__ import annotations

import lzma
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, cast
from urllib.parse import quote

from wheelyard.builders.sysroots.packages import Catalogue, Row, parse_packages
from wheelyard.builders.sysroots.states import MissingSuiteError, States
from wheelyard.builders.sysroots.suites import distribution_of
from wheelyard.builders.sysroots.tally import Tally
from wheelyard.errors import UsageError, VerificationError, WheelyardError
from wheelyard.index.location import local_path, without_credentials
from wheelyard.index.page import IndexFile
from wheelyard.index.session import FileGoneError
from wheelyard.index.transfer import fetch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from wheelyard.builders.sysroots.mirrors import Mirror
    from wheelyard.builders.sysroots.packages import Package
    from wheelyard.builders.sysroots.states import State
    from wheelyard.builders.sysroots.suites import Keyring
    from wheelyard.index.session import HttpSession
    from wheelyard.store.store import Store

_ROWS = 1
"""Raised when what is kept of a package changes."""
_AT_ONCE = 8
_LIST = "{component}/binary-{architecture}/Packages.xz"


class Archive:
    """What the mirrors have; may be used from several threads at once."""

    def __init__(
        self,
        store: Store,
        session: HttpSession,
        mirrors: Sequence[Mirror],
        *,
        note: Callable[[str], None] = lambda _: None,
        fetch_keyring: Callable[[Keyring], Path],
    ) -> None:
        """Take the mirrors in their order.

        Args:
            store: keeps everything.
            session: asks the mirrors; offline nobody is asked, and what is kept is used.
            mirrors: the first that has a suite is used for it.
            note: is told what goes on, a sentence now and then.
            fetch_keyring: see ``States``.
        """
        self._store = store
        self._session = session
        self._note = note
        self.states = States(store, session, mirrors, note=note, fetch_keyring=fetch_keyring)
        self._left_out: dict[tuple[str, str], list[str]] = {}
        self._catalogues: dict[tuple[str, str, bool], Catalogue] = {}
        self._lock = threading.RLock()  # the keyring of a suite may come from another suite

    def catalogue(self, suite: str, architecture: str, *, updates: bool = True) -> Catalogue:
        """Give all packages of a suite with its updates, or without.

        Updates whose lists the mirror lacks are left out, and the note says so.

        Raises:
            UsageError: the suite hasn't the architecture.
            VerificationError: a list isn't what the release file says.
            HostError: no mirror, or offline and not kept.
        """
        key = (suite, architecture, updates)
        with self._lock:
            if key not in self._catalogues:
                states = self.states.of(suite)[: None if updates else 1]
                self._catalogues[key] = Catalogue(self._all_lists(states, architecture))
            return self._catalogues[key]

    def left_out(self, suite: str, architecture: str) -> tuple[str, ...]:
        """Give a sentence for each update of a suite whose list was asked for and not to be had."""
        return tuple(self._left_out.get((suite, architecture), ()))

    def _all_lists(
        self, states: Sequence[State], architecture: str
    ) -> Iterator[tuple[str, list[Row]]]:
        main, *updates = states
        if architecture not in main.release.architectures:
            raise UsageError(
                f"{main.suite} has no packages for {architecture}, only for "
                f"{', '.join(main.release.architectures)}. Choose another Python version."
            )
        yield from self._main_lists(main, architecture)
        for state in updates:
            try:
                yield from list(self._lists(state, architecture))
            except FileGoneError as error:
                text = f"Going on without {state.suite}: {error}"
                self._left_out.setdefault((main.suite, architecture), []).append(text)
                self._note(text)

    def _main_lists(self, main: State, architecture: str) -> Sequence[tuple[str, list[Row]]]:
        """Read the lists of the suite itself, of the first of its mirrors that has them.

        Ubuntu's mirrors have the usual architectures or all others, under one release file.
        """
        try:
            return list(self._lists(main, architecture))
        except FileGoneError as error:
            if not self._session.offline:
                for other in self.states.elsewhere(main):
                    with suppress(FileGoneError):
                        return list(self._lists(other, architecture))
            raise MissingSuiteError(str(error)) from error

    def _lists(self, state: State, architecture: str) -> Iterator[tuple[str, list[Row]]]:
        """Read a suite's lists; an update may lack an architecture."""
        usual = distribution_of(state.suite).components
        for component in state.mirror.components or usual:
            path = _LIST.format(component=component, architecture=architecture)
            if path in state.release.lists:
                yield state.mirror.url, self._rows(state, path)

    def _rows(self, state: State, path: str) -> list[Row]:
        sha256 = state.release.lists[path]
        key = self._store.key_of(f"{_ROWS} {sha256}")
        record = self._store.lookup("debian-lists", key)
        if record is None:
            record = {"rows": list(self._parsed(state, path, sha256))}
            self._store.record("debian-lists", key, record)
        return cast("list[Row]", record["rows"])

    def _parsed(self, state: State, path: str, sha256: str) -> Iterator[Row]:
        place = f"{state.suite} {path}"
        if self._session.offline:
            raise FileGoneError(f"{place} isn't kept, and we are offline. Go online once.")
        self._note(f"{place}: reading the list of packages")
        with self._store.scratch() as scratch:
            file = self._list(state, path, sha256, scratch)
            try:
                text = lzma.decompress(file.read_bytes()).decode("utf-8")
            except (lzma.LZMAError, UnicodeDecodeError) as error:
                raise VerificationError(f"{place} can't be read: {error}. Try later.") from error
        yield from parse_packages(text, place)

    def _list(self, state: State, path: str, sha256: str, scratch: Path) -> Path:
        """Fetch a list: by its hash, where it stays when the next one comes, else by its name.

        Raises:
            FileGoneError: the mirror hasn't it; by its name it has that of another state.
            VerificationError: it isn't what the release file says.
        """
        folder, _, name = path.rpartition("/")
        base = f"{state.mirror.url}dists/{state.suite}/"
        if not state.release.by_hash:
            return fetch(_file(name, base + path, sha256), scratch, self._session)
        with suppress(FileGoneError):
            url = f"{base}{folder}/by-hash/SHA256/{sha256}"
            return fetch(_file(name, url, sha256), scratch, self._session)
        try:
            return fetch(_file(name, base + path, sha256), scratch, self._session)
        except VerificationError as error:
            where = without_credentials(base + path)
            raise FileGoneError(
                f"{where} isn't the list that the release file beside it vouches for: "
                "the mirror is incomplete. Try later, or name another mirror."
            ) from error

    def fetch(self, packages: Sequence[Package], what: str) -> None:
        """Have packages in the store; several at once, resumed where they were broken off.

        Raises:
            VerificationError: one isn't what the list says.
            FileGoneError: the mirror lacks some, or offline and they are not kept.
            HostError: the mirror can't be asked.
        """
        missing = [package for package in packages if not self._store.has(package.sha256)]
        if missing and self._session.offline:
            names = ", ".join(package.name for package in missing)
            raise FileGoneError(
                f"{what}: we are offline, and these packages are not kept: {names}. "
                "Run once without --offline."
            )
        if not missing:
            return
        tally = Tally(what, [package.size for package in missing], self._note)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            errors = [error for error in pool.map(partial(self._fetched, tally), missing) if error]
        if errors:
            first = min(errors, key=lambda error: isinstance(error, FileGoneError))
            raise type(first)("\n".join(map(str, errors)))

    def _fetched(self, tally: Tally, package: Package) -> WheelyardError | None:
        """Fetch one; others may do the same, and the first to have it puts it into the store."""
        folder = self._store.root / "downloads" / package.sha256
        name = package.url.rpartition("/")[2]
        try:
            file = fetch(
                _file(name, package.url, package.sha256),
                folder,
                self._session,
                tally.of(package.sha256),
            )
            self._store.add(file, package.sha256)
        except WheelyardError as error:
            return None if self._store.has(package.sha256) else error
        with suppress(OSError):
            folder.rmdir()
        return None


def _file(name: str, url: str, sha256: str) -> IndexFile:
    where = url if local_path(url) is None else quote(url, safe="/:+~%")
    return IndexFile(filename=name, url=where, hashes=(("sha256", sha256),))
