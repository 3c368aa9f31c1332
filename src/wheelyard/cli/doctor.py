"""``wheelyard doctor``: what this machine can build and prove for, and what is missing."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from wheelyard.cli.options import add_store_folder, python_version, store_folder

if TYPE_CHECKING:
    import argparse

    from wheelyard.builders.survey import Survey
    from wheelyard.targets.target import Target
    from wheelyard.wheelhouse.doctor import Ability

_SHOWN = ("debian-12-", "debian-13-", "manylinux_2_28_", "musllinux_1_2_", "dsm-7.2-armv7")
_LACKING = 6


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "-t",
        "--target",
        action="append",
        default=[],
        metavar="NAME",
        help="a target that is to be built and proved for, else the exit code is 6 (default: "
        "some of each kind are shown)",
    )
    parser.add_argument(
        "--python", type=python_version, metavar="X.Y", help="the targets' Python, as in build"
    )
    add_store_folder(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> int:
    """Say what is here and what is missing; nobody is asked."""
    from wheelyard.builders.survey import survey
    from wheelyard.store.store import Store
    from wheelyard.wheelhouse.doctor import ability, version_of

    targets = _targets(options)
    place = store_folder(options.store)
    with Store(place) as store:
        here = survey(store, map(version_of, targets))
    found = [ability(target, here) for target in targets]
    if options.json:
        machine = {**asdict(here), "store": str(place)}
        print(json.dumps({"machine": machine, "targets": list(map(asdict, found))}, indent=1))
    else:
        print("\n".join((*_machine(here, str(place)), "", *_table(found))))
    able = all(one.build and one.prove for one in found)
    return 0 if able or not options.target else _LACKING


def _targets(options: argparse.Namespace) -> list[Target]:
    from wheelyard.cli.request import find_choice
    from wheelyard.plans.config import TargetChoice
    from wheelyard.targets.catalog import target_names
    from wheelyard.targets.detect import THIS

    shown = (THIS, *(name for name in target_names() if name.startswith(_SHOWN)))
    names = dict.fromkeys(options.target or shown)
    choices = (TargetChoice(name=name, use=name, python="") for name in names)
    return [find_choice(choice, options.python) for choice in choices]


_ISOLATION = {
    "namespaces": "namespaces: builds have no network, and write to their own folders alone",
    "unshare": "unshare: builds have no network, but write wherever you can; bubblewrap ends that",
    "none": "none, so builds can reach the network: install bubblewrap",
}


def _machine(here: Survey, store: str) -> list[str]:
    pythons = (f"{version} {path or '(not here)'}" for version, path in here.pythons.items())
    emulators = [name for name in here.kept if name.startswith("qemu-")]
    kept = [name for name in here.kept if name not in emulators]
    kept += [f"emulators of {len(emulators)} architectures"] if emulators else []
    rows = (
        ("machine", here.arch),
        ("isolation", _ISOLATION.get(here.isolation, here.isolation)),
        ("compiler", here.compiler or "none called cc: nothing can be compiled for this machine"),
        ("Rust", here.rust or "no cargo: crates can't be compiled for this machine"),
        ("Python", ", ".join(pythons)),
        ("packages", here.mirrors.problem or ", ".join(here.mirrors.places)),
        ("kept", ", ".join(kept) or "no tools for other machines yet"),
        ("store", f"{store}, {here.free / 1e9:.1f} GB free"),
    )
    return [f"{label:10}{text}" for label, text in rows]


def _table(found: list[Ability]) -> list[str]:
    width = max(len(one.target) for one in found) + 2
    lines = [f"{'target':{width}}build  prove"]
    for one in found:
        said = [*one.missing, *(f"to be fetched: {what}" for what in one.fetched)]
        states = "".join(f"{'yes' if able else 'no':7}" for able in (one.build, one.prove))
        lines += [f"{one.target:{width}}{states}{said[0] if said else ''}".rstrip()]
        lines += [f"{'':{width + 14}}{more}" for more in said[1:]]
    return lines
