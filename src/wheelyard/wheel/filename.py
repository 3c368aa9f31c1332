"""File names of wheels and sdists, taken apart and put together (PEP 427, PEP 625)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from wheelyard.errors import VerificationError
from wheelyard.wheel.names import NormalizedName, normalize_name
from wheelyard.wheel.tags import InvalidTagError, Tag, parse_tag

_DISTRIBUTION = re.compile(r"\w(?:[\w.]*\w)?", re.UNICODE)
_VERSION = re.compile(r"[\w.!+]+", re.ASCII)
_BUILD = re.compile(r"([0-9]+)([\w.]*)", re.ASCII)
_SDIST_SUFFIXES = (".tar.gz", ".zip", ".tgz", ".tar.bz2")


class InvalidWheelFilenameError(VerificationError):
    """A file name that is no wheel's (PEP 427)."""


class InvalidSdistFilenameError(VerificationError):
    """A file name that is no source distribution's (PEP 625)."""


@dataclass(frozen=True, order=True)
class WheelFilename:
    """A wheel's file name; ``str()`` gives the text back as it was read.

    Every field is kept as written: ``build_tag`` is ``""`` when there is none, ``tag_set`` is the
    compressed set. :attr:`name`, :attr:`build` and :attr:`tags` are what to compare by.
    """

    distribution: str
    version: str
    build_tag: str
    tag_set: str

    def __str__(self) -> str:
        build = f"-{self.build_tag}" if self.build_tag else ""
        return f"{self.stem}{build}-{self.tag_set}.whl"

    @property
    def stem(self) -> str:
        """``distribution-version``, what the ``.dist-info`` and ``.data`` folders begin with."""
        return f"{self.distribution}-{self.version}"

    @property
    def name(self) -> NormalizedName:
        """The project's name as PEP 503 compares it."""
        return normalize_name(self.distribution)

    @property
    def build(self) -> tuple[int, str] | None:
        """The build tag as PEP 427 orders it; a wheel without one comes before all others."""
        found = _BUILD.fullmatch(self.build_tag)
        return (int(found[1]), found[2]) if found else None

    @property
    def tags(self) -> tuple[Tag, ...]:
        """Every single tag in the compressed set, sorted."""
        return parse_tag(self.tag_set)


def parse_wheel_filename(text: str) -> WheelFilename:
    """Take a wheel's file name apart (PEP 427).

    Raises:
        InvalidWheelFilenameError: it says which part is wrong.

    >>> parse_wheel_filename("lxml-5.2-1_x-cp311-abi3-linux_x86_64.whl").build
    (1, '_x')
    """
    parts = text[: -len(".whl")].split("-") if text.endswith(".whl") else []
    if len(parts) not in {5, 6}:
        raise InvalidWheelFilenameError(
            f"{text!r} is no wheel's name; it must be "
            "name-version[-build]-python-abi-platform.whl (PEP 427)"
        )
    build = parts[2] if len(parts) == 6 else ""  # noqa: PLR2004 - the line above says what 6 is
    problems = _problems(parts[0], parts[1], build if len(parts) == 6 else None)  # noqa: PLR2004
    tag_set = "-".join(parts[-3:])
    try:
        parse_tag(tag_set)
    except InvalidTagError as error:
        problems.append(str(error))
    if problems:
        raise InvalidWheelFilenameError(f"{text!r} is no wheel's name: {'; '.join(problems)}")
    return WheelFilename(parts[0], parts[1], build, tag_set)


def _problems(distribution: str, version: str, build: str | None) -> list[str]:
    problems = []
    if not _DISTRIBUTION.fullmatch(distribution):
        problems.append(f"{distribution!r} is no project name")
    if not _VERSION.fullmatch(version) or not any(c.isdigit() for c in version):
        problems.append(f"{version!r} is no version")
    if build is not None and not _BUILD.fullmatch(build):
        problems.append(f"build tag {build!r} must begin with a digit")
    return problems


def is_build_tag(text: str) -> bool:
    """Whether ``text`` may stand in a file name as a build tag (PEP 427)."""
    return _BUILD.fullmatch(text) is not None


def escape_part(text: str) -> str:
    """Return a name or version as it stands inside a wheel's file name (PEP 427, "escaping").

    >>> escape_part("ruamel-yaml"), escape_part("1.0+cpu-x")
    ('ruamel_yaml', '1.0+cpu_x')
    """
    return re.sub(r"[^\w.+!]+", "_", text)


def parse_sdist_filename(
    text: str, project: NormalizedName | None = None
) -> tuple[NormalizedName, str]:
    """Return the project and version in a source distribution's file name (PEP 625).

    Names from before PEP 625 may hold ``-`` anywhere, so only ``project`` (an index knows it) tells
    where the version begins; without it, the last ``-`` that a digit follows does.

    Raises:
        InvalidSdistFilenameError: another kind of file, or not ``project``'s.
    """
    stem = next((text[: -len(end)] for end in _SDIST_SUFFIXES if text.endswith(end)), "")
    splits = [(stem[: dash.start()], stem[dash.end() :]) for dash in re.finditer("-", stem)]
    for name, version in reversed(splits):
        fits = project is None or normalize_name(name) == project
        if fits and name and re.match(r"v?[0-9]", version):
            return normalize_name(name), version
    owner = f" of {project}" if project else ""
    raise InvalidSdistFilenameError(
        f"{text!r} is no source distribution{owner}; it must be name-version.tar.gz (PEP 625)"
    )
