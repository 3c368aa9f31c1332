"""``wheelyard trust``: whose signatures count, and for which packages."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wheelyard.cli.keys import open_keys
from wheelyard.errors import UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from wheelyard.signatures.trust import TrustedKey


def configure(parser: argparse.ArgumentParser) -> None:
    """Add ``add``, ``remove`` and ``list``."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    adding = verbs.add_parser("add", help="trust a key")
    adding.add_argument("key", type=Path, help="the public key, NAME.pub")
    adding.add_argument("--name", help="what to call it (default: as the file)")
    adding.add_argument(
        "--for",
        action="append",
        dest="patterns",
        metavar="PATTERN",
        help="projects that it may sign, as in numpy*; several times for several (default: all)",
    )
    adding.set_defaults(do=_add)
    removing = verbs.add_parser("remove", help="trust a key no more")
    removing.add_argument("key", help="its name, or the beginning of its id")
    removing.set_defaults(do=_remove)
    listing = verbs.add_parser("list", help="the trusted keys")
    listing.set_defaults(do=_list)
    for verb in (adding, removing, listing):
        verb.add_argument("--json", action="store_true", help="print the result as JSON")


def run(options: argparse.Namespace) -> int:
    """Change whom the user trusts, or show it.

    Raises:
        WheelyardError: What is no key, a name that is another's, a key that isn't there.
    """
    do: Callable[[argparse.Namespace], tuple[TrustedKey, ...]] = options.do
    keys = do(options)
    if options.json:
        print(json.dumps({"keys": [_as_dict(key) for key in keys]}, indent=1))
        return 0
    for known in keys:
        print(f"{known.name}: key {known.key.id}, for {', '.join(known.patterns)}")
    return 0


def _as_dict(known: TrustedKey) -> dict[str, Any]:
    return {"name": known.name, "key": known.key.id, "for": list(known.patterns)}


def _add(options: argparse.Namespace) -> tuple[TrustedKey, ...]:
    from wheelyard.signatures.keys import parse_public_key
    from wheelyard.signatures.trust import TrustedKey, normalize_pattern

    try:
        pem = options.key.read_bytes()
    except OSError as error:
        raise UsageError(f"{options.key} can't be read: {error.strerror}") from None
    new = TrustedKey(
        name=options.name or options.key.stem,
        key=parse_public_key(pem, str(options.key)),
        patterns=tuple(map(normalize_pattern, options.patterns or ["*"])),
    )
    keys = open_keys()
    trust = keys.trust()
    keys.save_trust(trust.add(new))
    before = trust.find(new.key)
    if before and before != new:
        was = f"{before.name}, for {', '.join(before.patterns)}"
        print(f"it was trusted already: {was}", file=sys.stderr)
    return (new,)


def _remove(options: argparse.Namespace) -> tuple[TrustedKey, ...]:
    keys = open_keys()
    trust = keys.trust()
    left = trust.remove(options.key)
    keys.save_trust(left)
    return left.keys


def _list(_: argparse.Namespace) -> tuple[TrustedKey, ...]:
    return open_keys().trust().keys
