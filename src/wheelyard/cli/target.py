"""``wheelyard target``: the machines that wheels can be made for, and why a wheel fits one."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wheelyard.cli.options import python_version

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from wheelyard.targets.target import Target

_NAME = re.compile(r"(?P<group>\w+linux(?:_\d+_\d+|\d+)|\w+-[\d.]+)[-_](?P<machine>.+)")
_TAGS_SHOWN = 5


def configure(parser: argparse.ArgumentParser) -> None:
    """Add ``list``, ``show``, ``detect`` and ``explain``."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")

    listing = verbs.add_parser("list", help="the known targets")
    listing.add_argument("pattern", nargs="?", default="", help="only names that contain this")
    listing.set_defaults(do=_list)

    show = verbs.add_parser("show", help="what a target is, and which tags it accepts")
    show.add_argument(
        "name", help="a name from `target list`, `this`, or a file from `target detect`"
    )
    show.add_argument("--tags", action="store_true", help="all tags, best first, and nothing else")
    show.set_defaults(do=_show)

    detect = verbs.add_parser("detect", help="what an interpreter on this machine runs on")
    detect.add_argument("interpreter", nargs="?", type=Path, help="default: the running one")
    detect.add_argument(
        "--script",
        action="store_true",
        help="print a script instead, which says the same on a machine without Wheelyard: what it "
        "prints, kept in a file NAME.json, is a target (-t NAME.json)",
    )
    detect.set_defaults(do=_detect)

    explaining = verbs.add_parser("explain", help="why a wheel fits a target or not")
    explaining.add_argument("wheel", help="a wheel or its file name")
    explaining.add_argument("-t", "--target", default="this", dest="name", help="default: this")
    explaining.set_defaults(do=_explain)

    for verb in (show, explaining):
        verb.add_argument(
            "--python",
            type=python_version,
            metavar="X.Y",
            help="default: the target's own, if any",
        )
    for verb in (listing, show, detect, explaining):
        verb.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Do what ``configure`` understood.

    Raises:
        WheelyardError: an unknown target or Python, a name that is no wheel's.
    """
    do: Callable[[argparse.Namespace], tuple[Any, str]] = args.do
    value, text = do(args)
    _print(json.dumps(value, indent=2) if args.json else text)
    return 0


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _list(args: argparse.Namespace) -> tuple[list[str], str]:
    from wheelyard.targets.catalog import target_names

    names = [name for name in target_names() if args.pattern in name]
    return names, _grouped(names)


def _grouped(names: list[str]) -> str:
    """One line a system and version, with its machines."""
    groups: dict[str, list[str]] = {}
    for name in names:
        match = _NAME.fullmatch(name)
        group, machine = (match["group"], match["machine"]) if match else (name, "")
        groups.setdefault(group, []).append(machine)
    width = max(map(len, groups), default=0)
    return "\n".join(f"{group:{width}}  {' '.join(groups[group])}" for group in groups)


def _show(args: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from wheelyard.targets.catalog import find_target
    from wheelyard.targets.tags import supported_tags

    target = find_target(args.name, args.python)
    if args.tags:
        tags = [str(tag) for tag in supported_tags(target)]
        return {"name": target.name, "tags": tags}, "\n".join(tags)
    return _as_json(target), _as_text(target)


def _detect(args: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from wheelyard.targets.detect import detect_interpreter, detect_this, fingerprint_script

    if args.script:
        script = fingerprint_script()
        return {"script": script}, script.rstrip("\n")
    target = detect_interpreter(args.interpreter) if args.interpreter else detect_this()
    return _as_json(target), _as_text(target)


def _explain(args: argparse.Namespace) -> tuple[dict[str, Any], str]:
    from wheelyard.targets.catalog import find_target
    from wheelyard.targets.explain import explain
    from wheelyard.wheel.filename import parse_wheel_filename

    filename = parse_wheel_filename(Path(args.wheel).name)
    fit = explain(filename, find_target(args.name, args.python))
    value = {
        "fits": fit.fits,
        "tag": str(fit.tag) if fit.tag else None,
        "rank": fit.rank,
        "reason": fit.reason,
        "remedy": fit.remedy,
    }
    return value, "\n".join(filter(None, (fit.reason, fit.remedy)))


def _as_json(target: Target) -> dict[str, Any]:
    from wheelyard.targets.markers import marker_environment
    from wheelyard.targets.tags import supported_tags

    tags = [str(tag) for tag in supported_tags(target)]
    return {**target.as_dict(), "markers": marker_environment(target), "tags": tags}


def _as_text(target: Target) -> str:
    from wheelyard.targets.tags import supported_tags

    python, machine, tags = target.python, target.machine, supported_tags(target)
    threads = ", free-threaded" if python.free_threaded else ""
    float_abi = f", {machine.float_abi} float" if machine.float_abi else ""
    distro = f"{target.distro.id} {target.distro.version}" if target.distro else "any"
    rows = (
        ("target", target.name),
        ("Python", f"CPython {python.full_version}{threads}; modules end in {python.ext_suffix}"),
        ("machine", f"{machine.arch}{float_abi}, {machine.isa}; uname -m says {machine.uname}"),
        ("C library", str(target.libc)),
        ("system", f"{distro}, kernel {target.kernel.release or 'not known'}"),
        ("tags", f"{len(tags)}, the best first; all with --tags"),
        *(("", str(tag)) for tag in tags[:_TAGS_SHOWN]),
    )
    return "\n".join(f"{label:10}{value}" for label, value in rows)
