"""The candidates of a project for one target, and what each depends on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias
from urllib.parse import unquote

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import Specifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from wheelyard.errors import BuildError, ResolutionError, VerificationError
from wheelyard.plans.ladder import Choice, Ground, choose
from wheelyard.plans.release import File, Release, parse_version, releases, version_of
from wheelyard.plans.request import RequirementLine, WheelType
from wheelyard.wheel.names import NormalizedName, normalize_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


Key: TypeAlias = tuple[NormalizedName, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class ProjectMetadata:
    """The part of the core metadata that a resolution needs; ``requires_dist`` as PEP 508 text."""

    version: str
    requires_dist: tuple[str, ...]


class Repository(Protocol):
    """What the search may ask about the world."""

    def files(self, name: NormalizedName) -> tuple[File, ...]:
        """Give every published file of a project; empty when the index doesn't know it."""
        ...

    def metadata(self, name: NormalizedName, file: File) -> ProjectMetadata:
        """Give what a file's core metadata says.

        Raises:
            BuildError: When a source distribution's backend can't say it.
            VerificationError: When the file is damaged or hostile.
        """
        ...

    def prefetch(self, names: Iterable[NormalizedName]) -> None:
        """Say which projects will be asked for next, so that their pages can be on the way."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """Some project in some versions, and who wants it.

    ``line`` is the requirement as written, ``None`` for a dependency.
    """

    name: NormalizedName
    extras: tuple[str, ...]
    specifier: SpecifierSet
    needed_by: str
    line: RequirementLine | None = None

    @property
    def key(self) -> Key:
        """What the search files it under."""
        return (self.name, self.extras)

    def __str__(self) -> str:
        extras = f"[{','.join(self.extras)}]" if self.extras else ""
        return f"{self.name}{extras}{self.specifier}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """One version of a project that may be taken, with the files that the ladder chose."""

    name: NormalizedName
    extras: tuple[str, ...]
    version: Version
    release: Release
    choice: Choice
    type: WheelType
    direct: bool = False

    @property
    def key(self) -> Key:
        """What the search files it under."""
        return (self.name, self.extras)

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """What holds for every question of one search.

    ``lines`` are the requirements that apply to the target, by name; ``hashes`` what all lines of a
    project allow; ``constraints`` the versions that must hold for whatever is taken; ``types``
    those of projects that no line names.
    """

    ground: Ground
    environment: Mapping[str, str]
    lines: Mapping[NormalizedName, RequirementLine]
    hashes: Mapping[NormalizedName, tuple[str, ...]]
    constraints: Mapping[NormalizedName, SpecifierSet]
    types: Mapping[NormalizedName, WheelType]
    prereleases: bool = False


class Finder:
    """Candidates of a project in order of preference, and what each depends on."""

    def __init__(self, repository: Repository, terms: Terms) -> None:
        self._repository = repository
        self.terms = terms
        self._releases: dict[NormalizedName, tuple[Release, ...]] = {}
        self._dependencies: dict[Key, dict[Version, tuple[Wanted, ...]]] = {}
        self.notes: list[str] = []

    def releases(self, name: NormalizedName) -> tuple[Release, ...]:
        """Give the versions of a project, newest first; a direct URL is its only version."""
        if name not in self._releases:
            line = self.terms.lines.get(name)
            if line is not None and line.url:
                self._releases[name] = (self._direct(line),)
            else:
                self._releases[name] = releases(name, self._repository.files(name))
        return self._releases[name]

    def _direct(self, line: RequirementLine) -> Release:
        filename = file_name_of(line.url)
        hashes = self.terms.hashes.get(line.name, ())
        file = (
            File(filename=filename, url=line.url, sha256=hashes[0])
            if len(hashes) == 1
            else File(filename=filename, url=line.url, hashes=hashes)
        )
        version = version_of(line.name, filename) or parse_version(line.pinned or "")
        if version is None:
            version = self._said_version(line, file)
        return Release(version=version, files=(file,))

    def _said_version(self, line: RequirementLine, file: File) -> Version:
        try:
            return Version(self._repository.metadata(line.name, file).version)
        except BuildError as error:
            raise ResolutionError(
                f"{line.origin}: {line}: its version can't be read: {error}\n"
                "correct the address, or write the version behind #egg=name=="
            ) from None

    def candidates(self, key: Key, specifiers: Sequence[SpecifierSet]) -> list[Candidate]:
        """Give what satisfies every specifier, the preferred first.

        Versions of which nothing can be used come only where no other fits, so that the report
        can say why; withdrawn ones (PEP 592) only where they are pinned.
        """
        name, _extras = key
        line = self.terms.lines.get(name)
        # A direct URL is what it is, a pre-release too.
        direct = line is not None and bool(line.url)
        combined = SpecifierSet(prereleases=self.terms.prereleases or direct or None)
        for specifier in (*specifiers, self.terms.constraints.get(name, SpecifierSet())):
            combined &= specifier
        found = self.releases(name)
        versions = set(combined.filter([r.version for r in found]))
        pinned = any(_pins(spec) for spec in combined)
        taken = [r for r in found if r.version in versions and (pinned or direct or not r.yanked)]
        made = [self._candidate(key, release, line) for release in taken]
        usable = [candidate for candidate in made if candidate.choice.usable]
        if self.terms.ground.formats.prefer_binary:
            usable.sort(key=lambda candidate: candidate.choice.wheel is None)
        return usable or made

    def _candidate(self, key: Key, release: Release, line: RequirementLine | None) -> Candidate:
        name, extras = key
        kind = line.type if line else self.terms.types.get(name, WheelType.AUTO)
        hashes = self.terms.hashes.get(name, ())
        return Candidate(
            name=name,
            extras=extras,
            version=release.version,
            release=release,
            choice=choose(name, release, kind, hashes, self.terms.ground),
            type=kind,
            direct=line is not None and bool(line.url),
        )

    def dependencies(self, candidate: Candidate) -> tuple[Wanted, ...]:
        """Give what a candidate's metadata asks for on the target."""
        known = self._dependencies.setdefault(candidate.key, {})
        if candidate.version not in known:
            known[candidate.version] = self._read(candidate)
            self._repository.prefetch(wanted.name for wanted in known[candidate.version])
        return known[candidate.version]

    def _read(self, candidate: Candidate) -> tuple[Wanted, ...]:
        file = metadata_file(candidate)
        try:
            metadata = self._repository.metadata(candidate.name, file)
        except (BuildError, VerificationError) as error:
            cause = str(error).splitlines()[0]
            self.notes.append(
                f"{candidate}: no dependencies were added, for they are unknown: {cause}"
            )
            return ()
        wanted, notes = requires(metadata.requires_dist, candidate, self.terms.environment)
        self.notes.extend(notes)
        return wanted


def file_name_of(url: str) -> str:
    """Give the file's name at the end of a URL or path, without what is encoded or appended."""
    return unquote(re.split(r"[?#]", url, maxsplit=1)[0].rstrip("/").rsplit("/", 1)[-1])


def _pins(specifier: Specifier) -> bool:
    exact = specifier.operator in {"==", "==="}
    return exact and not specifier.version.endswith(".*")


def metadata_file(candidate: Candidate) -> File:
    """Give the cheapest file that says what a candidate depends on.

    The wheel that will be taken is fetched anyway. Where none is taken, any published wheel of
    the version says the same as a build would, without running the project's code; a
    source distribution comes last.
    """
    if candidate.choice.wheel:
        return candidate.choice.wheel
    wheels = [file for file in candidate.release.files if file.is_wheel]
    pure = [file for file in wheels if file.filename.endswith("-none-any.whl")]
    smallest = sorted(wheels, key=lambda file: (file.size, "linux" not in file.filename))
    sources = [candidate.choice.sdist] if candidate.choice.sdist else candidate.release.files
    found: tuple[File, ...] = (*pure, *smallest, *sources)
    return found[0]


def requires(
    texts: Iterable[str], candidate: Candidate, environment: Mapping[str, str]
) -> tuple[tuple[Wanted, ...], tuple[str, ...]]:
    """Give the dependencies that hold on a target, and a note for each that can't be read."""
    wanted: list[Wanted] = []
    notes: list[str] = []
    for text in texts:
        try:
            requirement = Requirement(text)
            if not _holds(requirement, candidate.extras, environment):
                continue
        except (InvalidRequirement, UndefinedComparison, UndefinedEnvironmentName, InvalidVersion):
            notes.append(f"{candidate}: left out a dependency that can't be read: {text}")
            continue
        if requirement.url:
            notes.append(f"{candidate} wants {requirement.name} from a URL; an index's was taken")
        wanted.append(
            Wanted(
                name=normalize_name(requirement.name),
                extras=tuple(sorted(requirement.extras)),
                specifier=requirement.specifier,
                needed_by=str(candidate),
            )
        )
    return tuple(wanted), tuple(notes)


def _holds(
    requirement: Requirement, extras: tuple[str, ...], environment: Mapping[str, str]
) -> bool:
    if requirement.marker is None:
        return not extras
    # With extras, only what the extras add counts: the plain project brings the rest itself.
    plain = requirement.marker.evaluate({**environment, "extra": ""})
    if not extras:
        return plain
    added = any(requirement.marker.evaluate({**environment, "extra": e}) for e in extras)
    return added and not plain
