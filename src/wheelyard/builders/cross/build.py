"""Source distributions to wheels for another machine, by zig, a sysroot and the shim."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from wheelyard.builders import BuildFailedError, Made
from wheelyard.builders.backend import build_system
from wheelyard.builders.cross.host import host_of
from wheelyard.builders.cross.rust import open_rust
from wheelyard.builders.cross.workplace import Crossing, make_workplace
from wheelyard.builders.environments import make_environment
from wheelyard.builders.hooks import Hooks
from wheelyard.builders.pep517 import build_with, target_of
from wheelyard.builders.sources import obtain, unpack
from wheelyard.wheel.reader import open_wheel, unpack_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from wheelyard.builders.pep517 import Bench
    from wheelyard.plans.release import File
    from wheelyard.plans.step import BuildSettings, Cross, Step
    from wheelyard.wheel.reader import Wheel

_PROGRAMS = ("ziglang/zig", "pkgconf/.bin/pkgconf")


def settings_of(step: Step) -> tuple[BuildSettings, Cross]:
    """Give the settings that every cross step has."""
    if step.build is None or step.build.cross is None:
        raise TypeError(f"a {step.kind} step without a host")
    return step.build, step.build.cross


class CrossBuild:
    """The builder of ``cross`` steps; its artifact is the wheel."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def __call__(self, step: Step) -> Made:
        """Build the wheel."""
        bench = self._bench
        settings, cross = settings_of(step)
        source, artifact = obtain(step.source, bench.artifacts)
        with bench.artifacts.store.scratch() as scratch:
            crossing = self._crossing(cross, scratch)
            project = unpack(artifact, source, bench.artifacts, scratch / "source")
            interpreter = bench.interpreter(settings.python).executable
            python = make_environment(scratch, interpreter, step.requires, bench.artifacts)
            hooks = Hooks(bench, make_workplace(scratch, project, python, crossing), step)
            made = build_with(hooks, build_system(project), step, bench)
        facts = {
            **made.facts,
            "requires": [asdict(file) for file in (*step.requires, *cross.tools)],
            "notes": list(crossing.sysroot.notes),
        }
        return Made(artifact=made.artifact, facts=facts, log=made.log)

    def _crossing(self, cross: Cross, scratch: Path) -> Crossing:
        target = target_of(cross)
        sysroot = self._bench.sysroots(target, cross.native)
        rust = open_rust(target, self._bench) if cross.rust else None
        if sysroot.digest != cross.sysroot or (rust and rust.digest != cross.rust):
            cause = "the sysroot's packages changed while this was prepared"
            raise BuildFailedError(cause, "build again", (), "")
        return Crossing(
            host=host_of(target),
            sysroot=sysroot,
            zig=self._tool(cross, "ziglang") / "ziglang",
            pkgconf=self._tool(cross, "pkgconf") / "pkgconf" / ".bin" / "pkgconf",
            cache=self._bench.artifacts.store.root / "zig",
            rust=rust,
            requires=tuple(self._opened(file, scratch) for file in cross.requires),
        )

    def _opened(self, file: File, scratch: Path) -> Wheel:
        artifact = self._bench.artifacts.known(file.filename, file.sha256)
        return open_wheel(self._bench.artifacts.place(artifact, scratch))

    def _tool(self, cross: Cross, name: str) -> Path:
        """Give the folder of an unpacked tool; it is unpacked once."""
        store = self._bench.artifacts.store
        wheel = next(file for file in cross.tools if file.filename.startswith(f"{name}-"))
        place = store.root.absolute() / "tools" / wheel.sha256
        with store.lease(f"tool-{wheel.sha256}"):
            if not place.exists():
                place.parent.mkdir(exist_ok=True)
                with store.scratch() as scratch:
                    artifact = self._bench.artifacts.known(wheel.filename, wheel.sha256)
                    unpack_wheel(self._bench.artifacts.place(artifact, scratch), place)
                for program in _PROGRAMS:
                    if (place / program).is_file():
                        (place / program).chmod(0o755)
        return place
