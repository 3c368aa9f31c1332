"""``wheelyard keygen``: a new key to sign with."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from wheelyard.cli.keys import open_keys

if TYPE_CHECKING:
    import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("name", nargs="?", default="default", help="its name (default: default)")
    parser.add_argument(
        "--keyring",
        action="store_true",
        help="keep the secret in the system's keyring, not in an encrypted file",
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(options: argparse.Namespace) -> int:
    """Make an Ed25519 key in the user's folder, and trust it for every package.

    Raises:
        WheelyardError: There is a key of that name; no passphrase, no keyring.
    """
    keys = open_keys(new=True)
    public = keys.create(options.name, in_keyring=options.keyring)
    place = keys.public_file(options.name)
    if options.json:
        print(json.dumps({"name": options.name, "key": public.id, "public": str(place)}, indent=1))
    else:
        print(f"{options.name}: key {public.id}, trusted here for every package")
        print(f"give {place} to those who shall trust it: wheelyard trust add {place.name}")
    return 0
