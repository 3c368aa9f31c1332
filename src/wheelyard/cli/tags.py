"""``wheelyard tags``: wheels with other tags, in file name, WHEEL and RECORD."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wheelyard.cli.options import epoch
from wheelyard.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from wheelyard.wheel.retag import Retagging

_EXPLANATION = """\
TAG is one tag or several joined by dots. It replaces what is there; +TAG adds to it, -TAG removes
from it. What isn't named stays.

A file name means every combination of its parts: cp311.cp312-cp311.cp312-linux_x86_64 is four tags.
When you add to two parts at once, that claims more than you asked for, and is refused.

Without any option, WHEEL is made to say what the file name does, where it doesn't.

Tags say what is in a wheel, they don't change it: see `wheelyard audit` for what its compiled parts
keep.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    import argparse

    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EXPLANATION
    parser.add_argument("wheel", nargs="+", type=Path, help="a wheel; the new one lies beside it")
    for part, name in (("python", "Python"), ("abi", "ABI"), ("platform", "platform")):
        text = f"the {name} tags: TAG, +TAG or -TAG"
        parser.add_argument(f"--{part}-tag", metavar="TAG", help=text)
    parser.add_argument("--build", metavar="BUILD", help='the build tag, "" for none')
    parser.add_argument(
        "--remove", action="store_true", help="remove the old wheels when the new ones are written"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(options: argparse.Namespace) -> int:
    """Write each wheel under its new name; nothing is written before all were looked at.

    Raises:
        WheelyardError: A wheel that breaks a rule, what is no tag, a name that claims too much.
    """
    from wheelyard.wheel import verify_wheel
    from wheelyard.wheel.retag import TagChange, plan_retagging

    time = epoch()
    change = TagChange(options.python_tag, options.abi_tag, options.platform_tag, options.build)
    plans = []
    for path in options.wheel:
        wheel = verify_wheel(path).wheel
        try:
            plans.append(plan_retagging(wheel, change))
        except UsageError as error:
            raise UsageError(f"{path.name}: {error}") from None
    _check_names(plans)
    results = [_write(plan, time, remove=options.remove) for plan in plans]
    for plan in plans:
        for remark in plan.remarks:
            print(f"{plan.filename}: {remark}", file=sys.stderr)
    if options.json:
        print(json.dumps({"wheels": results}, indent=1))
    else:
        print("\n".join(result["wheel"] for result in results))
    return 0


def _check_names(plans: list[Retagging]) -> None:
    """Refuse two wheels that would get one name."""
    places: dict[Path, Path] = {}
    for plan in plans:
        path = plan.wheel.path
        place = (path.parent / str(plan.filename)).resolve()
        other = places.setdefault(place, path)
        if other.resolve() != path.resolve():
            raise UsageError(f"{other} and {path} would both be {plan.filename}; name one of them")


def _write(plan: Retagging, time: int, *, remove: bool) -> dict[str, Any]:
    from wheelyard.wheel.retag import write_retagged

    old = plan.wheel.path
    new = old
    if plan.changes:
        new = write_retagged(plan, old.parent, timestamp=time).path
        if remove and new != old:
            old.unlink()
    return {
        "wheel": str(new),
        "from": str(old),
        "tags": [str(tag) for tag in plan.filename.tags],
        "remarks": list(plan.remarks),
    }
