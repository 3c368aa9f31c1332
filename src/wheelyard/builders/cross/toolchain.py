"""The tools of a cross build: zig as compiler and linker behind wrappers of the usual names."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wheelyard.builders.cross import compiler, shim

if TYPE_CHECKING:
    from pathlib import Path

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
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Chain:
    """What the wrappers stand for.

    ``zig`` is the compiler's folder; ``foreign`` are folders of the build machine whose headers
    and libraries are dropped; ``moved`` are pairs of folders, of which the second has what is asked
    of the first.
    """

    zig: Path
    host: Host
    includes: tuple[Path, ...]
    libraries: Path
    foreign: tuple[str, ...]
    moved: tuple[tuple[str, str], ...]


def write_toolchain(folder: Path, chain: Chain, interpreter: Path) -> Path:
    """Write the wrappers into a new folder, which goes first on ``PATH``.

    ``interpreter`` is any of this machine; it runs the wrappers.
    """
    folder.mkdir()
    shutil.copyfile(compiler.__file__, folder / "compiler.py")
    program = str(chain.zig / "zig")
    common = ["-target", chain.host.zig_target, *chain.host.zig_flags]
    tools = {
        "cc": [program, "cc", *common],
        "c++": [program, "c++", *common],
        "ar": [program, "ar"],
        "ranlib": [program, "ranlib"],
        "strip": [program, "objcopy", "--strip-all"],
    }
    includes = [part for path in chain.includes for part in ("-isystem", str(path))]
    description = {
        "tools": tools,
        "foreign": list(chain.foreign),
        "moved": chain.moved,
        "after": [*includes, f"-L{chain.libraries}", "-g0"],
    }
    (folder / "toolchain.json").write_text(json.dumps(description), "utf-8")
    for name, tool in _NAMES.items():
        _write_wrapper(folder / name, interpreter, folder / "compiler.py", tool)
    return folder


def _write_wrapper(file: Path, interpreter: Path, script: Path, tool: str) -> None:
    # Not a shebang to the interpreter: its path may be longer than the kernel allows there.
    file.write_text(f"#!/bin/sh\nexec '{interpreter}' -ISE '{script}' {tool} \"$@\"\n", "utf-8")
    file.chmod(0o755)


def write_shim(site_packages: Path) -> None:
    """Put the shim into a build environment."""
    shutil.copyfile(shim.__file__, site_packages / "_wheelyard_cross.py")
    (site_packages / "_wheelyard_cross.pth").write_text("import _wheelyard_cross\n", "utf-8")
