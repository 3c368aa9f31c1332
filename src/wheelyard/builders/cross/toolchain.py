"""The tools of a cross build: zig or GCC behind wrappers of the usual names."""

from __future__ import annotations

import json
import platform
import re
import shlex
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wheelyard.builders.cross import compiler, shim

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from wheelyard.builders.cross.gcc import Gcc
    from wheelyard.builders.cross.host import Host

# Every name that build systems look for, and the tool that it stands for.
_NAMES = {
    "cc": "cc",
    "gcc": "cc",
    "clang": "cc",
    "c++": "c++",
    "g++": "c++",
    "clang++": "c++",
    "ar": "ar",
    "ranlib": "ranlib",
    "strip": "strip",
    "build-cc": "build-cc",
    "build-c++": "build-c++",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Chain:
    """What the wrappers stand for.

    ``tools`` are their commands, by the names that ``tools_of`` gives; ``zig`` says that the
    compiler is zig's clang. ``linked`` is given to the linker last. ``foreign`` are folders of the
    build machine whose headers and libraries are dropped; ``moved`` are pairs of folders, of which
    the second has what is asked of the first. ``scratch`` is not to be named in what is compiled.
    """

    tools: Mapping[str, list[str]]
    zig: bool
    includes: tuple[Path, ...]
    libraries: Path
    linked: tuple[str, ...]
    foreign: tuple[str, ...]
    moved: tuple[tuple[str, str], ...]
    scratch: Path


def tools_of(zig: Path, host: Host, gcc: Gcc | None) -> Mapping[str, list[str]]:
    """Give the commands of a host's compilers, and of those for the machine that builds.

    ``zig`` is its folder; it compiles for the host where no ``gcc`` does.
    """
    program = str(zig / "zig")
    common = ["-target", host.zig_target, *host.zig_flags]
    native = ["-target", f"{platform.machine()}-linux-gnu"]
    own = {
        "cc": [program, "cc", *common],
        "c++": [program, "c++", *common],
        "ar": [program, "ar"],
        "ranlib": [program, "ranlib"],
        "strip": [program, "objcopy", "--strip-all"],
    }
    return {
        **(gcc.tools() if gcc else own),
        "build-cc": [program, "cc", *native],
        "build-c++": [program, "c++", *native],
    }


def write_toolchain(folder: Path, chain: Chain, interpreter: Path) -> None:
    """Write the wrappers into a new folder, which goes first on ``PATH``.

    ``interpreter`` is any of this machine; it runs the wrappers.
    """
    folder.mkdir()
    shutil.copyfile(compiler.__file__, folder / "compiler.py")
    includes = [part for path in chain.includes for part in ("-isystem", str(path))]
    description = {
        "tools": dict(chain.tools),
        "zig": chain.zig,
        "foreign": list(chain.foreign),
        "moved": chain.moved,
        "after": [
            *includes,
            f"-L{chain.libraries}",
            "-g0",
            f"-ffile-prefix-map={chain.scratch}=/build",
        ],
        "linked": list(chain.linked),
    }
    (folder / "toolchain.json").write_text(json.dumps(description), "utf-8")
    for name, tool in _NAMES.items():
        # Not a shebang to the interpreter: its path may be longer than the kernel allows there.
        write_wrapper(folder / name, interpreter, "-ISE", folder / "compiler.py", tool)


def write_wrapper(file: Path, *command: str | Path) -> None:
    """Write a program that becomes a command, with the arguments that it is given added."""
    _write_script(file, f'exec {shlex.join(map(str, command))} "$@"')


def _write_script(file: Path, text: str) -> None:
    file.write_text(f"#!/bin/sh\n{text}\n", "utf-8")
    file.chmod(0o755)


def write_host_python(file: Path, python: Path, environ: Mapping[str, str]) -> None:
    """Write a Python that answers for the host in whichever environment it is run."""
    write_wrapper(file, "env", *(f"{name}={environ[name]}" for name in shim.VARIABLES), python)


def write_pkg_config(file: Path, program: Path, root: Path, multiarch: str) -> None:
    """Write a pkg-config that knows what is in a sysroot and nothing else."""
    folders = ("usr/lib/" + multiarch, "usr/lib", "usr/share")
    places = ":".join(f"{root}/{folder}/pkgconfig" for folder in folders)
    known = (f"PKG_CONFIG_LIBDIR={places}", f"PKG_CONFIG_SYSROOT_DIR={root}", "PKG_CONFIG_PATH=")
    write_wrapper(file, "env", *known, program)


def write_config_scripts(folder: Path, root: Path, view: Path, multiarch: str) -> None:
    """Let the sysroot's ``*-config`` scripts (xml2-config, curl-config, …) answer for the view.

    They are shell scripts that print where things are on the machine that they were made for.
    """
    place = re.sub(r"([\\#&])", r"\\\1", str(view))  # as sed reads a replacement
    moves = (
        f"s#/usr/lib/{multiarch}#{place}/lib#g",
        f"s#/usr/include/{multiarch}#{place}/include#g",
        f"s#/usr/include#{place}/include#g",
    )
    sed = shlex.join(("sed", *(word for move in moves for word in ("-e", move))))
    for script in sorted((root / "usr" / "bin").glob("*-config")):
        if script.is_file() and script.read_bytes()[:2] == b"#!":
            name = script.name.removeprefix(f"{multiarch}-")
            ask = f'said=$(sh {shlex.quote(str(script))} "$@") || exit'
            _write_script(folder / name, f"{ask}\nprintf '%s\\n' \"$said\" | {sed}")


def write_shim(site_packages: Path) -> None:
    """Put the shim into a build environment."""
    shutil.copyfile(shim.__file__, site_packages / "_wheelyard_cross.py")
    (site_packages / "_wheelyard_cross.pth").write_text("import _wheelyard_cross\n", "utf-8")
