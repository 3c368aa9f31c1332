"""Resolutions in, a graph of steps out; and the graph after a step is done.

Pure. A plan grows: what a source distribution needs for its build is known only once it has been
unpacked, so ``expand`` takes a result and gives the next plan.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from wheelyard.errors import HostError
from wheelyard.plans.release import File
from wheelyard.plans.request import WheelType
from wheelyard.plans.step import BuildSettings, Step, StepKey, Success

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from wheelyard.plans.resolution import Pin, Resolution

DOWNLOAD = "download"
PREPARE = "prepare"
PEP517 = "pep517"
METADATA = "metadata"

_FOREIGN_SOURCE = frozenset({WheelType.AUTO, WheelType.PURE})


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """A target as planning sees it: whether it is this machine, and how builds for it are set."""

    target: str
    native: bool
    settings: Callable[[Pin], BuildSettings]


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
    return Plan(steps=MappingProxyType(steps), roots=tuple(roots), dead_ends=tuple(dead))


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
    if not site.native and pin.type not in _FOREIGN_SOURCE:
        return DeadEnd(
            target=site.target,
            pin=pin,
            cause=f"{pin.refused}, and this machine can't build for {site.target}",
            remedy="use the type auto where a published wheel will do, or build on the target",
        )
    try:
        return _prepare(pin, pin.sdist, site)
    except HostError as error:  # no interpreter for it, as an example; other cells may do without
        return DeadEnd(
            target=site.target,
            pin=pin,
            cause=str(error),
            remedy="take a version with a published wheel that fits, or add what is missing",
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


def _prepare(pin: Pin, sdist: File, site: Site) -> Step:
    where = "this is the target" if site.native else "a pure result fits every target"
    return Step(
        kind=PREPARE,
        project=pin.name,
        version=pin.version,
        source=sdist,
        build=site.settings(pin),
        requires=(),
        reason=f"built from source on this machine ({where}), because {pin.refused}",
    )


def expand(plan: Plan, step: Step, done: Success) -> Plan:
    """Give the plan after a step is done.

    A prepared source distribution is followed by its build, whose key holds the locked build
    requirements; every cell that waited for the one now waits for the other.
    """
    if step.kind != PREPARE:
        return plan
    build = build_step(step, done, PEP517)
    old = step.key
    roots = tuple(replace(r, key=build.key) if r.key == old else r for r in plan.roots)
    steps = {**plan.steps, build.key: build}
    return replace(plan, steps=MappingProxyType(steps), roots=roots)


def build_step(prepare: Step, done: Success, kind: str) -> Step:
    """Give the step that a prepared source distribution is ready for: its wheel or its metadata."""
    requires = tuple(File.from_dict(file) for file in done.facts["requires"])
    source = File.from_dict(done.facts["source"])
    settings = replace(prepare.build, constraints=()) if prepare.build else None
    return replace(prepare, kind=kind, source=source, requires=requires, build=settings)
