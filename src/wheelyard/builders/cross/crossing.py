"""What a cross build stands on, brought onto this machine: tools, sysroot, the host's wheels."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from wheelyard.builders import BuildFailedError
from wheelyard.builders.cross.gcc import gcc_digest, open_gcc
from wheelyard.builders.cross.host import host_of
from wheelyard.builders.cross.rust import open_rust
from wheelyard.builders.cross.workplace import Crossing
from wheelyard.builders.tools import kept_tool
from wheelyard.targets.target import target_from_dict
from wheelyard.wheel.reader import open_wheel, unpack_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from wheelyard.builders.pep517 import Bench
    from wheelyard.plans.release import File
    from wheelyard.plans.step import Cross
    from wheelyard.targets.target import Target
    from wheelyard.wheel.reader import Wheel

_NAMELESS = "(host)"  # what no target can be called
_PROGRAMS = ("ziglang/zig", "pkgconf/.bin/pkgconf")


def target_of(cross: Cross) -> Target:
    """Give the target that a cross build is for, with its name where it has its own sysroot."""
    return target_from_dict({"name": _NAMELESS, **json.loads(cross.host)})


def open_crossing(cross: Cross, bench: Bench, scratch: Path) -> Crossing:
    """Make ready what a cross build's settings name; wheels are opened in ``scratch``.

    Raises:
        BuildFailedError: When the mirror's packages are others than when this was prepared.
    """
    target = target_of(cross)
    sysroot = bench.sysroots(target, cross.native)
    rust = open_rust(target, bench) if cross.rust else None
    found = (sysroot.digest, rust.digest if rust else "", compiler_of(cross, target, bench))
    if found != (cross.sysroot, cross.rust, cross.compiler):
        cause = "the packages of the sysroot or the compiler changed while this was prepared"
        raise BuildFailedError(cause, "build again", (), "")
    return Crossing(
        host=host_of(target),
        sysroot=sysroot,
        zig=_tool(cross, "ziglang", bench) / "ziglang",
        pkgconf=_tool(cross, "pkgconf", bench) / "pkgconf" / ".bin" / "pkgconf",
        cache=bench.artifacts.store.root / "zig",
        gcc=open_gcc(cross, target, sysroot, bench),
        rust=rust,
        requires=tuple(_opened(file, bench, scratch) for file in cross.requires),
    )


def compiler_of(cross: Cross, target: Target, bench: Bench) -> str:
    """Give the digest of the GCC that a build asks for; empty where zig compiles."""
    return gcc_digest(cross.toolchain, target, bench.sysroots)


def _opened(file: File, bench: Bench, scratch: Path) -> Wheel:
    artifact = bench.artifacts.known(file.filename, file.sha256)
    return open_wheel(bench.artifacts.place(artifact, scratch))


def _tool(cross: Cross, name: str, bench: Bench) -> Path:
    """Give the folder of an unpacked tool; it is unpacked once."""
    wheel = next(file for file in cross.tools if file.filename.startswith(f"{name}-"))

    def make(made: Path, _: Path) -> None:
        artifact = bench.artifacts.known(wheel.filename, wheel.sha256)
        with bench.artifacts.store.scratch() as scratch:
            unpack_wheel(bench.artifacts.place(artifact, scratch), made / name)
        for program in _PROGRAMS:
            if (made / name / program).is_file():
                (made / name / program).chmod(0o755)

    return kept_tool(bench.artifacts.store, f"{name}-{wheel.sha256}", make) / name
