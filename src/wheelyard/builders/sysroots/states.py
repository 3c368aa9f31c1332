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
from wheelyard.builders.sysroots.suites import is_rolling
from wheelyard.errors import HostError, VerificationError
from wheelyard.index.location import local_path, without_credentials

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pysequoia import Cert

    from wheelyard.builders.sysroots.mirrors import Mirror
    from wheelyard.index.session import HttpSession
    from wheelyard.store.store import Store

_KEYRINGS = Path("/usr/share/keyrings")
_KEYRING = "debian-archive-keyring.*"
_GONE = (404, 410)
_UNCHANGED = 304


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """One suite of one mirror as it was found; ``digest`` is its release file's."""

    mirror: Mirror
    suite: str
    release: Release
    digest: str


class States:
    """Looks suites up; may be used from several threads at once."""

    def __init__(
        self,
        store: Store,
        session: HttpSession,
        mirrors: Sequence[Mirror],
        *,
        offline: bool,
        note: Callable[[str], None],
    ) -> None:
        """Take the mirrors in their order; see ``Archive``."""
        self._store = store
        self._session = session
        self._mirrors = tuple(mirrors)
        self._offline = offline
        self._note = note
        self._states: dict[str, tuple[State, ...]] = {}
        self._lock = threading.Lock()

    @property
    def default(self) -> str:
        """The suite that the mirrors are configured for: the build machine's own."""
        return next((mirror.suite for mirror in self._mirrors if not mirror.security), "stable")

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


def keyrings(mirrors: Iterable[Mirror]) -> tuple[Path, ...]:
    """Give the files with keys that may sign what mirrors have: Debian's, and what these name."""
    named = (file for mirror in mirrors for file in mirror.keyrings)
    return tuple(dict.fromkeys((*named, *sorted(_KEYRINGS.glob(_KEYRING)))))


def _certificates(mirror: Mirror) -> tuple[Cert, ...]:
    """Give the keys that may sign what a mirror has: its own where it names some, and Debian's.

    Debian's are always among them, because a mirror's other suites are signed by other keys than
    the configured suite's.
    """
    from pysequoia import Cert  # noqa: PLC0415 - a large library, needed seldom

    files = keyrings((mirror,))
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
