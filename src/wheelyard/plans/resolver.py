"""Requirements and an index in, pins for one target out.

The search is resolvelib's; ``provider`` answers its questions. What the index holds and what a
file depends on comes from a ``Repository`` that the caller hands in, so nothing here touches a
network. Pins in the requirements hold; what they leave out is added, or with ``add=False`` only
noted.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from packaging.specifiers import SpecifierSet
from resolvelib import BaseReporter, ResolutionImpossible, ResolutionTooDeep, Resolver

from wheelyard.errors import ResolutionError, VerificationError
from wheelyard.plans.ladder import allowed_by_hash
from wheelyard.plans.provider import Candidate, Finder, Key, Provider, Terms, Wanted
from wheelyard.plans.release import parse_version
from wheelyard.plans.resolution import Pin, Resolution

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from resolvelib.structs import RequirementInformation

    from wheelyard.plans.ladder import Ground
    from wheelyard.plans.provider import Repository
    from wheelyard.plans.request import RequirementLine
    from wheelyard.wheel.names import NormalizedName

_ROUNDS = 100_000


class MissingVersionsError(ResolutionError):
    """Requirements that the index can't satisfy, each with its place and the cause."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        count = len(self.problems)
        head = f"{count} requirement{'s' if count > 1 else ''} can't be satisfied"
        hint = "change or drop these lines, or name the index that has them"
        return "\n".join([head, *(f"  {problem}" for problem in self.problems), hint])


class WrongHashError(VerificationError):
    """Requirements whose hashes no published file has."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        head = "hashes in the requirements that no file on the index has:"
        hint = "find out why before you change them: the files may have been tampered with"
        return "\n".join([head, *(f"  {problem}" for problem in self.problems), hint])


class ConflictError(ResolutionError):
    """Requirements that exclude one another."""

    def __init__(self, target: str, causes: tuple[str, ...]) -> None:
        super().__init__(target, causes)
        self.target = target
        self.causes = causes

    def __str__(self) -> str:
        return "\n".join(
            [
                f"no set of versions fits {self.target}; these exclude one another:",
                *(f"  {cause}" for cause in self.causes),
                "change one of them, or take the list as it stands with --no-deps",
            ]
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What to resolve for one target.

    ``lines`` and ``constraints`` are all that was written; markers are evaluated here, in
    ``environment`` (PEP 508). ``prefer`` names the version that the consolidated requirements
    take of a project that is listed at several.
    """

    lines: tuple[RequirementLine, ...]
    constraints: tuple[RequirementLine, ...]
    ground: Ground
    environment: Mapping[str, str]
    prefer: Mapping[NormalizedName, str]
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
    main, second, notes = split_versions(applying, question.prefer)
    finder = Finder(repository, _terms(question, main, second))
    repository.prefetch(line.name for line in applying if not line.url)
    wanted = [_wanted(line) for line in main]
    extra = [_wanted(line) for line in second]
    _check_all(finder, [*wanted, *extra], question.ground.target)
    if add:
        mapping, parents = _search(finder, wanted, question.ground.target)
    else:
        mapping, parents = _as_listed(finder, wanted, question.ground.target)
    asked = {line.name for line in applying}
    pins = [_pin(candidate, parents[key]) for key, candidate in mapping.items() if not key[1]]
    pins += [_second_pin(finder, one) for one in extra]
    return Resolution(
        target=question.ground.target,
        pins=tuple(sorted(pins, key=lambda pin: (pin.name, pin.version))),
        added=tuple(sorted({pin.name for pin in pins} - asked)),
        notes=(*notes, *dict.fromkeys(finder.notes)),
    )


def split_versions(
    lines: Iterable[RequirementLine], prefer: Mapping[NormalizedName, str]
) -> tuple[list[RequirementLine], list[RequirementLine], list[str]]:
    """Put aside the further versions of projects that are pinned to several.

    The rule: the version that the configuration prefers, else the highest.

    Returns:
        The lines to resolve, the lines put aside, a note for each project with several.
    """
    by_name: dict[NormalizedName, dict[str, RequirementLine]] = defaultdict(dict)
    for line in lines:
        if line.pinned:
            by_name[line.name].setdefault(line.pinned, line)
    chosen = {
        name: prefer.get(name) or max(versions, key=_version_order)
        for name, versions in by_name.items()
    }
    main = [line for line in lines if not line.pinned or line.pinned == chosen[line.name]]
    second = [
        line
        for versions in by_name.values()
        for version, line in versions.items()
        if version != chosen[line.name]
    ]
    notes = [
        f"{name} is listed at {', '.join(sorted(versions, key=_version_order))}: all are built, "
        f"the consolidated requirements take {chosen[name]}"
        for name, versions in by_name.items()
        if len(versions) > 1
    ]
    return main, second, notes


def _version_order(text: str) -> tuple[bool, object]:
    version = parse_version(text)
    return (version is not None, version or text)


def _terms(
    question: Question, lines: list[RequirementLine], second: list[RequirementLine]
) -> Terms:
    constraints: dict[NormalizedName, SpecifierSet] = {}
    for line in question.constraints:
        if line.applies_to(question.environment):
            known = constraints.get(line.name, SpecifierSet())
            constraints[line.name] = known & line.specifiers
    # Of several lines for one project, the one with a URL or hashes says which file it must be.
    by_name: dict[NormalizedName, RequirementLine] = {}
    for line in sorted(lines, key=lambda line: (bool(line.url), bool(line.hashes))):
        by_name[line.name] = line
    hashes: dict[NormalizedName, tuple[str, ...]] = defaultdict(tuple)
    for line in (*lines, *second):
        hashes[line.name] += line.hashes
    return Terms(
        ground=question.ground,
        environment=question.environment,
        lines=by_name,
        hashes=hashes,
        constraints=constraints,
        prereleases=question.prereleases,
    )


def _wanted(line: RequirementLine) -> Wanted:
    return Wanted(
        name=line.name,
        extras=line.extras,
        specifier=line.specifiers,
        needed_by=str(line.origin),
        line=line,
    )


def _check_all(finder: Finder, wanted: list[Wanted], target: str) -> None:
    """Name every requirement that nothing satisfies, before the search stops at the first."""
    problems = [
        f"{one.needed_by}: {one}: {_missing(finder, one, target)}"
        for one in wanted
        if not finder.candidates(one.key, [one.specifier])
    ]
    if problems:
        raise MissingVersionsError(tuple(dict.fromkeys(problems)))
    wrong = tuple(_wrong_hashes(finder, wanted))
    if wrong:
        raise WrongHashError(wrong)


def _wrong_hashes(finder: Finder, wanted: list[Wanted]) -> Iterator[str]:
    for one in wanted:
        hashes = finder.terms.hashes.get(one.name, ())
        found = finder.candidates(one.key, [one.specifier])
        if hashes and not any(allowed_by_hash(each.release, hashes) for each in found):
            yield f"{one.needed_by}: {one}: sha256:{', sha256:'.join(hashes)}"


def _missing(finder: Finder, one: Wanted, target: str) -> str:
    found = finder.releases(one.name)
    if not found:
        return "the index has no files of this project"
    newest = ", ".join(str(release.version) for release in found[:5])
    return f"no such version for {target}; the newest on the index are {newest}"


_Found: TypeAlias = "tuple[Mapping[Key, Candidate], Mapping[Key, tuple[str, ...]]]"


def _search(finder: Finder, wanted: list[Wanted], target: str) -> _Found:
    resolver = Resolver(Provider(finder), BaseReporter[Wanted, Candidate, Key]())
    try:
        result = resolver.resolve(wanted, max_rounds=_ROUNDS)
    except ResolutionImpossible as error:
        raise ConflictError(target, _causes(error.causes)) from None
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


def _causes(causes: Iterable[RequirementInformation[Wanted, Candidate]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"{c.requirement.needed_by} wants {c.requirement}" for c in causes))


def _as_listed(finder: Finder, wanted: list[Wanted], target: str) -> _Found:
    mapping: dict[Key, Candidate] = {}
    parents: dict[Key, tuple[str, ...]] = {}
    by_name: dict[NormalizedName, list[Wanted]] = defaultdict(list)
    for one in wanted:
        by_name[one.name].append(one)
    for name, group in by_name.items():
        key: Key = (name, ())
        found = finder.candidates(key, [one.specifier for one in group])
        if not found:
            raise ConflictError(target, tuple(f"{one.needed_by} wants {one}" for one in group))
        mapping[key] = found[0]
        parents[key] = tuple(one.needed_by for one in group)
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


def _second_pin(finder: Finder, one: Wanted) -> Pin:
    candidate = finder.candidates((one.name, ()), [one.specifier])[0]
    return _pin(candidate, (one.needed_by,), chosen=False)
