"""``wheelyard build``: requirements and targets in, one verified wheelhouse per target out."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from wheelyard.cli.ledger import Ledger
from wheelyard.cli.options import (
    add_index_options,
    add_mirror_option,
    add_output_options,
    add_store_options,
    natural,
    positive,
    python_version,
    store_folder,
)
from wheelyard.cli.tag_options import add_tag_options

TYPE_CHECKING = False  # see wheelyard.cli
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any

    from wheelyard.wheelhouse.make import Written


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_request_options(parser)
    add_tag_options(parser)
    parser.add_argument(
        "-t",
        "--target",
        action="append",
        default=[],
        metavar="NAME",
        help="a machine to make wheels for, from `wheelyard target list`, or a file that "
        "`wheelyard target detect` wrote there; may be given several times (default: this, the "
        "machine that it runs on)",
    )
    parser.add_argument(
        "-o",
        "--out",
        type=Path,
        default=Path("wheelhouse"),
        metavar="DIR",
        help="where the wheelhouses go, one folder per target (default: wheelhouse)",
    )
    parser.add_argument(
        "-U", "--upgrade", action="store_true", help="look for newer versions than last time"
    )
    add_build_options(parser)
    add_index_options(parser)
    add_store_options(parser)
    add_output_options(parser)


def add_request_options(parser: argparse.ArgumentParser) -> None:
    """Add what is wanted."""
    parser.add_argument(
        "requirement", nargs="*", help="a requirement such as 'requests>=2.31', or a path or URL"
    )
    parser.add_argument(
        "-r",
        "--requirements",
        action="append",
        default=[],
        metavar="FILE",
        help="a requirements file or pylock.toml; requirements-pure.txt, -crossenv and -abi3 say "
        "the type by their name",
    )
    parser.add_argument(
        "-c", "--constraints", action="append", default=[], metavar="FILE", help="versions to hold"
    )
    parser.add_argument(
        "--config",
        metavar="FILE",
        help="a wheelyard.toml or pyproject.toml (default: wheelyard.toml here, where no "
        "requirements are given)",
    )
    parser.add_argument(
        "--python",
        type=python_version,
        metavar="X.Y",
        help="the targets' Python (default: the system's own of each target, else the running one)",
    )
    parser.add_argument(
        "--no-deps", action="store_true", help="take the list as it stands, add no dependencies"
    )
    parser.add_argument("--pre", action="store_true", help="take pre-releases as well")
    for option in ("--no-binary", "--only-binary"):
        parser.add_argument(
            option, action="append", default=[], metavar="NAME", help="as pip's; :all: for all"
        )


def add_build_options(parser: argparse.ArgumentParser) -> None:
    """Add how builds from source are run."""
    from wheelyard.wheel.threads import processors

    group = parser.add_argument_group("builds from source")
    group.add_argument(
        "-j",
        "--jobs",
        type=positive,
        default=processors(),
        metavar="N",
        help="builds at once",
    )
    group.add_argument(
        "--prove",
        choices=("none", "import", "tests"),
        help="what to try of a wheel with compiled parts that was built here, under the target's "
        "own interpreter: nothing, importing its modules, or its test-command as well "
        "(default: import)",
    )
    add_mirror_option(group)
    group.add_argument(
        "--sysroot",
        action="append",
        default=[],
        metavar="TARGET=DIR",
        help="a folder with the Python and the libraries of a target that you have, instead of a "
        "distribution's packages",
    )
    group.add_argument(
        "--build-constraint",
        action="append",
        default=[],
        metavar="FILE",
        help="versions that build requirements must have",
    )
    group.add_argument(
        "--build-timeout", type=positive, default=3600, metavar="S", help="seconds (default: 3600)"
    )
    group.add_argument(
        "--build-memory",
        type=natural,
        default=0,
        metavar="MIB",
        help="address space (default: any)",
    )


def run(options: argparse.Namespace) -> int:
    """Make the wheelhouses, unless the same run has just made them."""
    ledger = Ledger(store_folder(options.store) / "runs", options)
    said = None if options.upgrade or options.json else ledger.recall()
    if said is None:
        return _make(options, ledger)
    if not options.quiet:
        print(said)
    return 0


def _make(options: argparse.Namespace, ledger: Ledger) -> int:
    from dataclasses import replace

    from wheelyard.cli.progress import make_display, unshown_failures
    from wheelyard.cli.request import read_request
    from wheelyard.cli.tag_options import with_tags
    from wheelyard.cli.workshop import inputs_of, open_workshop
    from wheelyard.wheelhouse.make import Outlet, make_wheelhouses

    read = read_request(options)
    request = with_tags(read.request, options)
    ledger.watch(inputs_of(options, read))
    outlet = Outlet(folder=options.out, render=_render, sign=_signer())
    with (
        make_display(options) as display,
        open_workshop(options, read, display.note) as workshop,
    ):
        written = make_wheelhouses(request, workshop, outlet, display, upgrade=options.upgrade)
    for text in unshown_failures([one.report for one in written], display.shown):
        print(text, file=sys.stderr)
    if not options.quiet:
        for text in _remarks(written):
            print(text, file=sys.stderr)
    _say(written, options)
    status = max(one.report.exit_code for one in written)
    if status == 0 and not any(line.is_local for line in read.request.lines):
        again = "\n".join(summary(replace(one, changed=False)) for one in written)
        ledger.remember((options.out, *(one.folder for one in written)), again)
    return status


def _remarks(written: Sequence[Written]) -> Iterator[str]:
    """Say what is worth a word of the wheels whose sources were named; reports tell of all."""
    for one in written:
        for cell in one.report.good:
            for text in cell.warnings if cell.pin.direct and cell.built else ():
                yield f"{one.report.target.name}: {cell.artifact.filename}: {text}"


def _signer() -> Callable[[Path, bytes], object] | None:
    """Give what signs a wheelhouse with the key in the environment; asked for before the work."""
    from wheelyard.cli.keys import KEY, signing_key

    if not os.environ.get(KEY):
        return None
    from wheelyard.wheelhouse.signing import sign_wheelhouse

    key = signing_key(None)
    return lambda folder, manifest: sign_wheelhouse(folder, manifest, key)


def _render(manifests: tuple[Mapping[str, Any], ...]) -> str:
    from wheelyard.web.report import render_page  # an unchanged run needs no templates

    return render_page(manifests)


def _say(written: Sequence[Written], options: argparse.Namespace) -> None:
    if options.json:
        print(json.dumps({"wheelhouses": [_as_json(one) for one in written]}, indent=1))
    elif not options.quiet:
        for one in written:
            print(summary(one))


def summary(one: Written) -> str:
    """Say in one line how many wheels came from where, how many failed, where the report lies.

    And how many of them the target's own Python imported, where that was to be.
    """
    from wheelyard.plans.proof import Passed, Unproved

    good = one.report.good
    built = sum(cell.built for cell in good)
    stored = sum(cell.done.cached for cell in good)
    parts = [f"{len(good) - built} published", f"{built} built"]
    parts += [f"{stored} of them from the store"] if stored else []
    for kind, word in ((Passed, "proved"), (Unproved, "unproved")):
        number = sum(isinstance(cell.proof, kind) for cell in good)
        parts += [f"{number} {word}"] if number else []
    left_out = sum(cell.left_out for cell in good)
    parts += [f"{left_out} without their compiled parts"] if left_out else []
    state = "" if one.changed else ", unchanged"
    return (
        f"{one.report.target.name}: {len(good)} wheels ({', '.join(parts)}), "
        f"{len(one.report.bad)} failed{state}: {one.folder / 'report.html'}"
    )


def _as_json(one: Written) -> Mapping[str, Any]:
    return {"folder": str(one.folder), "changed": one.changed, **one.manifest}
