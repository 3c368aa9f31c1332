"""``wheelyard pack``: a folder that a wheel was unpacked into, as a wheel again."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from wheelyard.cli.options import add_destination, epoch

TYPE_CHECKING = False  # see wheelyard.cli
if TYPE_CHECKING:
    import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("folder", type=Path, help="what `wheelyard unpack` made")
    add_destination(parser, "where the wheel goes, replacing one of its name")
    parser.add_argument(
        "--build-number",
        metavar="BUILD",
        help='the build tag in the file name and in WHEEL; "" for none (default: as WHEEL says)',
    )
    parser.add_argument(
        "--local-version",
        metavar="LOCAL",
        help="the local part of the version, behind the +, in METADATA and the file name; "
        '"" for none (default: as METADATA says)',
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(options: argparse.Namespace) -> int:
    """Pack a folder; the same content and SOURCE_DATE_EPOCH give the same bytes.

    Raises:
        WheelyardError: The folder is no unpacked wheel, or not one that readers would take.
    """
    from wheelyard.wheel.packing import find_stem, pack_wheel

    find_stem(options.folder)  # before a folder is made for nothing
    options.dest_dir.mkdir(parents=True, exist_ok=True)
    packed = pack_wheel(
        options.folder,
        options.dest_dir,
        build=options.build_number,
        local=options.local_version,
        timestamp=epoch(),
    )
    written = packed.written
    for remark in packed.remarks:
        print(f"{written.path.name}: {remark}", file=sys.stderr)
    if options.json:
        result = {"wheel": str(written.path), "sha256": written.sha256}
        print(json.dumps({**result, "remarks": packed.remarks}, indent=1))
    else:
        print(written.path)
    return 0
