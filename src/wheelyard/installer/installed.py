"""What an environment has installed already, as its ``.dist-info`` folders say (PEP 376)."""

from __future__ import annotations

import os
import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wheelyard.errors import HostError
from wheelyard.wheel.names import NormalizedName, normalize_name
from wheelyard.wheel.record import InvalidRecordError, RecordEntry, parse_record

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from wheelyard.installer.environment import Layout


@dataclass(frozen=True, order=True)
class Installed:
    """An installed project; ``info`` is its ``.dist-info`` folder relative to the prefix."""

    name: NormalizedName
    version: str
    info: str


def scan_installed(layout: Layout) -> tuple[Installed, ...]:
    """Return the projects installed, by the names of their folders alone, sorted.

    An ``.egg-info`` counts, too: it is there, although it cannot be replaced.
    """
    found = set()
    for folder in {layout.purelib, layout.platlib}:
        root = layout.prefix / folder
        for file in os.scandir(root) if root.is_dir() else ():
            stem, dot, kind = file.name.rpartition(".")
            if dot and kind in {"dist-info", "egg-info"}:
                name, _, version = stem.partition("-")
                info = posixpath.join(folder, file.name)
                found.add(Installed(normalize_name(name), version.partition("-")[0], info))
    return tuple(sorted(found))


def read_record(layout: Layout, project: Installed) -> tuple[RecordEntry, ...]:
    """Return the rows of an installed project's ``RECORD`` as they are.

    Raises:
        HostError: there is none, or it cannot be read, so nobody knows the files.
    """
    path = layout.prefix / project.info / "RECORD"
    try:
        return parse_record(path.read_bytes())
    except (OSError, InvalidRecordError) as error:
        raise HostError(
            f"{path.parent}: {project.name} {project.version} cannot be changed, for its list of "
            f"files cannot be read ({error}); remove it with the tool that installed it"
        ) from error


def read_files(layout: Layout, project: Installed) -> tuple[RecordEntry, ...]:
    """Return the files of an installed project, their paths made relative to the prefix.

    Rows that lie outside the prefix are left out: they are not this environment's.

    Raises:
        HostError: as for :func:`read_record`.
    """
    rows = read_record(layout, project)
    places = ((below_prefix(layout, project, row.path), row) for row in rows)
    return tuple(
        RecordEntry(place, row.hash_algorithm, row.hash, row.size) for place, row in places if place
    )


def below_prefix(layout: Layout, project: Installed, path: str) -> str:
    """Return a path of a project's ``RECORD`` relative to the prefix; ``""`` outside of it."""
    lib = posixpath.dirname(project.info)
    place = posixpath.normpath(posixpath.join(str(layout.prefix), lib, path))
    start = f"{layout.prefix}/"
    return place[len(start) :] if place.startswith(start) else ""


def owned_paths(layout: Layout, project: Installed) -> tuple[str, ...]:
    """Return the existing files that go away with a project, relative to the prefix, sorted.

    Besides those listed: bytecode that Python wrote for its modules, and whatever else is in its
    ``.dist-info`` folder.
    """
    paths = {entry.path for entry in read_files(layout, project)}
    info = layout.prefix / project.info
    paths |= {
        path.relative_to(layout.prefix).as_posix()
        for path in info.rglob("*")
        if path.is_symlink() or not path.is_dir()
    }
    paths |= _bytecode_of(layout.prefix, paths)
    return tuple(sorted(path for path in paths if _is_file(layout.prefix / path)))


def _is_file(path: Path) -> bool:
    return path.is_symlink() or path.is_file()


def _bytecode_of(prefix: Path, paths: Iterable[str]) -> set[str]:
    stems: dict[str, set[str]] = {}
    for path in paths:
        if path.endswith(".py"):
            folder, _, name = path.rpartition("/")
            stems.setdefault(folder, set()).add(name[: -len(".py")])
    found = set()
    for folder, names in stems.items():
        cache = prefix / folder / "__pycache__"
        for file in cache.iterdir() if cache.is_dir() else ():
            if file.suffix == ".pyc" and file.name.partition(".")[0] in names:
                found.add(file.relative_to(prefix).as_posix())
    return found


def find_owner(layout: Layout, paths: Iterable[str], remedy: str = "") -> HostError:
    """Return the error for files that are in the way, with the projects they belong to.

    ``remedy`` is what else can be done than to remove these.
    """
    owners: dict[str, Installed] = {}
    for project in scan_installed(layout):
        try:
            owners.update((entry.path, project) for entry in read_files(layout, project))
        except HostError:  # a project without a list owns nothing that could be found
            continue
    lines = [
        f"\n  {path}: it belongs to {owners[path].name} {owners[path].version}"
        if path in owners
        else f"\n  {path}: it belongs to no installed project"
        for path in paths
    ]
    return HostError(
        "Files are in the way, so nothing is installed; remove the projects they belong to"
        f"{remedy}:{''.join(lines)}"
    )
