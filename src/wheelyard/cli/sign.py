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
    from collections.abc import Callable

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
    """Verify all paths, then sign them; other signers' signatures stay.

    Raises:
        WheelyardError: What is damaged, or signed with another content; no key.
    """
    time = epoch()
    verified = [_verified(path, inside=options.legacy_jws) for path in options.path]
    key = signing_key(options.key)
    if options.legacy_jws:
        print(f"warning: {_LEGACY}", file=sys.stderr)
        places = [_sign_inside(path, key, time) for path in options.path]
    else:
        places = [place for one in verified for place in one(key)]
    if options.json:
        print(json.dumps({"key": key.public.id, "signatures": list(map(str, places))}, indent=1))
    else:
        print("\n".join(map(str, places)))
    return 0


def _verified(path: Path, *, inside: bool) -> Callable[[SecretKey], tuple[Path, ...]]:
    """Verify a path, and give what signs just that which was verified."""
    from wheelyard.signatures.files import sign_file
    from wheelyard.wheel import file_sha256, verify_wheel
    from wheelyard.wheelhouse.signing import sign_wheelhouse
    from wheelyard.wheelhouse.verify import verify_wheelhouse

    if inside and path.suffix != ".whl":
        raise UsageError(f"{path}: --legacy-jws is for wheels alone")
    if path.is_dir():
        manifest = verify_wheelhouse(path).manifest
        return lambda key: sign_wheelhouse(path, manifest, key)
    digest = verify_wheel(path).sha256 if path.suffix == ".whl" else file_sha256(path)
    return lambda key: (sign_file(path, digest, key),)


def _sign_inside(path: Path, key: SecretKey, time: int) -> Path:
    from wheelyard.signatures.files import sign_inside

    sign_inside(path, key, timestamp=time)
    return path
