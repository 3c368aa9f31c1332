"""Where a wheel comes from: the first rung that holds for a release and a target.

Pure. ``choose`` picks the published wheel with the best tag and the source distribution, within
what the requirement's type and the format control allow, and says in one sentence why no
published wheel is taken where none is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from wheelyard.plans.request import WheelType
from wheelyard.targets.tags import tag_ranks
from wheelyard.wheel.filename import InvalidWheelFilenameError, parse_wheel_filename
from wheelyard.wheel.tags import Tag

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wheelyard.plans.release import File, Release
    from wheelyard.plans.request import FormatControl
    from wheelyard.targets.target import Target
    from wheelyard.wheel.names import NormalizedName

_FROM_SOURCE = frozenset({WheelType.CROSSENV, WheelType.ABI3, WheelType.CROSS})
_SDIST_ORDER = (".tar.gz", ".zip", ".tgz", ".tar.bz2", ".tar.xz")


@dataclass(frozen=True, kw_only=True, slots=True)
class Ground:
    """What a choice stands on: a target's tags with their rank, its Python, the formats allowed.

    ``python`` is the full version, as in the marker ``python_full_version``.
    """

    target: str
    ranks: Mapping[Tag, int]
    python: str
    formats: FormatControl


def ground_of(target: Target, formats: FormatControl) -> Ground:
    """Give what choices for a target stand on."""
    python = target.python.full_version
    return Ground(target=target.name, ranks=tag_ranks(target), python=python, formats=formats)


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """The files to take: the wheel where one may be taken, the sdist where one may be built.

    ``refused`` says why no published wheel is taken; empty when one is.
    """

    wheel: File | None
    sdist: File | None
    refused: str

    @property
    def usable(self) -> bool:
        """Whether anything can come of it."""
        return self.wheel is not None or self.sdist is not None


def choose(
    name: NormalizedName,
    release: Release,
    kind: WheelType,
    hashes: tuple[str, ...],
    ground: Ground,
) -> Choice:
    """Pick wheel and sdist of a release for one target."""
    allowed = allowed_by_hash(release, hashes)
    allowed = [file for file in allowed if supports_python(file.requires_python, ground.python)]
    wheels = [file for file in allowed if file.is_wheel]
    sdists = sorted((file for file in allowed if not file.is_wheel), key=_sdist_rank)
    no_sources = ground.formats.forbids_sources(name)
    sdist = sdists[0] if sdists and not no_sources else None
    barred = _barred(name, kind, ground.formats)
    if barred:
        return Choice(wheel=None, sdist=sdist, refused=barred)
    wheel = best_wheel(wheels, kind, ground.ranks)
    refused = "" if wheel else _why_none(release, allowed, kind, ground)
    return Choice(wheel=wheel, sdist=sdist, refused=refused)


def allowed_by_hash(release: Release, hashes: tuple[str, ...]) -> list[File]:
    """Give the files that may have one of these digests; what an index doesn't name, a fetch will.

    No digests: all files.
    """
    if not hashes:
        return list(release.files)
    known = [file for file in release.files if file.sha256 in hashes]
    return known + [replace(file, hashes=hashes) for file in release.files if not file.sha256]


def best_wheel(wheels: list[File], kind: WheelType, ranks: Mapping[Tag, int]) -> File | None:
    """Give the wheel with the best rank; of equals the one with the highest build number."""
    best: tuple[int, tuple[int, str], str] | None = None
    chosen: File | None = None
    for file in wheels:
        rank = _rank(file, kind, ranks)
        if rank is None:
            continue
        try:
            build = parse_wheel_filename(file.filename).build or (0, "")
        except InvalidWheelFilenameError:
            continue  # as pip: what an index calls a wheel is none
        order = (-rank, build, file.filename)
        if best is None or order > best:
            best, chosen = order, file
    return chosen


def _rank(file: File, kind: WheelType, ranks: Mapping[Tag, int]) -> int | None:
    """Give the best rank of a wheel's tags, without building the tags of wheels that can't fit."""
    pythons, abis, platforms = (part.split(".") for part in _tag_parts(file))
    if kind is WheelType.PURE and "any" not in platforms:
        return None
    found = [
        rank
        for platform in platforms
        for abi in abis
        for python in pythons
        if (rank := ranks.get(Tag(python, abi, platform))) is not None
    ]
    return min(found, default=None)


def _tag_parts(file: File) -> list[str]:
    """Give the last three parts of a wheel's name; empty ones, which fit nothing, for none."""
    return ["", "", "", *file.filename.removesuffix(".whl").split("-")[2:]][-3:]


def supports_python(requires_python: str, version: str) -> bool:
    """Whether a ``Requires-Python`` holds; one that can't be read is taken to hold, as in pip."""
    if not requires_python:
        return True
    try:
        return SpecifierSet(requires_python).contains(version, prereleases=True)
    except InvalidSpecifier:
        return True


def _sdist_rank(file: File) -> int:
    return next((i for i, s in enumerate(_SDIST_ORDER) if file.filename.endswith(s)), 9)


def _barred(name: NormalizedName, kind: WheelType, formats: FormatControl) -> str:
    if kind in _FROM_SOURCE and not formats.forbids_sources(name):
        return f"type {kind} is always built from source"
    if formats.forbids_wheels(name):
        return "--no-binary asks for a build from source"
    return ""


def _why_none(release: Release, allowed: list[File], kind: WheelType, ground: Ground) -> str:
    wheels = [file for file in release.files if file.is_wheel]
    usable = [file for file in allowed if file.is_wheel]
    if not wheels and not allowed:
        return _other_python(release.files, ground) or "no wheel of it is published"
    if not wheels:
        return "no wheel of it is published"
    if not usable:
        return _other_python(wheels, ground) or "no wheel of it has a hash that is allowed"
    if kind is WheelType.PURE:
        return "none of its wheels is pure (none-any)"
    platforms = {part for file in usable for part in _platforms(file)}
    return f"none of its {len(usable)} wheels fits {ground.target}; they are for " + _shorten(
        sorted(platforms)
    )


def _other_python(files: Iterable[File], ground: Ground) -> str:
    wanted = (one.requires_python for one in files)
    refusing = next((one for one in wanted if not supports_python(one, ground.python)), "")
    return f"its files ask for Python {refusing}, not {ground.python}" if refusing else ""


def _platforms(file: File) -> list[str]:
    python, _, platform = _tag_parts(file)
    return [f"{python} {part}" for part in platform.split(".")]


def _shorten(words: list[str], most: int = 6) -> str:
    rest = len(words) - most
    return ", ".join(words[:most]) + (f" and {rest} more" if rest > 0 else "")
