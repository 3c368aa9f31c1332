"""All or nothing: files are staged inside the environment, then renamed; a journal can undo it.

In ``prefix/.wheelyard-transaction`` stand ``new`` (what is to be placed, staged), ``old`` (what is
replaced) and ``journal.json``, which lists every rename before the first is done. Removing the
journal is the moment at which the installation counts. A process that dies before leaves the
journal, and the next installation moves everything back. A whole new package is one rename.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import stat
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable

from wheelyard.errors import HostError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

FOLDER = ".wheelyard-transaction"
NEW = f"{FOLDER}/new"
_OLD = f"{FOLDER}/old"
_JOURNAL = f"{FOLDER}/journal.json"


@dataclass(frozen=True)
class Moves:
    """Renames in their order, as pairs of paths relative to the prefix, and what is in the way.

    ``removed`` are the files that are taken away, including those put in anew.
    """

    pairs: tuple[tuple[str, str], ...]
    removed: tuple[str, ...]
    blocked: tuple[str, ...]


@contextmanager
def exclusive(prefix: Path) -> Iterator[None]:
    """Keep other installations out of ``prefix`` while the block runs; they wait.

    What an installation that died left behind is moved back first.

    Raises:
        HostError: its journal can't be understood.
    """
    descriptor = os.open(prefix, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        undo(prefix)
        try:
            (prefix / NEW).mkdir(parents=True)
            (prefix / _OLD).mkdir()
            yield
        finally:
            undo(prefix)
    finally:
        os.close(descriptor)


def plan_moves(prefix: Path, removals: Iterable[str], replaceable: Callable[[str], bool]) -> Moves:
    """Decide the renames that take ``removals`` away and put the staged files in place.

    Args:
        prefix: the environment; what is staged in it is looked at, nothing is changed.
        removals: existing files, relative to ``prefix``.
        replaceable: says of a regular file in the way whether it may be taken away, too; links,
            such as a virtualenv's ``lib64`` and ``bin/python``, never are.
    """
    removed = dict.fromkeys(removals)
    placements: list[tuple[str, str]] = []
    blocked: list[str] = []
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        with os.scandir(prefix / NEW / folder) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                path = f"{folder}{entry.name}"
                mode = None if path in removed else _mode(prefix / path)
                if mode is not None and stat.S_ISDIR(mode) and entry.is_dir():
                    waiting.append(f"{path}/")
                    continue
                if mode is not None and stat.S_ISREG(mode) and replaceable(path):
                    removed[path] = None
                elif mode is not None:
                    blocked.append(path)
                placements.append((f"{NEW}/{path}", path))
    aside = [(path, f"{_OLD}/{number}") for number, path in enumerate(removed)]
    return Moves((*aside, *placements), tuple(removed), tuple(blocked))


def _mode(path: Path) -> int | None:
    try:
        return path.lstat().st_mode
    except OSError:
        return None


def commit(prefix: Path, moves: Moves, keep: Iterable[str]) -> None:
    """Do the renames; afterwards the installation counts. On any error nothing has changed.

    Args:
        prefix: the environment.
        moves: what :func:`plan_moves` decided; nothing may be blocked.
        keep: folders that stay even when nothing is left in them, relative to ``prefix``.
    """
    _write_journal(prefix, moves)
    for source, target in moves.pairs:
        (prefix / source).rename(prefix / target)
    (prefix / _JOURNAL).unlink()
    _prune(prefix, moves.removed, set(keep))


def _write_journal(prefix: Path, moves: Moves) -> None:
    journal = prefix / _JOURNAL
    draft = journal.with_suffix(".draft")
    with draft.open("w", encoding="utf-8") as stream:
        json.dump(moves.pairs, stream)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(journal)


def undo(prefix: Path) -> None:
    """Move back what an unfinished transaction moved, and remove its folder."""
    journal = prefix / _JOURNAL
    if journal.exists():
        for source, target in reversed(_read_journal(journal)):
            # A rename was done or not, never half: its source is there exactly when it was not.
            if _mode(prefix / source) is None and _mode(prefix / target) is not None:
                (prefix / target).rename(prefix / source)
        journal.unlink()
    shutil.rmtree(prefix / FOLDER, ignore_errors=True)


def _read_journal(journal: Path) -> list[tuple[str, str]]:
    try:
        pairs = [(source, target) for source, target in json.loads(journal.read_text("utf-8"))]
        inside = all(isinstance(path, str) and _is_inside(path) for pair in pairs for path in pair)
    except (ValueError, TypeError):
        inside = False
    if not inside:
        raise HostError(
            f"{journal}: it is garbled, so what an interrupted installation moved can't be moved "
            f"back; make the environment anew, or look for what is missing in {journal.parent}, "
            "remove that folder and install with --force-reinstall"
        )
    return pairs


def _is_inside(path: str) -> bool:
    return not path.startswith("/") and ".." not in path.split("/")


def _prune(prefix: Path, removed: Iterable[str], keep: set[str]) -> None:
    """Remove the folders that ``removed`` left empty."""
    folders = {path.rpartition("/")[0] for path in removed}
    while folders:
        folder = max(folders, key=len)  # the deepest of a line of folders is its longest name
        folders.remove(folder)
        if not folder or folder in keep:
            continue
        try:
            (prefix / folder).rmdir()
        except OSError:  # not empty, or gone already
            continue
        folders.add(folder.rpartition("/")[0])
