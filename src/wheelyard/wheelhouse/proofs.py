"""Which wheels of a report are to be proved, and what proofs make of it. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement

from wheelyard.plans.proof import Failed, Subject
from wheelyard.plans.request import ProofLevel
from wheelyard.repair.audit import has_distribution
from wheelyard.targets.markers import marker_environment
from wheelyard.wheel.names import normalize_name
from wheelyard.wheelhouse.report import BadCell, GoodCell, missing_dependencies

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wheelyard.plans.proof import Proof
    from wheelyard.plans.request import Request
    from wheelyard.plans.step import Artifact
    from wheelyard.targets.target import Target
    from wheelyard.wheel.names import NormalizedName
    from wheelyard.wheelhouse.report import Report

_REMEDY = "look at what it says; --prove none makes the wheel without trying it"


def subjects_of(report: Report, request: Request) -> tuple[Subject, ...]:
    """Give what is to be proved: wheels that were built here and hold compiled parts."""
    found = []
    for cell in report.good:
        settings = request.settings_for(cell.pin.name, report.target.name)
        level = settings.prove or request.prove
        if level is not ProofLevel.NONE and cell.built and cell.facts.native:
            test = settings.test_command if level is ProofLevel.TESTS else ""
            found.append(_subject(cell, report, test))
    return tuple(found)


def _subject(cell: GoodCell, report: Report, test: str) -> Subject:
    """Give a wheel with those that it depends on beside it.

    Not with all others: wheels of one list need not go together, and a proof that depends on few
    is kept for longer.
    """
    others = [one for one in report.good if one.pin.chosen and one.pin.name != cell.pin.name]
    needed = _needed(cell, others)
    cross = cell.step.build.cross if cell.step.build else None
    return Subject(
        wheel=cell.artifact,
        installed=tuple(sorted((one.artifact for one in (cell, *needed)), key=_filename)),
        modules=cell.facts.modules,
        native=cell.facts.native,
        packages=_packages((cell, *needed), report.target),
        built_with=cross.sysroot if cross else "",
        test=test,
    )


def _filename(artifact: Artifact) -> str:
    return artifact.filename


def _needed(cell: GoodCell, others: Iterable[GoodCell]) -> tuple[GoodCell, ...]:
    """Give what a wheel's metadata asks for, directly or not; what only an extra asks for too."""
    held = {one.pin.name: one for one in others}
    found: dict[NormalizedName, GoodCell] = {}
    waiting = [cell]
    while waiting:
        for name in _required(waiting.pop()):
            if name in held and name not in found:
                found[name] = held[name]
                waiting.append(held[name])
    return tuple(found[name] for name in sorted(found))


def _required(cell: GoodCell) -> Iterator[NormalizedName]:
    for text in cell.facts.requires_dist:
        try:
            yield normalize_name(Requirement(text).name)
        except InvalidRequirement:  # the report says so
            continue


def _packages(cells: Iterable[GoodCell], target: Target) -> tuple[tuple[str, ...], ...]:
    """Give the sets of packages that wheels were built with, where a target has their libraries.

    A level such as manylinux_2_17 has none of them: what a wheel needs, it must bring.
    """
    if not has_distribution(target):
        return ()
    builds = (cell.step.build.cross for cell in cells if cell.step.build)
    return tuple(sorted({cross.native for cross in builds if cross}))


def with_proofs(report: Report, proofs: Mapping[str, Proof]) -> Report:
    """Give a report with what came of proving, by wheels' digests; what failed is no wheel of it.

    What depended on a wheel that is no longer there is told of.
    """
    cells = [_judged(cell, proofs, report.target) for cell in report.good]
    good = tuple(cell for cell in cells if isinstance(cell, GoodCell))
    refused = tuple(cell for cell in cells if isinstance(cell, BadCell))
    missing = missing_dependencies(good, marker_environment(report.target)) if refused else ()
    return replace(
        report,
        good=good,
        bad=tuple(sorted((*report.bad, *refused), key=lambda one: (one.pin.name, one.pin.version))),
        notes=tuple(dict.fromkeys((*report.notes, *missing))),
    )


def _judged(cell: GoodCell, proofs: Mapping[str, Proof], target: Target) -> GoodCell | BadCell:
    proof = proofs.get(cell.artifact.sha256)
    if not isinstance(proof, Failed):
        return replace(cell, proof=proof)
    what = f"{proof.module} can't be imported" if proof.module else "its tests failed"
    return BadCell(
        pin=cell.pin,
        cause=f"it was built, but on {target.name} {what}: {proof.error} ({proof.runner})",
        remedy=_REMEDY,
        tail=proof.tail,
        log=cell.done.log,
        seconds=cell.seconds,
    )
