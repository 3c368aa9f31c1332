"""``PKG-INFO`` of any age as ``METADATA`` (core metadata specification; PEP 241, 314, 345, 566)."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wheelyard.wheel.convert.requires import parse_requires, safe_extra
from wheelyard.wheel.convert.source import ABOUT, decode
from wheelyard.wheel.metadata import (
    NEWLINE,
    InvalidMetadataError,
    header_values,
    split_headers,
    unindent,
)
from wheelyard.wheel.names import normalize_name
from wheelyard.wheel.versions import is_version, same_version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wheelyard.wheel.convert.source import Source

_Headers = tuple[tuple[str, str], ...]

_UNKNOWN = "UNKNOWN"  # what distutils wrote for what it wasn't told
_LEAST = (2, 1)  # knows extras and a description behind the headers
_FIRST = ("metadata-version", "name", "version")
_LINKS = {"home-page": "Homepage", "download-url": "Download"}
_ONCE = {
    *_FIRST, *_LINKS, "summary", "author", "author-email", "maintainer", "maintainer-email",
    "license", "description", "description-content-type", "keywords", "requires-python",
}  # fmt: skip
_SEVERAL = {
    "platform", "supported-platform", "classifier", "requires", "provides", "obsoletes",
    "requires-dist", "provides-dist", "obsoletes-dist", "requires-external", "project-url",
    "provides-extra", "license-file",
}  # fmt: skip
_PLAIN = re.compile(r"\w[\w.!+-]*", re.ASCII)
# distutils wrote a licence's lines as they are, so that the headers seem to end there; yet a
# description and a platform always followed.
_DESCRIPTION = re.compile(r"^Description: ", re.MULTILINE)
_PLATFORM = re.compile(r"^Platform: ", re.MULTILINE)


@dataclass(frozen=True)
class Rendered:
    """A ``METADATA`` file, and what a person should know of how it came to be."""

    data: bytes
    remarks: tuple[str, ...]


def render_metadata(source: Source) -> Rendered:
    """Make ``METADATA`` of ``PKG-INFO`` and, where that tells no requirement, ``requires.txt``.

    Raises:
        InvalidMetadataError: it has no name or version, or several; ``requires.txt`` is broken.
        InvalidWheelError: a file is too large.
    """
    headers, body = split_headers(_mended(decode(source.read("PKG-INFO"))), "PKG-INFO")
    name = _only(headers, "Name", source.name, "-")
    version = _only(headers, "Version", source.version, ".")
    kept, lost = _known_licences(_renamed(headers), source)
    kept, odd = _with_requires(kept, decode(source.read("requires.txt")))
    first = (("Metadata-Version", _metadata_version(headers)), ("Name", name), ("Version", version))
    lines = [f"{key}: {value}" for key, value in (*first, *kept)]
    remarks = (*_reading_remarks(source, name, version), *lost, *odd)
    return Rendered("\n".join((*lines, "", _description(headers, body))).encode(), remarks)


def _mended(text: str) -> str:
    """Indent the lines that distutils should have indented; of other files, change nothing."""
    _, rest = split_headers(text, "PKG-INFO")
    described = _DESCRIPTION.search(rest)
    if described is None or not _PLATFORM.search(rest, described.end()):
        return text
    lines: list[str] = []
    seen: set[str] = set()
    for line in NEWLINE.split(text.rstrip()):
        name = line.partition(":")[0].lower()
        begins = name in _SEVERAL or (name in _ONCE and name not in seen)
        seen |= {name} if begins else set()
        lines.append(line if begins or line[:1] in {" ", "\t"} else f"        {line}")
    return "\n".join(lines)


def _only(headers: _Headers, name: str, fallback: str, joint: str) -> str:
    """Return a header's value, with ``joint`` for each blank as setuptools writes it elsewhere."""
    found = {value for value in header_values(headers, name) if value != _UNKNOWN} - {""}
    if len(found) > 1:
        raise InvalidMetadataError(f"PKG-INFO: it has several of {name}; correct it")
    if not found and not fallback:
        raise InvalidMetadataError(f"PKG-INFO: {name} is missing, and the file isn't called by it")
    text = joint.join((found.pop() if found else fallback).split())
    if not _PLAIN.fullmatch(text):
        raise InvalidMetadataError(f"PKG-INFO: {name} is {text!r}, which is none; correct it")
    return text


def _metadata_version(headers: _Headers) -> str:
    text = next(iter(header_values(headers, "Metadata-Version")), "")
    found = re.fullmatch(r"([0-9]{1,9})\.([0-9]{1,9})", text)
    given = (int(found[1]), int(found[2])) if found else _LEAST
    return "{}.{}".format(*max(given, _LEAST))


def _renamed(headers: _Headers) -> _Headers:
    """Return the headers that stay; an address is one of the project's URLs since PEP 753."""
    kept = []
    for key, value in headers:
        header = (key, value)
        if key.lower() in _LINKS:
            header = ("Project-URL", f"{_LINKS[key.lower()]}, {value}")
        elif key.lower() == "summary":
            header = (key, " ".join(value.split()))
        if value not in {_UNKNOWN, ""} and key.lower() not in {*_FIRST, "description"}:
            kept.append(header)
    return tuple(dict.fromkeys(kept))


def _known_licences(headers: _Headers, source: Source) -> tuple[_Headers, list[str]]:
    """Leave out ``License-File`` for what an egg doesn't bring along."""
    brought = {old.file.path for old in source.files if old.scheme == ABOUT}
    lost = [
        value
        for key, value in headers
        if key.lower() == "license-file" and not {value, f"licenses/{value}"} & brought
    ]
    gone = {("license-file", one) for one in lost}
    kept = ((key, value) for key, value in headers if (key.lower(), value) not in gone)
    remarks = [f"License-File: {one} isn't in it, so METADATA doesn't name it" for one in lost]
    return tuple(kept), remarks


def _with_requires(headers: _Headers, text: str) -> tuple[_Headers, list[str]]:
    """Add what ``requires.txt`` says, unless the headers tell of requirements themselves."""
    if header_values(headers, "Requires-Dist"):
        return headers, []
    requires = parse_requires(text)
    told = map(safe_extra, header_values(headers, "Provides-Extra"))
    extras = dict.fromkeys((*told, *requires.provides_extra))
    remarks = [
        f"{one!r} is no requirement to today's installers, which refuse it: unpack the wheel, "
        "correct METADATA, pack it again"
        for one in requires.odd
    ]
    kept = [pair for pair in headers if pair[0].lower() != "provides-extra"]
    kept += [("Provides-Extra", extra) for extra in extras]
    kept += [("Requires-Dist", requirement) for requirement in requires.requires_dist]
    return tuple(kept), remarks


def _description(headers: _Headers, body: str) -> str:
    text = body.strip("\n")
    if not text:
        old = next(iter(header_values(headers, "Description")), "")
        text = unindent(old)
        if text == old:
            first, _, more = old.partition("\n")
            text = f"{first}\n{textwrap.dedent(more)}"
    text = text.strip("\n")
    return "" if text.strip() in {_UNKNOWN, ""} else f"{text}\n"


def _reading_remarks(source: Source, name: str, version: str) -> Iterator[str]:
    for file in ("PKG-INFO", "requires.txt"):
        try:
            source.read(file).decode()
        except UnicodeDecodeError:
            yield f"{file} is not UTF-8; it was read as Latin-1"
    if not source.read("PKG-INFO"):
        yield "there is no PKG-INFO: all that is known of it is its file's name"
    elif normalize_name(source.name or name) != normalize_name(name) or not same_version(
        source.version or version, version
    ):
        yield f"PKG-INFO says that it is {name} {version}, whatever its file is called"
    if not is_version(version):
        yield (
            f"{version!r} is no version to today's installers, which refuse it: unpack the wheel, "
            "correct METADATA, pack it again"
        )
