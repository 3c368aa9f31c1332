"""Build requirements whose headers are the host's: run here, but looked at for the host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wheelyard.builders.cross.native import header_folders
from wheelyard.wheel.filename import parse_wheel_filename

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from wheelyard.plans.release import File
    from wheelyard.wheel.reader import Wheel


def with_headers(requires: Iterable[File]) -> tuple[str, ...]:
    """Give the requirements, exact ones, of which a cross build wants the host's wheels as well."""
    names = (parse_wheel_filename(file.filename) for file in requires)
    return tuple(f"{one.name}=={one.version}" for one in names if header_folders(one.name))


def put_headers(wheel: Wheel, site_packages: Path) -> None:
    """Put a host's headers and static libraries in the place of this machine's.

    The modules beside them stay as they are, so that the build can import them.
    """
    folders = header_folders(wheel.filename.name)
    for member in wheel.members:
        if member.name.startswith(folders) and not member.is_folder:
            file = site_packages / member.name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.unlink(missing_ok=True)  # it may be a link into a cache
            file.write_bytes(wheel.read(member.name))
