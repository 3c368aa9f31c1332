"""The builder of ``repair`` steps: a cross-built wheel is fitted to one of its targets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from wheelyard.builders import BuildFailedError, Made
from wheelyard.builders.grafting import SysrootLibraries, described, read_objects, repair_wheel
from wheelyard.errors import BuildError
from wheelyard.plans.step import Artifact
from wheelyard.repair.audit import remarks
from wheelyard.targets.target import target_from_dict
from wheelyard.wheel import open_wheel

if TYPE_CHECKING:
    from wheelyard.builders.artifacts import Artifacts
    from wheelyard.builders.grafting import Repaired
    from wheelyard.builders.sysroots import Sysroot, SysrootProvider
    from wheelyard.plans.step import BuildSettings, Cross, Step, Success
    from wheelyard.targets.target import Target

_REMEDY = (
    "build it without these parts, for a target that has what it needs, or name a sysroot whose "
    "libraries are older"
)


class Repair:
    """The builder of ``repair`` steps; its artifact is the wheel for one target."""

    def __init__(self, artifacts: Artifacts, sysroots: SysrootProvider) -> None:
        self._artifacts = artifacts
        self._sysroots = sysroots

    def __call__(self, step: Step) -> Made:
        """Fit the wheel to its target; what can't run there fails."""
        before, settings, cross = _inputs(step)
        artifacts = self._artifacts
        target = target_from_dict(json.loads(cross.host))
        with artifacts.store.scratch() as scratch:
            wheel = open_wheel(artifacts.place(before.artifact, scratch))
            if not read_objects(wheel):
                return _pure(before)
            out = scratch / "repaired"
            libraries = SysrootLibraries(lambda: self._sysroot(target, cross))
            try:
                repaired = repair_wheel(wheel, target, libraries, out, epoch=settings.epoch)
            except BuildError as error:
                raise BuildFailedError(str(error), _REMEDY, (), before.log) from None
            return self._made(before, repaired)

    def _made(self, before: Success, repaired: Repaired) -> Made:
        written = repaired.written
        digest = self._artifacts.store.add(written.path, written.sha256)
        artifact = Artifact(filename=written.path.name, sha256=digest, size=written.size)
        self._artifacts.facts(artifact)  # what breaks a rule of the format fails here
        facts = {
            **before.facts,
            "objects": [one.as_dict() for one in repaired.objects],
            "grafted": [described(one) for one in repaired.grafted],
            "remarks": [*_told(before), *remarks(repaired.objects)],
        }
        return Made(artifact=artifact, facts=facts, log=before.log)

    def _sysroot(self, target: Target, cross: Cross) -> Sysroot:
        sysroot = self._sysroots(target, cross.native)
        if sysroot.digest != cross.sysroot:
            raise BuildError("the sysroot's packages changed since it was built: build again")
        return sysroot


def _pure(before: Success) -> Made:
    """Let a wheel without compiled parts be; say so where its source has any.

    A build that takes its extension modules for optional goes on without them.
    """
    name = before.artifact.filename
    lost = f"its source has parts to be compiled, and {name} holds none of them: see the log"
    told = (*_told(before), *((lost,) if before.facts["compiled"] else ()))
    facts = {**before.facts, "objects": [], "remarks": list(told)}
    return Made(artifact=before.artifact, facts=facts, log=before.log)


def _told(before: Success) -> tuple[str, ...]:
    """Give what the wheel's making told; results of earlier versions have none of it."""
    return tuple(before.facts.get("remarks", ()))


def _inputs(step: Step) -> tuple[Success, BuildSettings, Cross]:
    if step.made is None or step.build is None or step.build.cross is None:
        raise TypeError(f"a {step.kind} step without a wheel and a host")
    return step.made, step.build, step.build.cross
