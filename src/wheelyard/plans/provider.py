"""resolvelib's questions, answered for one target.

A project with extras is a candidate of its own that depends on the plain project at the same
version, so that each extra's dependencies are known to the search (as pip does it).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet
from resolvelib import AbstractProvider

from wheelyard.plans.finder import Candidate, Finder, Key, Wanted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from resolvelib.structs import RequirementInformation


class Provider(AbstractProvider[Wanted, Candidate, Key]):
    """The adapter between resolvelib and a finder."""

    def __init__(self, finder: Finder) -> None:
        self._finder = finder

    def identify(self, requirement_or_candidate: Wanted | Candidate) -> Key:
        """File projects under name and extras."""
        return requirement_or_candidate.key

    def get_preference(
        self,
        identifier: Key,
        resolutions: Mapping[Key, Candidate],  # noqa: ARG002
        candidates: Mapping[Key, Iterator[Candidate]],  # noqa: ARG002
        information: Mapping[Key, Iterator[RequirementInformation[Wanted, Candidate]]],
        backtrack_causes: Sequence[RequirementInformation[Wanted, Candidate]],
    ) -> tuple[bool, bool, Key]:
        """Pins first, then what made the last attempt fail, then by name (so: repeatable)."""
        asked = [info.requirement for info in information[identifier]]
        pinned = any(wanted.line is not None and wanted.line.pinned for wanted in asked)
        guilty = any(info.requirement.key == identifier for info in backtrack_causes)
        return (not pinned, not guilty, identifier)

    def find_matches(
        self,
        identifier: Key,
        requirements: Mapping[Key, Iterator[Wanted]],
        incompatibilities: Mapping[Key, Iterator[Candidate]],
    ) -> list[Candidate]:
        """Give the candidates that every requirement accepts."""
        specifiers = [wanted.specifier for wanted in requirements[identifier]]
        excluded = {candidate.version for candidate in incompatibilities[identifier]}
        found = self._finder.candidates(identifier, specifiers)
        return [candidate for candidate in found if candidate.version not in excluded]

    def is_satisfied_by(self, requirement: Wanted, candidate: Candidate) -> bool:
        """Whether a version is accepted."""
        return requirement.specifier.contains(candidate.version, prereleases=True)

    def get_dependencies(self, candidate: Candidate) -> Iterable[Wanted]:
        """Give the dependencies; of a candidate with extras also its plain self."""
        found = self._finder.dependencies(candidate)
        if not candidate.extras:
            return found
        same = Wanted(
            name=candidate.name,
            extras=(),
            specifier=SpecifierSet(f"=={candidate.version}"),
            needed_by=str(candidate),
        )
        return (same, *found)
