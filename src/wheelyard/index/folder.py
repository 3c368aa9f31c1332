"""Indexes and files in local folders; their files have no digest until they are used."""

from __future__ import annotations

from typing import TYPE_CHECKING

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


def files_in_folder(folder: Path) -> Iterator[IndexFile]:
    """Give the wheels and source distributions of a folder, by name."""
    for path in sorted(folder.iterdir()):
        if path.name.endswith(_SUFFIXES) and path.is_file():
            yield IndexFile(filename=path.name, url=path.absolute().as_uri())
