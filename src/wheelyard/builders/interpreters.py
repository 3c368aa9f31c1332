"""The interpreters of this machine that builds run under."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from uv import find_uv_bin

from wheelyard.errors import HostError
from wheelyard.targets.detect import detect_interpreter, detect_this

if TYPE_CHECKING:
    from wheelyard.targets.target import Target


@dataclass(frozen=True, kw_only=True, slots=True)
class Interpreter:
    """An interpreter of this machine, and the target that what it builds runs on."""

    executable: Path
    target: Target


@functools.cache
def find_interpreter(version: str) -> Interpreter:
    """Find an interpreter of a version (``"3.11"``), the running one first.

    Raises:
        HostError: When there is none.
    """
    this = detect_this()
    if version in {_short(this), this.python.full_version}:
        return Interpreter(executable=Path(sys.executable), target=this)
    command = (find_uv_bin(), "python", "find", "--no-project", "--no-config", version)
    # pyenv's shims refuse to run a version that isn't chosen, and uv then stops looking.
    environ = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "PYENV_VERSION": version.rstrip("t")}
    found = subprocess.run(command, capture_output=True, text=True, check=False, env=environ)
    if found.returncode != 0:
        said = found.stderr.strip().splitlines()
        raise HostError(
            f"no Python {version} on this machine, and a build for it needs one"
            f"{' (uv: ' + said[-1].strip() + ')' if said else ''}: "
            f"install it, for example with: uv python install {version}"
        )
    executable = Path(found.stdout.strip())
    return Interpreter(executable=executable, target=detect_interpreter(executable))


def _short(target: Target) -> str:
    suffix = "t" if target.python.free_threaded else ""
    return ".".join(map(str, target.python.version)) + suffix
