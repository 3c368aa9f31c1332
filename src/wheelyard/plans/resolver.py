"""Requirements and an index in, pins for one target out.

The search is resolvelib's; ``provider`` answers its questions. What the index holds and what a
file depends on comes from a ``Repository`` that the caller hands in, so nothing here touches a
network. Pins in the requirements hold; what they leave out is added, or with ``add=False`` only
noted.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from packaging.specifiers import SpecifierSet
from resolvelib import BaseReporter, ResolutionImpossible, ResolutionTooDeep, Resolver

from wheelyard.plans.conflicts import ConflictError, MissingVersionsError, WrongHashError
from wheelyard.plans.finder import Candidate, Finder, Key, Terms, Wanted
from wheelyard.plans.ladder import allowed_by_hash
from wheelyard.plans.provider import Provider
from wheelyard.plans.request import WheelType
from wheelyard.plans.resolution import Pin, Resolution
from wheelyard.plans.several import split_versions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wheelyard.plans.finder import Repository
    from wheelyard.plans.ladder import Ground
    from wheelyard.plans.request import RequirementLine
    from wheelyard.wheel.names import NormalizedName

_ROUNDS = 100_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What to resolve for one target.

    ``lines`` and ``constraints`` are all that was written; markers are evaluated here, in
    ``environment`` (PEP 508). ``prefer`` names the version that the consolidated requirements
    take of a project that is listed at several; ``types`` are those of projects that no line names.
    """

    lines: tuple[RequirementLine, ...]
    constraints: tuple[RequirementLine, ...]
    ground: Ground
    environment: Mapping[str, str]
    prefer: Mapping[NormalizedName, str]
    types: Mapping[NormalizedName, WheelType] = field(default_factory=dict)
    prereleases: bool = False


def resolve(question: Question, repository: Repository, *, add: bool = True) -> Resolution:
    """Find the pins of one target.

    Args:
        question: What is asked for, and the target it is asked for.
        repository: The index and the metadata behind it.
        add: Whether missing dependencies are added.

    Raises:
        MissingVersionsError: With every requirement that no version satisfies.
        ConflictError: When the requirements exclude one another.
    """
    applying = [line for line in question.lines if line.applies_to(question.environment)]
    main, further, notes = split_versions(applying, question.prefer)
    finder = Finder(repository, _terms(question, main))
    repository.prefetch(line.name for line in applying if not line.url)
    wanted = [(finder, _wanted(line)) for line in main]
    # A further version is looked up by its own lines alone: they say its URL, type and hashes.
    others = [(Finder(repository, _terms(question, lines)), _wanted(lines[0])) for lines in further]
    _check_all([*wanted, *others], question.ground.target)
    search = _search if add else _as_listed
    mapping, parents = search(finder, [one for _, one in wanted], question.ground.target)
    asked = {line.name for line in applying}
    pins = [_pin(candidate, parents[key]) for key, candidate in mapping.items() if not key[1]]
    pins += [
        _further_pin(own, one, lines) for (own, one), lines in zip(others, further, strict=True)
    ]
    return Resolution(
        target=question.ground.target,
        pins=tuple(sorted(pins, key=lambda pin: (pin.name, pin.version))),
        added=tuple(sorted({pin.name for pin in pins} - asked)),
        notes=(*notes, *dict.fromkeys(finder.notes)),
    )


def _terms(question: Question, lines: list[RequirementLine]) -> Terms:
    held = [line for line in question.constraints if line.applies_to(question.environment)]
    constraints: dict[NormalizedName, SpecifierSet] = {}
    for line in held:
        constraints[line.name] = constraints.get(line.name, SpecifierSet()) & line.specifiers
    # Of several lines for one project, the one with a URL says which file it must be.
    by_name: dict[NormalizedName, RequirementLine] = {}
    for line in sorted(lines, key=lambda line: (bool(line.url), line.type is not WheelType.AUTO)):
        by_name[line.name] = line
    return Terms(
        ground=question.ground,
        environment=question.environment,
        lines=by_name,
        hashes=_common_hashes([*lines, *held], question.ground.target),
        constraints=constraints,
        types=question.types,
        prereleases=question.prereleases,
    )


def _common_hashes(
    lines: list[RequirementLine], target: str
) -> dict[NormalizedName, tuple[str, ...]]:
    """Give what every line of a project that names hashes allows, constraints included."""
    found: dict[NormalizedName, tuple[str, ...]] = {}
    places: dict[NormalizedName, list[str]] = defaultdict(list)
    for line in lines:
        if not line.hashes:
            continue
        known = found.get(line.name, line.hashes)
        found[line.name] = tuple(one for one in dict.fromkeys(known) if one in line.hashes)
        places[line.name].append(f"{line.origin} allows other hashes of {line.name}")
    apart = [place for name, common in found.items() if not common for place in places[name]]
    if apart:
        raise ConflictError(target, tuple(apart))
    return found


def _wanted(line: RequirementLine) -> Wanted:
    return Wanted(
        name=line.name,
        extras=line.extras,
        specifier=line.specifiers,
        needed_by=str(line.origin),
        line=line,
    )


def _check_all(asked: list[tuple[Finder, Wanted]], target: str) -> None:
    """Name every requirement that nothing satisfies, before the search stops at the first."""
    problems = [
        f"{one.needed_by}: {one}: {_missing(finder, one, target)}"
        for finder, one in asked
        if not finder.candidates(one.key, [one.specifier])
    ]
    if problems:
        raise MissingVersionsError(tuple(dict.fromkeys(problems)))
    wrong = tuple(problem for finder, one in asked for problem in _wrong_hashes(finder, one))
    if wrong:
        raise WrongHashError(wrong)


def _wrong_hashes(finder: Finder, one: Wanted) -> Iterator[str]:
    hashes = finder.terms.hashes.get(one.name, ())
    found = finder.candidates(one.key, [one.specifier])
    if hashes and not any(allowed_by_hash(each.release, hashes) for each in found):
        yield f"{one.needed_by}: {one}: sha256:{', sha256:'.join(hashes)}"


def _missing(finder: Finder, one: Wanted, target: str) -> str:
    found = finder.releases(one.name)
    if not found:
        return "the index has no files of this project"
    if one.line is not None and one.line.url:
        return f"{one.line.url} is version {found[0].version}"
    accepted = [r for r in found if one.specifier.contains(r.version, prereleases=True)]
    constraint = finder.terms.constraints.get(one.name, SpecifierSet())
    if accepted and not any(constraint.contains(r.version, prereleases=True) for r in accepted):
        return f"the constraints want {one.name}{constraint}"
    if accepted and all(release.yanked for release in accepted):
        return "what fits was withdrawn (yanked); pin it with == to take it all the same"
    newest = ", ".join(str(release.version) for release in found[:5])
    return f"no such version for {target}; the newest on the index are {newest}"


_Found: TypeAlias = "tuple[Mapping[Key, Candidate], Mapping[Key, tuple[str, ...]]]"


def _search(finder: Finder, wanted: list[Wanted], target: str) -> _Found:
    resolver = Resolver(Provider(finder), BaseReporter[Wanted, Candidate, Key]())
    try:
        result = resolver.resolve(wanted, max_rounds=_ROUNDS)
    except ResolutionImpossible as error:
        asked = [cause.requirement for cause in error.causes]
        raise ConflictError(target, _sentences(asked, finder.terms.constraints)) from None
    except ResolutionTooDeep:
        raise ConflictError(target, ("the search took too many steps",)) from None
    parents = {
        key: tuple(dict.fromkeys(one.needed_by for one in criterion.iter_requirement()))
        for key, criterion in result.criteria.items()
    }
    return result.mapping, _merge_extras(parents)


def _merge_extras(parents: Mapping[Key, tuple[str, ...]]) -> dict[Key, tuple[str, ...]]:
    """Count who needs a project with extras as needing the plain project."""
    merged: dict[Key, tuple[str, ...]] = {}
    for (name, _), who in parents.items():
        others = [one for one in who if not one.startswith(f"{name} ")]
        plain = (name, ())
        merged[plain] = tuple(dict.fromkeys([*merged.get(plain, ()), *others]))
    return merged


def _sentences(
    wanted: Iterable[Wanted], constraints: Mapping[NormalizedName, SpecifierSet]
) -> tuple[str, ...]:
    wanted = tuple(wanted)
    names = dict.fromkeys(one.name for one in wanted)
    held = [f"the constraints want {n}{constraints[n]}" for n in names if n in constraints]
    return tuple(dict.fromkeys([*(f"{one.needed_by} wants {one}" for one in wanted), *held]))


def _as_listed(finder: Finder, wanted: list[Wanted], target: str) -> _Found:
    mapping: dict[Key, Candidate] = {}
    parents: dict[Key, tuple[str, ...]] = {}
    apart: list[Wanted] = []
    by_name: dict[NormalizedName, list[Wanted]] = defaultdict(list)
    for one in wanted:
        by_name[one.name].append(one)
    for name, group in by_name.items():
        key: Key = (name, ())
        found = finder.candidates(key, [one.specifier for one in group])
        if not found:
            apart += group
            continue
        mapping[key] = found[0]
        parents[key] = tuple(dict.fromkeys(one.needed_by for one in group))
    if apart:
        raise ConflictError(target, _sentences(apart, finder.terms.constraints))
    return mapping, parents


def _pin(candidate: Candidate, needed_by: tuple[str, ...], *, chosen: bool = True) -> Pin:
    return Pin(
        name=candidate.name,
        version=str(candidate.version),
        type=candidate.type,
        wheel=candidate.choice.wheel,
        sdist=candidate.choice.sdist,
        refused=candidate.choice.refused,
        needed_by=needed_by,
        chosen=chosen,
        direct=candidate.direct,
    )


def _further_pin(finder: Finder, one: Wanted, lines: list[RequirementLine]) -> Pin:
    candidate = finder.candidates((one.name, ()), [one.specifier])[0]
    return _pin(candidate, tuple(str(line.origin) for line in lines), chosen=False)
