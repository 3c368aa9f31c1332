"""A folder that a wheel was unpacked into, as a wheel again: named as its own files say."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wheelyard.errors import UsageError, VerificationError
from wheelyard.wheel.content_rules import REQUIRED, UNHASHED
from wheelyard.wheel.filename import (
    InvalidWheelFilenameError,
    WheelFilename,
    escape_part,
    is_build_tag,
    parse_wheel_filename,
)
from wheelyard.wheel.metadata import (
    change_local_version,
    change_wheel_info,
    parse_metadata,
    parse_wheel_info,
)
from wheelyard.wheel.names import normalize_name
from wheelyard.wheel.tags import compress_tags
from wheelyard.wheel.versions import is_version, parse_version, same_version
from wheelyard.wheel.writer import WrittenWheel, file_from_bytes, files_from_folder, write_wheel

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from wheelyard.wheel.metadata import Metadata
    from wheelyard.wheel.writer import WheelFile

_SUFFIX = ".dist-info"
_LOCAL = re.compile(r"[A-Za-z0-9]+(?:\.[A-Za-z0-9]+)*")


@dataclass(frozen=True)
class Packed:
    """A wheel made of a folder; ``remarks`` say what of the folder is otherwise in it."""

    written: WrittenWheel
    remarks: tuple[str, ...]


def pack_wheel(
    folder: Path, out: Path, *, build: str | None = None, local: str | None = None, timestamp: int
) -> Packed:
    """Write a folder's files as a wheel, named as ``METADATA`` and ``WHEEL`` say.

    ``RECORD`` is made anew. Where name or version in ``METADATA`` were changed, ``.dist-info`` and
    ``.data`` follow.

    Args:
        folder: as :func:`wheelyard.wheel.unpack_wheel` leaves it; nothing in it is changed.
        out: where to; it must exist. A file of the same name is replaced.
        build: the new build tag, ``""`` for none; None leaves the one in ``WHEEL``.
        local: the new local part of the version, ``""`` for none; None leaves it.
        timestamp: the time of every member in seconds since 1970, usually ``SOURCE_DATE_EPOCH``.

    Raises:
        UsageError: the folder is no unpacked wheel, holds links or devices, or what it says of
            itself can't stand in a wheel.
    """
    old = find_stem(folder)
    if folder.resolve() in {out.resolve(), *out.resolve().parents}:
        raise UsageError(f"{out}: the wheel would be part of itself there; name another folder")
    dist_info = folder / f"{old}{_SUFFIX}"
    about = {name: (dist_info / name).read_bytes() for name in ("METADATA", "WHEEL")}
    try:
        if local is not None:
            about["METADATA"] = change_local_version(about["METADATA"], checked_local(local))
        new = choose_stem(old, parse_metadata(about["METADATA"]))
        info = parse_wheel_info(about["WHEEL"])
        build = checked_build(info.build if build is None else build)
        about["WHEEL"] = change_wheel_info(about["WHEEL"], info.tags, build)
        filename = name_wheel(new, build, compress_tags(info.tags))
    except VerificationError as error:
        raise UsageError(f"{dist_info}: {error}; correct METADATA or WHEEL") from None
    files = [_moved(file, old, new) for file in files_from_folder(folder)]
    _check_encoding(files, folder)
    texts = {f"{new}{_SUFFIX}/{name}": data for name, data in about.items()}
    content = [
        file_from_bytes(file.path, texts[file.path], executable=file.executable)
        if file.path in texts
        else file
        for file in files
    ]
    written = write_wheel(out, filename, content, timestamp=timestamp)
    remarks = list(dropped_signatures(file.path for file in files))
    if new != old and local is None:
        remarks.insert(0, f"METADATA names it {new}, so {old}{_SUFFIX} is {new}{_SUFFIX} in it")
    return Packed(written, tuple(remarks))


def find_stem(folder: Path) -> str:
    """Return ``name-version`` as the only ``.dist-info`` folder in ``folder`` spells it.

    Raises:
        UsageError: there is none, there are several, or it lacks ``METADATA`` or ``WHEEL``.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder: name one that `wheelyard unpack` made")
    found = sorted(path for path in folder.iterdir() if path.name.endswith(_SUFFIX))
    if len(found) != 1:
        many = ", ".join(path.name for path in found) or "none"
        raise UsageError(
            f"{folder}: it must hold one {_SUFFIX} folder, not {many}; name a folder that "
            "`wheelyard unpack` made, or remove what isn't its own"
        )
    for name in REQUIRED[:2]:
        place = found[0] / name
        if place.is_symlink() or not place.is_file():
            raise UsageError(f"{place} is no file, so this is no wheel; put it there")
    return found[0].name[: -len(_SUFFIX)]


def choose_stem(old: str, metadata: Metadata) -> str:
    """Return ``name-version`` for the file name: ``old`` where it says what ``METADATA`` does.

    A version is escaped, not normalised: ``1.0+ubuntu-1`` is ``1.0+ubuntu_1`` in a file name. Only
    ``1.0-1`` is ``1.0.post1``, for its other form is no version.
    """
    name, _, version = old.partition("-")
    if normalize_name(name) != normalize_name(metadata.name):
        name = escape_part(normalize_name(metadata.name)).replace("-", "_")
    if not same_version(version, metadata.version):
        version = _escape_version(metadata.version)
    return f"{name}-{version}"


def _escape_version(version: str) -> str:
    escaped = escape_part(version)
    if is_version(version) and not is_version(escaped):
        return str(parse_version(version))
    return escaped


def checked_build(build: str) -> str:
    """Return a build tag that may stand in a file name, or ``""``.

    Raises:
        UsageError: it doesn't begin with a digit, or holds what a file name can't.
    """
    if build and not is_build_tag(build):
        raise UsageError(
            f"{build!r} is no build tag: it begins with a digit, and letters, digits, _ and . "
            "follow, as in 1 or 2_local"
        )
    return build


def checked_local(local: str) -> str:
    """Return a local part that a version may have, in lower case, or ``""``.

    Raises:
        UsageError: it is something else.
    """
    if local and not _LOCAL.fullmatch(local):
        raise UsageError(
            f"{local!r} is no local part of a version: letters and digits, parted by dots, as in "
            "ubuntu.1 (PEP 440)"
        )
    return local.lower()


def dropped_signatures(names: Iterable[str]) -> tuple[str, ...]:
    """Return a remark on each signature of ``RECORD``, which a new ``RECORD`` makes worthless."""
    endings = tuple(f"{_SUFFIX}/{name}" for name in UNHASHED[1:])
    signatures = (name for name in names if name.count("/") == 1 and name.endswith(endings))
    return tuple(f"{name} is left out: it signs the old RECORD; sign again" for name in signatures)


def name_wheel(stem: str, build: str, tag_set: str) -> WheelFilename:
    """Return the file name of a wheel with these parts.

    Raises:
        InvalidWheelFilenameError: they make no name, or that of another wheel.
    """
    name, _, version = stem.partition("-")
    filename = WheelFilename(name, version, build, tag_set)
    if parse_wheel_filename(str(filename)) != filename:
        raise InvalidWheelFilenameError(f"{str(filename)!r} would be read as another name")
    return filename


def _moved(file: WheelFile, old: str, new: str) -> WheelFile:
    """Return a file as it stands in the wheel, which may be named otherwise than the folder."""
    top, slash, rest = file.path.partition("/")
    for suffix in (_SUFFIX, ".data"):
        if slash and top == f"{old}{suffix}":
            top = f"{new}{suffix}"
    return replace(file, path=f"{top}{slash}{rest}")


def _check_encoding(files: Iterable[WheelFile], folder: Path) -> None:
    for file in files:
        if any(unicodedata.category(letter) == "Cs" for letter in file.path):
            raise UsageError(f"{folder}/{file.path!a}: its name is not UTF-8; rename it")
