"""``wheelyard lock``: requirements pinned with hashes for every platform, as ``pylock.toml``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from wheelyard.cli.options import add_index_options

if TYPE_CHECKING:
    import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    from wheelyard.cli.build import add_request_options

    add_request_options(parser)
    parser.add_argument(
        "-o",
        "--out",
        type=Path,
        default=Path("pylock.toml"),
        metavar="FILE",
        help="the lock (default: pylock.toml); what it pins already is kept where it can be",
    )
    parser.add_argument("-U", "--upgrade", action="store_true", help="take the newest versions")
    add_index_options(parser)
    parser.add_argument("--offline", action="store_true", help="use nothing but uv's cache")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("-q", "--quiet", action="store_true", help="print errors only")


def run(options: argparse.Namespace) -> int:
    """Write the lock."""
    from wheelyard.cli.request import chosen_formats, read_lines
    from wheelyard.cli.workshop import index_settings
    from wheelyard.targets.detect import detect_this
    from wheelyard.wheelhouse.lock import LockOptions, write_lock

    found = read_lines(options)
    lock = LockOptions(
        python=options.python or ".".join(map(str, detect_this().python.version)),
        add=not options.no_deps,
        prereleases=options.pre,
        upgrade=options.upgrade,
        offline=options.offline,
        formats=chosen_formats(options, found),
    )
    count = write_lock(found, options.out, index_settings(options, found.options), lock)
    if options.json:
        print(json.dumps({"lock": str(options.out), "packages": count}))
    elif not options.quiet:
        print(f"{options.out}: {count} packages, with hashes")
    return 0
