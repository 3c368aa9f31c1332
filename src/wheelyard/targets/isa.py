"""Instruction-set levels: what a processor offers, and what an architecture promises.

Runs on Python 3.9 with the standard library alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

# x86-64 psABI, "micro-architecture levels", in the words of /proc/cpuinfo; each adds to the last.
_X86_64_LEVELS = (
    ("x86-64-v2", frozenset(("cx16", "lahf_lm", "popcnt", "pni", "sse4_1", "sse4_2", "ssse3"))),
    (
        "x86-64-v3",
        frozenset(("abm", "avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "movbe", "xsave")),
    ),
    ("x86-64-v4", frozenset(("avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"))),
)
_BASELINES = {
    "aarch64": "armv8-a",
    "armv5tel": "armv5te",
    "armv6l": "armv6",
    "armv7l": "armv7-a",
    "armv8l": "armv7-a",  # 32-bit code for these is compiled as for ARMv7
}


def isa_of(arch: str, features: AbstractSet[str]) -> str:
    """The level that a processor with these features offers; an architecture's baseline else."""
    if arch != "x86_64":
        return baseline(arch)
    level = "x86-64-v1"
    for name, needed in _X86_64_LEVELS:
        if not needed <= features:
            break
        level = name
    return level


def baseline(arch: str) -> str:
    """The instruction set that every processor of an architecture has."""
    if arch == "x86_64":
        return "x86-64-v1"
    return _BASELINES.get(arch, arch)
