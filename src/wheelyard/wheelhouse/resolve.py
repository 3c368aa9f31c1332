"""Resolving for a target, once: the answer is remembered until an upgrade is asked for."""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from wheelyard import __version__
from wheelyard.builders.pinning import pin_source
from wheelyard.errors import BuildError, ResolutionError
from wheelyard.index.location import local_path
from wheelyard.plans.finder import file_name_of
from wheelyard.plans.ladder import ground_of
from wheelyard.plans.release import File
from wheelyard.plans.resolution import Resolution
from wheelyard.plans.resolver import Question, resolve
from wheelyard.store.store import hash_file
from wheelyard.targets.markers import marker_environment
from wheelyard.wheel import normalize_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wheelyard.plans.request import Request, RequirementLine
    from wheelyard.targets.target import Target
    from wheelyard.wheel import NormalizedName
    from wheelyard.wheelhouse.workshop import Workshop

_KIND = "resolutions"


def resolve_target(
    request: Request, target: Target, workshop: Workshop, *, upgrade: bool
) -> Resolution:
    """Give the pins of a target.

    Raises:
        ResolutionError: When the requirements can't be satisfied.
        HostError: When an index can't be reached.
    """
    locked = {name: [asdict(f) for f in files] for name, files in workshop.means.locked.items()}
    held = workshop.build_constraints  # other backends may name other dependencies
    sources = {"index": workshop.means.identity, "locked": locked, "build": held}
    key = resolution_key(request, target, sources)
    known = None if upgrade else workshop.store.lookup(_KIND, key)
    if known is not None:
        with contextlib.suppress(KeyError, TypeError, ValueError):  # garbled: resolved anew
            return with_digests(Resolution.from_dict(known))
    found = resolve(question_for(request, target), workshop.repository, add=request.add)
    workshop.store.record(_KIND, key, found.as_dict())
    return with_digests(found)


def with_digests(resolution: Resolution) -> Resolution:
    """Give the digests that files on this machine have now: a folder of files names none."""
    pins = (
        replace(pin, wheel=_with_digest(pin.wheel), sdist=_with_digest(pin.sdist))
        for pin in resolution.pins
    )
    return replace(resolution, pins=tuple(pins))


def _with_digest(file: File | None) -> File | None:
    path = local_path(file.url) if file and not file.sha256 else None
    if file is None or path is None or not path.is_file():
        return file
    digest = hash_file(path)
    # One that is not allowed is left for the step to refuse.
    return replace(file, sha256=digest) if digest in (file.hashes or (digest,)) else file


def pin_sources(request: Request, workshop: Workshop, *, upgrade: bool) -> Request:
    """Give the request with what its direct URLs name at this moment, and all its projects named.

    Raises:
        UsageError: When a path leads nowhere.
        ResolutionError: When a source can't say its project's name.
    """
    if not any(line.url for line in request.lines):
        return request
    pinned = [pin_source(line, workshop.artifacts, upgrade=upgrade) for line in request.lines]
    unnamed = {
        line.name: pin for line, pin in zip(request.lines, pinned, strict=True) if not line.is_named
    }
    names = _said_names(unnamed, workshop)
    return replace(
        request,
        lines=tuple(replace(one, name=names.get(one.name, one.name)) for one in pinned),
        packages=tuple(
            replace(one, name=names.get(one.name, one.name)) for one in request.packages
        ),
    )


def _said_names(
    lines: Mapping[NormalizedName, RequirementLine], workshop: Workshop
) -> dict[NormalizedName, NormalizedName]:
    """Ask each source for its project's name."""
    names, problems = {}, []
    for place, line in lines.items():
        source = File(filename=file_name_of(line.url), url=line.url, sha256="".join(line.hashes))
        try:
            names[place] = normalize_name(workshop.describe(source).name)
        except BuildError as error:
            problems.append(
                f"{line.origin}: its name can't be read: {error}\n"
                f"  write it before the place: 'name @ {line.url}'"
            )
    if problems:
        raise ResolutionError("\n".join(problems))
    return names


def question_for(request: Request, target: Target) -> Question:
    """Say what to resolve: the request's lines, each with the type that the settings give it."""
    prefer = {}
    lines = []
    for line in request.lines:
        settings = request.settings_for(line.name, target.name)
        lines.append(replace(line, type=settings.type or line.type))
        if settings.prefer:
            prefer[line.name] = settings.prefer
    return Question(
        lines=tuple(lines),
        constraints=request.constraints,
        ground=ground_of(target, request.formats),
        environment=marker_environment(target),
        prefer=prefer,
        types={
            name: kind
            for name in {settings.name for settings in request.packages}
            if (kind := request.settings_for(name, target.name).type)
        },
        prereleases=request.prereleases,
    )


def resolution_key(request: Request, target: Target, sources: Mapping[str, object]) -> str:
    """Give the digest of all that a resolution depends on, but for what the index will hold."""
    content = {
        "tool": __version__,
        "lines": [_content(line) for line in request.lines],
        "constraints": [_content(line) for line in request.constraints],
        "packages": [asdict(one) for one in request.packages],
        "formats": asdict(request.formats),
        "prereleases": request.prereleases,
        "add": request.add,
        "target": target.as_dict(),
        "sources": sources,
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _content(line: RequirementLine) -> dict[str, object]:
    return asdict(line)
