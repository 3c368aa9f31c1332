"""Where wheels are looked for: folders of wheels, or a wheelhouse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wheelyard.errors import UsageError
from wheelyard.installer.wheelhouse import read_manifest, read_wheelhouse
from wheelyard.wheel.filename import InvalidWheelFilenameError, WheelFilename, parse_wheel_filename
from wheelyard.wheel.versions import InvalidVersionError, Version, parse_version, unescape_version

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from wheelyard.wheel.names import Sha256


@dataclass(frozen=True)
class Candidate:
    """A wheel that may be chosen.

    ``hashes`` are those of its wheelhouse's requirements, one of which it has to have; none for a
    wheel that lies in a folder. ``direct_url`` is the text of ``direct_url.json`` (PEP 610), or
    empty.
    """

    path: Path
    filename: WheelFilename
    hashes: tuple[Sha256, ...] = ()
    direct_url: str = ""

    @property
    def version(self) -> Version | None:
        """The version, None where it is none by PEP 440, as in old projects."""
        try:
            return parse_version(unescape_version(self.filename.version))
        except InvalidVersionError:
            return None


def find_candidates(folders: Iterable[Path]) -> tuple[Candidate, ...]:
    """Return the wheels in folders; a file that only ends like a wheel is none.

    Raises:
        UsageError: it names every folder that can't be read.
    """
    found: dict[Path, Candidate] = {}
    problems = []
    for folder in folders:
        try:
            paths = sorted(path for path in folder.iterdir() if path.suffix == ".whl")
        except OSError as error:
            problems.append(f"{folder}: it can't be searched for wheels: {error.strerror}")
            continue
        for path in paths:
            try:
                found[path] = Candidate(path, parse_wheel_filename(path.name))
            except InvalidWheelFilenameError:
                continue
    if problems:
        raise UsageError("\n".join([*problems, "Name other folders with -d or in WHEELPATH."]))
    return tuple(found.values())


def wheelhouse_candidates(folder: Path) -> tuple[Candidate, ...]:
    """Return the wheels of a wheelhouse with the hashes that its requirements list.

    Raises:
        HostError: there is no such folder or file, or its manifest is garbled.
        UsageError: malformed lines.
        VerificationError: wheels without a line and lines without a wheel, all of them.
    """
    urls = {wheel.name: wheel.direct_url for wheel in read_manifest(folder) if wheel.chosen}
    return tuple(
        Candidate(
            path, parse_wheel_filename(path.name), each.pin.hashes, urls.get(each.pin.name, "")
        )
        for each in read_wheelhouse(folder)
        for path in each.paths
    )
