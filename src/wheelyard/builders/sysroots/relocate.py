"""Programs of a tree of packages made to run on this machine as they are.

A program names its loader by an absolute path, and that loader's C library is this machine's. Given
the tree's own loader and libraries, it runs whatever this machine has: newer or older, glibc or
musl. Its prefix, which interpreters derive from where they lie, is the place that it is put in.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from elftools.elf.elffile import ELFFile
from elftools.elf.segments import InterpSegment

from wheelyard.builders.patchelf import patchelf
from wheelyard.errors import HostError

if TYPE_CHECKING:
    from pathlib import Path

    from wheelyard.builders.sysroots.sysroot import Sysroot


def relocate(program: Path, tree: Sysroot, place: Path) -> None:
    """Copy a dynamically linked program of a tree to ``place``, bound to the tree's libraries.

    Raises:
        HostError: When it can't be changed.
    """
    shutil.copyfile(program, place)
    place.chmod(0o755)
    loader, found = loader_of(program, tree), library_path(tree)
    # DT_RPATH, unlike DT_RUNPATH, also holds for what its libraries and extensions need.
    options = ("--set-interpreter", loader, "--force-rpath", "--set-rpath", found)
    failure = patchelf(place, *options)
    if failure:
        raise HostError(f"{program.name} can't be made to run here: {failure}")


def library_path(tree: Sysroot) -> str:
    """Give the folders of a tree's libraries, joined as loaders want them."""
    folders = (f"usr/lib/{tree.multiarch}", f"lib/{tree.multiarch}", "usr/lib")
    return ":".join(str(tree.root / folder) for folder in folders)


def loader_of(program: Path, tree: Sysroot) -> Path:
    """Give the loader that a program names, as it lies in its tree.

    Raises:
        HostError: When it names none, since it is linked statically.
    """
    loader = named_loader(program)
    if not loader:
        raise HostError(f"{program} is not a dynamically linked program")
    return tree.root / loader


def named_loader(program: Path) -> str:
    """Give the loader that a program names, from the root; empty where it is linked statically."""
    with program.open("rb") as stream:
        for segment in ELFFile(stream).iter_segments("PT_INTERP"):
            if isinstance(segment, InterpSegment):
                return str(segment.get_interp_name()).lstrip("/")
    return ""
