"""Which libraries a wheel must bring, and what is to be changed for that. Pure.

``plan_grafts`` decides; ``builders.repair`` acts. A grafted library lies in ``<name>.libs`` beside
the packages, under a name with a digest of its content, so that no other wheel's copy of it can
take its place in a process.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from wheelyard.errors import BuildError
from wheelyard.repair.audit import ORIGINS, has_distribution
from wheelyard.repair.policy import (
    is_c_library,
    is_libpython,
    policy_of,
    provided,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wheelyard.repair.elf import SharedObject
    from wheelyard.targets.target import Target

_DIGITS = 8  # of the digest, in a grafted library's name
_SCHEMES = ("platlib", "purelib")


class GraftError(BuildError):
    """Libraries that can't be grafted: every reason, joined."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Library:
    """A library that could be grafted.

    ``place`` is where it was found, relative to its sysroot and behind all links; ``sha256`` is
    that of its content; the object's path is the name that it was asked for by.
    """

    place: str
    sha256: str
    content: SharedObject

    @property
    def name(self) -> str:
        """The name that it was asked for by: ``"libffi.so.8"``."""
        return self.content.path

    @property
    def own_name(self) -> str:
        """The name that its copy gets: ``"libffi-0123abcd.so.8.1.2"``."""
        stem, dot, rest = self.place.rpartition("/")[2].partition(".so")
        return f"{stem}-{self.sha256[:_DIGITS]}{dot}{rest}"


class Libraries(Protocol):
    """Where libraries are taken from."""

    def __call__(self, name: str, /) -> Library | None:
        """Give the library that a loader would find under a name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Edit:
    """What to change in a shared object; ``soname`` is empty where it stays as it is.

    ``renamed`` are pairs of a library that it is linked with and the name to put there; ``search``
    are the folders that its RPATH is to have.
    """

    path: str
    soname: str
    renamed: tuple[tuple[str, str], ...]
    search: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Grafting:
    """What to bring into a wheel, and what to change: the copies first, then what was there."""

    libraries: tuple[Library, ...]
    edits: tuple[Edit, ...]


def plan_grafts(
    objects: Iterable[SharedObject], target: Target, folder: str, libraries: Libraries
) -> Grafting:
    """Say what a wheel must bring for a target, and how its parts are to find it.

    Args:
        objects: all shared objects of the wheel.
        target: where it is to run.
        folder: of the wheel, for what is brought: ``"cffi.libs"``.
        libraries: where that is taken from.

    Raises:
        GraftError: A library isn't there, or could not run on the target; it names every one.
    """
    found = tuple(objects)
    inside = provided(found)
    wanted = {one.path: _wanted(one, target, inside) for one in found}
    brought = _collect(wanted.values(), target, inside, libraries)
    names = {name: library.own_name for name, library in brought.items()}
    copies = [_copied(library, folder, names) for library in brought.values()]
    edits = [
        edit for one in found if (edit := _edited(one, folder, wanted[one.path], names)) is not None
    ]
    return Grafting(libraries=tuple(brought.values()), edits=(*copies, *edits))


def _wanted(one: SharedObject, target: Target, inside: frozenset[str]) -> tuple[str, ...]:
    """Give the libraries that neither the wheel nor the target has."""
    if has_distribution(target):
        return ()
    return tuple(
        name
        for name in policy_of(target).lacking(one)
        if name not in inside and not is_c_library(name) and not is_libpython(name)
    )


def _collect(
    wanted: Iterable[tuple[str, ...]],
    target: Target,
    inside: frozenset[str],
    libraries: Libraries,
) -> dict[str, Library]:
    """Find libraries and those that they need in turn."""
    found: dict[str, Library] = {}
    problems: list[str] = []
    queue = list(dict.fromkeys(name for names in wanted for name in names))
    for name in queue:  # grows as it goes
        library = libraries(name)
        problem = _unfit(name, library, target)
        if library is None or problem:
            problems.append(problem)
            continue
        found[name] = library
        queue += [one for one in _wanted(library.content, target, inside) if one not in queue]
    if problems:
        raise GraftError("; ".join(problems))
    return found


def _unfit(name: str, library: Library | None, target: Target) -> str:
    """Say why a library can't be grafted; empty when it can."""
    if library is None:
        return f"{name} is not in the sysroot either"
    content, libc = library.content, target.libc
    if content.libc and content.libc != libc.family:
        return (
            f"{name} can't be grafted: the sysroot's is linked with {content.libc}, "
            f"and {target.name} has {libc.family}"
        )
    if libc.family == "glibc" and content.floor > libc.version:
        floor = ".".join(map(str, content.floor))
        return (
            f"{name} can't be grafted: the sysroot's needs glibc {floor}, "
            f"and {target.name} has {libc}"
        )
    return ""


def _copied(library: Library, folder: str, names: dict[str, str]) -> Edit:
    renamed = tuple((name, names[name]) for name in library.content.needed if name in names)
    return Edit(
        path=f"{folder}/{library.own_name}",
        soname=library.own_name,
        renamed=renamed,
        search=("$ORIGIN",) if renamed else (),
    )


def _edited(
    one: SharedObject, folder: str, wanted: tuple[str, ...], names: dict[str, str]
) -> Edit | None:
    kept = tuple(place for place in one.links.search if place.startswith(ORIGINS))
    if not wanted and kept == one.links.search:
        return None
    search = (*kept, f"$ORIGIN/{_way(one.path, folder)}") if wanted else kept
    return Edit(
        path=one.path,
        soname="",
        renamed=tuple((name, names[name]) for name in wanted),
        search=tuple(dict.fromkeys(search)),
    )


def _way(path: str, folder: str) -> str:
    """Give the way from a file's folder to another, as they lie once installed.

    Raises:
        GraftError: Where the file is installed, only the installer knows.
    """
    parts = path.split("/")
    if parts[0].endswith(".data"):
        if parts[1] not in _SCHEMES:
            raise GraftError(f"{path} can't be given libraries: where it goes is not known")
        parts = parts[2:]
    return posixpath.relpath(folder, "/".join(parts[:-1]) or ".")
