"""Source distributions to wheels for another machine, by zig, a sysroot and the shim."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wheelyard.builders import BuildFailedError, Made
from wheelyard.builders.backend import build_system
from wheelyard.builders.cross.host import host_of
from wheelyard.builders.cross.sysconfigdata import MODULE, cross_variables, render
from wheelyard.builders.cross.toolchain import Chain, write_shim, write_toolchain
from wheelyard.builders.cross.view import headers_of, make_view
from wheelyard.builders.environments import make_environment
from wheelyard.builders.hooks import Hooks, Workplace
from wheelyard.builders.pep517 import check_project, normalise
from wheelyard.builders.remedies import tail_of
from wheelyard.builders.sources import obtain, unpack
from wheelyard.repair.elf import read_shared_object
from wheelyard.targets.target import target_from_dict
from wheelyard.wheel.reader import open_wheel, unpack_wheel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wheelyard.builders.cross.host import Host
    from wheelyard.builders.pep517 import Bench
    from wheelyard.builders.sysroots import Sysroot
    from wheelyard.plans.step import Artifact, BuildSettings, Cross, Step
    from wheelyard.repair.elf import SharedObject
    from wheelyard.targets.target import Target

_QUERY = """
import json, site, sys, sysconfig
print(json.dumps({"variables": sysconfig.get_config_vars(), "prefix": sys.base_prefix,
                  "site": site.getsitepackages()[0]}))
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Crossing:
    """What a cross build has beside its source; ``zig`` is the compiler's folder."""

    target: Target
    host: Host
    sysroot: Sysroot
    zig: Path
    cache: Path


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
        crossing = self._crossing(cross)
        with bench.artifacts.store.scratch() as scratch:
            project = unpack(artifact, source, bench.artifacts, scratch / "source")
            interpreter = bench.interpreter(settings.python).executable
            python = make_environment(scratch, interpreter, step.requires, bench.artifacts)
            hooks = Hooks(bench, _workplace(scratch, project, python, crossing), step)
            built = hooks.build_wheel(build_system(project))
            log = hooks.keep_log()
            check_project(built, step, log)
            wheel = normalise(built, settings.epoch, bench.artifacts)
            objects = self._objects(wheel)
            tail = tail_of(bench.artifacts.store.path(log).read_text("utf-8", "replace"))
        facts = {
            "isolation": str(bench.isolation()),
            "requires": [asdict(file) for file in (*step.requires, *cross.tools)],
            "tail": list(tail),
            "objects": [one.as_dict() for one in objects],
        }
        return Made(artifact=wheel, facts=facts, log=log)

    def _objects(self, wheel: Artifact) -> tuple[SharedObject, ...]:
        """Read the shared objects of a wheel; what breaks a rule of the format fails here."""
        native = self._bench.artifacts.facts(wheel).native
        with self._bench.artifacts.store.scratch() as scratch:
            opened = open_wheel(self._bench.artifacts.place(wheel, scratch))
            return tuple(read_shared_object(one, io.BytesIO(opened.read(one))) for one in native)

    def _crossing(self, cross: Cross) -> Crossing:
        target = target_from_dict({**json.loads(cross.host), "name": "host"})
        sysroot = self._bench.sysroots(target, cross.native)
        if sysroot.digest != cross.sysroot:
            cause = "the sysroot's packages changed while this was prepared"
            raise BuildFailedError(cause, "build again", (), "")
        cache = self._bench.artifacts.store.root / "zig"
        return Crossing(
            target=target,
            host=host_of(target),
            sysroot=sysroot,
            zig=self._compiler(cross),
            cache=cache,
        )

    def _compiler(self, cross: Cross) -> Path:
        """Give the unpacked compiler; it is unpacked once."""
        store = self._bench.artifacts.store
        wheel = next(file for file in cross.tools if file.filename.startswith("ziglang-"))
        place = store.root / "tools" / wheel.sha256
        with store.lease(f"tool-{wheel.sha256}"):
            if not place.exists():
                place.parent.mkdir(exist_ok=True)
                with store.scratch() as scratch:
                    artifact = self._bench.artifacts.known(wheel.filename, wheel.sha256)
                    unpack_wheel(self._bench.artifacts.place(artifact, scratch), place)
                (place / "ziglang" / "zig").chmod(0o755)
        return place / "ziglang"


def _workplace(scratch: Path, project: Path, python: Path, crossing: Crossing) -> Workplace:
    """Write the view, the toolchain and the shim into the scratch folder."""
    host, sysroot = crossing.host, crossing.sysroot
    own = _ask(python)
    view = scratch / "view"
    view.mkdir()
    make_view(sysroot.root, sysroot.multiarch, headers_of(crossing.zig), view)
    version = ".".join(map(str, crossing.target.python.version))
    include = view / "include" / f"python{version}"
    chain = Chain(
        zig=crossing.zig,
        host=host,
        includes=(include, view / "include"),
        libraries=view / "lib",
        foreign=(own["prefix"],),
        moved=_moved(sysroot, view),
    )
    tools = write_toolchain(scratch / "toolchain", chain, Path(sys.executable))
    write_shim(Path(own["site"]))
    data = scratch / "host"
    data.mkdir()
    variables = cross_variables(own["variables"], host, str(include), str(view / "lib"))
    (data / f"{MODULE}.py").write_text(render(variables), "utf-8")
    facts = {"machine": host.machine, "multiarch": host.multiarch, "include": str(include)}
    (data / "host.json").write_text(json.dumps(facts), "utf-8")
    return Workplace(
        scratch=scratch,
        project=project,
        python=python,
        environ={
            **_environ(data, host, sysroot),
            # zig compiles the C library's start files once for a target; that is kept.
            "ZIG_GLOBAL_CACHE_DIR": str(crossing.cache),
            "ZIG_LOCAL_CACHE_DIR": str(crossing.cache),
        },
        writable=(crossing.cache,),
        path=(tools,),
    )


def _moved(sysroot: Sysroot, view: Path) -> tuple[tuple[str, str], ...]:
    """Say which folders of the view stand for which of the sysroot, that pkg-config names."""
    usr = sysroot.root / "usr"
    include, library = str(view / "include"), str(view / "lib")
    return (
        (str(usr / "include" / sysroot.multiarch), include),
        (str(usr / "include"), include),
        (str(usr / "lib" / sysroot.multiarch), library),
        (str(usr / "lib"), library),
    )


def _environ(data: Path, host: Host, sysroot: Sysroot) -> Mapping[str, str]:
    pkgconfig = (f"usr/lib/{sysroot.multiarch}/pkgconfig", "usr/share/pkgconfig")
    return {
        "WHEELYARD_CROSS": str(data / "host.json"),
        "PYTHONPATH": str(data),
        "_PYTHON_SYSCONFIGDATA_NAME": MODULE,
        "_PYTHON_HOST_PLATFORM": host.platform,
        "CC": "cc",
        "CXX": "c++",
        "AR": "ar",
        "RANLIB": "ranlib",
        "STRIP": "strip",
        "PKG_CONFIG_LIBDIR": ":".join(str(sysroot.root / folder) for folder in pkgconfig),
        "PKG_CONFIG_SYSROOT_DIR": str(sysroot.root),
    }


def _ask(python: Path) -> dict[str, Any]:
    """Ask the build environment's interpreter, before the shim is there, what it is."""
    done = subprocess.run((python, "-c", _QUERY), capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found
