"""Pages kept on disk: to ask "has it changed?" instead of fetching it again, and to work offline.

Not CacheControl: it throws away what has gone stale and never keeps a page without validators,
and those are the pages that are wanted offline. Every page is kept; how long it may be used
without asking again is decided as RFC 9111 says. The folder is the user's alone, because pages of
private indexes are in it; credentials are not.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from wheelyard.errors import HostError

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAX_AGE = re.compile(r"(?:^|[\s,])max-age=\"?(\d+)")
_NOT_FRESH = re.compile(r"(?:^|[\s,])no-(?:cache|store)")


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptPage:
    """An answer as it was.

    Attributes:
        url: where it came from after redirects.
        status: 200 or 404; that a project is not there is worth knowing offline, too.
        fresh_until: seconds since the epoch; until then it may be used without asking.
    """

    url: str
    status: int
    content_type: str
    etag: str
    last_modified: str
    fresh_until: float
    body: bytes

    def conditions(self) -> dict[str, str]:
        """The headers that ask for the page only if it has changed (RFC 9110, 13.1)."""
        headers = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in headers.items() if value}


class PageStore:
    """A folder of pages by URL; several threads and processes may use it at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, url: str) -> KeptPage | None:
        """Give the page that was kept last, or None; a damaged one counts as none."""
        try:
            head, _, body = self._path(url).read_bytes().partition(b"\n")
            return KeptPage(**json.loads(head), body=body)
        except (FileNotFoundError, TypeError, ValueError):
            return None

    def keep(self, url: str, page: KeptPage) -> None:
        """Keep a page in place of the last one.

        Raises:
            HostError: the folder can't be written to.
        """
        fields = asdict(page)
        body = fields.pop("body")
        path = self._path(url)
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write(path, json.dumps(fields).encode() + b"\n" + body)
        except OSError as error:
            raise HostError(
                f"The page cache {self._folder} can't be written to: {error.strerror}. "
                "Free some space or choose another cache folder."
            ) from error

    def _path(self, url: str) -> Path:
        return self._folder / hashlib.sha256(url.encode()).hexdigest()


def _write(path: Path, content: bytes) -> None:
    """Write to a file beside it, then rename; a lost page is no harm, so nothing is synced."""
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(temporary).unlink()
        raise


def freshness(headers: Mapping[str, str]) -> float:
    """How many seconds an answer may be used without asking again (RFC 9111, 4.2).

    Only what the server says outright counts; no age is guessed from dates.
    """
    control = headers.get("Cache-Control", "").lower()
    match = _MAX_AGE.search(control)
    if match is None or _NOT_FRESH.search(control):
        return 0.0
    age = headers.get("Age", "0")
    return max(0.0, float(match[1]) - (float(age) if age.isdigit() else 0.0))
