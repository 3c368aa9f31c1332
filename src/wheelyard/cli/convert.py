"""``wheelyard convert``: eggs and bdist_wininst installers as wheels."""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wheelyard.cli.options import add_destination, epoch, printable, printable_lines
from wheelyard.errors import UsageError, WheelyardError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "file",
        nargs="+",
        help="an egg (file or folder) or a bdist_wininst installer (.exe), or a pattern of such "
        "names, as in '*.egg'",
    )
    add_destination(parser, "where the wheels go, replacing those of their names")
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="print what the wheels leave out, and why"
    )
    parser.add_argument("--json", action="store_true", help="print the results as JSON")


def run(options: argparse.Namespace) -> int:
    """Convert each file; all are looked at, and the worst decides the exit code."""
    time = epoch()
    results: list[dict[str, Any]] = []
    for path in dict.fromkeys(path for name in options.file for path in _matches(name)):
        taken = {one["wheel"]: one["path"] for one in results if "wheel" in one}
        results.append(_convert(path, options.dest_dir, taken, time))
    for result in results:
        for line in _said(result):
            print(line, file=sys.stderr)
        for line in () if options.json else _lines(result, verbose=options.verbose):
            print(line)
    if options.json:
        print(json.dumps({"results": results}, indent=1))
    return max(int(result["exit_code"]) for result in results)


def _matches(name: str) -> list[Path]:
    """Give the paths that a pattern means, where the shell hasn't; else the name as it is."""
    path = Path(name)
    found: list[Path] = []
    if not path.exists():
        with contextlib.suppress(ValueError):  # no pattern that pathlib knows
            found = sorted(Path(path.anchor).glob(str(path.relative_to(path.anchor))))
    return found or [path]


def _convert(path: Path, out: Path, taken: Mapping[str, str], time: int) -> dict[str, Any]:
    from wheelyard.wheel.convert import plan_conversion, write_conversion

    try:
        plan = plan_conversion(path)
        wheel = str(out / str(plan.filename))
        if wheel in taken:
            raise UsageError(
                f"{path} and {taken[wheel]} would both be {wheel}; convert one of them"
            )
        out.mkdir(parents=True, exist_ok=True)
        written = write_conversion(plan, out, timestamp=time)
    except WheelyardError as error:
        return {"path": str(path), "error": str(error), "exit_code": error.exit_code}
    return {
        "path": str(path),
        "wheel": wheel,
        "sha256": written.sha256,
        "left_out": [vars(one) for one in plan.left_out],
        "remarks": list(plan.remarks),
        "exit_code": 0,
    }


def _said(result: Mapping[str, Any]) -> Iterator[str]:
    if "error" in result:
        yield f"error: {printable_lines(result['error'])}"
    for remark in result.get("remarks", ()):
        yield printable(f"{Path(result['wheel']).name}: {remark}")


def _lines(result: Mapping[str, Any], *, verbose: bool) -> Iterator[str]:
    if "wheel" in result:
        yield result["wheel"]
        for one in result["left_out"] if verbose else ():
            yield printable(f"  without {one['path']}: {one['reason']}")
