"""Build environments: a fresh virtual environment that holds the locked wheels and nothing else."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from uv import find_uv_bin

from wheelyard.builders import BuildFailedError
from wheelyard.plans.step import Artifact
from wheelyard.wheel.names import Sha256

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from wheelyard.builders.artifacts import Artifacts
    from wheelyard.plans.release import File

_QUIET = ("--quiet", "--no-config", "--offline")


def make_environment(
    folder: Path, interpreter: Path, wheels: Iterable[File], artifacts: Artifacts
) -> Path:
    """Make an environment in ``folder/env`` and give its interpreter.

    The wheels are those of the store, installed without dependencies and without a network.

    Raises:
        BuildFailedError: When uv can't make it.
    """
    place = folder / "env"
    _uv("venv", *_QUIET, "--no-project", "--python", str(interpreter), str(place), folder=folder)
    python = place / "bin" / "python"
    downloads = folder / "wheels"
    downloads.mkdir()
    files = [str(_place(wheel, downloads, artifacts)) for wheel in wheels]
    if files:
        install = ("pip", "install", *_QUIET, "--no-deps", "--no-index", "--python", str(python))
        cache = ("--cache-dir", str(artifacts.store.root / "uv"))
        _uv(*install, *cache, *files, folder=folder)
    return python


def _place(wheel: File, folder: Path, artifacts: Artifacts) -> Path:
    artifact = Artifact(filename=wheel.filename, sha256=Sha256(wheel.sha256), size=wheel.size)
    return artifacts.place(artifact, folder)


def _uv(*arguments: str, folder: Path) -> None:
    # uv takes its settings from the environment as well; a build environment must not differ by it.
    environ = {name: value for name, value in os.environ.items() if not name.startswith("UV_")}
    done = subprocess.run(
        (find_uv_bin(), *arguments),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env=environ,
    )
    if done.returncode != 0:
        lines = tuple(done.stderr.strip().splitlines()[-12:])
        cause = f"the build environment could not be made: {lines[0] if lines else arguments[0]}"
        raise BuildFailedError(cause, "look at the build requirements of this project", lines, "")
