"""``wheelyard sign``: vouch for wheels, wheelhouses and other files."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from wheelyard.cli.keys import signing_key
from wheelyard.cli.options import epoch
from wheelyard.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from wheelyard.signatures.keys import SecretKey

_LEGACY = (
    "RECORD.jws signs neither the file's name nor all of its bytes, and only old tools read it "
    "(PEP 815 withdraws it); `wheelyard sign` without --legacy-jws makes a signature beside the "
    "file"
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "path", nargs="+", type=Path, help="a wheel, a wheelhouse, or any other file"
    )
    parser.add_argument(
        "--key",
        help="a key's name, or its file (default: $WHEELYARD_SIGN_KEY, or the only one there is)",
    )
    parser.add_argument(
        "--legacy-jws",
        action="store_true",
        help="put RECORD.jws into wheels instead, as the wheel tool did until 0.31",
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(options: argparse.Namespace) -> int:
    """Verify each path, then sign it; other signers' signatures stay.

    Raises:
        WheelyardError: What is damaged, or signed with another content; no key.
    """
    time = epoch()
    key = signing_key(options.key)
    if options.legacy_jws:
        print(f"warning: {_LEGACY}", file=sys.stderr)
    places = []
    for path in options.path:
        places += [_sign_inside(path, key, time)] if options.legacy_jws else _sign(path, key)
    if options.json:
        print(json.dumps({"key": key.public.id, "signatures": list(map(str, places))}, indent=1))
    else:
        print("\n".join(map(str, places)))
    return 0


def _sign(path: Path, key: SecretKey) -> list[Path]:
    from wheelyard.signatures.files import sign_file
    from wheelyard.wheel import verify_wheel
    from wheelyard.wheelhouse.signing import sign_wheelhouse
    from wheelyard.wheelhouse.verify import read_manifest, verify_wheelhouse

    if path.is_dir():
        verify_wheelhouse(path)
        return list(sign_wheelhouse(path, read_manifest(path), key))
    if path.suffix == ".whl":
        verify_wheel(path)
    return [sign_file(path, key)]


def _sign_inside(path: Path, key: SecretKey, time: int) -> Path:
    from wheelyard.signatures.files import sign_inside
    from wheelyard.wheel import verify_wheel

    if path.suffix != ".whl":
        raise UsageError(f"{path}: --legacy-jws is for wheels alone")
    verify_wheel(path)
    sign_inside(path, key, timestamp=time)
    return path
