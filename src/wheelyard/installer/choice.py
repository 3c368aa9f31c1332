"""Which of a project's wheels is installed: decided before anything is touched.

The highest version that is accepted and fits, and of it the wheel whose tag the interpreter likes
best. A version before a release is taken where it is asked for, or there is no other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable

from wheelyard.errors import HostError, ResolutionError, VerificationError
from wheelyard.installer.values import Selected
from wheelyard.wheel.requires_python import accepts_python
from wheelyard.wheel.versions import Version

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from wheelyard.installer.candidates import Candidate
    from wheelyard.installer.values import Compatibility
    from wheelyard.installer.wanted import Wanted
    from wheelyard.wheel.names import NormalizedName, Sha256

_UNKNOWN = Version(-1, (0,))  # of old projects; below all others
_SHOWN = 10
FORCE = "install all the same with --force"


@dataclass(frozen=True)
class Reader:
    """Gives what a wheel's file name doesn't say: its SHA-256 and its ``Requires-Python``."""

    digest: Callable[[Path], Sha256]
    requires_python: Callable[[Path], str]


@dataclass(frozen=True)
class Rules:
    """What counts in a choice; ``force`` takes what doesn't fit where nothing else is there.

    ``places`` says where was searched, for messages.
    """

    compatibility: Compatibility
    force: bool = False
    places: str = "."


@dataclass(frozen=True)
class Query:
    """All that is asked of one project, and the wheels of it."""

    name: NormalizedName
    wanted: tuple[Wanted, ...]
    candidates: tuple[Candidate, ...]

    @property
    def asked(self) -> str:
        """How it was asked for, for messages."""
        return ", ".join(one.origin for one in self.wanted)


def choose(query: Query, rules: Rules, reader: Reader) -> Selected:
    """Choose one project's wheel.

    Raises:
        HostError: there are wheels, but none fits the interpreter.
        ResolutionError: there is no wheel, or none that is accepted.
        VerificationError: a wheel has not the hash that it must have.
    """
    _check_listed(query, reader)
    accepted = _accepted(query, rules)
    ordered = _with_asked_hash(query, _fitting(query, accepted, rules), reader)
    chosen = _runnable(query, ordered, rules, reader)
    others = f" It is the best of {len(accepted)} wheels." if len(accepted) > 1 else ""
    return Selected(
        path=chosen.path,
        sha256=reader.digest(chosen.path),
        asked=tuple(one.origin for one in query.wanted),
        fits=_rank(chosen, rules) is not None,
        reason=rules.compatibility.explain(chosen.filename) + others,
        direct_url=chosen.direct_url,
    )


def _check_listed(query: Query, reader: Reader) -> None:
    """A wheelhouse is whole or not to be trusted: also what isn't chosen has a listed hash."""
    listed = [one for one in query.candidates if one.hashes]
    problems = [
        f"{one.path.name}: its sha256 is {reader.digest(one.path)}, listed is "
        f"{', '.join(one.hashes)}; copy the wheelhouse again"
        for one in listed
        if reader.digest(one.path) not in one.hashes
    ]
    if problems:
        raise VerificationError("\n".join(problems))


def _accepted(query: Query, rules: Rules) -> list[Candidate]:
    """Leave out the versions that are not meant."""
    if not query.candidates:
        raise ResolutionError(f"{query.asked}: there is no wheel of {query.name} in {rules.places}")
    if len(query.candidates) > 1 and any(one.path for one in query.wanted):
        names = " and ".join(str(one.path) for one in query.candidates)
        raise ResolutionError(f"{names} are of one project; name one of them")
    clauses = [clause for one in query.wanted for clause in one.specifiers]
    found = [
        one
        for one in query.candidates
        if all(one.version is not None and clause.accepts(one.version) for clause in clauses)
    ]
    if not found:
        there = _shown(one.filename for one in query.candidates)
        raise ResolutionError(f"{query.asked}: no version is accepted of those there are: {there}")
    return found


def _fitting(query: Query, accepted: list[Candidate], rules: Rules) -> list[Candidate]:
    """Give those that the interpreter takes, the best first."""
    explain = rules.compatibility.explain
    fitting = [one for one in accepted if _rank(one, rules) is not None]
    if fitting:
        clauses = [clause for one in query.wanted for clause in one.specifiers]
        early = any(clause.names_prerelease for clause in clauses)
        return sorted(fitting, key=lambda one: _goodness(one, rules, early=early), reverse=True)
    if not rules.force:
        reasons = "".join(f"\n  {explain(one.filename)}" for one in accepted[:_SHOWN])
        raise HostError(f"{query.asked}: no wheel fits; {FORCE}, or get another:{reasons}")
    highest = max(one.version or _UNKNOWN for one in accepted)
    left = [one for one in accepted if (one.version or _UNKNOWN) == highest]
    if len(left) > 1:
        there = _shown(one.filename for one in left)
        raise HostError(f"{query.asked}: no wheel fits; name one of these by its path: {there}")
    return left


def _goodness(candidate: Candidate, rules: Rules, *, early: bool) -> tuple[Any, ...]:
    """Sort: releases, the version, the tag, fewer tags, the build tag (PEP 427), the name."""
    version = candidate.version
    filename = candidate.filename
    is_release = version is not None and (early or not version.is_prerelease)
    return (
        is_release,
        version or _UNKNOWN,
        -(_rank(candidate, rules) or 0),
        -len(filename.tags),
        filename.build or (-1, ""),
        str(filename),
    )


def _rank(candidate: Candidate, rules: Rules) -> int | None:
    ranks = rules.compatibility.ranks
    return min((ranks[tag] for tag in candidate.filename.tags if tag in ranks), default=None)


def _with_asked_hash(query: Query, ordered: list[Candidate], reader: Reader) -> list[Candidate]:
    asked = [set(one.hashes) for one in query.wanted if one.hashes]
    if not asked:
        return ordered
    allowed = set.intersection(*asked)
    found = [one for one in ordered if reader.digest(one.path) in allowed]
    if not found:
        have = _shown(f"{one.filename} has sha256 {reader.digest(one.path)}" for one in ordered)
        raise VerificationError(f"{query.asked}: no wheel has a hash that is asked for; {have}")
    return found


def _runnable(query: Query, ordered: list[Candidate], rules: Rules, reader: Reader) -> Candidate:
    """Give the first that doesn't exclude the interpreter's version.

    A single one isn't opened: what it requires is looked at when it was unpacked.
    """
    if len(ordered) == 1:
        return ordered[0]
    refused = []
    for one in ordered:
        requires = reader.requires_python(one.path)
        if accepts_python(requires, rules.compatibility.release):
            return one
        refused.append(f"{one.filename} requires Python {requires}")
    if rules.force:
        return ordered[0]
    raise HostError(f"{query.asked}: no wheel is for this Python; {FORCE}: {_shown(refused)}")


def _shown(texts: Iterable[object]) -> str:
    every = [str(text) for text in texts]
    more = [f"and {len(every) - _SHOWN} more"] if len(every) > _SHOWN else []
    return ", ".join([*every[:_SHOWN], *more])
