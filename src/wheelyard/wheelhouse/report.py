"""What came of every requirement on every target. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_version

from wheelyard.errors import BuildError, VerificationError
from wheelyard.plans.plan import CROSS, DOWNLOAD, PEP517, RETAG
from wheelyard.plans.request import WheelType
from wheelyard.plans.step import Failure, Success
from wheelyard.repair.audit import glibc_floor, objections
from wheelyard.repair.elf import SharedObject
from wheelyard.targets.markers import marker_environment
from wheelyard.targets.tags import tag_ranks
from wheelyard.wheel.filename import parse_wheel_filename
from wheelyard.wheel.names import normalize_name
from wheelyard.wheel.tags import parse_tag

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from wheelyard.plans.facts import WheelFacts
    from wheelyard.plans.plan import Plan, Root
    from wheelyard.plans.proof import Proof
    from wheelyard.plans.resolution import Pin, Resolution
    from wheelyard.plans.step import Artifact, Result, Step, StepKey
    from wheelyard.targets.target import Target
    from wheelyard.wheel.names import NormalizedName
    from wheelyard.wheel.tags import Tag


@dataclass(frozen=True, kw_only=True, slots=True)
class GoodCell:
    """A wheel for a pin on a target; ``proof`` is None where there was nothing to prove."""

    pin: Pin
    reason: str
    step: Step
    done: Success
    facts: WheelFacts
    proof: Proof | None = None

    @property
    def artifact(self) -> Artifact:
        """The wheel."""
        return self.done.artifact

    @property
    def built(self) -> bool:
        """Whether it was made here rather than published."""
        return self.step.kind != DOWNLOAD

    @property
    def origin(self) -> str:
        """The kind of the step that made it; what finishes a wheel doesn't count as making."""
        if self.step.made is None:
            return self.step.kind
        return CROSS if self.step.build and self.step.build.cross else PEP517

    @property
    def left_out(self) -> bool:
        """Whether its source has parts to be compiled, which a cross build went on without."""
        facts = self.done.facts
        return bool(facts.get("compiled")) and facts.get("objects") == []

    @property
    def seconds(self) -> float:
        """How long it took to make it, and to fit it to the target."""
        return seconds_of(self.step, self.done)

    @property
    def floor(self) -> str:
        """The oldest C library that its compiled parts load with; empty where that isn't known."""
        objects = [SharedObject.from_dict(one) for one in self.done.facts.get("objects", ())]
        version = glibc_floor(objects)
        return "" if version == (0, 0) else f"glibc {version[0]}.{version[1]}"

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is worth a line in the report."""
        return (*self.facts.warnings, *self.done.facts.get("remarks", ()))


@dataclass(frozen=True, kw_only=True, slots=True)
class BadCell:
    """No wheel for a pin on a target: why, and what would help."""

    pin: Pin
    cause: str
    remedy: str
    tail: tuple[str, ...] = ()
    log: str = ""
    seconds: float = 0.0
    exit_code: int = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """One target's column of the matrix, sorted by name and version."""

    target: Target
    good: tuple[GoodCell, ...]
    bad: tuple[BadCell, ...]
    added: tuple[NormalizedName, ...]
    notes: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        """Zero when every wheel is there, 5 where security is concerned, else 4.

        Whatever made a wheel fail, resolving its build requirements for example, the others are
        there: that is what 4 says.
        """
        unsafe = VerificationError.exit_code
        codes = {cell.exit_code for cell in self.bad}
        return unsafe if unsafe in codes else BuildError.exit_code if codes else 0


def make_report(
    resolution: Resolution,
    target: Target,
    plan: Plan,
    results: Mapping[StepKey, Result],
    facts: Callable[[Artifact], WheelFacts],
) -> Report:
    """Judge what a plan gave for one target."""
    ranks = tag_ranks(target)
    roots = [root for root in plan.roots if root.target == target.name]
    judged = [judge(root, plan.steps[root.key], results[root.key], ranks, facts) for root in roots]
    judged = [audited(cell, target) for cell in judged]
    dead = [
        BadCell(pin=end.pin, cause=end.cause, remedy=end.remedy)
        for end in plan.dead_ends
        if end.target == target.name
    ]
    good = [cell for cell in judged if isinstance(cell, GoodCell)]
    bad = [cell for cell in judged if isinstance(cell, BadCell)] + dead
    missing = missing_dependencies(good, marker_environment(target))
    return Report(
        target=target,
        good=tuple(sorted(good, key=_order)),
        bad=tuple(sorted(bad, key=_order)),
        added=resolution.added,
        notes=(*resolution.notes, *_told(good), *missing),
    )


def _told(cells: Iterable[GoodCell]) -> tuple[str, ...]:
    """Give what building told that is worth a line, each sentence once."""
    return tuple(sorted({note for cell in cells for note in cell.done.facts.get("notes", ())}))


def _order(cell: GoodCell | BadCell) -> tuple[str, str]:
    return cell.pin.name, cell.pin.version


def seconds_of(step: Step, result: Result) -> float:
    """Give how long a wheel took: a finishing step, and the one whose wheel that took."""
    earlier = step.made.seconds if step.made else 0.0
    return round(earlier + result.seconds, 3)


def judge(
    root: Root,
    step: Step,
    result: Result,
    ranks: Mapping[Tag, int],
    facts: Callable[[Artifact], WheelFacts],
) -> GoodCell | BadCell:
    """Say whether a result is what the pin's type and target ask for."""
    if isinstance(result, Failure):
        return BadCell(
            pin=root.pin,
            cause=result.cause,
            remedy=result.remedy,
            tail=result.tail,
            log=result.log,
            seconds=seconds_of(step, result),
            exit_code=result.exit_code,
        )
    known = facts(result.artifact)
    pin = root.pin
    cause, remedy = broken_promise(pin, step.source.filename, result.artifact, known.version)
    if not cause:
        cause, remedy = objection(pin.type, known, ranks, root.target)
        remedy = f"ask for other tags, or {remedy}" if cause and step.kind == RETAG else remedy
    if cause:
        seconds = seconds_of(step, result)
        return BadCell(pin=pin, cause=cause, remedy=remedy, log=result.log, seconds=seconds)
    return GoodCell(pin=pin, reason=root.reason, step=step, done=result, facts=known)


def broken_promise(pin: Pin, source: str, made: Artifact, version: str) -> tuple[str, str]:
    """Say where a wheel is another project or version than its pin, and what would help.

    It could not be installed by its pin; what "#egg=name==version" or a file's name says is one.
    """
    name = parse_wheel_filename(made.filename).name
    if name != pin.name:
        remedy = "correct the name, or the address" if pin.direct else "this was published wrongly"
        return f"{source} gives a wheel of {name}, not of {pin.name}", remedy
    if canonicalize_version(version) == canonicalize_version(pin.version):
        return "", ""
    return (
        f"{source} gives version {version}, not {pin.version}",
        "correct the version that the requirement says, or its address"
        if pin.direct
        else "take another version; this one was published wrongly",
    )


def objection(
    kind: WheelType, facts: WheelFacts, ranks: Mapping[Tag, int], target: str
) -> tuple[str, str]:
    """Give what is wrong with a wheel for a type and a target, and what would help; else empty."""
    tags = ", ".join(facts.tags)
    if kind is WheelType.PURE and not facts.is_pure:
        return f"type pure was asked for, the build gave {tags}", "list it as crossenv or auto"
    if kind is WheelType.PURE and facts.native:
        return (
            f"it says that it is pure, but holds {facts.native[0]}",
            "list it as crossenv or auto",
        )
    if kind is WheelType.ABI3 and not any("-abi3-" in tag for tag in facts.tags):
        return f"type abi3 was asked for, the build gave {tags}", "list it as crossenv"
    if not any(tag in ranks for text in facts.tags for tag in parse_tag(text)):
        return (
            f"built from source it is {tags}, which does not fit {target}",
            "take a version with a published wheel that fits, or build it on the target",
        )
    return "", ""


def missing_dependencies(
    cells: Iterable[GoodCell], environment: Mapping[str, str]
) -> tuple[str, ...]:
    """Name what the wheels' own metadata asks for and the wheelhouse does not hold."""
    cells = tuple(cells)
    held = {cell.pin.name: cell.pin.version for cell in cells if cell.pin.chosen}
    return tuple(
        f"{cell.pin.name} {cell.pin.version} asks for {wanted}, "
        + (f"the list has {held[wanted_name]}" if wanted_name in held else "not in the list")
        for cell in cells
        for wanted_name, wanted in _unmet(cell.facts, held, environment)
    )


def _unmet(
    facts: WheelFacts, held: Mapping[NormalizedName, str], environment: Mapping[str, str]
) -> list[tuple[NormalizedName, str]]:
    found: list[tuple[NormalizedName, str]] = []
    for text in facts.requires_dist:
        try:
            requirement = Requirement(text)
            marker = requirement.marker
            if marker and not marker.evaluate({**environment, "extra": ""}):
                continue
        except (InvalidRequirement, UndefinedComparison, UndefinedEnvironmentName):
            continue
        name = normalize_name(requirement.name)
        version = held.get(name)
        if version is None or not requirement.specifier.contains(version, prereleases=True):
            found.append((name, f"{requirement.name}{requirement.specifier}"))
    return found


def audited(cell: GoodCell | BadCell, target: Target) -> GoodCell | BadCell:
    """Refuse a wheel that was built here for a target whose machines could not load it."""
    if isinstance(cell, BadCell):
        return cell
    objects = (SharedObject.from_dict(one) for one in cell.done.facts.get("objects", ()))
    found = objections(objects, target)
    if not found:
        return cell
    return BadCell(
        pin=cell.pin,
        cause="; ".join(found),
        remedy="build it without these parts, or for a target that has what it needs",
        log=cell.done.log,
        seconds=cell.seconds,
    )
