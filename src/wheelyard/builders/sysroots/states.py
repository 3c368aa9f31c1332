"""The current state of a suite and its updates: release files, asked for, checked, kept.

A release file is asked for once in a process, so that everything is of one state. Its signature
is checked each time it is used, its age as of when it was fetched. Record: ``debian-releases``
(by URL: which release file, when).
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from wheelyard.builders.sysroots.release import (
    Release,
    is_expired,
    objections,
    parse_release,
    verified,
)
from wheelyard.builders.sysroots.suites import distribution_of, is_rolling
from wheelyard.errors import HostError, VerificationError
from wheelyard.index.location import local_path, without_credentials
from wheelyard.index.session import FileGoneError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pysequoia import Cert

    from wheelyard.builders.sysroots.mirrors import Mirror
    from wheelyard.builders.sysroots.suites import Keyring
    from wheelyard.index.session import HttpSession
    from wheelyard.store.store import Store

_KEYRINGS = Path("/usr/share/keyrings")
_GONE = (404, 410)
_UNCHANGED = 304


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """One suite of one mirror as it was found; ``digest`` is its release file's."""

    mirror: Mirror
    suite: str
    release: Release
    digest: str


class MissingSuiteError(FileGoneError):
    """No mirror has a suite, or not for an architecture; there may be another way."""


class States:
    """Looks suites up; may be used from several threads at once."""

    def __init__(
        self,
        store: Store,
        session: HttpSession,
        mirrors: Sequence[Mirror],
        *,
        note: Callable[[str], None],
        fetch_keyring: Callable[[Keyring], Path],
    ) -> None:
        """Take the mirrors in their order; see ``Archive``.

        ``fetch_keyring`` gives the folder of a distribution's keyring where this machine has none.
        """
        self._store = store
        self._session = session
        self._mirrors = tuple(mirrors)
        self._note = note
        self._fetch_keyring = fetch_keyring
        self._states: dict[str, tuple[State, ...]] = {}
        self._lock = threading.RLock()  # a keyring may come from another suite

    def of(self, suite: str) -> tuple[State, ...]:
        """Give the state of a suite, then those of its updates that there are.

        Raises:
            HostError: no mirror has it or can be asked, or offline and it isn't kept.
            VerificationError: what the mirrors have isn't signed, too old, or another suite's.
        """
        with self._lock:
            if suite not in self._states:
                self._states[suite] = tuple(self._look_up(suite))
            return self._states[suite]

    def _look_up(self, suite: str) -> Iterator[State]:
        """The suite itself must be there; its updates are where they are configured."""
        mirrors = self._mirrors_of(suite)
        main = self._first(mirrors, suite)
        if main is None:
            raise self._missing(suite, mirrors)
        yield main
        if is_rolling(suite):
            return
        updates = self._first([main.mirror], f"{suite}-updates")
        more = () if distribution_of(suite).security_apart else (main.mirror,)
        places = (*self._mirrors_of(suite, security=True), *more)
        security = self._first(places, f"{suite}-security")
        yield from filter(None, (updates, security))

    def elsewhere(self, state: State) -> Iterator[State]:
        """Give the same suite of other mirrors: one may lack some architectures' lists."""
        for mirror in self._mirrors_of(state.suite):
            if mirror.url != state.mirror.url:
                yield from filter(None, (self._first([mirror], state.suite),))

    def _mirrors_of(self, suite: str, *, security: bool = False) -> list[Mirror]:
        return [one for one in self._mirrors if one.security == security and one.may_have(suite)]

    def _missing(self, suite: str, mirrors: Sequence[Mirror]) -> MissingSuiteError:
        origin = distribution_of(suite).origin
        places = ", ".join(dict.fromkeys(without_credentials(one.url) for one in mirrors))
        why = (
            f"{places} lack it: name another mirror"
            if places
            else (f"No mirror of {origin} is configured: name one")
        )
        if self._session.offline:
            why = "It isn't kept and we are offline: run once without --offline"
        return MissingSuiteError(f"The suite {suite} of {origin} is needed. {why}.")

    def _first(self, mirrors: Iterable[Mirror], suite: str) -> State | None:
        """Give the first that has it; those that answer with something else are told of."""
        problems: list[VerificationError] = []
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

    def _ask(self, mirror: Mirror, suite: str) -> State | None:
        url = f"{mirror.url}dists/{suite}/InRelease"
        place = without_credentials(url)
        found = self._kept(url) if self._session.offline else self._asked(url)
        if found is None:
            return None
        signed, when = found
        certificates = self._certificates(mirror, suite)
        release = parse_release(verified(signed, certificates, place), place)
        objection = objections(release, suite)
        if objection:
            raise VerificationError(f"{place}: {objection}. Name another mirror.")
        self._check_age(release, suite, place, when)
        digest = hashlib.sha256(signed).hexdigest()
        return State(mirror=mirror, suite=suite, release=release, digest=digest)

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

    def _certificates(self, mirror: Mirror, suite: str) -> tuple[Cert, ...]:
        """Give the keys that may sign a suite: the mirror's own, and the distribution's.

        The latter are always among them where this machine has them, because a mirror's other
        suites are signed by other keys than the configured suite's. Where it has none at all,
        another distribution's mirror, itself vouched for, has them in a package.
        """
        keyring = distribution_of(suite).keyring
        files = (*mirror.keyrings, *sorted(_KEYRINGS.glob(keyring.file)))
        if not (files or mirror.keys):
            files = tuple(sorted(self._fetched_keyring(keyring, suite).glob(keyring.file)))
        found = _read_certificates(files, mirror)
        if not found:
            raise _no_keyring(keyring, suite)
        return found

    def _fetched_keyring(self, keyring: Keyring, suite: str) -> Path:
        other = distribution_of(keyring.suite)
        if not list(_KEYRINGS.glob(other.keyring.file)) and not any(
            one.keyrings or one.keys for one in self._mirrors_of(keyring.suite)
        ):
            raise _no_keyring(keyring, suite)
        try:
            return self._fetch_keyring(keyring)
        except HostError as error:
            raise HostError(f"{_no_keyring(keyring, suite)} {error}") from error


def keyrings(mirrors: Iterable[Mirror]) -> tuple[Path, ...]:
    """Give the files with keys that may sign what mirrors have: those of these and of the host."""
    mirrors = tuple(mirrors)
    named = (file for mirror in mirrors for file in mirror.keyrings)
    suites = dict.fromkeys(mirror.suite for mirror in mirrors)
    own = (file for suite in suites for file in _KEYRINGS.glob(distribution_of(suite).keyring.file))
    return tuple(dict.fromkeys((*named, *sorted(own))))


def _no_keyring(keyring: Keyring, suite: str) -> HostError:
    return HostError(
        f"There is no {_KEYRINGS}/{keyring.file} to check {suite} with: install the package "
        f"{keyring.package}, or name a keyring with signed-by in the mirror's line."
    )


def _read_certificates(files: Iterable[Path], mirror: Mirror) -> tuple[Cert, ...]:
    from pysequoia import Cert  # noqa: PLC0415 - a large library, needed seldom

    certificates: list[Cert] = []
    try:
        for file in files:
            certificates += Cert.split_file(str(file))
        if mirror.keys:
            certificates += Cert.split_bytes(mirror.keys.encode())
    except (RuntimeError, OSError, ValueError) as error:
        cause = str(error).partition("\n")[0]
        raise HostError(f"A keyring of {mirror.url} can't be read: {cause}.") from error
    return tuple(certificates)
