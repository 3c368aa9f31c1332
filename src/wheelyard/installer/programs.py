"""The programs of installed projects, written anew: for an environment that was moved, say."""

from __future__ import annotations

import os
import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wheelyard.errors import UsageError
from wheelyard.installer import transaction
from wheelyard.installer.environment import prepared
from wheelyard.installer.installed import (
    Installed,
    below_prefix,
    find_owner,
    read_files,
    read_record,
    scan_installed,
)
from wheelyard.installer.plan import Placed, Text, check_collisions, program, text_row
from wheelyard.installer.stage import stage
from wheelyard.wheel.entry_points import InvalidEntryPointsError, parse_entry_points
from wheelyard.wheel.names import NormalizedName, normalize_name
from wheelyard.wheel.record import format_record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from wheelyard.installer.environment import Destination, Layout


@dataclass(frozen=True)
class Programs:
    """An installed project and the programs that were written for it."""

    name: NormalizedName
    version: str
    paths: tuple[Path, ...]


def install_scripts(
    projects: Iterable[str], destination: Destination, python: Path
) -> tuple[Programs, ...]:
    """Write the programs of installed projects anew, all or none, and list them in ``RECORD``.

    Args:
        projects: their names.
        destination: the environment that they are in.
        python: an absolute path; the interpreter of a target or a prefix.

    Raises:
        HostError: a project's list of files can't be read, or a file that isn't a project's own
            is in the way.
        UsageError: there is no such environment, or a project isn't installed there.
        VerificationError: entry points that are malformed or dangerous, or two projects have a
            program of one name.
    """
    is_venv = destination.kind == "venv"
    if not (destination.path / ("pyvenv.cfg" if is_venv else "")).exists():
        raise UsageError(f"{destination.path}: there is no environment; name another folder")
    with prepared(destination, python) as environment:
        layout = environment.layout
        with transaction.exclusive(layout.prefix):
            found = _find(layout, projects)
            placed = [_place(layout, project) for project in found]
            check_collisions(placed)
            _exchange(layout, found, placed)
    return tuple(_written(one, layout.prefix) for one in placed)


def _written(placed: Placed, prefix: Path) -> Programs:
    paths = tuple(prefix / text.path for text in placed.texts if text.executable)
    return Programs(placed.name, placed.version, paths)


def _find(layout: Layout, projects: Iterable[str]) -> list[Installed]:
    names = list(dict.fromkeys(map(normalize_name, projects)))
    there = scan_installed(layout)
    missing = [name for name in names if name not in {project.name for project in there}]
    if missing:
        raise UsageError(
            f"{layout.prefix}: {', '.join(missing)} is not installed there; nothing is written"
        )
    return [project for name in names for project in there if project.name == name]


def _place(layout: Layout, project: Installed) -> Placed:
    """Return the programs and the new ``RECORD``, without programs nothing at all."""
    file = layout.prefix / project.info / "entry_points.txt"
    try:
        entries = parse_entry_points(file.read_bytes()) if file.exists() else ()
    except InvalidEntryPointsError as error:
        raise InvalidEntryPointsError(f"{project.name} {project.version}: {error}") from None
    programs = (program(entry, layout) for entry in entries if entry.is_script)
    texts = list({text.path: text for text in programs}.values())
    if texts:
        texts.append(_record(layout, project, texts))
    return Placed(project.name, project.version, (), tuple(texts))


def _record(layout: Layout, project: Installed, programs: Sequence[Text]) -> Text:
    """Return the project's list of files with the programs in it; the other rows stay."""
    lib = posixpath.dirname(project.info)
    listed = {
        below_prefix(layout, project, row.path) or row.path: row
        for row in read_record(layout, project)
    }
    listed.update((text.path, text_row(text, lib)) for text in programs)
    return Text(f"{project.info}/RECORD", format_record(listed.values()), executable=False)


def _exchange(layout: Layout, found: Sequence[Installed], placed: Sequence[Placed]) -> None:
    """Put the new files in the place of the projects' own.

    Raises:
        HostError: others are in the way.
    """
    own = {entry.path for project in found for entry in read_files(layout, project)}
    own |= {f"{project.info}/RECORD" for project in found}
    written = {text.path for one in placed for text in one.texts}
    removals = [
        path
        for path in sorted(own & written)
        if os.path.lexists(layout.prefix / path) and not layout.is_own(path)
    ]
    stage(layout.prefix / transaction.NEW, placed, jobs=1)
    moves = transaction.plan_moves(layout.prefix, removals, replaceable=lambda _path: False)
    if moves.blocked:
        raise find_owner(layout, moves.blocked)
    transaction.commit(layout.prefix, moves, keep=(layout.scripts,))
