"""What an index says of a project: frozen values, whatever format the page had."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wheelyard.errors import VerificationError
from wheelyard.wheel.names import Sha256

if TYPE_CHECKING:
    from wheelyard.wheel.names import NormalizedName


class IndexPageError(VerificationError):
    """A page that is not what an index may answer (PEP 503, PEP 691); its message lists it all."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Published:
    """When and how a file was published.

    Attributes:
        size: in bytes (PEP 700).
        upload_time: ISO 8601, as the index gives it (PEP 700).
        provenance: where its attestations are (PEP 740).
    """

    size: int | None = None
    upload_time: str | None = None
    provenance: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexFile:
    """One file of a project.

    Attributes:
        filename: a plain name, never a path.
        url: absolute, without fragment and credentials.
        hashes: algorithm and hexadecimal digest, in the page's order.
        requires_python: a specifier (PEP 345), as the index gives it; may be invalid.
        yanked: the reason, which may be empty; None when the file is not yanked (PEP 592).
        core_metadata: whether ``<url>.metadata`` exists, or its digest (PEP 658, PEP 714).
    """

    filename: str
    url: str
    hashes: tuple[tuple[str, str], ...] = ()
    requires_python: str | None = None
    yanked: str | None = None
    core_metadata: Sha256 | bool = False
    published: Published = Published()

    @property
    def sha256(self) -> Sha256 | None:
        """The SHA-256 that the index vouches for; None for local files and some old indexes."""
        digest = dict(self.hashes).get("sha256")
        return Sha256(digest) if digest else None


@dataclass(frozen=True, kw_only=True, slots=True)
class ProjectPage:
    """All files of one project, in the page's order.

    Attributes:
        origin: the page's URL, without credentials.
        versions: as the index lists them (PEP 700); empty when it doesn't.
        status: ``"active"``, ``"archived"``, ``"deprecated"`` or ``"quarantined"`` (PEP 792).
    """

    name: NormalizedName
    origin: str
    files: tuple[IndexFile, ...]
    versions: tuple[str, ...] = ()
    status: str = "active"
    status_reason: str | None = None
