"""Crates for builds without a network: fetched beforehand, hash-checked by Cargo's own lock."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from wheelyard.builders import BuildFailedError
from wheelyard.builders.remedies import remedy_for, tail_of

if TYPE_CHECKING:
    from wheelyard.builders.processes import Processes


def cargo_home() -> dict[str, str]:
    """Give the variables that let Cargo find its toolchain and crates although HOME is another.

    Builds get ``CARGO_NET_OFFLINE``: what is not there by now is an error that names the crate.
    """
    home = Path.home()
    return {
        "CARGO_HOME": os.environ.get("CARGO_HOME", str(home / ".cargo")),
        "RUSTUP_HOME": os.environ.get("RUSTUP_HOME", str(home / ".rustup")),
        "CARGO_NET_OFFLINE": "true",
    }


def fetch_crates(project: Path, processes: Processes, scratch: Path) -> None:
    """Fetch what a project's ``Cargo.lock`` names; runs no code of the project.

    Raises:
        BuildFailedError: When Cargo can't fetch it.
    """
    manifests = sorted(project.glob("Cargo.toml")) or sorted(project.glob("*/Cargo.toml"))[:1]
    cargo = shutil.which("cargo")
    if not manifests or cargo is None:
        return
    locked = ("--locked",) if manifests[0].with_name("Cargo.lock").exists() else ()
    command = (cargo, "fetch", *locked, "--manifest-path", str(manifests[0]))
    environ = {**os.environ, **cargo_home()}
    del environ["CARGO_NET_OFFLINE"]
    log = scratch / "cargo-log"
    with log.open("ab") as stream:
        status = processes.run(command, folder=project, environ=environ, log=stream)
    if status != 0:
        text = log.read_text("utf-8", "replace")
        tail = tail_of(text)
        cause = f"cargo could not fetch the crates: {tail[-1] if tail else status}"
        raise BuildFailedError(cause, remedy_for(text), tail, "")
