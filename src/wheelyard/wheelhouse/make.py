"""The whole story: requirements and targets in, one verified wheelhouse per target out.

1. ``resolve``: pins with hashes for each target, remembered until they are asked for anew.
2. ``plan``: where each wheel comes from, and why; a graph of steps.
3. ``execute``: steps that the store doesn't hold yet are run, and the plan grows as it learns.
4. ``report``: what came of it, checked against the target.
5. ``prove``: what was built here is imported by the target's interpreter.
6. ``write``: what held, swapped in whole.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wheelyard.executors.local import execute
from wheelyard.plans.plan import Site, make_plan
from wheelyard.targets.detect import THIS
from wheelyard.wheelhouse.manifest import manifest_of, render_manifest
from wheelyard.wheelhouse.proofs import subjects_of, with_proofs
from wheelyard.wheelhouse.report import make_report
from wheelyard.wheelhouse.resolve import pin_sources, resolve_target
from wheelyard.wheelhouse.write import refuse_strangers, write_atomically, write_wheelhouse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from wheelyard.executors.local import Listener
    from wheelyard.plans.request import Request
    from wheelyard.targets.target import Target
    from wheelyard.wheelhouse.report import Report
    from wheelyard.wheelhouse.workshop import Workshop


@dataclass(frozen=True, kw_only=True, slots=True)
class Outlet:
    """Where wheelhouses go, one folder per target below ``folder``, and how reports look.

    ``render`` makes a page from the manifests of one target or of several. ``sign`` signs a
    wheelhouse in a folder, where that is wanted.
    """

    folder: Path
    render: Callable[[tuple[Mapping[str, Any], ...]], str]
    sign: Callable[[Path, bytes], object] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """A wheelhouse that is in place; ``changed`` is false where it was there already."""

    report: Report
    manifest: Mapping[str, Any]
    folder: Path
    changed: bool


def make_wheelhouses(
    request: Request, workshop: Workshop, outlet: Outlet, listener: Listener, *, upgrade: bool
) -> tuple[Written, ...]:
    """Make the wheelhouse of every target of a request.

    Args:
        request: What is wanted.
        workshop: What it takes.
        outlet: Where it goes.
        listener: Is told how it goes.
        upgrade: Look for newer versions instead of taking the last resolution again.

    Returns:
        What was written, one for each target, wheels that failed included.

    Raises:
        ResolutionError: When the requirements can't be satisfied for a target.
        HostError: When this machine can't do it, for whatever lacks.
    """
    for target in request.targets:
        refuse_strangers(outlet.folder / target.name)
    request = pin_sources(request, workshop, upgrade=upgrade)
    resolutions = []
    for target in request.targets:
        listener.note(f"resolving for {target.name}")
        resolutions.append(resolve_target(request, target, workshop, upgrade=upgrade))
    sites = {target.name: _site(request, target, workshop) for target in request.targets}
    plan = make_plan(resolutions, sites)
    plan, results = execute(
        plan, workshop.performer, workshop.means.limits, listener, workshop.processes.stop
    )
    facts = workshop.artifacts.facts
    reports = [
        make_report(resolution, target, plan, results, facts)
        for resolution, target in zip(resolutions, request.targets, strict=True)
    ]
    reports = [_proved(report, request, workshop, listener) for report in reports]
    written = tuple(_write(report, workshop, outlet) for report in reports)
    write_overview(outlet, written)
    return written


def _site(request: Request, target: Target, workshop: Workshop) -> Site:
    return Site(
        target=target.name,
        native=target.name == THIS,
        settings=lambda pin: workshop.settings(target, request.settings_for(pin.name, target.name)),
        cross=lambda pin: workshop.cross_settings(
            target, request.settings_for(pin.name, target.name)
        ),
        described=json.dumps(target.as_dict(), sort_keys=True),
        tags=lambda pin: request.settings_for(pin.name, target.name).tags if pin.direct else None,
    )


def _proved(report: Report, request: Request, workshop: Workshop, listener: Listener) -> Report:
    subjects = subjects_of(report, request)
    if not subjects:
        return report
    return with_proofs(report, workshop.prover(report.target, subjects, listener.note))


def _write(report: Report, workshop: Workshop, outlet: Outlet) -> Written:
    manifest = manifest_of(report)
    folder = outlet.folder / report.target.name
    changed = write_wheelhouse(
        folder, manifest, workshop.store, lambda one: outlet.render((one,)), outlet.sign
    )
    return Written(report=report, manifest=manifest, folder=folder, changed=changed)


def write_overview(outlet: Outlet, written: tuple[Written, ...]) -> None:
    """Write the page that shows all targets of a run side by side, where it shows anything new."""
    manifests = tuple(one.manifest for one in written)
    content = b"".join(render_manifest(manifest) for manifest in manifests)
    mark = f"<!-- of manifests {hashlib.sha256(content).hexdigest()} -->\n".encode()
    page = outlet.folder / "report.html"
    if not (page.is_file() and page.read_bytes().endswith(mark)):
        write_atomically(page, outlet.render(manifests).encode() + b"\n" + mark)
