"""GCC for a host: Debian's cross compilers made to run here, or one in a folder of the user's."""

from __future__ import annotations

import os
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile

from wheelyard.builders.cross.host import host_of
from wheelyard.builders.sysroots.relocate import relocate
from wheelyard.builders.sysroots.suites import architecture_of, suite_of
from wheelyard.builders.sysroots.sysroot import Tree, digest_of
from wheelyard.builders.sysroots.unpack import lay
from wheelyard.builders.tools import kept_tool
from wheelyard.errors import UsageError
from wheelyard.targets.detect import detect_this

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wheelyard.builders.pep517 import Bench
    from wheelyard.builders.sysroots import PackageProvider, Sysroot
    from wheelyard.plans.step import Cross
    from wheelyard.store.store import Store
    from wheelyard.targets.target import Target

GCC = "gcc"
"""The toolchain of Debian's; any other is a folder."""
_TOOLS = {"cc": "gcc", "c++": "g++", "ar": "ar", "ranlib": "ranlib", "strip": "strip"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Gcc:
    """A GCC for a host.

    Attributes:
        prefix: what the paths of its programs begin with: ``/…/bin/aarch64-linux-gnu-``.
        sysroot: the folder of the C library that it is told to use; None: it has its own.
    """

    prefix: str
    sysroot: Path | None

    def tools(self) -> Mapping[str, list[str]]:
        """Give the commands that the wrappers stand for."""
        place = [f"--sysroot={self.sysroot}"] if self.sysroot else []
        flags = {"cc": place, "c++": place}
        return {
            kind: [f"{self.prefix}{name}", *flags.get(kind, ())] for kind, name in _TOOLS.items()
        }


def open_gcc(cross: Cross, target: Target, sysroot: Sysroot, bench: Bench) -> Gcc | None:
    """Give the GCC that a build asks for, made ready; None where zig compiles.

    Raises:
        UsageError: There is none for the target, or the folder holds none.
        HostError: It can't be fetched.
    """
    if not cross.toolchain:
        return None
    if cross.toolchain == GCC:
        tree = debians_gcc(target, bench.sysroots)
        prefix = f"{_made(tree, bench.artifacts.store)}/usr/bin/{host_of(target).gnu_type}-"
        return Gcc(prefix=prefix, sysroot=sysroot.root)
    prefix = find_prefix(Path(cross.toolchain), target)
    return Gcc(prefix=prefix, sysroot=None if _has_libc(prefix) else sysroot.root)


def gcc_digest(toolchain: str, target: Target, packages: PackageProvider) -> str:
    """Give the digest of what a toolchain consists of; empty for zig, which is a wheel.

    Raises:
        UsageError: As ``open_gcc``.
        HostError: The mirror can't be asked.
    """
    if not toolchain:
        return ""
    if toolchain == GCC:
        return debians_gcc(target, packages).digest
    find_prefix(Path(toolchain), target)
    return digest_of(Path(toolchain))


def debians_gcc(target: Target, packages: PackageProvider) -> Sysroot:
    """Give the tree of Debian's compilers for a target, of the suite of its sysroot.

    Without the C library that these have for themselves: the sysroot's is used.

    Raises:
        UsageError: What Debian compiles for isn't what the target is.
    """
    host, machine = host_of(target), target.machine
    if target.libc.family != "glibc" or machine.arch == "armv6l":
        raise UsageError(
            f"{target.name}: Debian's gcc does not compile for {machine.arch} with "
            f"{target.libc.family}. Use zig, or a toolchain in a folder."
        )
    here, there = architecture_of(detect_this().machine), architecture_of(machine)
    names: tuple[str, ...] = ("gcc", "g++")
    if here != there:
        triple = host.gnu_type.replace("_", "-")
        names = tuple(f"{name}-{triple}" for name in names)
    without = ("libc6-dev", "libc-dev", "linux-libc-dev") if here == there else ()
    crossed = (f"libc6-dev-{there}-cross", f"libc6-{there}-cross", f"linux-libc-dev-{there}-cross")
    return packages.tree(
        Tree(
            suite=suite_of(target), architecture=here, packages=names, without=(*without, *crossed)
        )
    )


def _made(tree: Sysroot, store: Store) -> Path:
    """Give a compiler's folder, in which its programs run here; it is made once."""
    return kept_tool(store, f"gcc-{tree.digest}", lambda made, _: _make(tree, made))


def _make(tree: Sysroot, made: Path) -> None:
    lay(tree.root, made)
    for program in _programs(made / "usr"):
        relocated = made.with_name("program")
        relocate(program, tree, relocated)
        relocated.replace(program)


def _programs(usr: Path) -> list[Path]:
    """Find the programs that the tree's own loader starts."""
    folders = [usr / "bin", *usr.glob("*/bin"), *(usr / "lib").glob("gcc*"), usr / "libexec"]
    files = {path for folder in folders for path in folder.rglob("*")}
    return sorted(path for path in files if _is_program(path))


def _is_program(path: Path) -> bool:
    status = path.lstat()
    if not (stat.S_ISREG(status.st_mode) and status.st_mode & 0o111):
        return False
    with path.open("rb") as stream:
        try:
            return any(ELFFile(stream).iter_segments("PT_INTERP"))
        except ELFError:
            return False


def find_prefix(folder: Path, target: Target) -> str:
    """Find the compilers in a folder that somebody has: ``bin/<prefix>-gcc``.

    Raises:
        UsageError: There are none for the target, or of several kinds.
    """
    found = sorted(path for path in (folder / "bin").glob("*-gcc") if os.access(path, os.X_OK))
    cpu = host_of(target).gnu_type.partition("-")[0]
    names = {cpu, target.machine.arch}
    fitting = [path for path in found if path.name.partition("-")[0] in names] or found
    if len(fitting) != 1:
        seen = ", ".join(path.name for path in fitting) or "none"
        raise UsageError(
            f"{target.name}: one compiler bin/<prefix>-gcc is looked for in the toolchain "
            f"{folder}, and found is {seen}. Name the folder of one for {target.machine.arch}."
        )
    return str(fitting[0]).removesuffix("gcc")


def _has_libc(prefix: str) -> bool:
    """Whether a compiler brings a C library of its own; that of this machine is none."""
    done = subprocess.run(
        (f"{prefix}gcc", "-print-sysroot"), capture_output=True, text=True, check=False
    )
    folder = Path(done.stdout.strip() or "/").resolve()
    names = ("usr/include", "include")
    return folder != Path("/") and any((folder / one / "stdlib.h").is_file() for one in names)
