"""Published wheels, fetched, hash-checked and verified."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wheelyard.builders import Made

if TYPE_CHECKING:
    from wheelyard.builders.artifacts import Artifacts
    from wheelyard.plans.step import Step


class Download:
    """The builder of ``download`` steps."""

    def __init__(self, artifacts: Artifacts) -> None:
        self._artifacts = artifacts

    def __call__(self, step: Step) -> Made:
        """Fetch the wheel; one that breaks a rule of the format is refused."""
        artifact = self._artifacts.fetch(step.source)
        self._artifacts.facts(artifact)
        return Made(artifact=artifact)
