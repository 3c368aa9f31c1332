"""What a sysroot is, and the provider of folders that the user has."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from wheelyard.errors import UsageError
from wheelyard.targets.pythons import platform_triplet

if TYPE_CHECKING:
    from pathlib import Path

    from wheelyard.targets.target import Target


_STUMBLING = re.compile(r"""[\s'"\\]""")


@dataclass(frozen=True, kw_only=True, slots=True)
class Sysroot:
    """A target's C library, Python and native libraries, unpacked together.

    Attributes:
        root: the folder; what is in it never changes. Emulators run programs with ``-L root``.
        multiarch: the name of the folders of its libraries: ``"aarch64-linux-gnu"``.
        digest: a SHA-256 of what it was made from, the same on every machine.
        suite: that of the distribution that it is of, with its C library; empty: of none.
        notes: sentences on what it should have been made from and was not: security updates.
    """

    root: Path
    multiarch: str
    digest: str
    suite: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Tree:
    """Packages of a distribution that are wanted in one folder, by its own names.

    Attributes:
        suite: such as ``"bookworm"``; empty: the build machine's own.
        architecture: such as ``"arm64"``.
        packages: what is wanted.
        dependencies: whether what they depend on is wanted as well.
        without: dependencies that are left out with all that only they need.
    """

    suite: str = ""
    architecture: str
    packages: tuple[str, ...]
    dependencies: bool = True
    without: tuple[str, ...] = ()


class SysrootProvider(Protocol):
    """Gives a sysroot with the named packages and whatever they depend on."""

    def __call__(self, target: Target, packages: tuple[str, ...]) -> Sysroot:
        """Give it; made when it isn't there."""


class PackageProvider(SysrootProvider, Protocol):
    """Gives any package of a distribution besides: emulators, interpreters, compilers."""

    def tree(self, wanted: Tree) -> Sysroot:
        """Give it; made when it isn't there."""


class PathProvider:
    """A folder that the user has: a mounted card, a vendor's toolchain."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._digest = ""

    def __call__(self, target: Target, packages: tuple[str, ...]) -> Sysroot:  # noqa: ARG002
        """Give the folder; which packages are in it, its owner knows.

        Raises:
            UsageError: it isn't a sysroot, has no headers of the target's Python, or lies where
                compilers' flags can't name it.
        """
        root = self._root.absolute()
        if _STUMBLING.search(str(root)):
            raise UsageError(
                f"{root}: build systems split flags at blanks and take quotes for their own, so "
                "nothing can be built with a sysroot there. Name a link to it without them."
            )
        if not any((root / name).is_dir() for name in ("usr/include", "usr/lib", "lib")):
            raise UsageError(
                f"{root} is no sysroot: it has neither usr/include nor usr/lib. "
                "Name the folder in which these are."
            )
        version = ".".join(map(str, target.python.version))
        threads = "t" if target.python.free_threaded else ""
        header = root / "usr/include" / f"python{version}{threads}" / "Python.h"
        if not header.is_file():
            raise UsageError(
                f"{header} is not there: the sysroot of {target.name} has no Python {version} to "
                "build for. Put its headers there, or choose another Python or no sysroot."
            )
        multiarch = platform_triplet(target.machine, target.libc)
        self._digest = self._digest or digest_of(root)
        return Sysroot(root=root, multiarch=multiarch, digest=self._digest)


def digest_of(root: Path) -> str:
    """Hash a folder's names, kinds and sizes.

    Its contents would take minutes, and names change with versions.
    """
    digest = hashlib.sha256(b"path\0")
    for path in sorted(root.rglob("*")):
        told = f"{path.relative_to(root)}\0{_told(path)}\n"
        digest.update(told.encode(errors="surrogateescape"))
    return digest.hexdigest()


def _told(path: Path) -> str:
    if path.is_symlink():
        return f"link {path.readlink()}"
    return "folder" if path.is_dir() else f"file {path.lstat().st_size}"
