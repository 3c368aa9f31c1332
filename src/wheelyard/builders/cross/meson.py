"""The cross file that Meson is given. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from wheelyard.builders.cross.host import Host

# Meson's CPU families by our architectures.
_FAMILIES = {
    "i686": "x86",
    "armv7l": "arm",
    "armv6l": "arm",
    "armv5tel": "arm",
    "ppc64le": "ppc64",
}
# How a long double looks in memory, in NumPy's words; its build would run a program to find out.
_LONG_DOUBLES = {
    "x86_64": "INTEL_EXTENDED_16_BYTES_LE",
    "i686": "INTEL_EXTENDED_12_BYTES_LE",
    "aarch64": "IEEE_QUAD_LE",
    "armv7l": "IEEE_DOUBLE_LE",
    "armv6l": "IEEE_DOUBLE_LE",
    "armv5tel": "IEEE_DOUBLE_LE",
    "ppc64le": "IBM_DOUBLE_DOUBLE_LE",
    "s390x": "IEEE_QUAD_BE",
    "riscv64": "IEEE_QUAD_LE",
    "loongarch64": "IEEE_QUAD_LE",
}
_TOOLS = {
    "c": "cc",
    "cpp": "c++",
    "ar": "ar",
    "ranlib": "ranlib",
    "strip": "strip",
    "pkg-config": "pkg-config",
    "python": "host-python",
}


def cross_file(host: Host, tools: Path) -> str:
    """Describe a host to Meson; ``tools`` is the folder of the wrappers."""
    machine = {
        "system": "linux",
        "kernel": "linux",
        "subsystem": "linux",
        "cpu_family": _FAMILIES.get(host.arch, host.arch),
        "cpu": host.arch,
        "endian": "big" if host.arch == "s390x" else "little",
    }
    # A build runs CMake as it is; its toolchain file says for whom.
    binaries = {name: str(tools / tool) for name, tool in _TOOLS.items()} | {"cmake": "cmake"}
    properties = {"cmake_toolchain_file": str(tools / "toolchain.cmake")}
    if host.arch in _LONG_DOUBLES:
        properties["longdouble_format"] = _LONG_DOUBLES[host.arch]
    return "\n".join(
        (
            *_section("binaries", binaries),
            *_section("host_machine", machine),
            *_section("properties", properties),
            "needs_exe_wrapper = true",
            "",
        )
    )


def _section(name: str, values: Mapping[str, str]) -> list[str]:
    return [f"[{name}]", *(f"{key} = '{value}'" for key, value in values.items())]
