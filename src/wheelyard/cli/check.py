"""``wheelyard check``: what is wrong with wheels, and what is most often a mistake."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from wheelyard.cli.options import printable
from wheelyard.errors import VerificationError

if TYPE_CHECKING:
    import argparse

    from wheelyard.wheel import Finding


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    from wheelyard.wheel.lint import RULES, WARNINGS

    parser.add_argument("wheel", nargs="+", type=Path, help="a wheel")
    parser.add_argument(
        "--ignore",
        action="append",
        default=[],
        choices=sorted((*RULES, *WARNINGS)),
        metavar="RULE",
        help="don't report this; may be given several times: "
        + ", ".join(sorted((*RULES, *WARNINGS)))
        + ". What makes a wheel unsafe or unreadable can't be ignored",
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(options: argparse.Namespace) -> int:
    """Check each wheel; all are looked at.

    Returns:
        0 when nothing was found, else 5.
    """
    results = [(path, _check(path, frozenset(options.ignore))) for path in options.wheel]
    if options.json:
        wheels = [
            {"wheel": str(path), "findings": [vars(finding) for finding in findings]}
            for path, findings in results
        ]
        print(json.dumps({"wheels": wheels}, indent=1))
    else:
        for path, findings in results:
            print(f"{path}: {len(findings) or 'nothing'} found")
            for finding in findings:
                print(f"  {printable(str(finding))}")
    return VerificationError.exit_code if any(findings for _, findings in results) else 0


def _check(path: Path, ignored: frozenset[str]) -> tuple[Finding, ...]:
    from wheelyard.wheel import (
        Finding,
        InvalidWheelError,
        InvalidWheelFilenameError,
        verify_wheel,
    )
    from wheelyard.wheel.lint import lint_wheel

    try:
        found = lint_wheel(verify_wheel(path).wheel)
    except InvalidWheelError as error:
        return error.findings
    except InvalidWheelFilenameError as error:
        return (Finding("file-name", str(error)),)
    return tuple(finding for finding in found if finding.rule not in ignored)
