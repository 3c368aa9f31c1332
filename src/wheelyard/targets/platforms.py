"""Platform tags that a Linux machine accepts, best first.

PEP 600 (``manylinux_X_Y``; aliases of 513, 571, 599) and PEP 656 (``musllinux_X_Y``), in the order
of packaging 26.3: the machine's own ``linux_*`` first, then the newest C library downwards.
Runs on Python 3.9 with the standard library alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wheelyard.targets.target import Libc, Machine

LEGACY_MANYLINUX = {(2, 17): "manylinux2014", (2, 12): "manylinux2010", (2, 5): "manylinux1"}
# 32-bit x86 counts as i686 only; armv7l only where programs are hard float (PEP 599).
_MANYLINUX_ARCHS = frozenset(
    ("x86_64", "i686", "aarch64", "armv7l", "ppc64", "ppc64le", "s390x", "riscv64", "loongarch64")
)
_OLDEST_GLIBC_X86 = (2, 5)  # CentOS 5, PEP 513
_OLDEST_GLIBC = (2, 17)  # CentOS 7, PEP 599


def platform_tags(machine: Machine, libc: Libc) -> tuple[str, ...]:
    """Every platform tag that a machine accepts, best first; without ``any``."""
    archs = compatible_archs(machine.arch)
    return (
        *(f"linux_{arch}" for arch in archs),
        *_manylinux_tags(archs, machine, libc),
        *_musllinux_tags(archs, libc),
    )


def compatible_archs(arch: str) -> tuple[str, ...]:
    """Architectures whose programs run on ``arch``, best first.

    Only a 32-bit system on a 64-bit ARM kernel (``armv8l``) takes another's, as in packaging.
    That an ARMv7 processor also runs ARMv6 code has no place in the tags.
    """
    return ("armv8l", "armv7l") if arch == "armv8l" else (arch,)


def oldest_glibc(arch: str) -> tuple[int, int]:
    """The lowest glibc of any manylinux tag of an architecture."""
    return _OLDEST_GLIBC_X86 if arch in ("x86_64", "i686") else _OLDEST_GLIBC


def has_manylinux(machine: Machine) -> bool:
    """Whether manylinux tags exist for a machine's programs: not for soft-float ARM or ARMv6."""
    archs = compatible_archs(machine.arch)
    if "armv7l" in archs:
        return machine.float_abi == "hard"
    return not _MANYLINUX_ARCHS.isdisjoint(archs)


def _manylinux_tags(archs: tuple[str, ...], machine: Machine, libc: Libc) -> Iterator[str]:
    if libc.family != "glibc" or not has_manylinux(machine):
        return
    major, newest = libc.version
    for arch in archs:
        for minor in range(newest, oldest_glibc(arch)[1] - 1, -1):
            yield f"manylinux_{major}_{minor}_{arch}"
            legacy = LEGACY_MANYLINUX.get((major, minor))
            if legacy:
                yield f"{legacy}_{arch}"


def _musllinux_tags(archs: tuple[str, ...], libc: Libc) -> Iterator[str]:
    if libc.family != "musl":
        return
    major, newest = libc.version
    for arch in archs:
        for minor in range(newest, -1, -1):
            yield f"musllinux_{major}_{minor}_{arch}"
