"""``pylock.toml`` as input (PEP 751): the pins, and the files that it names for them."""

from __future__ import annotations

import tomllib
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin

from packaging.pylock import Pylock, PylockUnsupportedVersionError, PylockValidationError

from wheelyard.errors import UsageError
from wheelyard.plans.release import File
from wheelyard.plans.request import Origin, RequirementLine, WheelType
from wheelyard.wheel.names import normalize_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from packaging.pylock import Package, PackageArchive, PackageSdist, PackageWheel

    from wheelyard.wheel.names import NormalizedName


class PylockError(UsageError):
    """A lock that can't be used; the message names the file and the place in it."""


def is_pylock(name: str) -> bool:
    """Whether a file is a lock by its name: ``pylock.toml`` or ``pylock.<identifier>.toml``."""
    base = PurePosixPath(name).name
    return base == "pylock.toml" or (base.startswith("pylock.") and base.endswith(".toml"))


def parse_pylock(
    text: str, file: str, base_url: str
) -> tuple[tuple[RequirementLine, ...], Mapping[NormalizedName, tuple[File, ...]]]:
    """Read a lock.

    Args:
        text: Its content.
        file: Its name, for messages and origins.
        base_url: What relative paths in it are relative to, as a ``file:`` URL ending in ``/``.

    Returns:
        A pinned requirement for each package, its marker kept, and each package's files.

    Raises:
        PylockError: When it is no lock, or of a version that is not known.
    """
    try:
        lock = Pylock.from_dict(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise PylockError(f"{file}: not TOML: {error}") from None
    except (PylockValidationError, PylockUnsupportedVersionError) as error:
        raise PylockError(f"{file}: {error}") from None
    lines = tuple(_line(package, file, base_url) for package in lock.packages)
    files: dict[NormalizedName, tuple[File, ...]] = {}
    for package in lock.packages:  # a name may stand several times, each with its marker
        found = tuple(_files(package, base_url))
        if found:
            name = normalize_name(package.name)
            files[name] = (*files.get(name, ()), *found)
    unsafe = sorted(f.filename for group in files.values() for f in group if not f.sha256)
    unsafe += [p.name for p in lock.packages if p.archive and "sha256" not in p.archive.hashes]
    if unsafe:
        raise PylockError(f"{file}: no sha256 of {', '.join(unsafe)}: lock it again with one")
    return lines, files


def _line(package: Package, file: str, base_url: str) -> RequirementLine:
    direct = _direct_url(package, base_url)
    hashes = (package.archive.hashes.get("sha256", ""),) if package.archive else ()
    return RequirementLine(
        name=normalize_name(package.name),
        extras=(),
        specifier=f"=={package.version}" if package.version else "",
        marker=str(package.marker or ""),
        url=direct,
        type=WheelType.AUTO,
        hashes=tuple(filter(None, hashes)),
        origin=Origin(file=file, line=0),
    )


def _direct_url(package: Package, base_url: str) -> str:
    if package.archive is not None:
        return _url(package.archive, base_url) + _fragment(package.archive.subdirectory)
    if package.directory is not None:
        directory = package.directory
        return _beside(base_url, directory.path) + _fragment(directory.subdirectory)
    if package.vcs is not None:
        vcs = package.vcs
        place = vcs.url or _beside(base_url, vcs.path or "")
        return f"{vcs.type}+{place}@{vcs.commit_id}" + _fragment(vcs.subdirectory)
    return ""


def _fragment(subdirectory: str | None) -> str:
    return f"#subdirectory={subdirectory}" if subdirectory else ""


def _beside(base_url: str, path: str) -> str:
    """Give the URL of a path that stands in the lock, which is relative to it."""
    return urljoin(base_url, quote(path))


def _files(package: Package, base_url: str) -> list[File]:
    files: list[PackageWheel | PackageSdist] = [*(package.wheels or ())]
    files += [package.sdist] if package.sdist else []
    requires = str(package.requires_python or "")
    return [
        File(
            filename=file.filename,
            url=_url(file, base_url),
            sha256=file.hashes.get("sha256", ""),
            size=file.size or 0,
            requires_python=requires,
        )
        for file in files
    ]


def _url(file: PackageArchive | PackageSdist | PackageWheel, base_url: str) -> str:
    return file.url or _beside(base_url, file.path or "")
