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
    from wheelyard.wheel.names import NormalizedName, Sha256
    from wheelyard.wheel.tags import Tag


@dataclass(frozen=True)
class Compatibility:
    """What an interpreter accepts.

    Attributes:
        ranks: the place of each tag that it takes, 0 for the best.
        explain: says why it takes a wheel or not, and what would fit then.
        release: its version, for ``Requires-Python``.
    """

    ranks: Mapping[Tag, int]
    explain: Callable[[WheelFilename], str]
    release: tuple[int, ...]


@dataclass(frozen=True)
class Selected:
    """A wheel that was chosen: ``asked`` says for what, ``reason`` why it, or why it doesn't fit.

    ``fits`` is false by force only; ``direct_url`` is the text of ``direct_url.json`` (PEP 610), or
    empty.
    """

    path: Path
    sha256: Sha256
    asked: tuple[str, ...]
    fits: bool
    reason: str
    direct_url: str = ""


@dataclass(frozen=True)
class Options:
    """How to install.

    ``reinstall`` installs again what is there already and replaces files that belong to nothing;
    ``any_python`` also what requires another Python, with a warning.
    """

    compile_bytecode: bool = True
    reinstall: bool = False
    any_python: bool = False
    jobs: int = 2


@dataclass(frozen=True)
class InstallRequest:
    """What to install and where.

    ``python`` is the interpreter of a new virtualenv, of a target or a prefix; ``cache`` a folder
    that is made if missing, best on the environment's file system, so that files can be linked.
    """

    wheels: tuple[Selected, ...]
    destination: Destination
    python: Path
    cache: Path
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
