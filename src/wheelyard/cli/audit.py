"""``wheelyard audit``: what the compiled parts of wheels need, and whether their tags say so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wheelyard.cli.options import python_version
from wheelyard.errors import VerificationError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

    from wheelyard.repair.elf import SharedObject
    from wheelyard.targets.target import Target
    from wheelyard.wheel import Wheel


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("wheel", nargs="+", type=Path, help="a wheel")
    add_target_options(parser)
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def add_target_options(parser: argparse.ArgumentParser, *, required: bool = False) -> None:
    """Add which machine a wheel is held against."""
    parser.add_argument(
        "-t",
        "--target",
        metavar="NAME",
        required=required,
        help="a machine that it is to run on: a name from `wheelyard target list`, `this`, or a "
        "file from `wheelyard target detect`",
    )
    parser.add_argument(
        "--python",
        type=python_version,
        metavar="X.Y",
        help="the target's Python (default: the system's own, else the wheel's)",
    )


def run(options: argparse.Namespace) -> int:
    """Audit each wheel.

    Returns:
        0 when all tags are honest and all wheels fit the target, else 5.

    Raises:
        WheelyardError: A wheel that breaks a rule of the format, an unknown target.
    """
    audits = [_audit(path, options) for path in options.wheel]
    if options.json:
        print(json.dumps({"wheels": audits}, indent=1))
    else:
        for audit in audits:
            print("\n".join(_lines(audit)))
    good = all(not audit["untrue"] and not audit["objections"] for audit in audits)
    return 0 if good else VerificationError.exit_code


def _audit(path: Path, options: argparse.Namespace) -> dict[str, Any]:
    from wheelyard.builders.grafting import read_objects
    from wheelyard.repair.audit import remarks
    from wheelyard.repair.honest import untrue
    from wheelyard.wheel import verify_wheel

    wheel = verify_wheel(path).wheel
    objects = read_objects(wheel)
    target = target_of(wheel, options)
    return {
        "wheel": path.name,
        "objects": [{**one.as_dict(), "libc": one.libc, "floor": one.floor} for one in objects],
        "honest": _honest(wheel, objects),
        "untrue": list(untrue(wheel.filename.tags, objects)),
        "remarks": list(remarks(objects)),
        "target": target.name if target else None,
        "objections": list(_objections(wheel, objects, target)) if target else [],
    }


def target_of(wheel: Wheel, options: argparse.Namespace) -> Target | None:
    """Find the target that was named; its Python is the wheel's where nothing else says one."""
    from wheelyard.targets.catalog import default_python, find_target
    from wheelyard.targets.detect import THIS
    from wheelyard.targets.file import is_target_file

    name, python = options.target, options.python
    if name is None:
        return None
    own = name == THIS or is_target_file(name) or default_python(name) is not None
    if python is None and not own:
        minors = [tag.python[3:] for tag in wheel.filename.tags if tag.python[:3] in {"cp3", "py3"}]
        python = next((f"3.{minor}" for minor in minors if minor.isdigit()), None)
    return find_target(name, python)


def _honest(wheel: Wheel, objects: tuple[SharedObject, ...]) -> dict[str, Any]:
    """Give the platform tags that the compiled parts keep, and why there are no wider ones."""
    from wheelyard.repair.honest import honest_platforms, machine_of

    machine = machine_of(objects, wheel.filename.tags)
    if not objects:
        return {"platforms": ["any"], "reasons": []}
    if machine is None:
        return {"platforms": [], "reasons": ["its parts are for different machines"]}
    honest = honest_platforms(objects, machine)
    return {"platforms": list(honest.platforms), "reasons": list(honest.reasons)}


def _objections(wheel: Wheel, objects: Iterable[SharedObject], target: Target) -> Iterator[str]:
    from wheelyard.repair.audit import objections
    from wheelyard.targets.explain import explain

    fit = explain(wheel.filename, target)
    if not fit.fits:
        yield fit.reason
    yield from objections(objects, target)


def _lines(audit: dict[str, Any]) -> Iterator[str]:
    yield f"{audit['wheel']}"
    yield from (f"  {_object(one)}" for one in audit["objects"])
    platforms = ", ".join(audit["honest"]["platforms"]) or "no platform"
    reasons = "; ".join(audit["honest"]["reasons"])
    yield f"  honest platform: {platforms}" + (f" ({reasons})" if reasons else "")
    yield "  its tags: " + ("honest" if not audit["untrue"] else "promise more than it keeps")
    yield from (f"    {sentence}" for sentence in audit["untrue"])
    yield from (f"  remark: {sentence}" for sentence in audit["remarks"])
    if audit["target"]:
        yield f"  {audit['target']}: " + ("does not fit" if audit["objections"] else "fits")
        yield from (f"    {sentence}" for sentence in audit["objections"])


def _object(one: dict[str, Any]) -> str:
    from wheelyard.repair.audit import foreign_libraries
    from wheelyard.repair.elf import SharedObject
    from wheelyard.repair.honest import machine_of

    known = SharedObject.from_dict(one)
    machine = machine_of((known,))
    parts = [machine.arch if machine else f"machine {known.code.machine}"]
    parts += [f"{known.code.float_abi} floats"] if known.code.float_abi else []
    parts += [known.code.isa] if known.code.isa else []
    floor = f" {known.floor[0]}.{known.floor[1]}" if known.libc == "glibc" else ""
    parts += [known.libc + floor] if known.libc else []
    parts += foreign_libraries(known)
    return f"{known.path}: {', '.join(parts)}"
