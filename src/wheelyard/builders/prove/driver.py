"""Imports the modules of wheels, each wheel in a process of its own; runs on the target's Python.

A script on its own: the standard library alone, Python 3.9 or later. Called with the path of a
JSON file and that of the file to write to. The first holds ``jobs``, ``seconds`` (the time that a
wheel may take) and ``wheels``: objects with ``id``, ``path`` (folders) and ``modules``, the names
to import in their order. The second gets a JSON object a line for each wheel that was done with,
the moment it was, after one with the interpreter's version: ``id``, ``seconds``, ``imported`` and
``problems``, each of these with ``module``, ``kind``, ``missing``, ``error`` and ``tail``.

A process is forked for each wheel, so that the interpreter, which takes long to start under
emulation, starts once, and a crash or an endless loop ends one wheel's proof alone.
"""

from __future__ import annotations

import contextlib
import faulthandler
import importlib
import json
import os
import resource
import select
import signal
import site
import sys
import time
import traceback
import warnings
from pathlib import Path
from typing import Any

_TAIL = 30  # lines
_GRACE = 10.0  # seconds in which a process that is to end tells where it was
_TICK = 0.2  # seconds between looks at processes that say nothing
_BLOCK = 1 << 16


class Child:
    """One wheel's process, seen from outside."""

    def __init__(self, wheel: dict[str, Any], folder: str, limit: float) -> None:
        self.wheel = wheel
        self._limit = limit
        self.begun = time.monotonic()
        self.said = b""
        self.asked_to_end = False
        self._log = f"{folder}/{wheel['id']}.log"
        self.pipe, writing = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            _be_child(wheel, self._log, writing)
        os.close(writing)
        os.set_blocking(self.pipe, False)

    def listen(self) -> None:
        """Take what it said."""
        try:
            while block := os.read(self.pipe, _BLOCK):
                self.said += block
        except OSError:  # nothing more just now
            return

    def check_time(self) -> None:
        """End it when its time is over: first so that it tells where it was, then at once."""
        spent = time.monotonic() - self.begun
        if spent > self._limit + _GRACE:
            _signal(self.pid, signal.SIGKILL)
        elif spent > self._limit and not self.asked_to_end:
            self.asked_to_end = True
            _signal(self.pid, signal.SIGABRT)  # faulthandler prints the stack, also from C

    def ended(self) -> dict[str, Any] | None:
        """Give what came of it, once it has ended."""
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        if pid == 0:
            return None
        self.listen()
        os.close(self.pipe)
        whole = self.said[: self.said.rfind(b"\n") + 1]  # it may have been ended while it told
        lines = [json.loads(line) for line in whole.splitlines()]
        imported = [line["imported"] for line in lines if "imported" in line]
        problems = [line["problem"] for line in lines if "problem" in line]
        if not any("done" in line for line in lines):
            at = [line["begun"] for line in lines if "begun" in line]
            problems.append(self._crash(at[-1] if at else "", status))
        return {
            "id": self.wheel["id"],
            "seconds": round(time.monotonic() - self.begun, 2),
            "imported": imported,
            "problems": problems,
        }

    def _crash(self, module: str, status: int) -> dict[str, Any]:
        said = Path(self._log).read_text("utf-8", "replace")
        tail = [line for line in said.splitlines() if line.strip()][-_TAIL:]
        kind, error = "crash", "the interpreter ended in the midst of it"
        if self.asked_to_end:
            kind, error = "time", f"it was not done after {self._limit:.0f} s"
        elif os.WIFSIGNALED(status):
            error = f"killed by {signal.Signals(os.WTERMSIG(status)).name}"
        return _problem(module, kind, error, tail)


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(OSError):
        os.kill(pid, number)


def _problem(
    module: str, kind: str, error: str, tail: list[str], missing: str = ""
) -> dict[str, Any]:
    return {"module": module, "kind": kind, "error": error, "tail": tail, "missing": missing}


def _be_child(wheel: dict[str, Any], log: str, pipe: int) -> None:
    """Import everything, tell of it by the pipe, and end without ever coming back."""
    status = 1
    try:
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        for stream in (1, 2):
            os.dup2(output, stream)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        faulthandler.enable(2)
        sys.argv[:] = [""]
        warnings.simplefilter("ignore")
        for folder in wheel["path"]:
            site.addsitedir(folder)
        for module in wheel["modules"]:
            _tell(pipe, begun=module)
            _import(module, pipe)
        _tell(pipe, done=True)
        status = 0
    finally:
        os._exit(status)


def _import(module: str, pipe: int) -> None:
    try:
        importlib.import_module(module)
    except BaseException as error:  # noqa: BLE001 - also what asks to exit
        text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
        last = "".join(traceback.format_exception_only(type(error), error)).strip()
        missing = (isinstance(error, ModuleNotFoundError) and error.name) or ""
        kind = "missing" if missing else "error"
        tail = text.splitlines()[-_TAIL:]
        _tell(pipe, problem=_problem(module, kind, last.splitlines()[-1], tail, missing))
    else:
        _tell(pipe, imported=module)


def _tell(pipe: int, **what: Any) -> None:
    data = json.dumps(what).encode() + b"\n"
    while data:
        data = data[os.write(pipe, data) :]


def main(asked: str, answer: str) -> None:
    """Prove what is asked for, several wheels at once."""
    task = json.loads(Path(asked).read_text("utf-8"))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    folder = str(Path(asked).parent)
    sys.path.remove(str(Path(__file__).parent))
    waiting = list(reversed(task["wheels"]))
    running: list[Child] = []
    with Path(answer).open("a", encoding="utf-8") as out:
        out.write(json.dumps({"python": sys.version.split()[0]}) + "\n")
        while waiting or running:
            while waiting and len(running) < task["jobs"]:
                running.append(Child(waiting.pop(), folder, task["seconds"]))
            for pipe in select.select([child.pipe for child in running], [], [], _TICK)[0]:
                next(child for child in running if child.pipe == pipe).listen()
            for child in list(running):
                child.check_time()
                result = child.ended()
                if result is not None:
                    running.remove(child)
                    out.write(json.dumps(result) + "\n")
                    out.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
