"""Shared objects held against a target: why they can't run there, what is worth a word. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wheelyard.repair.isa import exceeds
from wheelyard.repair.policy import (
    is_c_library,
    is_floor,
    is_libpython,
    own_python,
    policy_of,
    provided,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wheelyard.repair.elf import SharedObject
    from wheelyard.repair.policy import Policy
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
_OLDEST_MUSL = (1, 1)
_MUSL_1_2 = (1, 2)


def objections(objects: Iterable[SharedObject], target: Target) -> tuple[str, ...]:
    """Say why the shared objects of a wheel can't run on a target, a sentence each.

    Empty when they can. Each sentence names the file and the cause.
    """
    found = tuple(objects)
    inside = provided(found)
    policy = policy_of(target)
    return tuple(sentence for one in found for sentence in _objections(one, target, policy, inside))


def _objections(
    one: SharedObject, target: Target, policy: Policy, inside: frozenset[str]
) -> Iterator[str]:
    arch = target.machine.arch
    if not is_for(one, arch):
        yield f"{one.path} is not for {arch}"
        return
    wanted = target.machine.float_abi or ("hard" if arch == "riscv64" else None)
    if one.code.float_abi and wanted in {"hard", "soft"} and one.code.float_abi != wanted:
        yield f"{one.path} has {one.code.float_abi} floats, {target.name} has {wanted} ones"
    if exceeds(one.code.isa, target.machine.isa):
        yield f"{one.path} is compiled for {one.code.isa}, {target.name} has {target.machine.isa}"
    yield from _libc_objections(one, target)
    for name in one.needed:
        if is_libpython(name):
            yield f"{one.path} is linked with {name}: an extension takes it from the interpreter"
    if not has_distribution(target):
        yield from _library_objections(one, target, policy, inside)


def _libc_objections(one: SharedObject, target: Target) -> Iterator[str]:
    libc = target.libc
    if one.libc and one.libc != libc.family:
        yield f"{one.path} is linked with {one.libc}, {target.name} has {libc}"
    elif libc.family == "glibc" and one.floor > libc.version:
        yield f"{one.path} needs glibc {_dotted(one.floor)}, {target.name} has {libc}"
    elif libc.family == "musl" and musl_floor((one,)) > libc.version:
        names = ", ".join(one.symbols.musl_1_2)
        yield f"{one.path} needs musl 1.2 for {names}, {target.name} has {libc}"


def _library_objections(
    one: SharedObject, target: Target, policy: Policy, inside: frozenset[str]
) -> Iterator[str]:
    for library, version in policy.too_new(one):
        if library not in inside and not is_floor(version):
            yield f"{one.path} needs {version} of {library}, which {target.name} may not have"
    foreign = [name for name in foreign_libraries(one) if name not in inside]
    missing = [name for name in foreign if not policy.allows(name) and not is_libpython(name)]
    if missing:
        yield (
            f"{one.path} needs {', '.join(missing)}, which a machine of {target.name} "
            "does not have by itself"
        )


def remarks(objects: Iterable[SharedObject]) -> tuple[str, ...]:
    """Say what does not keep shared objects from running and should be otherwise all the same."""
    return tuple(sentence for one in objects for sentence in _remarks(one))


def _remarks(one: SharedObject) -> Iterator[str]:
    for folder in one.links.search:
        if not folder.startswith(ORIGINS):
            yield (
                f"{one.path} looks for libraries in {folder}, a folder of the machine that it was "
                "built on"
            )
    if one.code.text_relocations:
        yield f"{one.path} has text relocations, which a hardened system does not allow"


ORIGINS = ("$ORIGIN", "${ORIGIN}")
"""What a path begins with that counts from the file's own folder."""


def is_for(one: SharedObject, arch: str) -> bool:
    """Whether a shared object is for an architecture, as far as that is known."""
    code = one.code
    return _ARCHITECTURES.get(arch) in {None, (code.machine, code.bits, code.little)}


def has_distribution(target: Target) -> bool:
    """Whether the sysroot's distribution is the target's own, which then has its libraries."""
    if target.distro is None:
        return False
    return own_python(target.distro) == ".".join(map(str, target.python.version))


def foreign_libraries(one: SharedObject) -> tuple[str, ...]:
    """Give the libraries that don't come with the C library."""
    return tuple(name for name in one.needed if not is_c_library(name))


def musl_floor(objects: Iterable[SharedObject]) -> tuple[int, int]:
    """Give the oldest musl that has the functions asked for, as far as they tell."""
    return _MUSL_1_2 if any(one.symbols.musl_1_2 for one in objects) else _OLDEST_MUSL


def glibc_floor(objects: Iterable[SharedObject]) -> tuple[int, int]:
    """Give the oldest glibc that has the symbols asked for; ``(0, 0)`` where any has."""
    return max((one.floor for one in objects), default=(0, 0))


def _dotted(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"
