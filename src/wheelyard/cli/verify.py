"""``wheelyard verify``: every byte of wheelhouses or wheels again."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wheelyard.errors import UsageError, WheelyardError

if TYPE_CHECKING:
    import argparse


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("path", nargs="+", type=Path, help="a wheelhouse or a wheel")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("-q", "--quiet", action="store_true", help="print errors only")


def run(options: argparse.Namespace) -> int:
    """Verify each path; all are looked at, and the worst decides the exit code."""
    results = [_verify(path) for path in options.path]
    if options.json:
        print(json.dumps({"results": results}, indent=1))
    for result in results:
        if "error" in result:
            print(f"error: {result['error']}", file=sys.stderr)
        elif not (options.quiet or options.json):
            what = f"{result['wheels']} wheels, {result['size']} bytes"
            print(f"{result['path']}: {what}, all as it should be")
    return max(int(result["exit_code"]) for result in results)


def _verify(path: Path) -> dict[str, Any]:
    try:
        wheels, size = _count(path)
    except WheelyardError as error:
        return {"path": str(path), "error": str(error), "exit_code": error.exit_code}
    return {"path": str(path), "wheels": wheels, "size": size, "exit_code": 0}


def _count(path: Path) -> tuple[int, int]:
    from wheelyard.wheel import verify_wheel
    from wheelyard.wheelhouse.verify import verify_wheelhouse

    if path.is_dir():
        verified = verify_wheelhouse(path)
        return verified.wheels, verified.size
    if not path.exists():
        raise UsageError(f"{path} is not there: name a wheelhouse or a wheel")
    return 1, verify_wheel(path).size
