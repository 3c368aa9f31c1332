"""The instruction set and the float ABI that a shared object says it was compiled for."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from elftools.elf.sections import (
    ARMAttributesSection,
    AttributesSection,
    NoteSection,
    RISCVAttributesSection,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elftools.elf.elffile import ELFFile

_ARM_HARD = 0x400  # EF_ARM_ABI_FLOAT_HARD, ELF for the Arm Architecture (IHI 0044)
_ARM_SOFT = 0x200
_RISCV_FLOAT = 0x6  # EF_RISCV_FLOAT_ABI: 0 soft, 2 single, 4 double, 6 quad
_PPC64_ABI = 0x3  # EF_PPC64_ABI
# GNU_PROPERTY_X86_ISA_1_NEEDED, a bit a level (x86-64 psABI).
_X86_LEVELS = ((8, "x86-64-v4"), (4, "x86-64-v3"), (2, "x86-64-v2"), (1, "x86-64-v1"))
# Tag_CPU_arch of the build attributes (ABI for the Arm Architecture, IHI 0045).
_ARM_ARCH = {
    1: "armv4",
    2: "armv4t",
    3: "armv5t",
    4: "armv5te",
    5: "armv5te",
    6: "armv6",
    7: "armv6",
    8: "armv6",
    9: "armv6",
    10: "armv7-a",
    14: "armv8-a",
}
_MOST = 64  # attributes of a file; it is a dozen or two
_ORDERS = (
    ("x86-64-v1", "x86-64-v2", "x86-64-v3", "x86-64-v4"),
    ("armv4", "armv4t", "armv5t", "armv5te", "armv6", "armv7-a", "armv8-a"),
)


def float_abi_of(elf: ELFFile) -> str:
    """Give ``"hard"`` or ``"soft"``; empty where the object doesn't say."""
    machine, flags = elf.header["e_machine"], elf.header["e_flags"]
    if machine == "EM_ARM":
        if flags & (_ARM_HARD | _ARM_SOFT):
            return "hard" if flags & _ARM_HARD else "soft"
        return "hard" if _attribute(elf, ARMAttributesSection, "TAG_ABI_VFP_ARGS") == 1 else ""
    if machine == "EM_RISCV":
        return "hard" if flags & _RISCV_FLOAT else "soft"
    return ""


def isa_of(elf: ELFFile) -> str:
    """Give the instruction set, or an ABI's name where that decides; empty where it isn't said."""
    machine = elf.header["e_machine"]
    if machine in {"EM_X86_64", "EM_386"}:
        needed = max(_x86_needed(elf), default=0)
        return next((name for bit, name in _X86_LEVELS if needed & bit), "")
    if machine == "EM_ARM":
        return _ARM_ARCH.get(_attribute(elf, ARMAttributesSection, "TAG_CPU_ARCH"), "")
    if machine == "EM_PPC64":
        return {1: "elfv1", 2: "elfv2"}.get(elf.header["e_flags"] & _PPC64_ABI, "")
    if machine == "EM_RISCV":
        return str(_attribute(elf, RISCVAttributesSection, "TAG_ARCH") or "")
    return ""


def exceeds(isa: str, offered: str) -> bool:
    """Whether an instruction set has what another lacks, as far as both are known.

    >>> exceeds("x86-64-v3", "x86-64-v1"), exceeds("armv6", "armv7-a"), exceeds("", "armv6")
    (True, False, False)
    """
    for order in _ORDERS:
        if isa in order and offered in order:
            return order.index(isa) > order.index(offered)
    return False


def _x86_needed(elf: ELFFile) -> Iterator[int]:
    for section in elf.iter_sections():
        if isinstance(section, NoteSection) and section.name == ".note.gnu.property":
            for note in section.iter_notes():
                if note["n_type"] == "NT_GNU_PROPERTY_TYPE_0":
                    for one in note["n_desc"]:
                        if one.pr_type == "GNU_PROPERTY_X86_ISA_1_NEEDED":
                            yield int(one.pr_data)


def _attribute(elf: ELFFile, kind: type[AttributesSection], tag: str) -> Any:
    """Give a build attribute of the whole file; None where it has none.

    A damaged file's lengths may lead round in circles, so no more is looked at than a real one has.
    """
    for section in elf.iter_sections():
        if isinstance(section, kind):
            for part in islice(section.iter_subsections(), _MOST):
                for scope in islice(part.iter_subsubsections(), _MOST):
                    for attribute in islice(scope.iter_attributes(), _MOST):
                        if (scope.header.tag, attribute.tag) == ("TAG_FILE", tag):
                            return attribute.value
    return None
