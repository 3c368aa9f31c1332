"""Parse a page of the simple repository API.

HTML: PEP 503, 592 (yanked), 629 (version), 658 and 714 (metadata files). JSON: PEP 691, 700 (size,
upload time, versions), 740 (provenance), 792 (status). Pure: text in, values out; every problem
of a page is gathered, with its place, before one error is raised.
"""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urljoin

from wheelyard.errors import VerificationError
from wheelyard.index.page import IndexFile, IndexPageError, ProjectPage, Published
from wheelyard.wheel.filename import parse_sdist_filename, parse_wheel_filename
from wheelyard.wheel.names import Sha256, normalize_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wheelyard.wheel.names import NormalizedName

ACCEPT = (
    "application/vnd.pypi.simple.v1+json, "
    "application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
)
_JSON_TYPE = re.compile(r"application/(?:vnd\.pypi\.simple\.v\d+\+json|json)")
_HTML_TYPE = re.compile(r"text/html|application/(?:vnd\.pypi\.simple\.v\d+\+html|xhtml\+xml)")
_DIGEST = re.compile(r"(?P<algorithm>[a-z]\w*)=(?P<digest>[0-9a-f]+)")
_CONTROL_OR_SEPARATOR = re.compile(r"[/\\\x00-\x1f]")
_HEXADECIMAL = re.compile("[0-9a-fA-F]+")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MAJOR = "1"
_PROBLEMS_SHOWN = 10


def parse_page(name: NormalizedName, origin: str, content_type: str, body: bytes) -> ProjectPage:
    """Parse a project's page.

    Args:
        name: the project that was asked for.
        origin: the page's URL after redirects; relative links start from it.
        content_type: the HTTP header; parameters don't matter (both formats are UTF-8).
        body: the page.

    Raises:
        IndexPageError: another type, a major version other than 1, or files that can't be.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if _JSON_TYPE.fullmatch(kind):
        return _parse_json(name, origin, body)
    if _HTML_TYPE.fullmatch(kind):
        return ProjectPage(name=name, origin=origin, files=parse_links(origin, body))
    raise IndexPageError(
        f"{origin} answered with {content_type or 'no content type'!r}, which is no index page. "
        "Check the index's URL; it usually ends in /simple/."
    )


def parse_links(origin: str, body: bytes) -> tuple[IndexFile, ...]:
    """Parse the links of any HTML page, as of a project or of ``--find-links``.

    Links to folders and anchors without ``href`` are not files; the rest is.

    Raises:
        IndexPageError: a major version other than 1 (PEP 629), or a digest that is none.
    """
    parser = _LinkParser()
    parser.feed(body.decode("utf-8", "replace"))
    parser.close()
    _check_version(origin, parser.version)
    base = urljoin(origin, parser.base) if parser.base else origin
    problems: list[str] = []
    files = [_file_from_link(base, link, problems) for link in parser.links]
    _raise_all(origin, problems)
    return tuple(file for file in files if file is not None)


def belongs_to(filename: str, name: NormalizedName) -> bool:
    """Whether a file is a wheel or source distribution of a project, by its name."""
    if not normalize_name(filename).startswith(name):  # cheap, and true of few
        return False
    try:
        if filename.endswith(".whl"):
            return parse_wheel_filename(filename).name == name
        return parse_sdist_filename(filename, name)[0] == name
    except VerificationError:
        return False


class _LinkParser(HTMLParser):
    """Gathers the attributes of anchors, the first base and the version."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[dict[str, str | None]] = []
        self.base: str | None = None
        self.version: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.links.append(dict(attrs))
        elif tag == "base" and self.base is None:
            self.base = dict(attrs).get("href")
        elif tag == "meta":
            found = dict(attrs)
            if found.get("name") == "pypi:repository-version":
                self.version = found.get("content")


def _file_from_link(
    base: str, link: Mapping[str, str | None], problems: list[str]
) -> IndexFile | None:
    href = (link.get("href") or "").strip()
    # Splitting by hand: urllib's functions would take half the time of a page with 5,000 files.
    absolute = href if href.startswith(("https:", "http:")) else urljoin(base, href)
    url, _, fragment = absolute.partition("#")
    filename = unquote(url.partition("?")[0].rpartition("/")[2])
    if not href or not _is_plain(filename):
        return None
    digest = _DIGEST.fullmatch(fragment.lower())
    hashes = ((digest["algorithm"], digest["digest"]),) if digest else ()
    metadata = link.get("data-core-metadata", link.get("data-dist-info-metadata"))
    problems += [f"{filename}: {problem}" for problem in _hash_problems(dict(hashes))]
    return IndexFile(
        filename=filename,
        url=url,
        hashes=hashes,
        requires_python=link.get("data-requires-python") or None,
        yanked=(link["data-yanked"] or "") if "data-yanked" in link else None,
        core_metadata=_metadata_from_attribute(metadata),
        published=Published(
            upload_time=link.get("data-upload-time"), provenance=link.get("data-provenance")
        ),
    )


def _metadata_from_attribute(value: str | None) -> Sha256 | bool:
    """``true`` or ``sha256=<digest>`` (PEP 714); another algorithm still says that it exists."""
    if value is None or value == "false":
        return False
    digest = value.lower().removeprefix("sha256=")
    return Sha256(digest) if _SHA256.fullmatch(digest) else True


def _parse_json(name: NormalizedName, origin: str, body: bytes) -> ProjectPage:
    try:
        page = json.loads(body)
        meta, rows = page.get("meta", {}), page["files"]
        status = page.get("project-status", {})
        versions = tuple(map(str, page.get("versions", ())))
        api_version = meta.get("api-version")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise IndexPageError(
            f"{origin} is no project page of an index (PEP 691): {error!r}. "
            "Check the index's URL, or the proxy in between."
        ) from error
    _check_version(origin, api_version)
    problems: list[str] = []
    files = [
        _file_from_json(origin, row, f"files[{place}]", problems) for place, row in enumerate(rows)
    ]
    _raise_all(origin, problems)
    return ProjectPage(
        name=name,
        origin=origin,
        files=tuple(file for file in files if file is not None),
        versions=versions,
        status=status.get("status", "active"),
        status_reason=status.get("reason"),
    )


def _file_from_json(origin: str, row: Any, place: str, problems: list[str]) -> IndexFile | None:
    before = len(problems)
    row = row if isinstance(row, dict) else {}
    hashes = row.get("hashes")
    for key, fits in (
        ("filename", isinstance(row.get("filename"), str) and _is_plain(row["filename"])),
        ("url", isinstance(row.get("url"), str)),
        ("hashes", isinstance(hashes, dict)),
    ):
        if not fits:
            problems.append(f"{place}.{key}: {row.get(key, 'missing')!r} is not valid")
    if isinstance(hashes, dict):
        problems += [f"{place}.hashes: {problem}" for problem in _hash_problems(hashes)]
    if len(problems) > before:
        return None
    return IndexFile(
        filename=row["filename"],
        url=urljoin(origin, row["url"]).partition("#")[0],
        hashes=tuple((key, digest.lower()) for key, digest in row["hashes"].items()),
        requires_python=row.get("requires-python") or None,
        yanked=_yanked_from_json(row.get("yanked", False)),
        core_metadata=_metadata_from_json(row),
        published=Published(
            size=row.get("size"),
            upload_time=row.get("upload-time"),
            provenance=row.get("provenance"),
        ),
    )


def _yanked_from_json(value: Any) -> str | None:
    """``false``, ``true`` or a reason."""
    if isinstance(value, str):
        return value
    return "" if value else None


def _metadata_from_json(row: Mapping[str, Any]) -> Sha256 | bool:
    keys = ("core-metadata", "dist-info-metadata", "data-dist-info-metadata")
    value = next((row[key] for key in keys if key in row), False)
    if isinstance(value, dict):
        digest = str(value.get("sha256", "")).lower()
        return Sha256(digest) if _SHA256.fullmatch(digest) else True
    return bool(value)


def _is_plain(filename: str) -> bool:
    """Whether a name may become a file in a folder of ours: no path, nothing hidden in it."""
    return filename not in ("", ".", "..") and not _CONTROL_OR_SEPARATOR.search(filename)


def _hash_problems(hashes: Mapping[str, Any]) -> list[str]:
    return [
        f"{digest!r} is no {algorithm} digest"
        for algorithm, digest in hashes.items()
        if not isinstance(digest, str)
        or not _HEXADECIMAL.fullmatch(digest)
        or (algorithm == "sha256" and not _SHA256.fullmatch(digest.lower()))
    ]


def _check_version(origin: str, version: str | None) -> None:
    """A newer minor version only adds; a newer major one means something else (PEP 629)."""
    if version is not None and str(version).partition(".")[0] != _MAJOR:
        raise IndexPageError(
            f"{origin} speaks version {version} of the index API; this Wheelyard knows version 1. "
            "Use a newer Wheelyard or another index."
        )


def _raise_all(origin: str, problems: list[str]) -> None:
    if problems:
        shown = "\n  ".join(problems[:_PROBLEMS_SHOWN])
        rest = len(problems) - _PROBLEMS_SHOWN
        more = f"\n  … and {rest} more" if rest > 0 else ""
        raise IndexPageError(
            f"{origin} lists files that can't be:\n  {shown}{more}\n"
            "Tell the index's operator, or use another index."
        )
