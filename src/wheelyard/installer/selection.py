"""One wheel for each project that is asked for; everything that is wrong is told at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TYPE_CHECKING

from wheelyard.errors import HostError, ResolutionError, VerificationError, WheelyardError
from wheelyard.installer.candidates import Candidate
from wheelyard.installer.choice import FORCE, Query, Reader, Rules, choose
from wheelyard.installer.values import Selected
from wheelyard.wheel.filename import parse_wheel_filename
from wheelyard.wheel.findings import Finding
from wheelyard.wheel.reader import file_sha256, open_wheel
from wheelyard.wheel.requires_python import accepts_python

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from wheelyard.installer.wanted import Wanted
    from wheelyard.wheel.names import NormalizedName


def wheel_reader() -> Reader:
    """Return one that reads the wheels themselves, and hashes each once."""
    return Reader(lru_cache(maxsize=None)(file_sha256), read_requires_python)


def read_requires_python(path: Path) -> str:
    """Return what a wheel's metadata requires, ``""`` for nothing.

    Raises:
        InvalidWheelError: it breaks rules.
    """
    return open_wheel(path).metadata.requires_python or ""


def select(
    wanted: Iterable[Wanted],
    candidates: Iterable[Candidate],
    rules: Rules,
    reader: Reader,
    jobs: int = 1,
) -> tuple[Selected, ...]:
    """Choose one wheel for each project asked for, in the order in which they are.

    Raises:
        HostError: there are wheels, but none fits the interpreter.
        ResolutionError: there is no wheel of a project, or none that is accepted.
        VerificationError: a wheel has not the hash that it must have, or breaks rules.
            Whichever it is, everything that is wrong is told.
    """

    def attempt(query: Query) -> Selected | WheelyardError:
        try:
            return choose(query, rules, reader)
        except WheelyardError as error:
            return error

    with ThreadPoolExecutor(jobs) as pool:
        answers = list(pool.map(attempt, group(wanted, candidates)))
    errors = [answer for answer in answers if isinstance(answer, WheelyardError)]
    if errors:
        raise _combined(errors)
    return tuple(answer for answer in answers if isinstance(answer, Selected))


def _combined(errors: Sequence[WheelyardError]) -> WheelyardError:
    """One error for all; what may be an attack decides its kind, then what is missing."""
    if len(errors) == 1:
        return errors[0]
    kinds = (VerificationError, ResolutionError, HostError)
    kind = next((one for one in kinds if any(isinstance(e, one) for e in errors)), WheelyardError)
    return kind("\n".join(["Nothing is installed, for several reasons:", *map(str, errors)]))


def group(wanted: Iterable[Wanted], candidates: Iterable[Candidate]) -> tuple[Query, ...]:
    """Bring together what is asked of each project; a wheel named by its path is the only one."""
    asked: dict[NormalizedName, list[Wanted]] = {}
    for one in wanted:
        asked.setdefault(one.name, []).append(one)
    found: dict[NormalizedName, list[Candidate]] = {}
    for candidate in candidates:
        found.setdefault(candidate.filename.name, []).append(candidate)
    queries = []
    for name, wishes in asked.items():
        paths = {one.path.resolve(): one.path for one in wishes if one.path}
        named = [Candidate(path, parse_wheel_filename(path.name)) for path in paths.values()]
        queries.append(Query(name, tuple(wishes), tuple(named or found.get(name, ()))))
    return tuple(queries)


def check_python(
    required: Iterable[tuple[str, str]], release: tuple[int, ...], *, force: bool = False
) -> tuple[tuple[str, Finding], ...]:
    """Refuse wheels whose ``Requires-Python`` excludes an interpreter.

    Args:
        required: names of wheels, and what each requires.
        release: the interpreter's version.
        force: take them, and return a warning for each.

    Raises:
        HostError: it names every such wheel and what it requires.
    """
    version = ".".join(map(str, release))
    excluded = tuple(
        (wheel, Finding("requires-python", f"it requires Python {requires}; this is {version}"))
        for wheel, requires in required
        if not accepts_python(requires, release)
    )
    if excluded and not force:
        lines = "".join(f"\n  {wheel}: {finding.detail}" for wheel, finding in excluded)
        raise HostError(
            f"Wheels are for other Pythons, so nothing is installed; {FORCE}, or get others:{lines}"
        )
    return excluded
