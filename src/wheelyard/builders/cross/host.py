"""The host of a cross build, as build backends want it described. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wheelyard.errors import UsageError
from wheelyard.targets.pythons import platform_triplet

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wheelyard.targets.target import Target

# zig's name of an architecture and its ABI's suffix after "gnu" or "musl"; the processor to
# compile for where zig's default is newer than the architecture's baseline.
_ZIG: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "x86_64": ("x86_64", "", ()),
    "i686": ("x86", "", ("-mcpu=pentium_m",)),
    "aarch64": ("aarch64", "", ()),
    "armv7l": ("arm", "eabihf", ("-mcpu=generic+v7a+vfp3d16",)),
    "armv6l": ("arm", "eabihf", ("-mcpu=arm1176jzf_s",)),
    "armv5tel": ("arm", "eabi", ("-mcpu=arm926ej_s+soft_float",)),
    "ppc64le": ("powerpc64le", "", ()),
    "s390x": ("s390x", "", ()),
    "riscv64": ("riscv64", "", ()),
    "loongarch64": ("loongarch64", "", ()),
}
_POINTER = {"i686": 4, "armv7l": 4, "armv6l": 4, "armv5tel": 4}


@dataclass(frozen=True, kw_only=True, slots=True)
class Host:
    """What a cross build is for.

    ``python`` is its Python's short version; ``zig_target`` holds the floor of the C library;
    ``arch`` is what ``uname -m`` says.
    """

    arch: str
    python: str
    multiarch: str
    ext_suffix: str
    soabi: str
    zig_target: str
    zig_flags: tuple[str, ...]
    pointer: int

    @property
    def gnu_type(self) -> str:
        """What ``config.sub`` calls it."""
        return self.multiarch.replace("i386-", "i686-")

    @property
    def platform(self) -> str:
        """``sysconfig.get_platform()`` there."""
        return f"linux-{self.arch}"


def host_of(target: Target) -> Host:
    """Describe a target as the host of builds.

    Raises:
        UsageError: When no compiler for its architecture is known.
    """
    machine = target.machine
    known = _ZIG.get(machine.arch)
    if known is None or (machine.arch == "armv7l" and machine.float_abi == "soft"):
        raise UsageError(
            f"{target.name}: no toolchain for {machine.arch}"
            + (" with soft floats" if machine.float_abi == "soft" else "")
        )
    arch, suffix, flags = known
    libc = target.libc
    family = "gnu" if libc.family == "glibc" else "musl"
    floor = f".{libc.version[0]}.{libc.version[1]}" if libc.family == "glibc" else ""
    return Host(
        arch=machine.arch,
        python=".".join(map(str, target.python.version)),
        multiarch=platform_triplet(machine, libc),
        ext_suffix=target.python.ext_suffix,
        soabi=target.python.ext_suffix.removeprefix(".").removesuffix(".so"),
        zig_target=f"{arch}-linux-{family}{suffix}{floor}",
        zig_flags=flags,
        pointer=_POINTER.get(machine.arch, 8),
    )
