"""Builders: each makes the artifact of one kind of step and puts it into the store."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from wheelyard.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wheelyard.plans.step import Artifact, Step


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """What a builder made; the artifact is in the store. ``facts`` are JSON-ready."""

    artifact: Artifact
    facts: Mapping[str, Any] = field(default_factory=dict)
    log: str = ""


class Builder(Protocol):
    """Makes the artifact of a step."""

    def __call__(self, step: Step) -> Made:
        """Make it.

        Raises:
            BuildFailedError: When the source can't be built.
            WheelyardError: For whatever else concerns this step.
            HostError: When nothing else could succeed on this machine either.
        """
        ...


class BuildFailedError(BuildError):
    """A build that failed: why, what would help, the last meaningful lines, the log's digest."""

    def __init__(self, cause: str, remedy: str, tail: tuple[str, ...], log: str) -> None:
        super().__init__(cause, remedy, tail, log)
        self.cause = cause
        self.remedy = remedy
        self.tail = tail
        self.log = log

    def __str__(self) -> str:
        return self.cause
