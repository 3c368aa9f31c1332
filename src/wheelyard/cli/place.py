"""Where to install: options that several commands share, and the interpreter that they mean."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from wheelyard.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from wheelyard.installer import Destination
    from wheelyard.targets.target import Target

_KINDS = ("venv", "target", "prefix")


def add_place_options(parser: argparse.ArgumentParser, venv: str = "a virtualenv") -> None:
    """Add where to install, and for which interpreter."""
    place = parser.add_mutually_exclusive_group()
    for kind, text in zip(_KINDS, (venv, "a folder for sys.path", "a folder with bin, lib, …")):
        place.add_argument(f"--{kind}", type=Path, metavar="DIR", help=text)
    parser.add_argument(
        "--python", type=Path, metavar="EXE", help="the interpreter (default: the running one)"
    )


def get_destination(options: argparse.Namespace) -> Destination:
    """Give the place that was named.

    Raises:
        UsageError: None was.
    """
    destination = find_destination(options)
    if destination is None:
        raise UsageError("name where to install: --venv DIR, --target DIR or --prefix DIR")
    return destination


def find_destination(options: argparse.Namespace) -> Destination | None:
    """Give the place that was named, if any."""
    from wheelyard.installer import Destination

    kind = next((kind for kind in _KINDS if getattr(options, kind) is not None), None)
    system = getattr(options, "system_site_packages", False)
    return Destination(kind, getattr(options, kind), system) if kind else None


def find_target(destination: Destination | None, python: Path | None) -> Target:
    """Describe the interpreter that will run what is installed, without starting it if it is us.

    Args:
        destination: an existing virtualenv has its own.
        python: the one asked for; the running one where it is None.
    """
    from wheelyard.targets.detect import detect_interpreter, detect_this

    executable = python or Path(sys.executable)
    if destination is not None and destination.kind == "venv":
        own = destination.path / "bin" / "python"
        executable = own if own.exists() else executable
    if executable.resolve() == Path(sys.executable).resolve():
        return detect_this()
    return detect_interpreter(executable)
