"""The build view of a sysroot: its headers and libraries without those of the C library.

The compiler brings the C library's headers and stubs for the floor that was asked for; a sysroot's
newer ones must not shadow them. What belongs to the C library is what the compiler has itself, so
it is found by comparing, for any sysroot, without knowing packages.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from wheelyard.builders.cross.host import Host

# The C library, its start files, and the compiler's own run-time libraries.
_OWN_LIBRARIES = re.compile(
    r"(?:lib(?:c|m|dl|rt|util|pthread|anl|resolv|crypt|nsl|mvec|BrokenLocale|thread_db|c_malloc_debug"
    r"|nss_\w+|pcprofile|memusage|gcc_s|gcc|stdc\+\+|c_nonshared|pthread_nonshared|asan|ubsan|tsan"
    r"|lsan|itm|gomp|hwasan)(?:[-.].*)?\.(?:so|a)(?:\..*)?|.*crt[1in]\.o|crt.*\.o|ld-linux.*|ld\.so.*)\Z"
)


def make_view(root: Path, multiarch: str, own: Collection[str], folder: Path) -> None:
    """Link a sysroot's headers and libraries into ``folder/include`` and ``folder/lib``.

    Args:
        root: The sysroot, with ``usr/include`` and ``usr/lib``.
        multiarch: Debian's name for its architecture; the folders of that name are merged in.
        own: The paths of headers that the compiler has, relative to its folders of headers.
        folder: An empty folder.
    """
    include = folder / "include"
    include.mkdir()
    top = root / "usr" / "include"
    _link_headers(top, include, own, "", skip=multiarch)
    _link_headers(top / multiarch, include, own, "")
    # Headers that only choose between architectures ask for the chosen one by its full name.
    chosen = include / multiarch
    chosen.mkdir(exist_ok=True)
    _link_headers(top / multiarch, chosen, own, "")
    library = folder / "lib"
    library.mkdir()
    for place in library_folders(root, multiarch):
        for path in sorted(place.iterdir()):
            link = library / path.name
            wanted = ".so" in path.name or path.suffix in {".a", ".o"}
            if wanted and not _OWN_LIBRARIES.match(path.name) and not link.is_symlink():
                link.symlink_to(path)


def library_folders(root: Path, multiarch: str) -> Iterator[Path]:
    """Give the folders of libraries that a sysroot has, Debian's and plain ones."""
    for base in ("usr/lib", "lib"):
        for name in (multiarch, "."):
            folder = root / base / name
            if folder.is_dir():
                yield folder


def _link_headers(
    source: Path, place: Path, own: Collection[str], prefix: str, skip: str = ""
) -> None:
    """Link whole folders where the compiler has none of the name, else file by file."""
    if not source.is_dir():
        return
    for path in sorted(source.iterdir()):
        relative = f"{prefix}{path.name}"
        link = place / path.name
        if path.name == skip or relative in own:
            continue
        if not path.is_dir():
            if not link.is_symlink():
                link.symlink_to(path)
        elif any(header.startswith(f"{relative}/") for header in own) or link.exists():
            _spread(link)
            _link_headers(path, link, own, f"{relative}/")
        else:
            link.symlink_to(path)


def _spread(link: Path) -> None:
    """Make a folder of links out of a link to a folder, so that another can be merged in."""
    if link.is_symlink():
        target = link.resolve()
        link.unlink()
        link.mkdir()
        for path in target.iterdir():
            (link / path.name).symlink_to(path)
    else:
        link.mkdir(exist_ok=True)


def headers_of(zig: Path, host: Host) -> frozenset[str]:
    """Give the headers of the host's C library and the kernel that a zig has, by path."""
    library, abi = (
        ("musl", "-linux-musl") if "-musl" in host.zig_target else ("glibc", "-linux-gnu")
    )
    base = zig / "lib" / "libc" / "include"
    roots = [
        one
        for one in base.iterdir()
        if one.name == f"generic-{library}" or one.name.endswith("-linux-any") or abi in one.name
    ]
    return frozenset(
        path.relative_to(root).as_posix() for root in roots for path in root.rglob("*.h")
    )
