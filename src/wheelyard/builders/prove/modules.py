"""Which modules of a wheel a proof imports. Takes names and streams, never a path."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from wheelyard.targets.target import Python

_UNDEFINED = "SHN_UNDEF"


def suffixes_of(python: Python) -> tuple[str, ...]:
    """Give the endings of extension modules that an interpreter imports, the longest first."""
    limited = () if python.free_threaded else (".abi3.so",)
    return (python.ext_suffix, *limited, ".so")


def module_name(path: str, suffixes: Iterable[str]) -> str:
    """Give the dotted name that a wheel's shared object is imported by; empty for a plain library.

    >>> module_name("a/b/_c.cpython-311-aarch64-linux-gnu.so", (".so",))
    ''
    >>> module_name("x-1.0.data/platlib/a/_c.abi3.so", (".abi3.so", ".so"))
    'a._c'
    """
    parts = path.split("/")
    if parts[0].endswith(".data"):
        if parts[1:2] not in (["purelib"], ["platlib"]):
            return ""
        parts = parts[2:]
    name = parts[-1]
    ending = next((one for one in suffixes if name.endswith(one)), "")
    parts = [*parts[:-1], name.removesuffix(ending)]
    return ".".join(parts) if ending and all(part.isidentifier() for part in parts) else ""


def exports(stream: IO[bytes], symbol: str) -> bool:
    """Whether a shared object defines a dynamic symbol; what is none defines nothing."""
    try:
        table = ELFFile(stream).get_section_by_name(".dynsym")
        if not isinstance(table, SymbolTableSection):
            return False
        found = table.get_symbol_by_name(symbol) or ()
        return any(one["st_shndx"] != _UNDEFINED for one in found)
    except (ELFError, ValueError, KeyError, UnicodeDecodeError):
        return False


def modules_of(
    top: Iterable[str], native: Iterable[str], python: Python, read: Callable[[str], IO[bytes]]
) -> tuple[str, ...]:
    """Give the names to import: the top-level ones, then each extension module's.

    Args:
        top: the wheel's top-level names.
        native: its shared objects.
        python: the interpreter that is to import them.
        read: opens a member of the wheel.
    """
    extensions = _extensions(native, suffixes_of(python), read)
    names = (*(name for name in top if not name.startswith("__")), *extensions)
    return tuple(dict.fromkeys(names))


def _extensions(
    native: Iterable[str], suffixes: tuple[str, ...], read: Callable[[str], IO[bytes]]
) -> Iterator[str]:
    for path in sorted(native):
        name = module_name(path, suffixes)
        if name and exports(read(path), f"PyInit_{name.rpartition('.')[2]}"):
            yield name
