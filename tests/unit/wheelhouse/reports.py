"""Reports and manifests made from nothing but values, and wheelhouses from real small wheels."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.unit.plans.world import X86, file
from tests.unit.wheel.making import make_wheel

from wheelyard.plans.facts import WheelFacts
from wheelyard.plans.plan import DOWNLOAD, PEP517
from wheelyard.plans.request import WheelType
from wheelyard.plans.resolution import Pin
from wheelyard.plans.step import Artifact, BuildSettings, Step, Success
from wheelyard.wheel.names import Sha256, normalize_name
from wheelyard.wheelhouse.manifest import manifest_of
from wheelyard.wheelhouse.report import BadCell, GoodCell, Report

if TYPE_CHECKING:
    from pathlib import Path

    from wheelyard.store.store import Store

FACTS = WheelFacts(
    version="1.0",
    tags=("py3-none-any",),
    requires_dist=(),
    requires_python="",
    modules=("lib",),
    native=(),
    warnings=(),
)


def pin(name: str = "lib", version: str = "1.0", kind: WheelType = WheelType.AUTO) -> Pin:
    return Pin(
        name=normalize_name(name),
        version=version,
        type=kind,
        wheel=None,
        sdist=None,
        refused="",
        needed_by=("list.txt:1",),
    )


def step(one: Pin, kind: str = DOWNLOAD) -> Step:
    return Step(
        kind=kind,
        project=one.name,
        version=one.version,
        source=file(f"{one.name}-{one.version}.tar.gz"),
        build=None if kind == DOWNLOAD else BuildSettings(python="3.11.0", machine="this"),
        requires=() if kind == DOWNLOAD else (file("setuptools-80-py3-none-any.whl"),),
        reason="a test wants it",
    )


def good(one: Pin | None = None, artifact: Artifact | None = None, **facts: Any) -> GoodCell:
    one = one or pin()
    made = step(one)
    name = f"{one.name}-{one.version}-py3-none-any.whl"
    artifact = artifact or Artifact(filename=name, sha256=Sha256("a" * 64), size=10)
    return GoodCell(
        pin=one,
        reason=made.reason,
        step=made,
        done=Success(key=made.key, artifact=artifact, seconds=0.5),
        facts=replace(FACTS, **{"version": one.version, **facts}),
    )


def built(one: Pin, **source: Any) -> GoodCell:
    cell = good(one)
    made = step(one, PEP517)
    facts = {"isolation": "bubblewrap", "tail": ["built it", "from https://u:secret@x.example/"]}
    return replace(
        cell,
        step=replace(made, source=replace(made.source, **source)),
        done=replace(cell.done, facts=facts, log="b" * 64),
    )


def bad(one: Pin, cause: str = "no header", exit_code: int = 4) -> BadCell:
    return BadCell(pin=one, cause=cause, remedy="install it", tail=("ld: no",), exit_code=exit_code)


def report(*cells: GoodCell | BadCell, notes: tuple[str, ...] = ()) -> Report:
    return Report(
        target=X86,
        good=tuple(cell for cell in cells if isinstance(cell, GoodCell)),
        bad=tuple(cell for cell in cells if isinstance(cell, BadCell)),
        added=(),
        notes=notes,
    )


def real_manifest(store: Store, *names: str, kind: WheelType = WheelType.AUTO) -> dict[str, Any]:
    """A manifest of real wheels that the store holds."""
    cells = []
    for name in names:
        with store.scratch() as folder:
            written = make_wheel(folder, name, "1.0")
            digest = store.add(written.path)
        artifact = Artifact(filename=written.path.name, sha256=digest, size=written.size)
        cells.append(good(pin(name, kind=kind), artifact))
    return manifest_of(report(*cells))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
