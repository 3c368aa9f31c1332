"""What becomes of an egg or an installer: decided whole, then written."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

from wheelyard import __version__
from wheelyard.errors import UsageError, VerificationError
from wheelyard.wheel.convert.content import Content, LeftOut, choose_content
from wheelyard.wheel.convert.egg import read_egg
from wheelyard.wheel.convert.pkg_info import render_metadata
from wheelyard.wheel.convert.source import ABOUT, ROOT, OldFile, Source, decode
from wheelyard.wheel.convert.tags import (
    extension_tags,
    has_widths,
    platform_tag,
    pure_tags,
    unicode_widths,
)
from wheelyard.wheel.convert.wininst import read_installer
from wheelyard.wheel.findings import Finding, InvalidWheelError
from wheelyard.wheel.metadata import WheelInfo, parse_metadata, render_wheel_info
from wheelyard.wheel.packing import choose_stem, name_wheel
from wheelyard.wheel.reader import opened
from wheelyard.wheel.summary import LIBRARY
from wheelyard.wheel.writer import WheelFile, WrittenWheel, file_from_bytes, write_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wheelyard.wheel.filename import WheelFilename

_OWN = (".dist-info", ".data")


@dataclass(frozen=True)
class Conversion:
    """A wheel to be: its name and files, what it leaves out, and what a person should know."""

    path: Path
    filename: WheelFilename
    files: tuple[WheelFile, ...]
    left_out: tuple[LeftOut, ...]
    remarks: tuple[str, ...]


def plan_conversion(path: Path) -> Conversion:
    """Decide what wheel an egg or a bdist_wininst installer becomes; every byte of it is read.

    Raises:
        UsageError: it is neither, or lacks what a wheel must say.
        VerificationError: it is unsafe or damaged, with every rule broken.
        HostError: it cannot be read.
    """
    source = _read(path)
    try:
        return _decide(source)
    except InvalidWheelError:
        raise
    except VerificationError as error:
        raise VerificationError(f"{path}: {error}") from None
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from None


def write_conversion(conversion: Conversion, out: Path, *, timestamp: int) -> WrittenWheel:
    """Write the wheel; the same source and time give the same bytes.

    Args:
        conversion: from :func:`plan_conversion`.
        out: where to; it must exist. A file of the same name is replaced.
        timestamp: the time of every member in seconds since 1970, usually ``SOURCE_DATE_EPOCH``.

    Raises:
        UsageError: no reader would take the wheel; it names every reason.
    """
    return write_wheel(out, conversion.filename, conversion.files, timestamp=timestamp)


def _read(path: Path) -> Source:
    if not path.exists():
        raise UsageError(f"{path} is not there: name eggs or bdist_wininst installers")
    if path.absolute().name.endswith(".egg"):
        return read_egg(path)
    if path.is_file() and _is_program(path):
        return read_installer(path)
    raise UsageError(
        f"{path} is neither an egg (a file or folder NAME.egg) nor a bdist_wininst installer "
        "(NAME.exe); nothing else can be converted"
    )


def _is_program(path: Path) -> bool:
    with opened(path) as descriptor:
        return os.pread(descriptor, 2, 0) == b"MZ"


def _decide(source: Source) -> Conversion:
    content = choose_content(source)
    _check_folders(source.path, content)
    rendered = render_metadata(source)
    tag_set = _tag_set(source, content)
    filename = name_wheel(choose_stem("", parse_metadata(rendered.data)), "", tag_set)
    info = WheelInfo(
        wheel_version=(1, 0),
        generator=f"wheelyard {__version__}",
        root_is_purelib=not source.platform,
        tags=filename.tags,
        build="",
    )
    dist_info = f"{filename.stem}.dist-info"
    return Conversion(
        path=source.path,
        filename=filename,
        files=(
            *(_moved(old, filename.stem) for old in content.files),
            file_from_bytes(f"{dist_info}/METADATA", rendered.data),
            file_from_bytes(f"{dist_info}/WHEEL", render_wheel_info(info)),
        ),
        left_out=content.left_out,
        remarks=(*source.remarks, *rendered.remarks, *_remarks(source, content)),
    )


def _check_folders(path: Path, content: Content) -> None:
    """Refuse what would become metadata or scripts of the wheel's, or of another project's."""
    findings = [
        Finding("data-folder", "among packages, it would be taken for a wheel's own", place)
        for place in _paths(content)
        if place.partition("/")[0].lower().endswith(_OWN)
    ]
    if findings:
        raise InvalidWheelError(path.name, tuple(findings))


def _paths(content: Content) -> tuple[str, ...]:
    """Return where the files are that come to lie among the packages."""
    return tuple(old.file.path for old in content.files if old.scheme in {ROOT, "purelib"})


def _tag_set(source: Source, content: Content) -> str:
    platform = platform_tag(source.platform)
    if not source.extensions:
        return pure_tags(source.python, platform, bytecode_only=content.bytecode_only)
    libraries = [
        old.file
        for old in content.files
        if old.scheme in {ROOT, "purelib"} and LIBRARY.search(old.file.path)
    ]
    widths = set[str]()
    if has_widths(source.python, platform):
        widths = unicode_widths(chain.from_iterable(file.chunks() for file in libraries))
    return extension_tags(source.python, platform, (file.path for file in libraries), widths)


def _moved(old: OldFile, stem: str) -> WheelFile:
    folder = {ROOT: "", ABOUT: f"{stem}.dist-info/"}.get(old.scheme, f"{stem}.data/{old.scheme}/")
    return replace(old.file, path=f"{folder}{old.file.path}")


def _remarks(source: Source, content: Content) -> Iterator[str]:
    links = decode(source.read("dependency_links.txt")).split()
    if links:
        yield f"dependency_links.txt is left out, no installer follows it: {', '.join(links)}"
    spaces = decode(source.read("namespace_packages.txt")).split()
    if spaces:
        yield (
            f"{', '.join(spaces)} is shared with other projects: each one's wheel brings the "
            "same __init__.py, and the last to be uninstalled takes it away"
        )
    if content.bytecode_only:
        yield "it has modules without source, which only the Python reads that compiled them"
    native = [path for path in _paths(content) if LIBRARY.search(path)]
    if native and not source.platform:
        yield (
            f"{native[0]} is for a certain platform, though its name tells none: give the wheel "
            "its tags with `wheelyard tags`"
        )
