"""Resolutions in, a graph of steps out; and the graph after a step is done.

Pure. A plan grows: what a source distribution needs for its build is known only once it has been
unpacked, so ``expand`` takes a result and gives the next plan.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from wheelyard.errors import HostError, UsageError
from wheelyard.plans.release import File
from wheelyard.plans.request import WheelType
from wheelyard.plans.step import BuildSettings, Cross, Step, StepKey, Success

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from wheelyard.plans.resolution import Pin, Resolution
    from wheelyard.wheel.retag import TagChange

DOWNLOAD = "download"
PREPARE = "prepare"
PEP517 = "pep517"
METADATA = "metadata"
CROSS = "cross"
REPAIR = "repair"
RETAG = "retag"

_MAYBE_PURE = frozenset({WheelType.AUTO, WheelType.PURE})


@dataclass(frozen=True, kw_only=True, slots=True)
class Root:
    """A cell of the matrix: a pin on a target, the step that its wheel comes from, and why.

    Targets that share a step may have reasons of their own for it.
    """

    target: str
    pin: Pin
    key: StepKey
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DeadEnd:
    """A cell of the matrix that no step can fill, why, and what would help."""

    target: str
    pin: Pin
    cause: str
    remedy: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """Every step by key, the cells that wait for them, and the cells that nothing can fill."""

    steps: Mapping[StepKey, Step]
    roots: tuple[Root, ...]
    dead_ends: tuple[DeadEnd, ...] = ()
    sites: Mapping[str, Site] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """A target as planning sees it: whether it is this machine, and how builds for it are set.

    ``settings`` are those of a build that runs here, ``cross`` those of one for the target.
    ``described`` is the target as JSON, all of it: what a wheel is fitted to. ``tags`` are what a
    built wheel shall bear, where that was asked for.
    """

    target: str
    native: bool
    settings: Callable[[Pin], BuildSettings]
    cross: Callable[[Pin], BuildSettings]
    described: str = "{}"
    tags: Callable[[Pin], TagChange | None] = lambda _: None


def make_plan(resolutions: Iterable[Resolution], sites: Mapping[str, Site]) -> Plan:
    """Plan the first step of every pin on every target; equal steps are one."""
    steps: dict[StepKey, Step] = {}
    roots: list[Root] = []
    dead: list[DeadEnd] = []
    for resolution in resolutions:
        site = sites[resolution.target]
        for pin in resolution.pins:
            step = first_step(pin, site)
            if isinstance(step, DeadEnd):
                dead.append(step)
                continue
            steps.setdefault(step.key, step)
            roots.append(Root(target=site.target, pin=pin, key=step.key, reason=step.reason))
    return Plan(
        steps=MappingProxyType(steps),
        roots=tuple(roots),
        dead_ends=tuple(dead),
        sites=MappingProxyType(dict(sites)),
    )


def first_step(pin: Pin, site: Site) -> Step | DeadEnd:
    """Take the first rung of the ladder that holds."""
    if pin.wheel is not None:
        return _download(pin, pin.wheel, site)
    if pin.sdist is None:
        return DeadEnd(
            target=site.target,
            pin=pin,
            cause=f"{pin.refused}; nor is there a source distribution that may be used",
            remedy="take another version or another Python, or allow builds from source",
        )
    if pin.type is WheelType.CROSS:
        return DeadEnd(
            target=site.target,
            pin=pin,
            cause="type cross needs a recipe, and there is none",
            remedy="use the type crossenv or auto",
        )
    if site.native:
        return _prepared(
            pin, pin.sdist, site, "built from source on this machine, which is the target"
        )
    if pin.type in _MAYBE_PURE:
        return _prepared(pin, pin.sdist, site, "built from source on this machine, for it is pure")
    return _prepared(pin, pin.sdist, site, f"cross-built from source for {site.target}", cross=True)


def _prepared(
    pin: Pin, sdist: File, site: Site, how: str, *, cross: bool = False
) -> Step | DeadEnd:
    try:
        settings = (site.cross if cross else site.settings)(pin)
    except (HostError, UsageError) as error:  # no interpreter or no compiler for it; others may do
        return DeadEnd(
            target=site.target,
            pin=pin,
            cause=str(error),
            remedy="take a version with a published wheel that fits, or add what is missing",
        )
    return Step(
        kind=PREPARE,
        project=pin.name,
        version=pin.version,
        source=sdist,
        build=settings,
        requires=(),
        reason=f"{how}, because {pin.refused}",
    )


def _download(pin: Pin, wheel: File, site: Site) -> Step:
    return Step(
        kind=DOWNLOAD,
        project=pin.name,
        version=pin.version,
        source=wheel,
        build=None,
        requires=(),
        reason=f"a published wheel fits {site.target}",
    )


def expand(plan: Plan, step: Step, done: Success) -> Plan:
    """Give the plan after a step is done.

    A prepared source distribution is followed by its build, whose key holds the locked build
    requirements; every cell that waited for the one now waits for the other. What turns out to
    have compiled parts is prepared again for each target that is not this machine. What was
    cross-built is fitted to each of the targets that wait for it. Last come the tags that were
    asked for.
    """
    if step.kind not in {PREPARE, CROSS, PEP517, REPAIR}:
        return plan
    return _moved_on(plan, step, lambda root: _following(plan, root, step, done))


def turn(plan: Plan, step: Step) -> Plan:
    """Give the plan after a step failed: what this machine can't prepare, a cross build may.

    A source distribution that might have been pure looks for libraries, say, that only the
    target's sysroot has.
    """
    crossing = step.build is not None and step.build.cross is not None
    if step.kind != PREPARE or crossing:
        return plan
    return _moved_on(plan, step, lambda root: _elsewhere(plan.sites[root.target], root, step))


def _elsewhere(site: Site, root: Root, step: Step) -> Step | DeadEnd | Root:
    if site.native or root.pin.type is WheelType.PURE:
        return root
    how = f"cross-built from source for {site.target}"
    return _prepared(root.pin, step.source, site, how, cross=True)


def _moved_on(plan: Plan, step: Step, following: Callable[[Root], Step | DeadEnd | Root]) -> Plan:
    """Let the cells that wait for a step wait for what follows it."""
    steps = dict(plan.steps)
    roots: list[Root] = []
    dead: list[DeadEnd] = []
    for root in plan.roots:
        then = following(root) if root.key == step.key else root
        if isinstance(then, DeadEnd):
            dead.append(then)
        elif isinstance(then, Step):
            steps.setdefault(then.key, then)
            roots.append(replace(root, key=then.key, reason=_reason(root, then)))
        else:
            roots.append(then)
    if tuple(roots) == plan.roots:
        return plan
    return replace(
        plan,
        steps=MappingProxyType(steps),
        roots=tuple(roots),
        dead_ends=(*plan.dead_ends, *dead),
    )


def _reason(root: Root, then: Step) -> str:
    if then.kind == RETAG:
        return f"{root.reason}; its tags are those asked for"
    return then.reason if then.kind == PREPARE else root.reason


def _following(plan: Plan, root: Root, step: Step, done: Success) -> Step | DeadEnd | Root:
    """Give the step that a cell waits for once its source is prepared, or its wheel made."""
    site = plan.sites[root.target]
    if step.kind == CROSS:
        return repair_step(site, step, done)
    if step.kind in {PEP517, REPAIR}:
        change = site.tags(root.pin)
        return retag_step(step, done, change) if change else root
    crossing = step.build is not None and step.build.cross is not None
    if site.native or crossing or not done.facts.get("compiled"):
        return build_step(step, done, CROSS if crossing else PEP517)
    return _prepared(
        root.pin, step.source, site, f"cross-built from source for {site.target}", cross=True
    )


def build_step(prepare: Step, done: Success, kind: str) -> Step:
    """Give the step that a prepared source distribution is ready for: its wheel or its metadata."""
    requires = tuple(File.from_dict(file) for file in done.facts["requires"])
    source = File.from_dict(done.facts["source"])
    settings = replace(prepare.build, constraints=()) if prepare.build else None
    if settings and settings.cross:
        # A toolchain of the same content may lie elsewhere now.
        toolchain = settings.cross.toolchain
        locked = replace(Cross.from_dict(done.facts["cross"]), toolchain=toolchain)
        settings = replace(settings, cross=locked)
    return replace(prepare, kind=kind, source=source, requires=requires, build=settings)


def repair_step(site: Site, cross: Step, done: Success) -> Step:
    """Give the step that fits a cross-built wheel to a target; it keeps what the other stood on.

    Raises:
        TypeError: ``cross`` is no step that builds for another host.
    """
    build = cross.build
    if build is None or build.cross is None:
        raise TypeError(f"a {cross.kind} step without a host")
    settings = replace(build, cross=replace(build.cross, host=site.described))
    return replace(cross, kind=REPAIR, build=settings, made=done)


def retag_step(step: Step, done: Success, change: TagChange) -> Step:
    """Give the step that gives a finished wheel other tags; it keeps what the other stood on.

    Raises:
        TypeError: ``step`` is none that builds.
    """
    if step.build is None:
        raise TypeError(f"a {step.kind} step without build settings")
    earlier = step.made.seconds if step.made else 0.0
    made = replace(done, seconds=done.seconds + earlier)
    return replace(step, kind=RETAG, build=replace(step.build, tags=change), made=made)
