"""Chosen wheels into an environment: start reading here.

Verify and unpack into the cache, decide, stage, rename. Until the renames nothing of the
environment is touched, and the renames can be undone; see :mod:`wheelyard.installer.transaction`.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from wheelyard.errors import HostError
from wheelyard.installer import transaction
from wheelyard.installer.bytecode import balance, bytecode_folder, cached_bytecode
from wheelyard.installer.cache import UnpackedWheel, cached_wheel
from wheelyard.installer.environment import prepared
from wheelyard.installer.installed import (
    Installed,
    find_owner,
    owned_paths,
    read_files,
    scan_installed,
)
from wheelyard.installer.plan import Placed, Ready, check_collisions, is_satisfied, place
from wheelyard.installer.scripts import rewrite_script
from wheelyard.installer.selection import check_python
from wheelyard.installer.stage import stage
from wheelyard.installer.values import Change, InstallReport

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wheelyard.installer.cache import CachedFile
    from wheelyard.installer.environment import Environment, Layout
    from wheelyard.installer.values import InstallRequest
    from wheelyard.wheel.names import NormalizedName, Sha256


def install(request: InstallRequest) -> InstallReport:
    """Install the wheels that were chosen, completely or not at all.

    Exactly these are installed: no dependency is looked for.

    Raises:
        HostError: the interpreter, the folder, or another project's files are in the way; a
            wheel is for another Python; a folder can't be read or written.
        VerificationError: a wheel is not the one chosen, or breaks rules, or two collide.
    """
    try:
        return _install(request)
    except OSError as error:
        place = error.filename2 or error.filename or request.destination.path
        raise HostError(
            f"{place}: {error.strerror or error}, so nothing is installed; make room or give "
            "permission there, or name another folder"
        ) from error


def _install(request: InstallRequest) -> InstallReport:
    wheels = _unpack(request)
    with prepared(request.destination, request.python) as environment:
        required = [(wheel.wheel, wheel.requires_python) for wheel in wheels]
        release = environment.interpreter.release
        excluded = check_python(required, release, force=request.options.any_python)
        prefix = environment.layout.prefix
        ready = _get_ready(request, wheels, environment)
        placed = [place(each, environment.layout) for each in ready]
        check_collisions(placed)
        with transaction.exclusive(prefix):
            changes, satisfied = _apply(request, placed, environment.layout)
    warnings = [(wheel.wheel, warning) for wheel in wheels for warning in wheel.warnings]
    return InstallReport(prefix, changes, satisfied, (*warnings, *excluded))


def _unpack(request: InstallRequest) -> tuple[UnpackedWheel, ...]:
    # The largest first, so that no thread is left alone with it at the end.
    order = sorted(request.wheels, key=lambda each: -each.path.stat().st_size)
    with ThreadPoolExecutor(request.options.jobs) as pool:
        unpacked = pool.map(lambda each: cached_wheel(request.cache, each.path, each.sha256), order)
        by_digest = {wheel.sha256: wheel for wheel in unpacked}
    return tuple(by_digest[each.sha256] for each in request.wheels)


def _get_ready(
    request: InstallRequest, wheels: Sequence[UnpackedWheel], environment: Environment
) -> list[Ready]:
    """Add to each wheel its bytecode and scripts for this environment."""
    options, interpreter = request.options, environment.interpreter
    bytecode: dict[Sha256, tuple[CachedFile, ...]] = {}
    if options.compile_bytecode:
        batches = balance(wheels, options.jobs)
        with ThreadPoolExecutor(options.jobs) as pool:
            compiled = pool.map(lambda batch: cached_bytecode(batch, interpreter), batches)
            for batch, found in zip(batches, compiled):
                bytecode.update(zip((wheel.sha256 for wheel in batch), found))
    urls = {each.sha256: each.direct_url for each in request.wheels}
    return [
        Ready(
            wheel=wheel,
            bytecode_folder=str(bytecode_folder(wheel, interpreter)),
            bytecode=bytecode.get(wheel.sha256, ()),
            rewritten=_rewrite_scripts(wheel, environment.layout.python),
            requested=True,
            direct_url=urls[wheel.sha256],
        )
        for wheel in wheels
    ]


def _rewrite_scripts(wheel: UnpackedWheel, python: str) -> dict[str, bytes]:
    scripts = [file.path for file in wheel.files if file.script]
    return {path: rewrite_script((wheel.content / path).read_bytes(), python) for path in scripts}


def _apply(
    request: InstallRequest, placed: Sequence[Placed], layout: Layout
) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    """Do what is not done yet; return the changes, and what was there already."""
    names = {wheel.name for wheel in placed}
    present: dict[NormalizedName, list[Installed]] = {}
    for project in scan_installed(layout):
        if project.name in names:
            present.setdefault(project.name, []).append(project)
    satisfied = [
        wheel
        for wheel in placed
        if not request.options.reinstall and _is_there(wheel, present.get(wheel.name, []), layout)
    ]
    done = {wheel.name for wheel in satisfied}
    changing = [wheel for wheel in placed if wheel.name not in done]
    old = [project for wheel in changing for project in present.get(wheel.name, [])]
    if changing:
        _exchange(request, changing, old, layout)
    return _changes(changing, present), _changes(satisfied, present)


def _is_there(wheel: Placed, present: Sequence[Installed], layout: Layout) -> bool:
    return len(present) == 1 and is_satisfied(
        wheel, present[0].version, read_files(layout, present[0])
    )


def _exchange(
    request: InstallRequest, changing: Sequence[Placed], old: Sequence[Installed], layout: Layout
) -> None:
    """Put new files in the place of old ones.

    Raises:
        HostError: files that belong to another project, or to none, are in the way.
    """
    stage(layout.prefix / transaction.NEW, changing, request.options.jobs)
    removals = [path for project in old for path in owned_paths(layout, project)]

    def replaceable(path: str) -> bool:
        # Bytecode that Python wrote for a source that is replaced belongs to nobody.
        return path.endswith(".pyc") or (request.options.reinstall and not layout.is_own(path))

    moves = transaction.plan_moves(layout.prefix, removals, replaceable)
    if moves.blocked:
        raise find_owner(layout, moves.blocked, ", or replace the files with --force-reinstall")
    keep = (layout.purelib, layout.platlib, layout.headers, layout.scripts)
    transaction.commit(layout.prefix, moves, keep)


def _changes(
    wheels: Sequence[Placed], present: Mapping[NormalizedName, Sequence[Installed]]
) -> tuple[Change, ...]:
    return tuple(
        Change(wheel.name, wheel.version, ", ".join(p.version for p in present.get(wheel.name, ())))
        for wheel in wheels
    )
