"""Crates for builds without a network: fetched beforehand, hash-checked by Cargo's own lock."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from wheelyard.builders import BuildFailedError
from wheelyard.builders.remedies import remedy_for, tail_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wheelyard.builders.processes import Processes
    from wheelyard.plans.release import File


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


# What Cargo needs to reach its registry; a source must not see anything else of ours.
_PASSED = (
    *("PATH", "LANG", "SSL_CERT_FILE", "SSL_CERT_DIR", "CARGO_HTTP_CAINFO", "CARGO_HTTP_PROXY"),
    *("http_proxy", "https_proxy", "all_proxy", "no_proxy"),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
)


def has_crates(requires: Iterable[File]) -> bool:
    """Whether Cargo has a part in a build, by the wheels of its environment."""
    return any(wheel.filename.startswith(("maturin-", "setuptools_rust-")) for wheel in requires)


def fetch_crates(
    project: Path, processes: Processes, scratch: Path, programs: Path | None = None
) -> None:
    """Fetch what a project's ``Cargo.lock`` names, before the build, which has no network.

    Runs no code of the project: its Cargo configuration and toolchain files, which may name
    programs, are removed from ``project`` first. It is a copy; the build unpacks its own.

    Args:
        project: A source with crates.
        processes: Runs Cargo.
        scratch: Where its log goes.
        programs: The folder of Cargo and its compiler; this machine's own if none.

    Raises:
        BuildFailedError: When Cargo can't fetch it.
    """
    manifest = _manifest(project)
    path = os.pathsep.join((*([str(programs)] if programs else ()), os.environ.get("PATH", "")))
    cargo = shutil.which("cargo", path=path)
    if manifest is None or cargo is None:
        return
    _disarm(project)
    locked = ("--locked",) if manifest.with_name("Cargo.lock").exists() else ()
    command = (cargo, "fetch", *locked, "--manifest-path", str(manifest))
    environ = {name: os.environ[name] for name in _PASSED if name in os.environ}
    environ |= {**cargo_home(), "HOME": str(scratch), "PATH": path}
    del environ["CARGO_NET_OFFLINE"]
    log = scratch / "cargo-log"
    with log.open("ab") as stream:
        status = processes.run(command, folder=project, environ=environ, log=stream)
    if status != 0:
        text = log.read_text("utf-8", "replace")
        tail = tail_of(text)
        cause = f"cargo could not fetch the crates: {tail[-1] if tail else status}"
        raise BuildFailedError(cause, remedy_for(text), tail, "")


def _manifest(project: Path) -> Path | None:
    """Give the manifest that the lock lies beside, else the one nearest to the top."""
    found = sorted(project.rglob("Cargo.toml"), key=lambda path: (len(path.parts), path))
    locked = [path for path in found if path.with_name("Cargo.lock").exists()]
    return next(iter((*locked, *found)), None)


def _disarm(project: Path) -> None:
    for path in [*project.rglob(".cargo"), *project.rglob("rust-toolchain*")]:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
