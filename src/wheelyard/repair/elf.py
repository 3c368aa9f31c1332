"""What a shared object says of itself. Takes a stream, never a path."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import IO, TYPE_CHECKING, Any, Self

from elftools.common.exceptions import ELFError
from elftools.elf.dynamic import DynamicSection
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerNeedSection

from wheelyard.errors import VerificationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_VERSION = re.compile(r"GLIBC_(\d+)\.(\d+)")
_ARM_HARD = 0x400  # EF_ARM_ABI_FLOAT_HARD, ELF for the Arm Architecture (IHI 0044)
_ARM_SOFT = 0x200
_ARM = 40  # EM_ARM


@dataclass(frozen=True, kw_only=True, slots=True)
class SharedObject:
    """One shared object of a wheel.

    ``machine`` is ELF's number of the architecture and ``bits`` 32 or 64; ``float_abi`` is
    ``"hard"``, ``"soft"`` or empty where the object doesn't say; ``needed`` are sonames;
    ``floor`` is the highest version of glibc that a symbol asks for, ``(0, 0)`` for none.
    """

    path: str
    machine: int
    bits: int
    little: bool
    float_abi: str
    needed: tuple[str, ...]
    floor: tuple[int, int]

    def as_dict(self) -> dict[str, Any]:
        """Give a JSON-ready form."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what ``as_dict`` gave, also by way of JSON."""
        major, minor = data["floor"]
        return cls(**{**data, "needed": tuple(data["needed"]), "floor": (major, minor)})


def read_shared_object(path: str, stream: IO[bytes]) -> SharedObject:
    """Read a shared object.

    Raises:
        VerificationError: When it is none.
    """
    try:
        elf = ELFFile(stream)
        return SharedObject(
            path=path,
            machine=int(elf.header["e_machine"])
            if isinstance(elf.header["e_machine"], int)
            else _MACHINES.get(elf.header["e_machine"], 0),
            bits=elf.elfclass,
            little=elf.little_endian,
            float_abi=_float_abi(elf.header["e_machine"], elf.header["e_flags"]),
            needed=tuple(_needed(elf)),
            floor=max(_versions(elf), default=(0, 0)),
        )
    except (ELFError, ValueError, KeyError, UnicodeDecodeError) as error:
        raise VerificationError(f"{path} is no shared object: {error}") from None


_MACHINES = {
    "EM_386": 3,
    "EM_PPC": 20,
    "EM_PPC64": 21,
    "EM_S390": 22,
    "EM_ARM": _ARM,
    "EM_X86_64": 62,
    "EM_AARCH64": 183,
    "EM_RISCV": 243,
    "EM_LOONGARCH": 258,
}


def _float_abi(machine: str | int, flags: int) -> str:
    if machine not in {"EM_ARM", _ARM}:
        return ""
    return "hard" if flags & _ARM_HARD else "soft" if flags & _ARM_SOFT else ""


def _needed(elf: ELFFile) -> Iterator[str]:
    for section in elf.iter_sections():
        if isinstance(section, DynamicSection):
            for tag in section.iter_tags("DT_NEEDED"):
                yield str(tag.needed)  # type: ignore[attr-defined]


def _versions(elf: ELFFile) -> Iterator[tuple[int, int]]:
    for section in elf.iter_sections():
        if isinstance(section, GNUVerNeedSection):
            for _, wanted in section.iter_versions():
                for version in wanted:
                    found = _VERSION.match(version.name)
                    if found:
                        yield int(found[1]), int(found[2])
