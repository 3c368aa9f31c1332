"""Source distributions to wheels on this machine, by the backend that each names (PEP 517).

Two steps. ``Prepare`` fetches and unpacks the source and locks its build requirements, the dynamic
ones too; ``Build`` makes the wheel in an environment of exactly these wheels, off the network, and
writes it anew so that the same inputs give the same bytes.
"""

from __future__ import annotations

import contextlib
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Protocol

from wheelyard.builders import BuildFailedError, Made
from wheelyard.builders.backend import build_system
from wheelyard.builders.compiled_parts import has_compiled_parts
from wheelyard.builders.cross.crossing import compiler_of, open_crossing, target_of
from wheelyard.builders.cross.headers import with_headers
from wheelyard.builders.cross.rust import open_rust
from wheelyard.builders.cross.workplace import make_workplace
from wheelyard.builders.environments import make_environment
from wheelyard.builders.hooks import Hooks, Workplace
from wheelyard.builders.old_spellings import left_out
from wheelyard.builders.remedies import tail_of
from wheelyard.builders.rust import fetch_crates, has_crates
from wheelyard.builders.sources import obtain, unpack
from wheelyard.plans.step import Artifact
from wheelyard.wheel import files_from_wheel, normalize_name, open_wheel, write_wheel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from wheelyard.builders.artifacts import Artifacts
    from wheelyard.builders.interpreters import Interpreter
    from wheelyard.builders.isolation import Isolation
    from wheelyard.builders.processes import Processes
    from wheelyard.builders.sysroots import PackageProvider
    from wheelyard.plans.release import File
    from wheelyard.plans.step import BuildSettings, Cross, Step
    from wheelyard.targets.target import Target


CROSS_TOOLS = ("ziglang==0.13.0.post1", "pkgconf>=2.4")
"""The compiler of cross builds, of which a newer one is taken when it has been proved on every
target, and what finds the sysroot's libraries.
"""


class Lock(Protocol):
    """Finds the wheels of a build environment; they are in the store afterwards."""

    def __call__(self, requires: tuple[str, ...], host: Target) -> tuple[File, ...]:
        """Give wheels that satisfy PEP 508 requirements on this machine, dependencies included.

        Raises:
            ResolutionError: When there are none.
            BuildFailedError: When one has to be built and that fails.
        """
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Bench:
    """What building on this machine takes.

    ``lock`` finds what builds run with, ``lock_for_host`` what they look at in the host's stead.
    """

    artifacts: Artifacts
    processes: Processes
    isolation: Callable[[], Isolation]
    lock: Lock
    lock_for_host: Lock
    interpreter: Callable[[str], Interpreter]
    sysroots: PackageProvider


class Prepare:
    """The builder of ``prepare`` steps; its artifact is the source."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def __call__(self, step: Step) -> Made:
        """Fetch the source and lock what its build requires."""
        bench = self._bench
        settings = _settings(step)
        source, artifact = obtain(step.source, bench.artifacts)
        interpreter = bench.interpreter(settings.python)
        with bench.artifacts.store.scratch() as scratch:
            project = unpack(artifact, source, bench.artifacts, scratch / "source")
            system = build_system(project)
            wheels = bench.lock(system.requires, interpreter.target)
            cross = settings.cross and self._locked(settings.cross, interpreter.target, wheels)
            if has_crates(wheels):
                rust = open_rust(target_of(cross), bench) if cross else None
                programs = rust.programs if rust else None
                fetch_crates(project, bench.processes, scratch, programs)
            python = make_environment(scratch, interpreter.executable, wheels, bench.artifacts)
            place = _workplace(bench, cross, scratch, project, python)
            dynamic = Hooks(bench, place, step).requires_for_wheel(system)
            if dynamic:
                wheels = bench.lock((*system.requires, *dynamic), interpreter.target)
                cross = cross and self._locked(cross, interpreter.target, wheels)
            compiled = has_compiled_parts(project)
        facts = {
            "requires": [asdict(file) for file in wheels],
            "source": asdict(source),
            "compiled": compiled,
            **({"cross": asdict(cross)} if cross else {}),
        }
        return Made(artifact=artifact, facts=facts)

    def _locked(self, cross: Cross, own: Target, requires: tuple[File, ...]) -> Cross:
        """Lock the tools, the sysroot and the host's wheels of a cross build, for its key."""
        target = target_of(cross)
        return replace(
            cross,
            tools=self._bench.lock(CROSS_TOOLS, own),
            sysroot=self._bench.sysroots(target, cross.native).digest,
            compiler=compiler_of(cross, target, self._bench),
            rust=open_rust(target, self._bench).digest if has_crates(requires) else "",
            requires=self._bench.lock_for_host(with_headers(requires), target),
        )


class Build:
    """The builder of ``pep517`` and ``cross`` steps; its artifact is the wheel."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def __call__(self, step: Step) -> Made:
        """Build the wheel."""
        bench = self._bench
        source, artifact = obtain(step.source, bench.artifacts)
        with _ready(bench, step, source, artifact) as (hooks, place):
            return _build_with(hooks, place, step, bench)


class Describe:
    """The builder of ``metadata`` steps; its artifact is the file ``METADATA``."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def __call__(self, step: Step) -> Made:
        """Ask the backend for the metadata, without building where it can."""
        bench = self._bench
        source, artifact = obtain(step.source, bench.artifacts)
        with _ready(bench, step, source, artifact) as (hooks, place):
            file = hooks.metadata(build_system(place.project)) / "METADATA"
            size, digest = file.stat().st_size, bench.artifacts.store.add(file)
        return Made(artifact=Artifact(filename="METADATA", sha256=digest, size=size))


@contextlib.contextmanager
def _ready(
    bench: Bench, step: Step, source: File, artifact: Artifact
) -> Iterator[tuple[Hooks, Workplace]]:
    """Unpack a prepared source beside its environment; the hooks run there."""
    interpreter = bench.interpreter(_settings(step).python).executable
    with bench.artifacts.store.scratch() as scratch:
        project = unpack(artifact, source, bench.artifacts, scratch / "source")
        python = make_environment(scratch, interpreter, step.requires, bench.artifacts)
        place = _workplace(bench, _settings(step).cross, scratch, project, python)
        yield Hooks(bench, place, step), place


def _workplace(
    bench: Bench, cross: Cross | None, scratch: Path, project: Path, python: Path
) -> Workplace:
    if cross is None:
        return Workplace(scratch=scratch, project=project, python=python)
    return make_workplace(scratch, project, python, open_crossing(cross, bench, scratch))


def _settings(step: Step) -> BuildSettings:
    if step.build is None:
        raise TypeError(f"a {step.kind} step without build settings")
    return step.build


def _build_with(hooks: Hooks, place: Workplace, step: Step, bench: Bench) -> Made:
    """Build the wheel of a step and keep it, normalised, with its log.

    Raises:
        BuildFailedError: When the backend fails or gives a wheel of another project.
    """
    compiled = has_compiled_parts(place.project)  # before a build leaves files of its own there
    built = hooks.build_wheel(build_system(place.project))
    log = hooks.keep_log()
    metadata = open_wheel(built).metadata
    if normalize_name(metadata.name) != step.project:
        raise BuildFailedError(
            f"the source is that of {metadata.name}, not of {step.project}",
            "correct the name in the requirement",
            (),
            log,
        )
    wheel = _normalise(built, place.scratch, _settings(step).epoch, bench.artifacts)
    bench.artifacts.facts(wheel)  # what breaks a rule of the format fails here
    tail = tail_of(bench.artifacts.store.path(log).read_text("utf-8", "replace"))
    cross = _settings(step).cross
    tools = cross.tools if cross else ()
    facts = {
        "isolation": str(bench.isolation()),
        "requires": [asdict(file) for file in (*step.requires, *tools)],
        "tail": list(tail),
        "notes": list(place.notes),
        "compiled": compiled,
        "remarks": list(left_out(place.project, metadata.requires_dist)),
    }
    return Made(artifact=wheel, facts=facts, log=log)


# What a build writes itself: its configuration as a module or as data.
_TEXTS = (".py", ".json", ".pc", ".cmake", ".cfg", ".txt", ".h")


def _normalise(built: Path, scratch: Path, epoch: int, artifacts: Artifacts) -> Artifact:
    """Write the wheel anew: what differs between two builds of the same inputs is made the same.

    That is order, times, modes, compression, and the name of the scratch folder in text files, of
    which NumPy's configuration tells for one.
    """
    folder = built.parent / "normal"
    folder.mkdir()
    wheel = open_wheel(built)
    old, texts = str(scratch).encode(), (one for one in wheel.members if one.name.endswith(_TEXTS))
    contents = {one.name: wheel.read(one.name) for one in texts}
    changes = {name: data.replace(old, b"/build") for name, data in contents.items() if old in data}
    files = files_from_wheel(wheel, changes)
    written = write_wheel(folder, wheel.filename, files, timestamp=epoch)
    digest = artifacts.store.add(written.path, written.sha256)
    return Artifact(filename=written.path.name, sha256=digest, size=written.size)
