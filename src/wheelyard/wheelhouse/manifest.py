"""``manifest.json``: a report as data. Pure.

The manifest holds everything that the other files of a wheelhouse are made from, and no time of
day: the same wheels give the same manifest, but for ``seconds``.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit, urlunsplit

from wheelyard import __version__
from wheelyard.plans.proof import proof_as_dict
from wheelyard.wheelhouse.pins import FORMAT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wheelyard.plans.proof import Proof
    from wheelyard.wheelhouse.report import BadCell, GoodCell, Report

_USER = re.compile(r"://[^\s/@'\"]+@")


def manifest_of(report: Report) -> dict[str, Any]:
    """Give the manifest of a target's wheelhouse, JSON-ready."""
    return {
        "format": FORMAT,
        "tool": f"wheelyard {__version__}",
        "target": report.target.as_dict(),
        "wheels": [_wheel(cell) for cell in report.good],
        "failures": [_failure(cell) for cell in report.bad],
        "added": list(report.added),
        "notes": [scrubbed(note) for note in report.notes],
    }


def _wheel(cell: GoodCell) -> dict[str, Any]:
    pin, artifact, step = cell.pin, cell.artifact, cell.step
    return {
        "name": pin.name,
        "version": pin.version,
        "chosen": pin.chosen,
        "type": str(pin.type),
        "needed_by": list(pin.needed_by),
        "filename": artifact.filename,
        "sha256": artifact.sha256,
        "size": artifact.size,
        "tags": list(cell.facts.tags),
        "modules": list(cell.facts.modules),
        "warnings": list(cell.warnings),
        "origin": cell.origin,
        "reason": cell.reason,
        "step": cell.done.key,
        "source": {
            "filename": step.source.filename,
            "sha256": step.source.sha256,
            "url": without_credentials(step.source.url),
        },
        "direct_url": _direct_url(cell),
        "isolation": cell.done.facts.get("isolation", ""),
        "build_requires": [
            {"filename": file.filename, "sha256": file.sha256} for file in step.requires
        ],
        "log": cell.done.log,
        "tail": [scrubbed(line) for line in cell.done.facts.get("tail", ())],
        "floor": cell.floor,
        "grafted": list(cell.done.facts.get("grafted", ())),
        "seconds": cell.seconds,
        "proof": _proof(cell.proof) if cell.proof else None,
    }


def _proof(proof: Proof) -> dict[str, Any]:
    data = proof_as_dict(proof)
    return {**data, "tail": [scrubbed(line) for line in data.get("tail", ())]}


def _direct_url(cell: GoodCell) -> dict[str, Any] | None:
    """Give what PEP 610 says of a wheel whose requirement named a URL; none came from an index."""
    if not cell.pin.direct:
        return None
    source = cell.step.source
    url, _, text = without_credentials(source.url).partition("#")
    fragment = dict(pair.split("=", 1) for pair in text.split("&") if "=" in pair)
    extra = {"subdirectory": fragment["subdirectory"]} if "subdirectory" in fragment else {}
    if url.startswith("git+"):
        place, _, commit = url.removeprefix("git+").rpartition("@")
        return {"url": place, "vcs_info": {"vcs": "git", "commit_id": commit}, **extra}
    if url.startswith("file:") and not urlsplit(url).path.endswith(f"/{quote(source.filename)}"):
        return {"url": url, "dir_info": {}, **extra}  # a folder, which was packed to be built
    hashes = {"sha256": source.sha256} if source.sha256 else {}
    return {"url": url, "archive_info": {"hashes": hashes}, **extra}


def _failure(cell: BadCell) -> dict[str, Any]:
    return {
        "name": cell.pin.name,
        "version": cell.pin.version,
        "type": str(cell.pin.type),
        "needed_by": list(cell.pin.needed_by),
        "cause": scrubbed(cell.cause),
        "remedy": scrubbed(cell.remedy),
        "tail": [scrubbed(line) for line in cell.tail],
        "log": cell.log,
        "seconds": cell.seconds,
    }


def render_manifest(manifest: Mapping[str, Any]) -> bytes:
    """Give a manifest's bytes."""
    text = json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    # A path may hold bytes that are no text; escaped so, they are still JSON.
    return text.encode("utf-8", "backslashreplace")


def without_credentials(url: str) -> str:
    """Give a URL without user and password."""
    parts = urlsplit(url)
    if "@" not in parts.netloc:
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def scrubbed(text: str) -> str:
    """Give a text without the users and passwords of the URLs in it."""
    return _USER.sub("://", text)
