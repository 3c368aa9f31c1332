"""``wheelyard install``: wheels into an environment, completely or not at all."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wheelyard.cli.options import printable, store_folder
from wheelyard.cli.place import (
    add_place_options,
    find_destination,
    find_target,
    get_destination,
)
from wheelyard.errors import HostError, UsageError

if TYPE_CHECKING:
    import argparse

    from wheelyard.installer import (
        Candidate,
        Compatibility,
        Destination,
        InstallReport,
        Reader,
        Selected,
        Wanted,
    )
    from wheelyard.targets.target import Target
    from wheelyard.wheel import WheelFilename

_EXPLANATION = """\
REQ is a requirement such as tool or "tool>=1.2,<2". The best wheel of it is taken from the folders
of -d, else from those in the environment variable WHEELPATH (between colons), else from the current
folder: the highest version that fits, and of it the wheel with the best tag. Dependencies are not
looked for: ask for them, too, or install a wheelhouse, which is complete.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.epilog = _EXPLANATION
    _add_sources(parser)
    add_place_options(parser, venv="a virtualenv, made if missing")
    parser.add_argument(
        "--system-site-packages",
        action="store_true",
        help="let a new virtualenv see the packages of its Python",
    )
    _add_ways(parser)
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("-q", "--quiet", action="store_true", help="print errors only")


def _add_sources(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what",
        nargs="*",
        metavar="REQ|WHEEL",
        help="a requirement or the path of a wheel (default: the whole wheelhouse)",
    )
    parser.add_argument(
        "-r",
        "--requirements-file",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="lines of such; a file that isn't here is looked for where the wheels are",
    )
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "-d",
        "--wheel-dir",
        action="append",
        default=[],
        type=Path,
        metavar="DIR",
        help="where wheels are looked for; may be given several times",
    )
    source.add_argument(
        "--wheelhouse", type=Path, metavar="DIR", help="what `wheelyard build` made"
    )


def _add_ways(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-l",
        "--list",
        action="store_true",
        help="list the wheels that would be installed, and install nothing",
    )
    parser.add_argument(
        "--no-compile", action="store_true", help="leave bytecode to the first import"
    )
    parser.add_argument(
        "--force-reinstall", action="store_true", help="install again what is there already"
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help="the same, and take wheels whose tags or Requires-Python don't fit where no others "
        "are there; hashes and the rules of the format hold nevertheless",
    )
    parser.add_argument(
        "--store", type=Path, metavar="DIR", help="where unpacked wheels are kept for linking"
    )


def run(options: argparse.Namespace) -> int:
    """Decide which wheels, then list or install them.

    Raises:
        WheelyardError: Something can't be installed, with everything that is wrong. The
            environment is what it was.
    """
    from wheelyard.installer import wheel_reader

    if not (options.what or options.requirements_file or options.wheelhouse):
        raise UsageError("name requirements or wheels, a file of them with -r, or a --wheelhouse")
    if options.wheelhouse and any(word.endswith(".whl") for word in options.what):
        raise UsageError("name projects of the wheelhouse; a wheel's path goes without it")
    destination = find_destination(options) if options.list else get_destination(options)
    target = find_target(destination, options.python)
    reader = wheel_reader()
    selected, remarks = _select(options, target, reader)
    if options.list:
        selected, more = _check_python(selected, target, reader, force=options.force)
        remarks += more
    if not options.json:
        for remark in remarks:
            print(printable(remark), file=sys.stderr)
    if options.list or destination is None:
        _say_list(selected, remarks, options)
    else:
        _say(_install(selected, destination, options), remarks, options)
    return 0


def _select(
    options: argparse.Namespace, target: Target, reader: Reader
) -> tuple[tuple[Selected, ...], tuple[str, ...]]:
    from wheelyard.installer import Rules, everything_in, read_wanted, select
    from wheelyard.targets.markers import marker_environment
    from wheelyard.wheel.threads import processors

    folders = _folders(options)
    environment = {**marker_environment(target), "extra": ""}
    wanted, remarks = read_wanted(options.what, options.requirements_file, folders, environment)
    candidates = _candidates(options, folders, wanted)
    if not (options.what or options.requirements_file):
        wanted = everything_in(candidates)
    rules = Rules(_compatibility(target), force=options.force, places=", ".join(map(str, folders)))
    selected = select(wanted, candidates, rules, reader, jobs=processors())
    return selected, (*remarks, *(one.reason for one in selected if not one.fits))


def _folders(options: argparse.Namespace) -> list[Path]:
    if options.wheelhouse:
        return [options.wheelhouse]
    listed = os.environ.get("WHEELPATH", "").split(os.pathsep)
    return options.wheel_dir or [Path(folder) for folder in listed if folder] or [Path()]


def _candidates(
    options: argparse.Namespace, folders: list[Path], wanted: tuple[Wanted, ...]
) -> tuple[Candidate, ...]:
    from wheelyard.installer import find_candidates, wheelhouse_candidates

    if options.wheelhouse:
        return wheelhouse_candidates(options.wheelhouse)
    by_name = any(one.path is None for one in wanted)
    return find_candidates(folders) if by_name else ()


def _compatibility(target: Target) -> Compatibility:
    from wheelyard.installer import Compatibility
    from wheelyard.targets.explain import explain
    from wheelyard.targets.tags import tag_ranks

    def sentence(filename: WheelFilename) -> str:
        fit = explain(filename, target)
        return f"{fit.reason} {fit.remedy}".strip()

    return Compatibility(tag_ranks(target), sentence, target.python.release)


def _check_python(
    selected: tuple[Selected, ...], target: Target, reader: Reader, *, force: bool
) -> tuple[tuple[Selected, ...], tuple[str, ...]]:
    """Look at what an installation looks at behind unpacking, and mark what it excludes."""
    from dataclasses import replace

    from wheelyard.installer import check_python

    required = [(one.path.name, reader.requires_python(one.path)) for one in selected]
    excluded = dict(check_python(required, target.python.release, force=force))
    marked = tuple(
        replace(one, fits=False, reason=f"{one.reason} But {excluded[one.path.name].detail}.")
        if one.path.name in excluded
        else one
        for one in selected
    )
    return marked, tuple(f"{wheel}: {finding}" for wheel, finding in excluded.items())


def _install(
    selected: tuple[Selected, ...], destination: Destination, options: argparse.Namespace
) -> InstallReport:
    from wheelyard.installer import InstallRequest, Options, install
    from wheelyard.wheel.threads import processors

    request = InstallRequest(
        wheels=selected,
        destination=destination,
        python=options.python or Path(sys.executable),
        cache=_cache(options),
        options=Options(
            compile_bytecode=not options.no_compile,
            reinstall=options.force_reinstall or options.force,
            any_python=options.force,
            jobs=processors(),
        ),
    )
    return install(request)


def _cache(options: argparse.Namespace) -> Path:
    from wheelyard.store.root import make_root

    store = store_folder(options.store)
    try:
        make_root(store)
    except OSError as error:
        raise HostError(
            f"{store} can't be made ({error.strerror}): name another with --store"
        ) from error
    return store / "unpacked"


def _say_list(
    selected: tuple[Selected, ...], remarks: tuple[str, ...], options: argparse.Namespace
) -> None:
    if options.json:
        wheels = [
            {
                "wheel": str(one.path),
                "sha256": one.sha256,
                "asked": list(one.asked),
                "fits": one.fits,
                "reason": one.reason,
            }
            for one in selected
        ]
        print(json.dumps({"wheels": wheels, "remarks": remarks}, indent=1))
        return
    for one in selected:
        print(one.path.name)
        print(printable(f"  for {', '.join(one.asked)}: {one.reason}"))


def _say(report: InstallReport, remarks: tuple[str, ...], options: argparse.Namespace) -> None:
    if options.json:
        print(json.dumps({**_as_json(report), "remarks": remarks}, indent=1))
        return
    if options.quiet:
        return
    for wheel, warning in report.warnings:
        print(f"{wheel}: {warning}", file=sys.stderr)
    for change in report.installed:
        before = f" (was {change.previous})" if change.previous else ""
        print(f"{change.name} {change.version}{before}")
    for change in report.satisfied if options.what else ():
        print(f"{change.name} {change.version} is there already")
    kept = f", {len(report.satisfied)} already there" if report.satisfied else ""
    print(f"{len(report.installed)} installed into {report.prefix}{kept}")


def _as_json(report: InstallReport) -> dict[str, Any]:
    return {
        "prefix": str(report.prefix),
        "installed": [vars(change) for change in report.installed],
        "satisfied": [vars(change) for change in report.satisfied],
        "warnings": [{"wheel": wheel, "text": str(text)} for wheel, text in report.warnings],
    }
