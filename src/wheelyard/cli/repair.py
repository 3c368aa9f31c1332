"""``wheelyard repair``: bring the libraries that a target lacks into a wheel; tag it honestly."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from wheelyard.cli.audit import add_target_options, target_of
from wheelyard.cli.options import add_mirror_option, add_store_options, epoch, store_folder
from wheelyard.errors import BuildError, UsageError

if TYPE_CHECKING:
    import argparse

    from wheelyard.builders.grafting import Repaired
    from wheelyard.builders.sysroots import Sysroot
    from wheelyard.targets.target import Target
    from wheelyard.wheel import Wheel

_ADVICE = (
    "Name the packages that have the libraries with --native, or a folder with older ones with "
    "--sysroot, or another target"
)
# What the compilers' own libraries are in.
_TOOLCHAIN = ("libatomic1", "libgcc-s1", "libgomp1", "libstdc++6")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("wheel", type=Path, help="a wheel")
    add_target_options(parser, required=True)
    parser.add_argument(
        "-o",
        "--out",
        type=Path,
        default=Path("repaired"),
        metavar="DIR",
        help="where the new wheel goes (default: repaired)",
    )
    parser.add_argument(
        "--native",
        action="append",
        default=[],
        metavar="PACKAGE",
        help="a package of Debian's that has a library; may be given several times (default: "
        "those that the project is known to be built with)",
    )
    parser.add_argument(
        "--sysroot",
        type=Path,
        metavar="DIR",
        help="a folder with the libraries instead, of the target's machine and C library: / for "
        "this machine's own",
    )
    add_mirror_option(parser)
    add_store_options(parser)
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("-q", "--quiet", action="store_true", help="print errors only")


def run(options: argparse.Namespace) -> int:
    """Repair a wheel; the old one stays as it is.

    Raises:
        WheelyardError: It can't run on the target, with every reason; an unknown target; a library
            or a tool that isn't there.
    """
    from wheelyard.builders.grafting import SysrootLibraries, read_objects, repair_wheel
    from wheelyard.wheel import verify_wheel

    wheel = verify_wheel(options.wheel).wheel
    target = target_of(wheel, options)
    if target is None:
        raise UsageError("name the machine that the wheel is for with --target")
    if not read_objects(wheel):
        raise UsageError(f"{wheel.path.name} has no compiled parts, so there is nothing to repair")
    if options.out.resolve() == options.wheel.parent.resolve():
        raise UsageError(f"{options.out} holds the wheel itself: name another folder with --out")
    libraries = SysrootLibraries(lambda: _sysroot(wheel, target, options))
    try:
        repaired = repair_wheel(wheel, target, libraries, options.out, epoch=epoch())
    except BuildError as error:
        raise BuildError(f"{wheel.path.name}: {error}. {_ADVICE}") from None
    _say(repaired, options)
    return 0


def _sysroot(wheel: Wheel, target: Target, options: argparse.Namespace) -> Sysroot:
    """Give what libraries are taken from; asked for only when one is."""
    from wheelyard.builders.cross.native import native_packages
    from wheelyard.builders.sysroots import Sysroot, find_sources, open_debian
    from wheelyard.index.settings import load_settings
    from wheelyard.store.store import Store
    from wheelyard.targets.pythons import platform_triplet

    if options.sysroot is not None:
        if not options.sysroot.is_dir():
            raise UsageError(f"{options.sysroot} is no folder: name one that holds usr/lib")
        multiarch = platform_triplet(target.machine, target.libc)
        return Sysroot(root=options.sysroot.resolve(), multiarch=multiarch, digest="")
    packages = tuple(options.native) or native_packages(wheel.filename.name)
    with (
        Store(store_folder(options.store)) as store,
        open_debian(
            store,
            load_settings(),
            sources=find_sources(options.mirror),
            offline=options.offline,
        ) as provider,
    ):
        return provider(target, (*packages, *_TOOLCHAIN))


def _say(repaired: Repaired, options: argparse.Namespace) -> None:
    from wheelyard.builders.grafting import described

    grafted = [dict(described(library)) for library in repaired.grafted]
    written = repaired.written
    if options.json:
        result = {"wheel": str(written.path), "sha256": written.sha256, "grafted": grafted}
        print(json.dumps(result, indent=1))
    elif not options.quiet:
        print(written.path)
        for one in grafted:
            print(f"  brings {one['name']}, from {one['from']}")
