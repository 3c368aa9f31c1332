"""What this machine has for building and proving, looked up without asking anybody.

Only what lies here counts: apt's configuration, programs, the store with its release files.
"""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wheelyard.builders.interpreters import own_interpreter
from wheelyard.builders.isolation import detect_isolation
from wheelyard.builders.sysroots import open_debian
from wheelyard.builders.sysroots.mirrors import host_mirrors, no_mirror
from wheelyard.builders.sysroots.states import keyrings
from wheelyard.builders.sysroots.suites import suite_with
from wheelyard.errors import HostError, UsageError
from wheelyard.index.location import without_credentials
from wheelyard.index.settings import IndexSettings
from wheelyard.targets.detect import detect_this

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from wheelyard.store.store import Store


@dataclass(frozen=True, kw_only=True, slots=True)
class Mirrors:
    """Where packages come from; ``problem`` says why from nowhere, and is else empty.

    ``architectures`` are those of the suites whose release files are kept.
    """

    places: tuple[str, ...]
    problem: str = ""
    architectures: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Survey:
    """This machine.

    ``arch`` is its architecture; ``pythons`` gives an interpreter's path by its version, or an
    empty one; ``compiler`` and ``rust`` are the programs for builds that run here; ``kept`` are
    the tools for other machines that the store has; ``free`` is the room left for it, in bytes.
    """

    arch: str
    isolation: str
    compiler: str
    rust: str
    pythons: Mapping[str, str]
    mirrors: Mirrors
    kept: tuple[str, ...]
    free: int


def survey(store: Store, pythons: Iterable[str]) -> Survey:
    """Look at this machine.

    Args:
        store: what is kept there counts.
        pythons: the versions to look for, ``"3.11"`` or ``"3.13t"``.
    """
    versions = sorted(set(pythons))
    return Survey(
        arch=detect_this().machine.arch,
        isolation=str(detect_isolation()),
        compiler=shutil.which("cc") or "",
        rust=shutil.which("cargo") or "",
        pythons={version: _interpreter(version) for version in versions},
        mirrors=_mirrors(store, versions),
        kept=_kept(store.root),
        free=shutil.disk_usage(store.root).free,
    )


def _interpreter(version: str) -> str:
    found = own_interpreter(version)
    return str(found.executable) if found else ""


def _mirrors(store: Store, versions: Iterable[str]) -> Mirrors:
    try:
        mirrors = host_mirrors()
    except HostError as error:
        return Mirrors(places=(), problem=str(error))
    if not mirrors:
        return Mirrors(places=(), problem=no_mirror())
    places = tuple(dict.fromkeys(without_credentials(one.url) for one in mirrors))
    if not keyrings(mirrors):
        return Mirrors(places=places, problem="Debian's archive keyring is not installed")
    known: dict[str, tuple[str, ...]] = {}
    with open_debian(store, IndexSettings(), offline=True) as provider:
        for version in versions:
            with contextlib.suppress(HostError, UsageError):  # not kept, or there is no such suite
                suite = suite_with(version)
                known[suite] = provider.architectures(suite)
    return Mirrors(places=places, architectures=known)


def _kept(root: Path) -> tuple[str, ...]:
    """Name the compiler and the emulators that are unpacked in the store."""
    compilers = (root / "tools").glob("*/ziglang/ziglang/zig")
    emulators = (root / "sysroots").glob("*/usr/bin/qemu-*-static")
    return tuple(sorted({path.name for path in (*compilers, *emulators)}))
