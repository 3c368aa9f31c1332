"""Files from an index or a URL into the store, and what is known of them.

A wheel is read byte for byte the first time it is seen; what was found is remembered by its
digest. A hostile or damaged wheel is refused there, before anything else looks at it.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
from dataclasses import asdict
from typing import TYPE_CHECKING, Protocol

from wheelyard.errors import VerificationError
from wheelyard.index.page import IndexFile
from wheelyard.plans.facts import WheelFacts
from wheelyard.plans.step import Artifact
from wheelyard.store.store import hash_file
from wheelyard.wheel import verify_wheel
from wheelyard.wheel.names import Sha256

if TYPE_CHECKING:
    from pathlib import Path

    from wheelyard.plans.release import File
    from wheelyard.store.store import Store
    from wheelyard.wheel import VerifiedWheel

_FACTS = "wheels"
_FACTS_FORMAT = "1"


class Client(Protocol):
    """Brings files to this machine; ``index.client.IndexClient`` is one."""

    def fetch(self, file: IndexFile, folder: Path) -> Path:
        """Have a file in a folder, checked against its hash; resumes what was begun there.

        Raises:
            VerificationError: When the digest is another than expected; nothing is left behind.
            HostError: When it can't be reached or written.
        """
        ...


class Artifacts:
    """Published files in the store."""

    def __init__(self, store: Store, client: Client) -> None:
        self.store = store
        self._client = client

    def fetch(self, file: File) -> Artifact:
        """Give a published file, from the store where it is there already."""
        if not self.store.has(file.sha256):
            with self.store.lease(_lease(file)):
                return self._fetch(file)
        return self.known(file.filename, file.sha256)

    def _fetch(self, file: File) -> Artifact:
        if self.store.has(file.sha256):
            return self.known(file.filename, file.sha256)
        # A place that is the same next time, so that a download that broke off is resumed.
        folder = self.store.root / "partial" / _lease(file)
        hashes = (("sha256", file.sha256),) if file.sha256 else ()
        wanted = IndexFile(filename=file.filename, url=file.url, hashes=hashes)
        place = self._client.fetch(wanted, folder)
        digest = file.sha256 or hash_file(place)
        if file.hashes and digest not in file.hashes:
            place.unlink()
            raise VerificationError(
                f"{file.filename}: its sha256 is {digest}, the requirements allow "
                f"{', '.join(file.hashes)}: don't use it, or correct the requirements"
            )
        self.store.add(place, digest)
        with contextlib.suppress(OSError):
            folder.rmdir()
        return self.known(file.filename, digest)

    def known(self, filename: str, sha256: str) -> Artifact:
        """Describe a file that is in the store."""
        size = self.store.path(sha256).stat().st_size
        return Artifact(filename=filename, sha256=Sha256(sha256), size=size)

    def facts(self, artifact: Artifact) -> WheelFacts:
        """Give what is known of a wheel in the store; it is verified the first time.

        Raises:
            VerificationError: When it breaks a rule of the format.
        """
        key = f"{artifact.sha256}-{_FACTS_FORMAT}"
        known = self.store.lookup(_FACTS, key)
        if known is not None and known.get("filename") == artifact.filename:
            with contextlib.suppress(KeyError, TypeError):  # garbled: read anew
                return WheelFacts.from_dict(known["facts"])
        with self.store.scratch() as scratch:
            facts = facts_of(verify_wheel(self.place(artifact, scratch)))
        record = {"filename": artifact.filename, "facts": asdict(facts)}
        self.store.record(_FACTS, key, record)
        return facts

    def place(self, artifact: Artifact, folder: Path) -> Path:
        """Give an artifact its own name in a folder on the store's file system."""
        path = folder / artifact.filename
        try:
            path.hardlink_to(self.store.path(artifact.sha256))
        except OSError:  # not every file system has hard links, or lets us make them
            shutil.copyfile(self.store.path(artifact.sha256), path)
        return path


def _lease(file: File) -> str:
    return "file-" + (file.sha256 or hashlib.sha256(file.url.encode()).hexdigest())


def facts_of(verified: VerifiedWheel) -> WheelFacts:
    """Take from a verified wheel what later decisions need."""
    wheel = verified.wheel
    names = [member.name for member in wheel.members if not member.is_folder]
    return WheelFacts(
        version=wheel.metadata.version,
        tags=tuple(str(tag) for tag in wheel.filename.tags),
        requires_dist=wheel.metadata.requires_dist,
        requires_python=wheel.metadata.requires_python or "",
        modules=top_modules(names),
        native=tuple(name for name in names if _is_native(name)),
        warnings=tuple(str(finding) for finding in wheel.warnings),
    )


def _is_native(name: str) -> bool:
    base = name.rsplit("/", 1)[-1]
    return base.endswith(".so") or ".so." in base


def top_modules(names: list[str]) -> tuple[str, ...]:
    """Give the top-level names that the files of a wheel bring to import.

    >>> top_modules(["a/__init__.py", "b.py", "c.cpython-311-x86_64-linux-gnu.so", "d/e.txt"])
    ('a', 'b', 'c')
    """
    found: set[str] = set()
    for name in names:
        parts = name.split("/")
        if ".data" in parts[0] and len(parts) > 2:  # noqa: PLR2004 - x.data/purelib/name
            parts = parts[2:] if parts[1] in {"purelib", "platlib"} else []
        if not parts or parts[0].endswith(".dist-info"):
            continue
        if len(parts) == 1 and parts[0].endswith((".py", ".so")):
            found.add(parts[0].split(".")[0])
        elif len(parts) > 1 and parts[-1].endswith((".py", ".so")):
            found.add(parts[0])
    return tuple(sorted(name for name in found if name.isidentifier()))
