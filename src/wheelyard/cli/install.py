"""``wheelyard install``: a wheelhouse into an environment, completely or not at all."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wheelyard.cli.options import store_folder
from wheelyard.errors import HostError

if TYPE_CHECKING:
    import argparse

    from wheelyard.installer import Destination, InstallReport
    from wheelyard.targets.target import Target


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "project", nargs="*", help="install these only (default: the whole wheelhouse)"
    )
    parser.add_argument(
        "--wheelhouse", type=Path, required=True, metavar="DIR", help="what `wheelyard build` made"
    )
    place = parser.add_mutually_exclusive_group(required=True)
    place.add_argument("--venv", type=Path, metavar="DIR", help="a virtualenv, made if missing")
    place.add_argument("--target", type=Path, metavar="DIR", help="a folder for sys.path")
    place.add_argument("--prefix", type=Path, metavar="DIR", help="a folder with bin, lib, …")
    parser.add_argument(
        "--system-site-packages",
        action="store_true",
        help="let a new virtualenv see the packages of its Python",
    )
    parser.add_argument(
        "--python", type=Path, metavar="EXE", help="the interpreter (default: the running one)"
    )
    parser.add_argument(
        "--no-compile", action="store_true", help="leave bytecode to the first import"
    )
    parser.add_argument(
        "--force-reinstall", action="store_true", help="install again what is there already"
    )
    parser.add_argument(
        "--store", type=Path, metavar="DIR", help="where unpacked wheels are kept for linking"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("-q", "--quiet", action="store_true", help="print errors only")


def run(options: argparse.Namespace) -> int:
    """Install."""
    from wheelyard.installer import Compatibility, InstallRequest, Options, install
    from wheelyard.targets.explain import explain
    from wheelyard.targets.tags import tag_ranks

    destination = _destination(options)
    python = options.python or Path(sys.executable)
    target = _target(destination, python)
    request = InstallRequest(
        wheelhouse=options.wheelhouse,
        destination=destination,
        python=python,
        cache=_cache(options),
        compatibility=Compatibility(
            tags=frozenset(tag_ranks(target)),
            explain=lambda name: _sentence(name, target, explain),
        ),
        projects=tuple(options.project),
        options=Options(
            compile_bytecode=not options.no_compile,
            force=options.force_reinstall,
            jobs=os.cpu_count() or 1,
            direct_urls=direct_urls(options.wheelhouse),
        ),
    )
    _say(install(request), options)
    return 0


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


def _sentence(name: Any, target: Target, explain: Any) -> str:
    fit = explain(name, target)
    return f"{fit.reason} {fit.remedy}".strip()


def _destination(options: argparse.Namespace) -> Destination:
    from wheelyard.installer import Destination

    kinds = ("venv", "target", "prefix")
    kind = next(kind for kind in kinds if getattr(options, kind) is not None)
    return Destination(kind, getattr(options, kind), options.system_site_packages)


def _target(destination: Destination, python: Path) -> Target:
    """Describe the interpreter that will run what is installed, without starting it if it is us."""
    from wheelyard.targets.detect import detect_interpreter, detect_this

    own = destination.path / "bin" / "python"
    executable = own if destination.kind == "venv" and own.exists() else python
    if executable.resolve() == Path(sys.executable).resolve():
        return detect_this()
    return detect_interpreter(executable)


def direct_urls(wheelhouse: Path) -> dict[str, str]:
    """Give the text of ``direct_url.json`` (PEP 610) by project, as the manifest has it."""
    from wheelyard.installer.wheelhouse import read_manifest

    wheels = read_manifest(wheelhouse)
    return {wheel.name: wheel.direct_url for wheel in wheels if wheel.chosen and wheel.direct_url}


def _say(report: InstallReport, options: argparse.Namespace) -> None:
    if options.json:
        print(json.dumps(_as_json(report), indent=1))
        return
    if options.quiet:
        return
    for wheel, warning in report.warnings:
        print(f"{wheel}: {warning}", file=sys.stderr)
    for change in report.installed:
        before = f" (was {change.previous})" if change.previous else ""
        print(f"{change.name} {change.version}{before}")
    kept = f", {len(report.satisfied)} already there" if report.satisfied else ""
    print(f"{len(report.installed)} installed into {report.prefix}{kept}")


def _as_json(report: InstallReport) -> dict[str, Any]:
    return {
        "prefix": str(report.prefix),
        "installed": [vars(change) for change in report.installed],
        "satisfied": [vars(change) for change in report.satisfied],
        "warnings": [{"wheel": wheel, "text": str(text)} for wheel, text in report.warnings],
    }
