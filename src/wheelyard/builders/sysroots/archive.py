"""Debian's archive: release files, lists and packages, fetched, checked and kept in the store.

A release file is asked for once in an archive's life, so that everything it gives is of one state.
Its signature is checked each time it is used; what it vouches for is checked once and then kept by
its hash. Records: ``debian-releases`` (by URL: which release file, when), ``debian-lists`` (by the
list's hash: its rows).
"""

from __future__ import annotations

import hashlib
import lzma
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import quote

from wheelyard.builders.sysroots.packages import Catalogue, Row, parse_packages
from wheelyard.builders.sysroots.release import (
    Release,
    is_expired,
    objections,
    parse_release,
    verified,
)
from wheelyard.builders.sysroots.suites import is_rolling
from wheelyard.errors import HostError, UsageError, VerificationError, WheelyardError
from wheelyard.index.location import local_path, without_credentials
from wheelyard.index.page import IndexFile
from wheelyard.index.transfer import fetch
from wheelyard.store.store import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pysequoia import Cert

    from wheelyard.builders.sysroots.mirrors import Mirror
    from wheelyard.builders.sysroots.packages import Package
    from wheelyard.index.session import HttpSession
    from wheelyard.store.store import Store

_KEYRINGS = "/usr/share/keyrings"
_KEYRING = "debian-archive-keyring.*"
_ROWS = 1
"""Raised when what is kept of a package changes."""
_AT_ONCE = 8
_LIST = "{component}/binary-{architecture}/Packages.xz"
_GONE = (404, 410)
_UNCHANGED = 304


@dataclass(frozen=True, kw_only=True, slots=True)
class _State:
    """One suite of one mirror as it was found; ``digest`` is its release file's."""

    mirror: Mirror
    suite: str
    release: Release
    digest: str


class Archive:
    """What the mirrors have; one of a process, used from one thread."""

    def __init__(
        self,
        store: Store,
        session: HttpSession,
        mirrors: Sequence[Mirror],
        *,
        offline: bool = False,
        note: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Take the mirrors in their order.

        Args:
            store: keeps everything.
            session: asks the mirrors.
            mirrors: the first that has a suite is used for it.
            offline: ask nobody, use what is kept.
            note: is told what goes on, a sentence now and then.
        """
        self._store = store
        self._session = session
        self._mirrors = tuple(mirrors)
        self._offline = offline
        self._note = note
        self._states: dict[str, tuple[_State, ...]] = {}
        self._catalogues: dict[tuple[str, str], Catalogue] = {}

    @property
    def suite(self) -> str:
        """The suite that the mirrors are configured for: the build machine's own."""
        return next((mirror.suite for mirror in self._mirrors if not mirror.security), "stable")

    # -- release files

    def state(self, suite: str) -> tuple[str, ...]:
        """Give what identifies the current state of a suite and its updates."""
        return tuple(state.digest for state in self._suite(suite))

    def _suite(self, suite: str) -> tuple[_State, ...]:
        if suite not in self._states:
            self._states[suite] = tuple(self._look_up(suite))
        return self._states[suite]

    def _look_up(self, suite: str) -> Iterator[_State]:
        """The suite itself must be there; its updates are where they are configured."""
        mirrors = [mirror for mirror in self._mirrors if not mirror.security]
        main = self._first(mirrors, suite)
        if main is None:
            places = ", ".join(without_credentials(mirror.url) for mirror in mirrors)
            missing = "It isn't kept and we are offline" if self._offline else f"{places} lack it"
            raise HostError(
                f"The suite {suite} of Debian is needed. {missing}: "
                f"{'run once without --offline' if self._offline else 'name another mirror'}."
            )
        yield main
        if is_rolling(suite):
            return
        updates = self._first([main.mirror], f"{suite}-updates")
        security = self._first([one for one in self._mirrors if one.security], f"{suite}-security")
        yield from filter(None, (updates, security))

    def _first(self, mirrors: Iterable[Mirror], suite: str) -> _State | None:
        """Give the first that has it; those that answer with something else are told of."""
        problems: list[WheelyardError] = []
        for mirror in mirrors:
            try:
                state = self._ask(mirror, suite)
            except VerificationError as error:
                problems.append(error)
                continue
            if state is not None:
                return state
        if problems:
            raise VerificationError("\n".join(map(str, problems)))
        return None

    def _ask(self, mirror: Mirror, suite: str) -> _State | None:
        url = f"{mirror.url}dists/{suite}/InRelease"
        place = without_credentials(url)
        found = self._kept(url) if self._offline else self._asked(url)
        if found is None:
            return None
        signed, when = found
        release = parse_release(verified(signed, _certificates(mirror), place), place)
        objection = objections(release, suite)
        if objection:
            raise VerificationError(f"{place}: {objection}. Name another mirror.")
        self._check_age(release, suite, place, when)
        digest = hashlib.sha256(signed).hexdigest()
        return _State(mirror=mirror, suite=suite, release=release, digest=digest)

    def _check_age(self, release: Release, suite: str, place: str, when: datetime) -> None:
        if not is_expired(release, when):
            return
        until = f"{release.valid_until:%Y-%m-%d}"
        if not is_rolling(suite):
            raise VerificationError(
                f"{place} counted until {until} only, so updates may be withheld. "
                "Name another mirror, or set this machine's clock."
            )
        self._note(f"{suite} is of a state that counted until {until}; its mirror has no newer one")

    def _kept(self, url: str) -> tuple[bytes, datetime] | None:
        record = self._store.lookup("debian-releases", self._store.key_of(url))
        if record is None or not self._store.has(record["sha256"]):
            return None
        when = datetime.fromisoformat(record["when"])
        return self._store.path(record["sha256"]).read_bytes(), when

    def _asked(self, url: str) -> tuple[bytes, datetime] | None:
        now = datetime.now(UTC)
        path = local_path(url)
        if path is not None:
            signed, etag = (path.read_bytes() if path.is_file() else None), ""
        else:
            signed, etag = self._asked_server(url)
        if signed is None:
            return None
        record = {"sha256": self._store.add_bytes(signed), "etag": etag, "when": now.isoformat()}
        self._store.record("debian-releases", self._store.key_of(url), record)
        return signed, now

    def _asked_server(self, url: str) -> tuple[bytes | None, str]:
        """Give the release file, from the store if the server says that it is still the same."""
        record = self._store.lookup("debian-releases", self._store.key_of(url))
        kept = self._kept(url)
        etag = record["etag"] if record and kept else ""
        answer = self._session.read(url, {"If-None-Match": etag} if etag else {})
        if answer.status == _UNCHANGED and kept:
            return kept[0], etag
        body = None if answer.status in _GONE else answer.body
        return body, answer.headers.get("ETag", "")

    # -- lists of packages

    def catalogue(self, suite: str, architecture: str) -> Catalogue:
        """Give all packages of a suite with its updates.

        Raises:
            UsageError: the suite hasn't the architecture.
            VerificationError: a list isn't what the release file says.
            HostError: no mirror, or offline and not kept.
        """
        key = (suite, architecture)
        if key not in self._catalogues:
            states = self._suite(suite)
            if architecture not in states[0].release.architectures:
                raise UsageError(
                    f"{suite} has no packages for {architecture}, only for "
                    f"{', '.join(states[0].release.architectures)}. Choose another Python version."
                )
            self._catalogues[key] = Catalogue(
                (state.mirror.url, self._rows(state, path))
                for state in states
                for path in _lists(state, architecture)
            )
        return self._catalogues[key]

    def _rows(self, state: _State, path: str) -> list[Row]:
        sha256 = state.release.lists[path]
        key = self._store.key_of(f"{_ROWS} {sha256}")
        record = self._store.lookup("debian-lists", key)
        if record is None:
            record = {"rows": list(self._parsed(state, path, sha256))}
            self._store.record("debian-lists", key, record)
        return cast("list[Row]", record["rows"])

    def _parsed(self, state: _State, path: str, sha256: str) -> Iterator[Row]:
        place = f"{state.suite} {path}"
        if self._offline:
            raise HostError(f"{place} isn't kept and we are offline. Run once without --offline.")
        self._note(f"{place}: reading the list of packages")
        folder, _, name = path.rpartition("/")
        where = f"{folder}/by-hash/SHA256/{sha256}" if state.release.by_hash else path
        url = f"{state.mirror.url}dists/{state.suite}/{where}"
        with self._store.scratch() as scratch:
            file = fetch(_file(name, url, sha256), scratch, self._session)
            try:
                text = lzma.decompress(file.read_bytes()).decode("utf-8")
            except (lzma.LZMAError, UnicodeDecodeError) as error:
                raise VerificationError(f"{place} can't be read: {error}. Try later.") from error
        yield from parse_packages(text, place)

    # -- packages

    def fetch(self, packages: Sequence[Package], what: str) -> None:
        """Have packages in the store; several at once, resumed where they were broken off.

        Raises:
            VerificationError: one isn't what the list says.
            HostError: the mirror can't be asked, or offline and some are not kept.
        """
        missing = [package for package in packages if not self._store.has(package.sha256)]
        if missing and self._offline:
            names = ", ".join(package.name for package in missing)
            raise HostError(
                f"{what}: we are offline, and these packages are not kept: {names}. "
                "Run once without --offline."
            )
        if not missing:
            return
        size = sum(package.size for package in missing)
        self._note(f"{what}: fetching {len(missing)} packages, {size / 1e6:.0f} MB")
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            errors = [error for error in pool.map(self._fetched, missing) if error]
        if errors:
            raise type(errors[0])("\n".join(map(str, errors)))

    def _fetched(self, package: Package) -> WheelyardError | None:
        """Fetch one; others may do the same, and the first to have it puts it into the store."""
        folder = self._store.root / "downloads" / package.sha256
        name = package.url.rpartition("/")[2]
        try:
            file = fetch(_file(name, package.url, package.sha256), folder, self._session)
            self._store.add(file, package.sha256)
        except StoreError as error:
            return None if self._store.has(package.sha256) else error
        except WheelyardError as error:
            return error
        with suppress(OSError):
            shutil.rmtree(folder)
        return None


def _lists(state: _State, architecture: str) -> Iterator[str]:
    """Give the paths of a suite's lists that are there; an update may lack an architecture."""
    for component in state.mirror.components:
        path = _LIST.format(component=component, architecture=architecture)
        if path in state.release.lists:
            yield path


def _file(name: str, url: str, sha256: str) -> IndexFile:
    where = url if local_path(url) is None else quote(url, safe="/:+~%")
    return IndexFile(filename=name, url=where, hashes=(("sha256", sha256),))


def _certificates(mirror: Mirror) -> tuple[Cert, ...]:
    """Give the keys that may sign what a mirror has: its own where it names some, and Debian's.

    Debian's are always among them, because a mirror's other suites are signed by other keys than
    the configured suite's.
    """
    from pysequoia import Cert  # noqa: PLC0415 - a large library, needed seldom

    files = dict.fromkeys((*mirror.keyrings, *sorted(Path(_KEYRINGS).glob(_KEYRING))))
    certificates: list[Cert] = []
    try:
        for file in files:
            certificates += Cert.split_file(str(file))
        if mirror.keys:
            certificates += Cert.split_bytes(mirror.keys.encode())
    except (RuntimeError, OSError, ValueError) as error:
        cause = str(error).partition("\n")[0]
        raise HostError(f"A keyring of {mirror.url} can't be read: {cause}.") from error
    if not certificates:
        raise HostError(
            f"There is no {_KEYRINGS}/{_KEYRING}: install Debian's archive keyring, "
            "or name a keyring with signed-by in the mirror's line."
        )
    return tuple(certificates)
