"""``wheelyard unsign``: remove signatures."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from wheelyard.errors import UsageError

if TYPE_CHECKING:
    import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "path", nargs="+", type=Path, help="a wheel, a wheelhouse, or any other file"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(options: argparse.Namespace) -> int:
    """Remove the signatures beside files and inside wheels, which become what they were before.

    Raises:
        WheelyardError: What isn't there or isn't signed; a ``RECORD.jws`` that another tool put
            among other files.
    """
    for path in options.path:
        _check(path)
    removed = [
        place
        for path in options.path
        for place in (_unsign_folder(path) if path.is_dir() else _unsign(path))
    ]
    if options.json:
        print(json.dumps({"removed": removed}, indent=1))
    else:
        print("\n".join(removed))
    return 0


def _check(path: Path) -> None:
    """Refuse what isn't there, no wheel or not signed, before anything is removed."""
    from wheelyard.wheel import open_wheel
    from wheelyard.wheel.beside import is_signed

    if not os.path.lexists(path):
        raise UsageError(f"{path} is not there: name a wheel, a wheelhouse or another file")
    if path.suffix == ".whl":
        open_wheel(path)
    if not is_signed(path):
        raise UsageError(f"{path}: it has no signature")


def _unsign_folder(folder: Path) -> list[str]:
    """Remove what lies beside a wheelhouse's files; the wheels stay as the manifest has them."""
    from wheelyard.signatures.files import envelope_of, remove_beside

    files = [folder / "manifest.json", *sorted(folder.glob("*.whl"))]
    return [str(envelope_of(file)) for file in files if remove_beside(file)]


def _unsign(path: Path) -> list[str]:
    from wheelyard.signatures.files import envelope_of, remove_beside, remove_inside
    from wheelyard.wheel.beside import INSIDE

    removed = [str(envelope_of(path))] if remove_beside(path) else []
    if path.suffix == ".whl" and remove_inside(path):
        removed.append(f"{path}: {INSIDE}")
    return removed
