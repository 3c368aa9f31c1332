"""Rust for a host: Debian's compiler for this machine and its standard library for the other."""

from __future__ import annotations

import hashlib
import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wheelyard.builders.cross.toolchain import write_wrapper
from wheelyard.builders.sysroots.relocate import library_path, loader_of, relocate
from wheelyard.builders.sysroots.suites import architecture_of
from wheelyard.builders.sysroots.sysroot import Tree
from wheelyard.builders.tools import kept_tool
from wheelyard.errors import UsageError
from wheelyard.targets.detect import detect_this

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from wheelyard.builders.cross.host import Host
    from wheelyard.builders.pep517 import Bench
    from wheelyard.builders.sysroots import Sysroot
    from wheelyard.targets.target import Target

# The compiler and the standard library must be of one version on all architectures: it is this
# stable release's, which browsers are compiled with and which therefore is kept new.
_SUITE = "trixie"
_COMPILER = ("rustc-web", "cargo-web")
_LIBRARY = "libstd-rust-web-dev"
# What they are linked with; zig is the linker here.
_WITHOUT = ("gcc", "libc-dev", "binutils")

_TRIPLES = {
    "x86_64": "x86_64-unknown-linux-gnu",
    "i686": "i686-unknown-linux-gnu",
    "aarch64": "aarch64-unknown-linux-gnu",
    "armv7l": "armv7-unknown-linux-gnueabihf",
    "ppc64le": "powerpc64le-unknown-linux-gnu",
    "s390x": "s390x-unknown-linux-gnu",
    "riscv64": "riscv64gc-unknown-linux-gnu",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Rust:
    """A Rust toolchain; ``programs`` is the folder of cargo and rustc, ``digest`` its content's."""

    programs: Path
    triple: str
    digest: str

    def environ(self, host: Host, data: Path, tools: Path) -> Mapping[str, str]:
        """Give the variables that Cargo, PyO3 and the crates that compile C read.

        Args:
            host: What the build is for.
            data: The folder of the host's ``_sysconfigdata``.
            tools: The folder of the wrappers.
        """
        upper = self.triple.upper().replace("-", "_")
        native = f"{platform.machine()}-unknown-linux-gnu"
        linkers = {
            f"CARGO_TARGET_{native.upper().replace('-', '_')}_LINKER": str(tools / "build-cc"),
            f"CARGO_TARGET_{upper}_LINKER": str(tools / "cc"),
        }
        return {
            **linkers,
            "CARGO": str(self.programs / "cargo"),
            "RUSTC": str(self.programs / "rustc"),
            "CARGO_BUILD_TARGET": self.triple,
            "PYO3_CROSS": "1",
            "PYO3_CROSS_LIB_DIR": str(data),
            "PYO3_CROSS_PYTHON_VERSION": host.python,
            "HOST_CC": str(tools / "build-cc"),
            "HOST_CXX": str(tools / "build-c++"),
            "PKG_CONFIG_ALLOW_CROSS": "1",
        }


def rust_triple(target: Target) -> str:
    """Give Rust's name of a target.

    Raises:
        UsageError: When no standard library for it can be had.
    """
    triple = _TRIPLES.get(target.machine.arch, "")
    if not triple or target.libc.family != "glibc":
        raise UsageError(
            f"it is written in Rust, and Debian has no standard library of Rust for "
            f"{target.machine.arch} with {target.libc.family}"
        )
    return triple


def open_rust(target: Target, bench: Bench) -> Rust:
    """Fetch a Rust toolchain for a target and make it run here; kept in the store.

    Raises:
        UsageError: As ``rust_triple``.
        HostError: When it can't be fetched.
    """
    triple = rust_triple(target)
    store, packages = bench.artifacts.store, bench.sysroots
    build = architecture_of(detect_this().machine)
    wanted = Tree(suite=_SUITE, architecture=build, packages=_COMPILER, without=_WITHOUT)
    compiler = packages.tree(wanted)
    there = architecture_of(target.machine)
    library = packages.tree(
        Tree(suite=_SUITE, architecture=there, packages=(_LIBRARY,), dependencies=False)
    )
    digest = hashlib.sha256(f"{compiler.digest} {library.digest}".encode()).hexdigest()
    place = kept_tool(
        store, f"rust-{digest}", lambda made, place: _assemble(made, place, compiler, library)
    )
    return Rust(programs=place / "bin", triple=triple, digest=digest)


def _assemble(made: Path, place: Path, compiler: Sysroot, library: Sysroot) -> None:
    """Lay out a toolchain in ``made`` that is then moved to ``place``."""
    rustlib = made / "lib" / "rustlib"
    rustlib.mkdir(parents=True)
    for tree in (library, compiler):
        for folder in (tree.root / "usr/lib/rustlib").iterdir():
            link = rustlib / folder.name
            if not link.is_symlink():
                link.symlink_to(folder)
    programs = compiler.root / "usr/bin"
    (made / "bin").mkdir()
    relocate(programs / "cargo", compiler, made / "bin" / "cargo")
    for name in ("rustc", "rustdoc"):
        # The compiler's own libraries have a DT_RUNPATH, so that a DT_RPATH is not heeded.
        load = (loader_of(programs / name, compiler), "--library-path", library_path(compiler))
        write_wrapper(made / "bin" / name, *load, programs / name, "--sysroot", place)
