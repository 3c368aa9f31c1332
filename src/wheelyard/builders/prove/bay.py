"""Where the wheels of one target are proved: its interpreter, run on what is installed there."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
from dataclasses import dataclass, field
from importlib import resources
from typing import TYPE_CHECKING, Any

from wheelyard.builders.isolation import wrap
from wheelyard.builders.processes import TimeLimitError
from wheelyard.builders.prove.site import install_into
from wheelyard.builders.prove.verdict import is_result, replaced
from wheelyard.builders.remedies import cause_of, tail_of
from wheelyard.errors import VerificationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from wheelyard.builders.pep517 import Bench
    from wheelyard.builders.prove.runner import Runner
    from wheelyard.plans.step import Artifact

_FLAGS = ("-s", "-S", "-B")  # no user's packages, no packages beside the interpreter, no bytecode
_PATH = "/usr/local/bin:/usr/bin:/bin"


@dataclass(frozen=True, kw_only=True, slots=True)
class Drive:
    """What the driver gave: its results, which Python it ran on, and what ended it too early."""

    results: tuple[Mapping[str, Any], ...]
    python: str
    trouble: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Trees:
    """Sets of wheels by the folders that they are installed in, and why some could not be."""

    folders: Mapping[tuple[Artifact, ...], Path] = field(default_factory=dict)
    refused: Mapping[tuple[Artifact, ...], str] = field(default_factory=dict)


class Bay:
    """A scratch folder and a target's interpreter."""

    def __init__(self, scratch: Path, runner: Runner, bench: Bench) -> None:
        self.runner = runner
        self._scratch = scratch
        self._bench = bench
        self._home = scratch / "home"
        self._home.mkdir()

    @property
    def moved(self) -> Mapping[str, str]:
        """Folders whose names are new each time or another on each machine, and their stand-ins."""
        root = {str(self.runner.root): ""} if self.runner.root else {}
        return {str(self._scratch): "/proof", **root}

    def install(self, sets: Iterable[tuple[Artifact, ...]]) -> Trees:
        """Install sets of wheels, each once and in a folder of its own."""
        folders: dict[tuple[Artifact, ...], Path] = {}
        refused: dict[tuple[Artifact, ...], str] = {}
        for number, wheels in enumerate(dict.fromkeys(sets)):
            folder = self._scratch / f"site-{number}"
            try:
                install_into(folder, wheels, self._bench.artifacts, self._scratch)
                folders[wheels] = folder
            except VerificationError as error:
                refused[wheels] = f"the wheels can't be installed together: {error}"
        return Trees(folders=folders, refused=refused)

    def drive(self, task: Mapping[str, Any]) -> Drive:
        """Run the driver on a task once; ``driver`` says what that is."""
        asked, answer = self._scratch / "asked.json", self._scratch / "answer"
        script = self._scratch / "driver.py"
        driver = resources.files(__package__).joinpath("driver.py").read_text("utf-8")
        script.write_text(driver, "utf-8")
        asked.write_text(json.dumps(task), "utf-8")
        answer.write_bytes(b"")
        status, tail = self._run((str(script), str(asked), str(answer)), {})
        lines = _objects(answer.read_bytes())
        python = next((str(line["python"]) for line in lines if "python" in line), "")
        trouble = f"the target's interpreter does not run: {cause_of(tail, status)}"
        return Drive(results=tuple(filter(is_result, lines)), python=python, trouble=trouble)

    def test(self, command: str, tree: Path) -> tuple[int, tuple[str, ...]]:
        """Run a test command; its leading ``python`` is the target's.

        Returns:
            Its exit status and the last meaningful lines of what it said.
        """
        _, *arguments = shlex.split(command)
        return self._run(arguments, {"PYTHONPATH": str(tree)})

    def _run(
        self, arguments: Sequence[str], more: Mapping[str, str]
    ) -> tuple[int, tuple[str, ...]]:
        """Run the interpreter off the network, with nothing of ours in its environment."""
        environ = {
            "PATH": os.environ.get("PATH", _PATH),
            "LANG": "C.UTF-8",
            "HOME": str(self._home),
            "TMPDIR": str(self._home),
            **self.runner.environ,
            **more,
        }
        command = (*self.runner.command, *_FLAGS, *arguments)
        isolated = wrap(command, self._bench.isolation(), writable=(self._scratch,))
        log = self._scratch / "log"
        with log.open("wb") as stream:
            try:
                status = self._bench.processes.run(
                    isolated, folder=self._home, environ=environ, log=stream
                )
            except TimeLimitError as error:
                stream.write(f"\n{error}\n".encode())
                status = 1
        return status, tail_of(replaced(log.read_text("utf-8", "replace"), self.moved))


def _objects(said: bytes) -> list[dict[str, Any]]:
    """Read an answer's lines; what is none is left out.

    The driver may have been ended while it wrote one, and what is imported can write there too.
    """
    found = []
    for line in said.splitlines():
        with contextlib.suppress(ValueError):
            found.append(json.loads(line))
    return [one for one in found if isinstance(one, dict)]
