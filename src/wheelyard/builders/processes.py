"""Child processes: their own session, a log, limits, and an end when we end."""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import signal
import subprocess
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from typing import BinaryIO


@dataclass(frozen=True, kw_only=True, slots=True)
class ProcessLimits:
    """How long a child may run, in seconds, and how much address space it may take, in MiB.

    Zero means no limit.
    """

    seconds: int = 3600
    memory: int = 0


class TimeLimitError(Exception):
    """A child ran longer than it may."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds

    def __str__(self) -> str:
        return f"stopped after {self.seconds} s (change the limit with --build-timeout)"


class Processes:
    """Runs children and can stop all of them, from whichever thread."""

    def __init__(self, limits: ProcessLimits) -> None:
        self._limits = limits
        self._live: set[subprocess.Popen[bytes]] = set()
        self._guard = threading.Lock()
        self._stopped = False

    def run(
        self, command: Sequence[str], *, folder: Path, environ: Mapping[str, str], log: BinaryIO
    ) -> int:
        """Run a command to its end, its output appended to ``log``.

        Returns:
            Its exit status; negative for the signal that ended it.

        Raises:
            TimeLimitError: When it took too long; the whole process group has been ended.
        """
        with self._start(command, folder, environ, log) as child:
            try:
                return child.wait(self._limits.seconds or None)
            except subprocess.TimeoutExpired:
                raise TimeLimitError(self._limits.seconds) from None
            finally:
                _end(child)
                with self._guard:
                    self._live.discard(child)

    def _start(
        self, command: Sequence[str], folder: Path, environ: Mapping[str, str], log: BinaryIO
    ) -> subprocess.Popen[bytes]:
        with self._guard:
            if self._stopped:
                raise KeyboardInterrupt
            child = subprocess.Popen(
                limited(command, self._limits.memory),
                cwd=folder,
                env=dict(environ),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            self._live.add(child)
            return child

    def stop(self) -> None:
        """End every child with its descendants; no further one is started."""
        with self._guard:
            self._stopped = True
            for child in self._live:
                _end(child)


def _end(child: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)


def limited(command: Sequence[str], memory: int) -> tuple[str, ...]:
    """Put limits in front of a command: an end when we end, and an address space in MiB.

    By way of ``setpriv`` (util-linux), where it is there, and the shell's ``ulimit``; setting them
    between fork and exec is not safe in a process with threads.
    """
    mortal = ("setpriv", "--pdeathsig", "KILL", "--") if _has_setpriv() else ()
    if not memory:
        return (*mortal, *command)
    shell = ("/bin/sh", "-c", f'ulimit -v {memory * 1024} && exec "$@"', "sh")
    return (*mortal, *shell, *command)


@functools.cache
def _has_setpriv() -> bool:
    return shutil.which("setpriv") is not None
