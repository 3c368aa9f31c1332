"""A wheel's compiled parts changed: libraries grafted by patchelf, tags made honest.

What is to be changed, ``repair.graft`` has decided.
"""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wheelyard.builders.cross.view import library_folders
from wheelyard.builders.patchelf import patchelf
from wheelyard.errors import BuildError
from wheelyard.repair.audit import objections
from wheelyard.repair.elf import read_shared_object
from wheelyard.repair.graft import Library, plan_grafts
from wheelyard.repair.honest import honest_platforms, honest_tags
from wheelyard.store.store import hash_file
from wheelyard.wheel import (
    WheelFilename,
    compress_tags,
    files_from_wheel,
    render_wheel_info,
    write_wheel,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from wheelyard.builders.sysroots import Sysroot
    from wheelyard.repair.elf import SharedObject
    from wheelyard.repair.graft import Edit, Grafting
    from wheelyard.targets.target import Target
    from wheelyard.wheel import Wheel, WrittenWheel

_ELF = b"\x7fELF"
_LINKS = 40  # as many as a kernel follows


@dataclass(frozen=True, kw_only=True, slots=True)
class Repaired:
    """A wheel as it came out: its shared objects, and the libraries that it now brings."""

    written: WrittenWheel
    objects: tuple[SharedObject, ...]
    grafted: tuple[Library, ...]


class SysrootLibraries:
    """The libraries of a sysroot, found as its loader would find them; made when first asked."""

    def __init__(self, make: Callable[[], Sysroot]) -> None:
        self._make = make

    @cached_property
    def _sysroot(self) -> Sysroot:
        return self._make()

    @property
    def _root(self) -> Path:
        return self._sysroot.root

    def __call__(self, name: str) -> Library | None:
        """Give a library by its soname."""
        for folder in self._folders():
            path = self._behind_links(folder / name)
            if path is not None and path.is_file():
                with path.open("rb") as stream:
                    content = read_shared_object(name, stream)
                place = path.relative_to(self._root).as_posix()
                return Library(place=place, sha256=hash_file(path), content=content)
        return None

    def copy(self, library: Library, place: Path) -> None:
        """Copy a library's content."""
        shutil.copyfile(self._root / library.place, place)

    def copyright(self, library: Library) -> tuple[str, bytes] | None:
        """Give the package that a library is of and its copyright file, as Debian has it.

        Debian's policy (8.1) names such a package after the soname: libffi.so.8 is in libffi8.
        """
        stem, _, version = library.name.partition(".so.")
        stem = stem.lower().replace("_", "-")
        joined = f"{stem}-{version}" if stem[-1:].isdigit() else f"{stem}{version}"
        for package in (joined, f"{joined}t64", stem):
            file = self._behind_links(self._root / "usr/share/doc" / package)
            text = file and self._behind_links(file / "copyright")
            if text is not None and text.is_file():
                return package, text.read_bytes()
        return None

    def _folders(self) -> Iterator[Path]:
        yield from library_folders(self._root, self._sysroot.multiarch)
        yield from (self._root / name for name in ("usr/lib64", "lib64"))

    def _behind_links(self, path: Path) -> Path | None:
        """Follow links as they are meant in the sysroot; None for what leads out of it."""
        for _ in range(_LINKS):
            if not path.is_symlink():
                break
            to = path.readlink()
            path = self._root / to.relative_to("/") if to.is_absolute() else path.parent / to
        path = Path(os.path.normpath(path))
        return path if path.is_relative_to(self._root) else None


def repair_wheel(
    wheel: Wheel, target: Target, libraries: SysrootLibraries, folder: Path, *, epoch: int
) -> Repaired:
    """Graft what a target lacks into a wheel, and give the wheel the tags that it then deserves.

    Args:
        wheel: has compiled parts; it stays as it is.
        target: where it is to run.
        libraries: where libraries are taken from.
        folder: where the new wheel goes; it is made where there is none.
        epoch: the time of its members, in seconds since 1970.

    Raises:
        BuildError: It can't run there, with every reason.
        HostError: There is no patchelf.
    """
    objects = read_objects(wheel)
    name = wheel.filename
    grafting = plan_grafts(objects, target, f"{name.distribution}.libs", libraries)
    changes = _edited(wheel, grafting, libraries)
    objects = (
        *(one for one in objects if one.path not in changes),
        *(read_shared_object(path, io.BytesIO(data)) for path, data in sorted(changes.items())),
    )
    wrong = objections(objects, target)
    if wrong:
        raise BuildError("; ".join(wrong))
    tags = honest_tags(name.tags, objects, _platforms(objects, target), target)
    info = render_wheel_info(replace(wheel.info, tags=tags))
    licences = _licences(f"{wheel.dist_info}/licenses", grafting, libraries)
    files = files_from_wheel(wheel, {**changes, **licences, f"{wheel.dist_info}/WHEEL": info})
    renamed = WheelFilename(name.distribution, name.version, name.build_tag, compress_tags(tags))
    folder.mkdir(parents=True, exist_ok=True)
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


def _edited(wheel: Wheel, grafting: Grafting, libraries: SysrootLibraries) -> dict[str, bytes]:
    """Give the changed and the new shared objects, by their path in the wheel."""
    copies = {library.own_name: library for library in grafting.libraries}
    changes = {}
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch) / "object"
        for edit in grafting.edits:
            library = copies.get(edit.soname)
            if library is None:
                place.write_bytes(wheel.read(edit.path))
            else:
                libraries.copy(library, place)
            _patch(place, edit)
            changes[edit.path] = place.read_bytes()
    return changes


def _licences(folder: str, grafting: Grafting, libraries: SysrootLibraries) -> dict[str, bytes]:
    """Give the copyright files of what is grafted, where the sysroot has them."""
    found = filter(None, map(libraries.copyright, grafting.libraries))
    return {f"{folder}/{package}/copyright": text for package, text in found}


def _patch(file: Path, edit: Edit) -> None:
    """Change a shared object in its place."""
    options = [part for old, new in edit.renamed for part in ("--replace-needed", old, new)]
    if edit.soname:
        options += ["--set-soname", edit.soname]
    # DT_RPATH, not DT_RUNPATH: it holds for what the library needs in turn, and no variable of the
    # environment comes before it.
    options += ["--force-rpath", "--set-rpath", ":".join(edit.search)] if edit.search else []
    options += [] if edit.search else ["--remove-rpath"]
    failure = patchelf(file, *options)
    if failure:
        raise BuildError(f"{edit.path}: patchelf can't change it ({failure})")


def described(library: Library) -> Mapping[str, Any]:
    """Give what is worth knowing of a grafted library, JSON-ready."""
    return {
        "name": library.own_name,
        "from": library.place,
        "sha256": library.sha256,
        "floor": ".".join(map(str, library.content.floor)),
    }
