"""Runs that were asked for before: when every input and output is as it was then, the answer too.

What ninja does for a whole build: the command, its environment, the files that it read and the
files that it wrote are compared by name, size, time and inode. Anything else than a perfect match
runs the build, which looks closer. Only this module and the standard library are imported up to
here, so a run with nothing to do costs little more than starting Python.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import zlib
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
        identity = [__version__, sys.executable, sys.version, str(Path.cwd()), given, environ]
        self._states: dict[str, _State] = {}
        self._identity = json.dumps(identity, sort_keys=True)
        # The identity itself is compared; its checksum only has to make a file name.
        self._file = folder / f"{zlib.crc32(self._identity.encode()):08x}.json"

    def recall(self) -> str | None:
        """Give what the last run said, if nothing that it read or wrote has changed since."""
        try:
            entry = json.loads(self._file.read_bytes())
        except (OSError, ValueError):
            return None
        if entry["identity"] != self._identity:
            return None
        same = all(_state(Path(name)) == state for name, state in entry["paths"].items())
        return str(entry["said"]) if same else None

    def watch(self, paths: Iterable[Path]) -> None:
        """Note the state of inputs before they are used, so that a change meanwhile is one."""
        self._states |= {str(path.absolute()): _state(path) for path in paths}

    def remember(self, outputs: Iterable[Path], said: str) -> None:
        """Keep what a good run said, with its inputs as they were and its outputs as they are."""
        self.watch(outputs)
        entry = {"identity": self._identity, "paths": self._states, "said": said}
        new = self._file.with_suffix(f".{os.getpid()}")
        with contextlib.suppress(OSError):  # it saves time, nothing else
            self._file.parent.mkdir(parents=True, exist_ok=True)
            new.write_text(json.dumps(entry), "utf-8")
            new.replace(self._file)


def _state(path: Path) -> _State:
    """Give name, size, time and inode of a file, or of a folder and what lies in it."""
    try:
        if not path.is_dir():
            return [_facts("", path.stat())]
        return sorted((_facts(entry.name, entry.stat()) for entry in os.scandir(path)), key=str)
    except OSError:
        return []


def _facts(name: str, status: os.stat_result) -> list[object]:
    return [name, status.st_size, status.st_mtime_ns, status.st_ino]
