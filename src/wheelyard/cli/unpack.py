"""``wheelyard unpack``: a wheel's content into a folder."""

from __future__ import annotations

import json
from pathlib import Path

from wheelyard.cli.options import add_destination

TYPE_CHECKING = False  # see wheelyard.cli
if TYPE_CHECKING:
    import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("wheel", type=Path, help="a wheel")
    add_destination(
        parser, "where the folder NAME-VERSION is made; it must not be there yet", "--dest"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(options: argparse.Namespace) -> int:
    """Unpack a wheel into ``NAME-VERSION``, as its file name spells them.

    Raises:
        WheelyardError: A wheel that breaks a rule, with every one; a folder that is there already.
            Nothing is left behind.
    """
    from wheelyard.wheel import parse_wheel_filename, unpack_wheel

    folder = options.dest / parse_wheel_filename(options.wheel.name).stem
    verified = unpack_wheel(options.wheel, folder)
    if options.json:
        files = [member.name for member in verified.wheel.members if not member.is_folder]
        result = {"folder": str(folder), "sha256": verified.sha256, "files": files}
        print(json.dumps(result, indent=1))
    else:
        print(folder)
    return 0
