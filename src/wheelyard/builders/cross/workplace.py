"""Where a cross build runs: an environment in which every build system finds its host described."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wheelyard.builders.cross.autoconf import config_site
from wheelyard.builders.cross.cmake import toolchain_file
from wheelyard.builders.cross.headers import put_headers
from wheelyard.builders.cross.meson import cross_file
from wheelyard.builders.cross.sysconfigdata import MODULE, cross_variables, render
from wheelyard.builders.cross.toolchain import (
    Chain,
    tools_of,
    write_config_scripts,
    write_host_python,
    write_pkg_config,
    write_shim,
    write_toolchain,
)
from wheelyard.builders.cross.view import headers_of, make_view
from wheelyard.builders.hooks import Workplace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wheelyard.builders.cross.gcc import Gcc
    from wheelyard.builders.cross.host import Host
    from wheelyard.builders.cross.rust import Rust
    from wheelyard.builders.sysroots import Sysroot
    from wheelyard.wheel.reader import Wheel

# Of what 128-bit long doubles need, zig's run-time library has only the IEEE format's.
_LACKING = frozenset(("ppc64le",))
_QUERY = """
import json, site, sys, sysconfig
print(json.dumps({"variables": sysconfig.get_config_vars(), "prefix": sys.base_prefix,
                  "site": site.getsitepackages()[0]}))
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Crossing:
    """What a cross build has beside its source.

    ``zig`` is the compiler's folder, ``pkgconf`` a program, ``cache`` the compiler's; ``gcc``
    compiles for the host where it is asked for; ``rust`` is there for projects with crates.
    ``requires`` are the host's wheels of what it is built with.
    """

    host: Host
    sysroot: Sysroot
    zig: Path
    pkgconf: Path
    cache: Path
    gcc: Gcc | None
    rust: Rust | None
    requires: tuple[Wheel, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class _View:
    """The build view of a sysroot, and the host's Python headers in it."""

    folder: Path
    include: Path


def make_workplace(scratch: Path, project: Path, python: Path, crossing: Crossing) -> Workplace:
    """Write the view, the toolchain, the shim and the build systems' files into a scratch folder.

    ``python`` is that of the build environment, of the target's version.
    """
    own = _ask(python)
    view = _make_view(scratch, crossing)
    tools = _write_tools(scratch, crossing, view, own["prefix"])
    for wheel in crossing.requires:
        put_headers(wheel, Path(own["site"]))
    write_shim(Path(own["site"]))
    data = scratch / "host"
    shimmed = _write_host(data, crossing.host, view, own["variables"])
    write_host_python(tools / "host-python", python, shimmed)
    crossing.cache.mkdir(exist_ok=True)
    rust = crossing.rust
    return Workplace(
        scratch=scratch,
        project=project,
        python=python,
        environ={
            **shimmed,
            **_environ(tools),
            **(rust.environ(crossing.host, data, tools) if rust else {}),
            # zig compiles the C library's start files once for a target; that is kept.
            "ZIG_GLOBAL_CACHE_DIR": str(crossing.cache),
            "ZIG_LOCAL_CACHE_DIR": str(crossing.cache),
        },
        writable=(crossing.cache,),
        path=(tools, *((rust.programs,) if rust else ())),
        settings={"mesonpy": (("setup-args", f"--cross-file={tools / 'cross.meson'}"),)},
        notes=crossing.sysroot.notes,
    )


def _make_view(scratch: Path, crossing: Crossing) -> _View:
    sysroot, host = crossing.sysroot, crossing.host
    folder = scratch / "view"
    folder.mkdir()
    make_view(sysroot.root, sysroot.multiarch, headers_of(crossing.zig, host), folder)
    return _View(folder=folder, include=folder / "include" / f"python{host.python}")


def _write_tools(scratch: Path, crossing: Crossing, view: _View, prefix: str) -> Path:
    """Write the compilers' wrappers, and what tells build systems of them; give their folder.

    ``prefix`` is the build machine's own Python's, whose headers are not the host's.
    """
    host, sysroot = crossing.host, crossing.sysroot
    chain = Chain(
        tools=tools_of(crossing.zig, host, crossing.gcc),
        zig=crossing.gcc is None,
        includes=(view.include, view.folder / "include"),
        libraries=view.folder / "lib",
        linked=_linked(crossing),
        foreign=(prefix,),
        moved=_moved(sysroot, view.folder),
        scratch=scratch,
    )
    tools = scratch / "toolchain"
    write_toolchain(tools, chain, Path(sys.executable))
    write_pkg_config(tools / "pkg-config", crossing.pkgconf, sysroot.root, sysroot.multiarch)
    write_config_scripts(tools, sysroot.root, view.folder, sysroot.multiarch)
    build = f"{platform.machine()}-linux-gnu"
    (tools / "cross.meson").write_text(cross_file(host, tools), "utf-8")
    (tools / "toolchain.cmake").write_text(toolchain_file(host, tools, view.folder), "utf-8")
    (tools / "config.site").write_text(config_site(host, build), "utf-8")
    return tools


def _write_host(
    data: Path, host: Host, view: _View, own_variables: Mapping[str, Any]
) -> dict[str, str]:
    """Write what the build's Python says of its host; give the variables that make it say so."""
    data.mkdir()
    library = str(view.folder / "lib")
    variables = cross_variables(own_variables, host, str(view.include), library)
    (data / f"{MODULE}.py").write_text(render(variables), "utf-8")
    facts = {"machine": host.arch, "multiarch": host.multiarch, "include": str(view.include)}
    (data / "host.json").write_text(json.dumps(facts), "utf-8")
    return {
        "WHEELYARD_CROSS": str(data / "host.json"),
        "PYTHONPATH": str(data),
        "_PYTHON_SYSCONFIGDATA_NAME": MODULE,
        "_PYTHON_HOST_PLATFORM": host.platform,
    }


def _linked(crossing: Crossing) -> tuple[str, ...]:
    """Give what zig's linker is told beside what a build system says.

    Its start files have debug information with the folders in which they were first compiled. What
    its run-time library lacks comes from the sysroot.
    """
    if crossing.gcc:
        return ()
    strip = "-Wl,--strip-debug"
    place = crossing.sysroot.root / "lib" / crossing.sysroot.multiarch / "libgcc_s.so.1"
    if crossing.host.arch not in _LACKING or not place.is_file():
        return (strip,)
    return (strip, "-Wl,--as-needed", str(place))


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


def _environ(tools: Path) -> Mapping[str, str]:
    return {
        "CC": "cc",
        "CXX": "c++",
        "AR": "ar",
        "RANLIB": "ranlib",
        "STRIP": "strip",
        "CC_FOR_BUILD": str(tools / "build-cc"),
        "CXX_FOR_BUILD": str(tools / "build-c++"),
        "PKG_CONFIG": str(tools / "pkg-config"),
        "CMAKE_TOOLCHAIN_FILE": str(tools / "toolchain.cmake"),
        "CONFIG_SITE": str(tools / "config.site"),
    }


def _ask(python: Path) -> dict[str, Any]:
    """Ask the build environment's interpreter, before the shim is there, what it is."""
    done = subprocess.run((python, "-c", _QUERY), capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found
