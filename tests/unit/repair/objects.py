"""Shared objects made from nothing but values."""

from __future__ import annotations

from dataclasses import replace

from wheelyard.repair.elf import Code, Links, SharedObject, Symbols

ARM = SharedObject(
    path="x/y.so",
    code=Code(machine=40, bits=32, little=True, float_abi="hard", isa="armv7-a"),
    links=Links(needed=("libc.so.6", "ld-linux-armhf.so.3")),
    symbols=Symbols(versions=(("libc.so.6", "GLIBC_2.4"), ("libc.so.6", "GLIBC_2.26"))),
)
AARCH64 = SharedObject(
    path="x/y.so",
    code=Code(machine=183, bits=64, little=True),
    links=Links(needed=("libc.so.6",)),
    symbols=Symbols(versions=(("libc.so.6", "GLIBC_2.17"),)),
)
X86_64 = replace(AARCH64, code=Code(machine=62, bits=64, little=True))
MUSL = replace(AARCH64, links=Links(needed=("libc.so",)), symbols=Symbols())


def needing(one: SharedObject, *libraries: str) -> SharedObject:
    """The same, linked with these libraries as well."""
    return replace(one, links=replace(one.links, needed=(*libraries, *one.links.needed)))


def versioned(one: SharedObject, *versions: tuple[str, str]) -> SharedObject:
    """The same with other versions of symbols."""
    return replace(one, symbols=replace(one.symbols, versions=versions))


def importing(one: SharedObject, *names: str) -> SharedObject:
    """The same with symbols of the interpreter that it needs."""
    return replace(one, symbols=replace(one.symbols, python=names))
