"""Steps, their keys, and what comes of them.

A step's key is known before it runs and covers every input that can change its result; never a
path, a host name or a job count. The artifact's digest is known after. The store maps one to the
other.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, NewType, Self, TypeAlias

from wheelyard.plans.release import File

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wheelyard.wheel.names import NormalizedName, Sha256
    from wheelyard.wheel.retag import TagChange

StepKey = NewType("StepKey", str)

FORMAT = 6
"""Raised whenever builders come to make other bytes from the same inputs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cross:
    """Whom a cross build is for, and with what.

    ``host`` is the target's description as JSON, without its name; ``native`` the packages of its
    sysroot beside Python's own. ``tools`` (the wheels of the compiler and pkgconf) and the digests
    of ``sysroot`` and, for projects with crates, ``rust`` are known once the build was prepared;
    so are ``requires``, the host's own wheels of build requirements whose headers count.
    ``toolchain`` is empty for zig, ``"gcc"`` for the distribution's GCC, else the folder of one;
    ``compiler`` is the digest of either.
    """

    host: str
    native: tuple[str, ...] = ()
    toolchain: str = ""
    compiler: str = ""
    tools: tuple[File, ...] = ()
    sysroot: str = ""
    rust: str = ""
    requires: tuple[File, ...] = ()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what ``asdict`` wrote, also by way of JSON."""
        return cls(
            host=data["host"],
            native=tuple(data["native"]),
            tools=tuple(File.from_dict(file) for file in data["tools"]),
            toolchain=data["toolchain"],
            compiler=data["compiler"],
            sysroot=data["sysroot"],
            rust=data["rust"],
            requires=tuple(File.from_dict(file) for file in data["requires"]),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class BuildSettings:
    """What shapes a build on this machine, apart from its source.

    ``python`` is the interpreter's full version and ABI, ``machine`` the platform with its C
    library and compiler; ``epoch`` is SOURCE_DATE_EPOCH in seconds; ``constraints`` hold for the
    build requirements, and so count until these are locked. ``cross`` is empty for a build that is
    to run here; ``tags`` are set where a wheel that was built is given other ones.
    """

    python: str
    machine: str
    config_settings: tuple[tuple[str, str], ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    epoch: int = 315532800
    constraints: tuple[str, ...] = ()
    cross: Cross | None = None
    tags: TagChange | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One thing to do.

    ``kind`` names the builder; ``requires`` are the wheels of the build environment; ``reason`` is
    one sentence: why this step and not a cheaper one. ``made`` is what a finishing step takes: the
    wheel that an earlier one made, with what is known of its making.
    """

    kind: str
    project: NormalizedName
    version: str
    source: File
    build: BuildSettings | None
    requires: tuple[File, ...]
    reason: str
    made: Success | None = None

    @property
    def key(self) -> StepKey:
        """The digest of all inputs."""
        content = {
            "format": FORMAT,
            "kind": self.kind,
            "project": self.project,
            "version": self.version,
            "source": _identity(self.source),
            "build": _settings(self.build) if self.build else None,
            "requires": sorted(_identity(file) for file in self.requires),
            "made": f"{self.made.artifact.filename} {self.made.artifact.sha256}"
            if self.made
            else "",
        }
        text = json.dumps(content, sort_keys=True, separators=(",", ":"))
        return StepKey(hashlib.sha256(text.encode()).hexdigest())


def _settings(build: BuildSettings) -> dict[str, object]:
    content = asdict(build)
    if build.cross:
        content["cross"]["tools"] = sorted(_identity(file) for file in build.cross.tools)
        if "/" in build.cross.toolchain:  # what counts is the digest, not where it lies
            content["cross"]["toolchain"] = "path"
        content["cross"]["requires"] = sorted(_identity(file) for file in build.cross.requires)
    return content


def _identity(file: File) -> str:
    """Content where its digest is known; else the place, which is all that is known of it."""
    _, _, inside = file.url.partition("#subdirectory=")
    return " ".join(filter(None, (file.filename, file.sha256 or file.url, inside)))


@dataclass(frozen=True, kw_only=True, slots=True)
class Artifact:
    """A file in the store; ``size`` in bytes."""

    filename: str
    sha256: Sha256
    size: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Success:
    """What a step gave.

    ``facts`` is JSON-ready: what later steps and the report want to know; ``log`` is the digest
    of the whole log in the store, empty when the step keeps none; ``cached`` says that the store
    had it.
    """

    key: StepKey
    artifact: Artifact
    facts: Mapping[str, Any] = field(default_factory=dict)
    log: str = ""
    seconds: float = 0.0
    cached: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """Why a step gave nothing, in a sentence, and what would help.

    ``tail`` holds the last meaningful lines of the log; ``exit_code`` is that of the error.
    """

    key: StepKey
    cause: str
    remedy: str = ""
    tail: tuple[str, ...] = ()
    log: str = ""
    seconds: float = 0.0
    exit_code: int = 4


Result: TypeAlias = Success | Failure
