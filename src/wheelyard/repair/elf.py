"""What a shared object says of itself. Takes a stream, never a path."""

from __future__ import annotations

import itertools
import re
from dataclasses import asdict, dataclass
from typing import IO, TYPE_CHECKING, Any, Self

from elftools.common.exceptions import ELFError
from elftools.construct.core import ConstructError
from elftools.elf.dynamic import DynamicSection
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerNeedSection
from elftools.elf.sections import SymbolTableSection

from wheelyard.errors import VerificationError
from wheelyard.repair.isa import float_abi_of, isa_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from elftools.elf.dynamic import DynamicTag
    from elftools.elf.gnuversions import Version, VersionAuxiliary

_GLIBC = re.compile(r"GLIBC_(\d+)\.(\d+)(?:\.\d+)?\Z")
_VERSION_SIZE = 16  # bytes, of an Elf32_Vernaux as of an Elf64_Vernaux
_WEAK = 0x2  # VER_FLG_WEAK: the loader goes on without it
_TEXT_RELOCATIONS = 0x4  # DF_TEXTREL of DT_FLAGS
# Functions of musl 1.2: those with 64-bit time on 32-bit machines, and a few others.
_MUSL_1_2 = re.compile(
    r"__\w*time\w*64\w*|_Fork|gettid|reallocarray|qsort_r|p(?:read|write)v2|statx"
)
_GLIBC_NAMES = (
    *("libc.so.6", "libm.so.6", "libdl.so.2", "librt.so.1", "libpthread.so.0"),
    *("ld-linux", "ld64.so", "ld.so.1"),
)
_MUSL_NAMES = ("libc.so", "libc.musl-", "ld-musl-")


@dataclass(frozen=True, kw_only=True, slots=True)
class Code:
    """What the machine must be.

    Attributes:
        machine: ELF's number of the architecture (``EM_AARCH64`` is 183).
        bits: 32 or 64.
        little: whether the least significant byte comes first.
        float_abi: ``"hard"`` or ``"soft"``; empty where the object doesn't say.
        isa: the instruction set it was compiled for (``"x86-64-v3"``, ``"armv7-a"``), or the ABI
            of a family that has several (``"elfv2"``); empty where the object doesn't say.
        text_relocations: whether the loader must write into its code.
    """

    machine: int
    bits: int
    little: bool
    float_abi: str = ""
    isa: str = ""
    text_relocations: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Links:
    """How it finds others and is found: ``search`` are the folders of its RPATH or RUNPATH."""

    soname: str = ""
    needed: tuple[str, ...] = ()
    search: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Symbols:
    """What it wants by name, and the modules that it is.

    Attributes:
        versions: pairs of a library and a version of its symbols that must be there.
        python: the functions and data of the interpreter that must be there.
        modules: the names behind ``PyInit_``.
        musl_1_2: functions that musl has since 1.2, where symbols carry no version.
    """

    versions: tuple[tuple[str, str], ...] = ()
    python: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    musl_1_2: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class SharedObject:
    """One shared object of a wheel; ``path`` is its name there."""

    path: str
    code: Code
    links: Links
    symbols: Symbols

    @property
    def needed(self) -> tuple[str, ...]:
        """The sonames of the libraries that it is linked with."""
        return self.links.needed

    @property
    def floor(self) -> tuple[int, int]:
        """The highest version of glibc that a symbol asks for, ``(0, 0)`` for none."""
        found = (_GLIBC.match(version) for _, version in self.symbols.versions)
        return max(((int(one[1]), int(one[2])) for one in found if one), default=(0, 0))

    @property
    def libc(self) -> str:
        """``"glibc"``, ``"musl"``, or empty for what needs no C library."""
        if any(name.startswith(_GLIBC_NAMES) for name in self.needed):
            return "glibc"
        musl = any(name == "libc.so" or name.startswith(_MUSL_NAMES[1:]) for name in self.needed)
        return "musl" if musl else ""

    def as_dict(self) -> dict[str, Any]:
        """Give a JSON-ready form."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what ``as_dict`` gave, also by way of JSON."""
        links, symbols = data["links"], data["symbols"]
        return cls(
            path=data["path"],
            code=Code(**data["code"]),
            links=Links(
                soname=links["soname"],
                needed=tuple(links["needed"]),
                search=tuple(links["search"]),
            ),
            symbols=Symbols(
                versions=tuple((library, version) for library, version in symbols["versions"]),
                python=tuple(symbols["python"]),
                modules=tuple(symbols["modules"]),
                musl_1_2=tuple(symbols["musl_1_2"]),
            ),
        )


def read_shared_object(path: str, stream: IO[bytes]) -> SharedObject:
    """Read a shared object, or a program, which may be a static one.

    What it needs is read from its sections, as patchelf and linkers do. The loader goes by the
    segments; where these tell of needs and the sections were stripped, nothing true can be said.

    Raises:
        VerificationError: When it is none, is damaged, or has no sections to read.
    """
    try:
        elf = ELFFile(stream)
        if elf.header["e_type"] not in {"ET_DYN", "ET_EXEC"}:
            raise VerificationError(f"{path} is no shared object: it was never linked")
        sections = [one for one in elf.iter_sections() if isinstance(one, DynamicSection)]
        if not sections and any(elf.iter_segments("PT_DYNAMIC")):
            raise VerificationError(f"{path} was stripped of its sections: what it needs is hidden")
        tags = tuple(tag for section in sections for tag in section.iter_tags())
        return SharedObject(
            path=path, code=_code(elf, tags), links=_links(tags), symbols=_symbols(elf)
        )
    # pyelftools reads what the file says; a damaged one leads it anywhere.
    except (
        ELFError, ConstructError, ValueError, KeyError, TypeError, AttributeError, IndexError,
        AssertionError, ArithmeticError,
    ) as error:  # fmt: skip
        raise VerificationError(f"{path} is no shared object: {error}") from None


def _code(elf: ELFFile, tags: tuple[DynamicTag, ...]) -> Code:
    textrel = any(
        tag.entry.d_tag == "DT_TEXTREL"
        or (tag.entry.d_tag == "DT_FLAGS" and tag.entry.d_val & _TEXT_RELOCATIONS)
        for tag in tags
    )
    machine = elf.header["e_machine"]
    return Code(
        machine=machine if isinstance(machine, int) else _MACHINES.get(machine, 0),
        bits=elf.elfclass,
        little=elf.little_endian,
        float_abi=float_abi_of(elf),
        isa=isa_of(elf),
        text_relocations=textrel,
    )


_MACHINES = {
    "EM_386": 3,
    "EM_PPC": 20,
    "EM_PPC64": 21,
    "EM_S390": 22,
    "EM_ARM": 40,
    "EM_X86_64": 62,
    "EM_AARCH64": 183,
    "EM_RISCV": 243,
    "EM_LOONGARCH": 258,
}


_TEXTS = {
    "DT_SONAME": "soname",
    "DT_NEEDED": "needed",
    "DT_RPATH": "rpath",
    "DT_RUNPATH": "runpath",
}


def _links(tags: tuple[DynamicTag, ...]) -> Links:
    texts: dict[str, list[str]] = {kind: [] for kind in _TEXTS}
    for tag in tags:
        kind = tag.entry.d_tag
        if kind in _TEXTS:
            texts[kind].append(str(getattr(tag, _TEXTS[kind])))
    search = ":".join((*texts["DT_RPATH"], *texts["DT_RUNPATH"])).split(":")
    return Links(
        soname="".join(texts["DT_SONAME"][-1:]),
        needed=tuple(texts["DT_NEEDED"]),
        search=tuple(dict.fromkeys(filter(None, search))),
    )


def _symbols(elf: ELFFile) -> Symbols:
    python, modules, musl = set(), set(), set()
    table = elf.get_section_by_name(".dynsym")
    for symbol in table.iter_symbols() if isinstance(table, SymbolTableSection) else ():
        name = symbol.name
        if symbol.entry.st_shndx != "SHN_UNDEF":
            if name.startswith("PyInit_"):
                modules.add(name.removeprefix("PyInit_"))
        elif symbol.entry.st_info.bind == "STB_GLOBAL":  # what is weak may be missing
            if name.startswith(("Py", "_Py")):
                python.add(name)
            elif _MUSL_1_2.fullmatch(name):
                musl.add(name)
    return Symbols(
        versions=tuple(sorted(set(_versions(elf)))),
        python=tuple(sorted(python)),
        modules=tuple(sorted(modules)),
        musl_1_2=tuple(sorted(musl)),
    )


def _versions(elf: ELFFile) -> Iterator[tuple[str, str]]:
    for section in elf.iter_sections():
        if isinstance(section, GNUVerNeedSection):
            room = section["sh_size"] // _VERSION_SIZE
            for library, version in itertools.islice(_needed_versions(section), room):
                if not version["vna_flags"] & _WEAK:
                    yield str(library.name), str(version.name)


def _needed_versions(
    section: GNUVerNeedSection,
) -> Iterator[tuple[Version, VersionAuxiliary]]:
    """Give each library with each of its versions, as often as the counts in the file say."""
    for library, wanted in section.iter_versions():
        for version in wanted:
            yield library, version
