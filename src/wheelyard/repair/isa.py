"""The instruction set and the float ABI that a shared object says it was compiled for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elftools.elf.sections import ARMAttributesSection, NoteSection, RISCVAttributesSection

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
        return {0: "", 1: "hard"}.get(_attribute(elf, "TAG_ABI_VFP_ARGS") or 0, "")
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
        return _ARM_ARCH.get(_attribute(elf, "TAG_CPU_ARCH") or 0, "")
    if machine == "EM_PPC64":
        return {1: "elfv1", 2: "elfv2"}.get(elf.header["e_flags"] & _PPC64_ABI, "")
    if machine == "EM_RISCV":
        return _riscv_arch(elf)
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


def _attribute(elf: ELFFile, tag: str) -> int | None:
    for section in elf.iter_sections():
        if isinstance(section, ARMAttributesSection):
            for part in section.iter_subsections():
                for scope in part.iter_subsubsections("TAG_FILE"):
                    for attribute in scope.iter_attributes(tag):
                        return int(attribute.value)
    return None


def _riscv_arch(elf: ELFFile) -> str:
    for section in elf.iter_sections():
        if isinstance(section, RISCVAttributesSection):
            for part in section.iter_subsections():
                for scope in part.iter_subsubsections("TAG_FILE"):
                    for attribute in scope.iter_attributes("TAG_ARCH"):
                        return str(attribute.value)
    return ""
