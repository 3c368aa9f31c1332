"""Shared objects held against a target: machine, float ABI, C library floor, libraries. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wheelyard.repair.elf import SharedObject
    from wheelyard.targets.target import Target

# ELF's number, bits and byte order (little) of each architecture.
_ARCHITECTURES: Mapping[str, tuple[int, int, bool]] = {
    "x86_64": (62, 64, True),
    "i386": (3, 32, True),
    "i586": (3, 32, True),
    "i686": (3, 32, True),
    "aarch64": (183, 64, True),
    "armv5tel": (40, 32, True),
    "armv6l": (40, 32, True),
    "armv7l": (40, 32, True),
    "armv8l": (40, 32, True),
    "ppc": (20, 32, False),
    "ppc64": (21, 64, False),
    "ppc64le": (21, 64, True),
    "s390x": (22, 64, False),
    "riscv64": (243, 64, True),
    "loongarch64": (258, 64, True),
}
# What belongs to the C library, and so is wherever that is.
_C_LIBRARY = frozenset(
    {
        *("libc.so.6", "libm.so.6", "libdl.so.2", "librt.so.1", "libpthread.so.0", "libutil.so.1"),
        *("libresolv.so.2", "libnsl.so.1", "libanl.so.1", "libc.so", "libgcc_s.so.1"),
    }
)
# The Python of each Debian. A sysroot is of the suite that has the target's Python, so that its
# libraries are the target's own only where that is the target's Debian.
_OWN_PYTHON = {"11": (3, 9), "12": (3, 11), "13": (3, 13)}
_LOADERS = ("ld-linux", "ld64.so", "ld.so", "ld-musl-", "libc.musl-")


def objections(objects: Iterable[SharedObject], target: Target) -> tuple[str, ...]:
    """Say why shared objects can't run on a target, a sentence each; empty when they can."""
    return tuple(sentence for one in objects for sentence in _objections(one, target))


def _objections(one: SharedObject, target: Target) -> Iterator[str]:
    expected = _ARCHITECTURES.get(target.machine.arch)
    if expected is not None and expected != (one.machine, one.bits, one.little):
        yield f"{one.path} is not for {target.machine.arch}"
        return
    wanted = target.machine.float_abi
    if one.float_abi and wanted in {"hard", "soft"} and one.float_abi != wanted:
        yield f"{one.path} has {one.float_abi} floats, {target.name} has {wanted} ones"
    if target.libc.family == "glibc" and one.floor > target.libc.version:
        floor = ".".join(map(str, one.floor))
        yield f"{one.path} needs glibc {floor}, {target.name} has {target.libc}"
    foreign = foreign_libraries(one)
    if foreign and not has_distribution(target):
        yield (
            f"{one.path} needs {', '.join(foreign)}, which a machine of {target.name} "
            "does not have by itself"
        )


def foreign_libraries(one: SharedObject) -> tuple[str, ...]:
    """Give the libraries that don't come with the C library."""
    return tuple(
        name for name in one.needed if name not in _C_LIBRARY and not name.startswith(_LOADERS)
    )


def has_distribution(target: Target) -> bool:
    """Whether the sysroot's distribution is the target's own, which then has its libraries."""
    distro = target.distro
    if distro is None or distro.id != "debian":
        return False
    return _OWN_PYTHON.get(distro.version) == target.python.version
