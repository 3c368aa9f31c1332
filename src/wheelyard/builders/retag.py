"""The builder of ``retag`` steps: a wheel is given the tags asked for, where it keeps them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wheelyard.builders import BuildFailedError, Made
from wheelyard.builders.grafting import read_objects
from wheelyard.errors import UsageError
from wheelyard.plans.step import Artifact
from wheelyard.repair.asked import Content, broken_claims, is_for_both, remarks_on
from wheelyard.wheel import open_wheel
from wheelyard.wheel.retag import plan_retagging, write_retagged

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wheelyard.builders.artifacts import Artifacts
    from wheelyard.plans.step import Step, Success
    from wheelyard.repair.universal import Unread
    from wheelyard.wheel import Wheel
    from wheelyard.wheel.retag import Retagging, TagChange

_SCRIPT = re.compile(r"[^/]+\.data/scripts/")
_REMEDY = "ask for tags that it keeps, or change in the project what breaks them"


class Retag:
    """The builder of ``retag`` steps; its artifact is the wheel under its new name."""

    def __init__(self, artifacts: Artifacts) -> None:
        self._artifacts = artifacts

    def __call__(self, step: Step) -> Made:
        """Give the wheel its tags; what it doesn't keep of them fails."""
        before, change, epoch = _inputs(step)
        with self._artifacts.store.scratch() as scratch:
            wheel = open_wheel(self._artifacts.place(before.artifact, scratch))
            content = _content(wheel, change)
            planned = _checked(wheel, change, content, before)
            artifact = before.artifact
            if planned.changes:
                artifact = self._written(planned, scratch, epoch)
        told = remarks_on(change, planned.filename.tag_set, content)
        facts = {**before.facts, "remarks": [*before.facts.get("remarks", ()), *told]}
        return Made(artifact=artifact, facts=facts, log=before.log)

    def _written(self, planned: Retagging, scratch: Path, epoch: int) -> Artifact:
        out = scratch / "retagged"
        out.mkdir()
        written = write_retagged(planned, out, timestamp=epoch)
        digest = self._artifacts.store.add(written.path, written.sha256)
        artifact = Artifact(filename=written.path.name, sha256=digest, size=written.size)
        self._artifacts.facts(artifact)  # what breaks a rule of the format fails here
        return artifact


def _inputs(step: Step) -> tuple[Success, TagChange, int]:
    if step.made is None or step.build is None or step.build.tags is None:
        raise TypeError(f"a {step.kind} step without a wheel and tags")
    return step.made, step.build.tags, step.build.epoch


def _content(wheel: Wheel, change: TagChange) -> Content:
    return Content(
        objects=read_objects(wheel),
        requires_python=wheel.metadata.requires_python or "",
        unread=_unread(wheel) if is_for_both(change) else (),
    )


def _unread(wheel: Wheel) -> tuple[Unread, ...]:
    from wheelyard.repair.universal import unread_sources  # noqa: PLC0415 - it takes an extra

    return unread_sources(dict(_sources(wheel)))


def _sources(wheel: Wheel) -> Iterator[tuple[str, bytes]]:
    """Give the modules, and the scripts that an installer gives Python's path."""
    for member in wheel.members:
        if member.name.endswith(".py") or _SCRIPT.match(member.name):
            data = wheel.read(member.name)
            if member.name.endswith(".py") or data.startswith(b"#!python"):
                yield member.name, data


def _checked(wheel: Wheel, change: TagChange, content: Content, before: Success) -> Retagging:
    """Decide the wheel's new name.

    Raises:
        BuildFailedError: With everything that the wheel doesn't keep of it.
    """
    try:
        planned = plan_retagging(wheel, change)
    except UsageError as error:
        raise BuildFailedError(str(error), _REMEDY, (), before.log) from None
    name = planned.filename.tag_set
    broken = broken_claims(change, name, content)
    if broken:
        cause = f"it can't be tagged {name}: {'; '.join(broken)}"
        raise BuildFailedError(cause, _REMEDY, (), before.log)
    return planned
