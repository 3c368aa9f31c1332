"""Steps, and a listener that remembers."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.unit.plans.world import file

from wheelyard.plans.plan import DOWNLOAD
from wheelyard.plans.step import Artifact, BuildSettings, Result, Step, Success
from wheelyard.wheel.names import Sha256, normalize_name


def step(name: str, kind: str = DOWNLOAD) -> Step:
    return Step(
        kind=kind,
        project=normalize_name(name),
        version="1",
        source=file(f"{name}-1.tar.gz"),
        build=None if kind == DOWNLOAD else BuildSettings(python="3.11.0", machine="this"),
        requires=(),
        reason="a test wants it",
    )


def done(one: Step, **facts: object) -> Success:
    artifact = Artifact(filename="x", sha256=Sha256("0" * 64), size=1)
    return Success(key=one.key, artifact=artifact, facts=facts)


@dataclass
class Remembering:
    """Remembers what it was told."""

    told: list[str] = field(default_factory=list)
    totals: list[tuple[int, int]] = field(default_factory=list)

    def note(self, text: str) -> None:
        self.told.append(text)

    def started(self, step: Step) -> None:
        self.told.append(f"started {step.project}")

    def finished(self, step: Step, result: Result | None) -> None:
        self.told.append(f"{type(result).__name__} {step.project}")

    def total(self, done: int, known: int) -> None:
        self.totals.append((done, known))
