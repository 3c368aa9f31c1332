"""The wheels that builds need: resolved like any requirements, for whomever they are to run on."""

from __future__ import annotations

from dataclasses import replace
from threading import local
from typing import TYPE_CHECKING

from packaging.markers import UndefinedComparison
from packaging.requirements import InvalidRequirement, Requirement

from wheelyard.builders import BuildFailedError
from wheelyard.plans.ladder import ground_of
from wheelyard.plans.plan import CROSS, PEP517, PREPARE, build_step
from wheelyard.plans.release import File
from wheelyard.plans.request import FormatControl, Origin, RequirementLine, WheelType
from wheelyard.plans.resolver import Question, resolve
from wheelyard.plans.step import Step
from wheelyard.targets.markers import marker_environment
from wheelyard.wheel.names import normalize_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from wheelyard.builders.artifacts import Artifacts
    from wheelyard.builders.repository import IndexRepository
    from wheelyard.plans.resolution import Pin
    from wheelyard.plans.step import BuildSettings, Success
    from wheelyard.targets.target import Target
    from wheelyard.wheel.names import NormalizedName


class Locker:
    """Finds build requirements and brings their wheels into the store."""

    def __init__(
        self,
        repository: IndexRepository,
        artifacts: Artifacts,
        make: Callable[[Step], Success],
        settings: Callable[[Target, NormalizedName], BuildSettings],
        constraints: tuple[RequirementLine, ...] = (),
    ) -> None:
        """Put it together.

        Args:
            repository: What the resolver asks.
            artifacts: Where published wheels come from.
            make: Runs a step, for requirements that are published only as source.
            settings: How the build of such a project for a target is set.
            constraints: Versions that build requirements must have.
        """
        self._repository = repository
        self._artifacts = artifacts
        self._make = make
        self._settings = settings
        self._constraints = constraints
        self._building = local()

    def __call__(self, requires: tuple[str, ...], host: Target) -> tuple[File, ...]:
        """Give the wheels for PEP 508 requirements, with all that they depend on."""
        environment = marker_environment(host)
        question = Question(
            lines=tuple(_line(text) for text in dict.fromkeys(requires)),
            constraints=self._constraints,
            ground=ground_of(host, FormatControl()),
            environment=environment,
            prefer={},
        )
        pins = resolve(question, self._repository).pins
        return tuple(self._wheel(pin, host) for pin in pins)

    def _wheel(self, pin: Pin, host: Target) -> File:
        if pin.wheel is not None:
            artifact = self._artifacts.fetch(pin.wheel)
            self._artifacts.facts(artifact)
            return replace(pin.wheel, sha256=artifact.sha256, size=artifact.size)
        if pin.sdist is None:
            raise BuildFailedError(
                f"the build requirement {pin.name} {pin.version} can't be had: {pin.refused}",
                "constrain it to another version with --build-constraint",
                (),
                "",
            )
        return self._built(pin, pin.sdist, host)

    def _built(self, pin: Pin, sdist: File, host: Target) -> File:
        settings = self._settings(host, pin.name)
        with _Guard(self._building, pin.name):
            prepare = Step(
                kind=PREPARE,
                project=pin.name,
                version=pin.version,
                source=sdist,
                build=settings,
                requires=(),
                reason=f"a build requirement; {pin.refused}",
            )
            prepared = self._make(prepare)
            kind = CROSS if settings.cross else PEP517
            built = self._make(build_step(prepare, prepared, kind)).artifact
        return File(filename=built.filename, url="", sha256=built.sha256, size=built.size)


def _line(text: str) -> RequirementLine:
    try:
        requirement = Requirement(text)
        if requirement.marker:
            requirement.marker.evaluate({"extra": ""})
    except (InvalidRequirement, UndefinedComparison):
        raise BuildFailedError(
            f"the project asks for a build requirement that can't be read: {text}",
            "take another version of the project",
            (),
            "",
        ) from None
    return RequirementLine(
        name=normalize_name(requirement.name),
        extras=tuple(sorted(requirement.extras)),
        specifier=str(requirement.specifier),
        marker=str(requirement.marker or ""),
        url=requirement.url or "",
        type=WheelType.AUTO,
        hashes=(),
        origin=Origin(file="[build-system]", line=0),
    )


class _Guard:
    """Notices that a project needs itself to be built, within one thread."""

    def __init__(self, state: local, name: NormalizedName) -> None:
        self._names: set[NormalizedName] = state.__dict__.setdefault("names", set())
        self._name = name

    def __enter__(self) -> None:
        if self._name in self._names:
            raise BuildFailedError(
                f"{self._name} needs itself to be built",
                "publish or add a wheel of it to a find-links folder",
                (),
                "",
            )
        self._names.add(self._name)

    def __exit__(self, *_: object) -> None:
        self._names.discard(self._name)
