"""What an installation is asked for, and what it did."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Callable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from wheelyard.installer.environment import Destination
    from wheelyard.wheel.filename import WheelFilename
    from wheelyard.wheel.findings import Finding
    from wheelyard.wheel.names import NormalizedName
    from wheelyard.wheel.tags import Tag


@dataclass(frozen=True)
class Compatibility:
    """What the target interpreter accepts: its tags, and a sentence on why it refuses a wheel."""

    tags: frozenset[Tag]
    explain: Callable[[WheelFilename], str]


@dataclass(frozen=True)
class Options:
    """How to install.

    ``force`` installs again what is there already and replaces files that belong to nothing.
    ``direct_urls`` maps normalised project names to the text of ``direct_url.json`` (PEP 610).
    """

    compile_bytecode: bool = True
    force: bool = False
    jobs: int = 2
    direct_urls: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class InstallRequest:
    """What to install and where; ``projects`` empty means the whole wheelhouse.

    ``python`` is the interpreter of a new virtualenv, of a target or a prefix; ``cache`` a folder
    that is made if missing, best on the environment's file system, so that files can be linked.
    """

    wheelhouse: Path
    destination: Destination
    python: Path
    cache: Path
    compatibility: Compatibility
    projects: tuple[str, ...] = ()
    options: Options = field(default_factory=Options)


@dataclass(frozen=True)
class Change:
    """A project installed; ``previous`` is the version it replaced, or ``""``."""

    name: NormalizedName
    version: str
    previous: str


@dataclass(frozen=True)
class InstallReport:
    """What was done: changes, projects that were there already, warnings by wheel."""

    prefix: Path
    installed: tuple[Change, ...]
    satisfied: tuple[Change, ...]
    warnings: tuple[tuple[str, Finding], ...]
