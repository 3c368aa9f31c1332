"""Runs that were asked for before: when every input and output is as it was then, the answer too.

What ninja does for a whole build: the command, its environment, the files that it read and the
files that it wrote are compared by name, size, time and inode. Anything else than a perfect match
runs the build, which looks closer. Of the environment and the command, which may hold passwords,
nothing is kept but a digest. Only this module and the standard library are imported up to here, so
a run with nothing to do costs little more than starting Python.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
import sys
from pathlib import Path

from wheelyard import __version__

TYPE_CHECKING = False  # see wheelyard.cli
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

# What a shell changes from one command to the next.
_PASSING = frozenset({"_", "SHLVL", "PWD", "OLDPWD", "COLUMNS", "LINES"})

_State = list[list[object]]


class Ledger:
    """The last good run of a command line, in a folder that is made when needed."""

    def __init__(self, folder: Path, options: argparse.Namespace) -> None:
        given = {name: str(value) for name, value in vars(options).items() if name != "run"}
        environ = {name: text for name, text in os.environ.items() if name not in _PASSING}
        identity = [_program(), sys.executable, sys.version, str(Path.cwd()), given, environ]
        self._states: dict[str, _State] = {}
        name = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()
        self._file = folder / f"{name}.json"

    def recall(self) -> str | None:
        """Give what the last run said, if nothing that it read or wrote has changed since."""
        try:
            entry = json.loads(self._file.read_bytes())
        except (OSError, ValueError):
            return None
        same = all(_state(Path(name)) == state for name, state in entry["paths"].items())
        return str(entry["said"]) if same else None

    def watch(self, paths: Iterable[Path]) -> None:
        """Note the state of inputs before they are used, so that a change meanwhile is one."""
        self._states |= {str(path.absolute()): _state(path) for path in paths}

    def remember(self, outputs: Iterable[Path], said: str) -> None:
        """Keep what a good run said, with its inputs as they were and its outputs as they are."""
        self.watch(outputs)
        entry = {"paths": self._states, "said": said}
        new = self._file.with_suffix(f".{os.getpid()}")
        with contextlib.suppress(OSError):  # it saves time, nothing else
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.parent.chmod(0o700)  # what was written by a version that kept more, too
            new.write_text(json.dumps(entry), "utf-8")
            new.replace(self._file)


def _program() -> list[object]:
    """Give our version and the state of our modules: a change in a checkout is a new program."""
    found: list[object] = [__version__]
    waiting = [Path(__file__).parent.parent]
    while waiting:
        for entry in os.scandir(waiting.pop()):
            if entry.is_dir():
                waiting += [Path(entry.path)] if entry.name != "__pycache__" else []
            else:
                found.append(_facts(entry.path, entry.stat()))
    return sorted(found, key=str)


def _state(path: Path) -> _State:
    """Give name, size, time and inode of a file, or of a folder's entries; nothing if missing."""
    try:
        names = sorted(entry.name for entry in path.iterdir()) if path.is_dir() else []
    except OSError:  # it may be looked up, not listed
        names = []
    return [fact for name in ("", *names) for fact in _entry(path / name, name)]


def _entry(path: Path, name: str) -> _State:
    """Give the state of an entry, and of what it leads to where it is a link that leads anywhere.

    A folder's own time would change with every file that is written into it for a moment.
    """
    try:
        own = path.lstat()
    except OSError:
        return []
    found = [_facts(name, own)] if name or not stat.S_ISDIR(own.st_mode) else [[name, own.st_ino]]
    if stat.S_ISLNK(own.st_mode):
        with contextlib.suppress(OSError):
            found.append(_facts(name, path.stat()))
    return found


def _facts(name: str, status: os.stat_result) -> list[object]:
    return [name, status.st_size, status.st_mtime_ns, status.st_ino]
