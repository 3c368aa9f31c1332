"""What a wheel may take from the machine, by level: libraries, and versions of their symbols.

The data are ``data/*.toml``. Every version of glibc is a level (PEP 600); the rows name those at
which something changes.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from wheelyard.targets.target import Libc

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wheelyard.repair.elf import SharedObject
    from wheelyard.targets.target import Distro, Target

_PRIVATE = "GLIBC_PRIVATE"
_FLOOR = re.compile(r"GLIBC_\d+(?:\.\d+)+")
_NUMBERS = re.compile(r"(?P<family>[A-Z]+)_(?:[A-Z0-9]+_)?(?P<number>\d+(?:\.\d+)*)")
NEWEST = Libc("glibc", (2, 43))
"""The newest level that is looked at when a tag is sought."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """What may be taken from the machine.

    Attributes:
        libc: the C library and the lowest version of it that machines of the level have.
        libraries: sonames; all that the C library brings is among them.
        loaders: what such names may begin with besides.
        newest: the highest version of symbols by family (``"GLIBCXX"``).
        named: versions that are names, of those that the level has.
    """

    libc: Libc
    libraries: frozenset[str]
    loaders: tuple[str, ...]
    newest: Mapping[str, tuple[int, ...]]
    named: frozenset[str] = frozenset()

    def allows(self, library: str) -> bool:
        """Whether a library may be taken from the machine, whatever version of it."""
        return library in self.libraries or library.startswith(self.loaders)

    def too_new(self, one: SharedObject) -> Iterator[tuple[str, str]]:
        """Give what a shared object asks allowed libraries for and they may lack."""
        for library, version in one.symbols.versions:
            if self.allows(library) and not self._has(version):
                yield library, version

    def lacking(self, one: SharedObject) -> tuple[str, ...]:
        """Give the libraries that the wheel must bring itself; the C library is never among them.

        A library that is allowed, but in a newer version than may be counted on, is.
        """
        newer = {library for library, version in self.too_new(one) if version[:6] != "GLIBC_"}
        return tuple(name for name in one.needed if name in newer or not self.allows(name))

    def _has(self, version: str) -> bool:
        if version == _PRIVATE:
            return False
        if version in _named():
            return version in self.named
        match = _NUMBERS.fullmatch(version)
        if match is None or match["family"] not in self.newest:
            return True  # nothing is laid down for it
        return _numbers(match["number"]) <= self.newest[match["family"]]


@cache
def glibc_policy(version: tuple[int, int], arch: str) -> Policy:
    """Give the policy of ``manylinux_X_Y`` on an architecture."""
    data = _read("manylinux")
    libraries = {*data["c-library"], *data["libraries"]}
    texts: dict[str, str] = {}
    for row in data["level"]:
        if _numbers(row["glibc"]) <= version:
            libraries |= set(row.get("adds", ()))
            texts |= row.get("newest", {}) | row.get(arch, {})
    return Policy(
        libc=Libc("glibc", version),
        libraries=frozenset(libraries),
        loaders=tuple(data["loaders"]),
        newest=MappingProxyType(
            {"GLIBC": (*version, 99), **{name: _numbers(text) for name, text in texts.items()}}
        ),
        named=frozenset(name for name, since in _named().items() if since <= version),
    )


@cache
def musl_policy(version: tuple[int, int]) -> Policy:
    """Give the policy of ``musllinux_X_Y``."""
    data = _read("musllinux")
    return Policy(
        libc=Libc("musl", version),
        libraries=frozenset(data["libraries"]),
        loaders=tuple(data["loaders"]),
        newest=MappingProxyType({}),
    )


def policy_of(target: Target) -> Policy:
    """Give what wheels for a target may take from it.

    A level is a promise about many machines, and says which libraries they have. Of a distribution
    that sysroots are not made of, only the C library is known.
    """
    libc = target.libc
    level = (
        glibc_policy(libc.version, target.machine.arch)
        if libc.family == "glibc"
        else musl_policy(libc.version)
    )
    if target.distro is None:
        return level
    known = {"libc.so", *_read("distros")["others"]["libraries"], *_c_library()}
    return Policy(
        libc=libc,
        libraries=frozenset(known),
        loaders=level.loaders,
        newest=level.newest,
        named=level.named,
    )


def own_python(distro: Distro) -> str | None:
    """Give the Python of a distribution that sysroots are made of: ``"3.11"``; else None."""
    pythons: dict[str, str] = _read("distros").get(distro.id, {})
    return pythons.get(distro.version)


def is_libpython(name: str) -> bool:
    """Whether a library is the interpreter: a program that loads an extension has it already."""
    return name.startswith("libpython")


def is_floor(version: str) -> bool:
    """Whether a symbol's version is one of glibc itself, as ``GLIBC_2.17``; not a name."""
    return _FLOOR.fullmatch(version) is not None


def is_c_library(name: str) -> bool:
    """Whether a library is a part of the C library, glibc's or musl's, or its loader."""
    loaders = (*_read("manylinux")["loaders"], *_read("musllinux")["loaders"])
    return name in _c_library() or name == "libc.so" or name.startswith(tuple(loaders))


@cache
def _c_library() -> frozenset[str]:
    """Give the libraries that glibc consists of."""
    return frozenset(_read("manylinux")["c-library"])


@cache
def _named() -> Mapping[str, tuple[int, ...]]:
    return {name: _numbers(text) for name, text in _read("manylinux")["named"].items()}


@cache
def _read(name: str) -> dict[str, Any]:
    text = resources.files("wheelyard.repair").joinpath("data", f"{name}.toml").read_text("utf-8")
    return tomllib.loads(text)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))


def provided(objects: Iterable[SharedObject]) -> frozenset[str]:
    """Give the names by which the shared objects of a wheel find one another."""
    found = [(one.links.soname, one.path.rpartition("/")[2]) for one in objects]
    return frozenset(name for pair in found for name in pair if name)
