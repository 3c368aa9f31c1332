"""Indexes and files in local folders; their files have no digest until they are used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wheelyard.errors import HostError
from wheelyard.index.page import IndexFile, ProjectPage
from wheelyard.index.simple import parse_links

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wheelyard.wheel.names import NormalizedName

_SUFFIXES = (".whl", ".tar.gz", ".zip", ".tgz", ".tar.bz2")


def read_local_page(folder: Path, name: NormalizedName) -> ProjectPage | None:
    """Read a project's folder of a ``file:`` index: its ``index.html``, or else the files in it."""
    page = folder / "index.html"
    if page.is_file():
        files = parse_links(page.as_uri(), page.read_bytes())
        return ProjectPage(name=name, origin=page.as_uri(), files=files)
    if not folder.is_dir():
        return None
    return ProjectPage(name=name, origin=folder.as_uri(), files=tuple(files_in_folder(folder)))


def listing(folder: Path) -> tuple[tuple[str, int], ...]:
    """Give name and size of a folder's files, sorted; a link that leads nowhere is no file.

    Raises:
        HostError: the folder can't be read.
    """
    return tuple((path.name, path.stat().st_size) for path in _files(folder))


def files_in_folder(folder: Path) -> Iterator[IndexFile]:
    """Give the wheels and source distributions of a folder, by name.

    Raises:
        HostError: the folder can't be read.
    """
    for path in _files(folder):
        if path.name.endswith(_SUFFIXES):
            yield IndexFile(filename=path.name, url=path.absolute().as_uri())


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_file())
    except OSError as error:
        raise HostError(
            f"{folder} can't be read ({error.strerror}): give permission, or name another folder"
        ) from error
