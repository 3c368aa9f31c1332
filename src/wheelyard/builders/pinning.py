"""Requirements that name a place: what lies there now, as a commit or a digest.

A branch moves and a folder changes, so a step can't be known by their addresses. Folders and files
are read each time; repositories only when they are new or an upgrade is asked for, as versions are.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from wheelyard.builders import BuildFailedError
from wheelyard.builders.sources import is_folder, local_place, obtain
from wheelyard.errors import UsageError
from wheelyard.plans.finder import file_name_of
from wheelyard.plans.release import File

if TYPE_CHECKING:
    from wheelyard.builders.artifacts import Artifacts
    from wheelyard.plans.request import RequirementLine

_KIND = "sources"


def pin_source(line: RequirementLine, artifacts: Artifacts, *, upgrade: bool) -> RequirementLine:
    """Give the requirement with the commit or the digest of what its URL names at this moment.

    A place that can't be read is left as it is: the step that wants it fails and says why. A path
    is relative to where we run, as in pip.

    Raises:
        UsageError: When a hash is asked of what has none.
    """
    given, line = line, _absolute(line)
    parts = urlsplit(line.url)
    if line.hashes and (parts.scheme.startswith("git+") or is_folder(line.url)):
        raise UsageError(f"{line.origin}: {given}: a repository or folder has no hash: drop --hash")
    try:
        if parts.scheme.startswith("git+"):
            return _pin_repository(line, artifacts, upgrade=upgrade)
        if parts.scheme == "file" and not line.hashes:
            if not local_place(line.url).exists():
                raise UsageError(f"{line.origin}: {given}: there is nothing at that path")
            found, _ = obtain(_file(line), artifacts)
            return replace(line, hashes=(found.sha256,))
    except BuildFailedError:
        pass
    return line


def _pin_repository(
    line: RequirementLine, artifacts: Artifacts, *, upgrade: bool
) -> RequirementLine:
    key = artifacts.store.key_of(line.url)
    known = None if upgrade else artifacts.store.lookup(_KIND, key)
    if known is None or not ("url" in known and artifacts.store.has(known.get("sha256", ""))):
        found, _ = obtain(_file(line), artifacts)
        known = {"url": found.url, "sha256": found.sha256}
        artifacts.store.record(_KIND, key, known)
    return replace(line, url=known["url"], hashes=(known["sha256"],))


def _absolute(line: RequirementLine) -> RequirementLine:
    if not line.url or urlsplit(line.url).scheme:
        return line
    path, separator, fragment = line.url.partition("#")
    return replace(line, url=Path(path).resolve().as_uri() + separator + fragment)


def _file(line: RequirementLine) -> File:
    return File(filename=file_name_of(line.url), url=line.url)
