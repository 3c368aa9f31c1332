"""``wheelyard install-scripts``: the programs of installed projects, written anew."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from wheelyard.cli.place import add_place_options, get_destination

if TYPE_CHECKING:
    import argparse

_EXPLANATION = """\
The programs are those of entry_points.txt (console_scripts and gui_scripts). They start the
environment's own Python, so an environment that was moved works again; RECORD lists them, so they
go when their project is uninstalled.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.epilog = _EXPLANATION
    parser.add_argument("project", nargs="+", metavar="DIST", help="an installed project")
    add_place_options(parser)
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("-q", "--quiet", action="store_true", help="print errors only")


def run(options: argparse.Namespace) -> int:
    """Write the programs of all the projects, or of none.

    Raises:
        WheelyardError: One isn't installed, or can't be changed. The environment is what it was.
    """
    from wheelyard.installer import install_scripts

    python = options.python or Path(sys.executable)
    written = install_scripts(options.project, get_destination(options), python)
    if options.json:
        projects = [
            {"name": one.name, "version": one.version, "scripts": [str(path) for path in one.paths]}
            for one in written
        ]
        print(json.dumps({"projects": projects}, indent=1))
    elif not options.quiet:
        for one in written:
            names = ", ".join(path.name for path in one.paths)
            print(f"{one.name} {one.version}: {names or 'it has no programs'}")
    return 0
