"""How a target's interpreter is run on this machine: as it is, or by qemu's user emulation."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wheelyard.builders.cross.native import python_packages
from wheelyard.builders.sysroots.relocate import named_loader
from wheelyard.builders.sysroots.suites import architecture_of, library_suite
from wheelyard.builders.sysroots.sysroot import Tree
from wheelyard.builders.tools import fetch_tool
from wheelyard.errors import HostError
from wheelyard.targets.detect import THIS, detect_this

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from wheelyard.builders.pep517 import Bench
    from wheelyard.builders.sysroots import PackageProvider, Sysroot
    from wheelyard.targets.target import Target

EMULATOR = "qemu-user-static"
"""The package with the emulators of all architectures."""
# qemu's name of an architecture.
_QEMU: Mapping[str, str] = {
    "x86_64": "x86_64",
    "i386": "i386",
    "i586": "i386",
    "i686": "i386",
    "aarch64": "aarch64",
    "armv5tel": "arm",
    "armv6l": "arm",
    "armv7l": "arm",
    "armv8l": "arm",
    "ppc64le": "ppc64le",
    "s390x": "s390x",
    "riscv64": "riscv64",
    "loongarch64": "loongarch64",
}
_NATIVE_TOO: Mapping[str, frozenset[str]] = {"x86_64": frozenset({"i386", "i586", "i686"})}
_LOADERS: Mapping[str, str] = {"x86_64": "lib64/ld-linux-x86-64.so.2", "i386": "lib/ld-linux.so.2"}


_MUSL_SUITE = "trixie"  # of the package that has musl's loader
# What wheels may take from any machine (PEP 600), beside the C library.
_EVERYWHERE = ("libgcc-s1", "libstdc++6", "libatomic1", "zlib1g")


@dataclass(frozen=True, kw_only=True, slots=True)
class Runner:
    """A target's interpreter: ``command`` goes before its arguments.

    ``name`` says what executes it (``"native"``, ``"qemu-aarch64 7.2.22"``); ``root`` is the
    sysroot that it lies in, None for an interpreter of this machine.
    """

    command: tuple[str, ...]
    name: str
    root: Path | None = None
    environ: Mapping[str, str] = field(default_factory=dict)


def why_not(target: Target) -> str:
    """Say why no interpreter of a target can be had of a distribution; empty if it can."""
    if target.name != THIS and target.libc.family != "glibc":
        return f"there is no sysroot with {target.libc.family} to import it in"
    return hopeless(target)


def hopeless(target: Target) -> str:
    """Say why an interpreter of a target need not even be looked for; empty if it may be there."""
    if target.name == THIS:
        return ""
    if target.python.free_threaded:
        return "there is no sysroot with a free-threaded Python to import it in"
    if target.machine.arch not in _QEMU:
        return f"there is no emulator for {target.machine.arch}"
    return ""


def emulator_of(target: Target, arch: str) -> str:
    """Give the emulator of a target's programs on a machine; empty where its kernel runs them."""
    wanted = _QEMU.get(target.machine.arch, target.machine.arch)
    return "" if wanted == _QEMU.get(arch, arch) else f"qemu-{wanted}-static"


def make_runner(target: Target, packages: Iterable[tuple[str, ...]], bench: Bench) -> Runner:
    """Give the runner of a target.

    Args:
        target: whose interpreter it is.
        packages: sets of packages with libraries that it has besides, as builds asked for them;
            each is a sysroot that these have left in the store.
        bench: what building takes.

    Raises:
        HostError: no interpreter, no mirror; or it doesn't run.
        UsageError, ResolutionError: the target has no sysroot, or not these packages.
        VerificationError: what the mirror has isn't signed as it should be.
    """
    if target.name == THIS:
        version = target.python.full_version + ("t" if target.python.free_threaded else "")
        return Runner(command=(str(bench.interpreter(version).executable),), name="native")
    base = bench.sysroots(target, python_packages(target))
    python = _interpreter(base, target)
    base, roots = _roots(base, python, target, bench.sysroots)
    more = (one for one in packages if not set(one) <= set(python_packages(target)))
    roots = [*roots, *(bench.sysroots(target, one) for one in more)]
    arch = _QEMU[target.machine.arch]
    here = detect_this().machine.arch
    if arch == here or arch in _NATIVE_TOO.get(here, ()):
        native = _native(arch, base, _libraries(roots), python)
        if native is not None:
            return native
    return _emulated(arch, base, _libraries(roots), python, bench.sysroots)


def _interpreter(base: Sysroot, target: Target) -> Path:
    """Give a sysroot's interpreter."""
    version = ".".join(map(str, target.python.version))
    names = [f"{folder}/python{version}" for folder in ("usr/bin", "usr/local/bin", "bin")]
    found = next((base.root / name for name in names if (base.root / name).is_file()), None)
    if found is None:
        raise HostError(f"the sysroot has none of {', '.join(names)}")
    return found


def _roots(
    base: Sysroot, python: Path, target: Target, sysroots: PackageProvider
) -> tuple[Sysroot, list[Sysroot]]:
    """Give the root with the interpreter's C library, and all with libraries of every machine.

    A standalone Python comes without: then they are of a suite that is not newer than the target's.
    """
    loader = named_loader(python)
    if not loader:
        raise HostError(f"{python.name} is linked statically, so that it can't load any module")
    architecture = architecture_of(target.machine)
    if base.suite and target.libc.family != "glibc":
        raise HostError(f"there is no sysroot with {target.libc.family} to import it in")
    if base.suite:
        common = sysroots.tree(
            Tree(
                suite=base.suite,
                architecture=architecture,
                packages=_EVERYWHERE,
                dependencies=False,
            )
        )
        return base, [base, common]
    if (base.root / loader).exists():
        return base, [base]
    musl = target.libc.family == "musl"
    suite = _MUSL_SUITE if musl else library_suite(target)
    names = ("musl",) if musl else ("libc6", *_EVERYWHERE)
    libc = sysroots.tree(Tree(suite=suite, architecture=architecture, packages=names))
    if not (libc.root / loader).exists():
        raise HostError(f"{loader}, the loader of {python.name}, is not in Debian's packages")
    return libc, [libc, base]


def _libraries(roots: list[Sysroot]) -> str:
    """Name the folders of libraries; the first root's C library is the one that is found."""
    places = [
        str(one.root / folder / one.multiarch) for one in roots for folder in ("lib", "usr/lib")
    ]
    return ":".join(dict.fromkeys(places))


def _native(arch: str, base: Sysroot, libraries: str, python: Path) -> Runner | None:
    """Run it by its own loader, so that its own C library is used; None if the kernel can't."""
    loader = base.root / _LOADERS.get(arch, f"lib/ld-linux-{arch}.so.1")
    command = (str(loader), "--library-path", libraries, str(python))
    environ = {"PYTHONHOME": str(python.parent.parent)}
    try:
        subprocess.run([str(loader), "--list", str(python)], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return Runner(command=command, name="native", root=base.root, environ=environ)


def _emulated(
    arch: str, base: Sysroot, libraries: str, python: Path, tools: PackageProvider
) -> Runner:
    folder = fetch_tool(EMULATOR, tools) / "usr/bin"
    qemu = folder / f"qemu-{arch}-static"
    if not qemu.is_file():
        raise HostError(f"the package {EMULATOR} has no {qemu.name}")
    said = subprocess.run([qemu, "--version"], capture_output=True, text=True, check=False).stdout
    version = said.partition("version ")[2].split()[:1]
    command = (str(qemu), "-L", str(base.root), "-E", f"LD_LIBRARY_PATH={libraries}", str(python))
    return Runner(command=command, name=" ".join((f"qemu-{arch}", *version)), root=base.root)
