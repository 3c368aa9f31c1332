"""What an installation will do, decided before anything is touched; pure.

All paths are relative to the environment's prefix.
"""

from __future__ import annotations

import hashlib
import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from wheelyard.errors import VerificationError
from wheelyard.installer.scripts import entry_point_script
from wheelyard.wheel.record import RecordEntry, encode_hash, format_record
from wheelyard.wheel.versions import same_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wheelyard.installer.cache import CachedFile, UnpackedWheel
    from wheelyard.installer.environment import Layout
    from wheelyard.wheel.entry_points import EntryPoint
    from wheelyard.wheel.names import NormalizedName

INSTALLER = b"wheelyard\n"
_OWN = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "RECORD.jws", "RECORD.p7s")
_KEPT = ".wheelyard-"  # so the names begin of what claim and transaction keep in an environment
_SHOWN = 10


class Link(NamedTuple):
    """A file to be linked from the cache; a named tuple, as there are ten thousands of them.

    ``hash`` is as in ``RECORD``; ``""`` for bytecode.
    """

    path: str
    source: str
    hash: str
    size: int


@dataclass(frozen=True)
class Text:
    """A file written for this environment, so never a link."""

    path: str
    content: bytes
    executable: bool


@dataclass(frozen=True)
class Placed:
    """One wheel and where its files go; ``texts`` include its ``RECORD``."""

    name: NormalizedName
    version: str
    links: tuple[Link, ...]
    texts: tuple[Text, ...]


@dataclass(frozen=True)
class Ready:
    """A wheel ready to be placed: unpacked, with bytecode and rewritten scripts.

    ``bytecode`` are paths below ``bytecode_folder``; ``rewritten`` maps members of
    ``.data/scripts`` to their new content.
    """

    wheel: UnpackedWheel
    bytecode_folder: str
    bytecode: tuple[CachedFile, ...]
    rewritten: Mapping[str, bytes]
    requested: bool
    direct_url: str


def place(ready: Ready, layout: Layout) -> Placed:
    """Return where a wheel's files go (PEP 427, PEP 376, PEP 610).

    Raises:
        VerificationError: by way of ``.data/data``, two of its files go to the same place, or one
            among what is not the wheel's.
    """
    wheel = ready.wheel
    lib = layout.purelib if wheel.root_is_purelib else layout.platlib
    folders = _data_folders(wheel, layout)
    info = posixpath.join(lib, wheel.dist_info)
    own = {f"{wheel.dist_info}/{name}" for name in _OWN}
    content = f"{wheel.content}/"
    links: dict[str, Link] = {}
    texts: dict[str, Text] = {}
    doubled = []
    for file in wheel.files:
        path = _destination(file.path, lib, folders)
        if file.path in ready.rewritten:
            texts[path] = Text(path, ready.rewritten[file.path], executable=True)
        elif file.path not in own:
            doubled += [path] if path in links or path == f"{info}/RECORD" else []
            links[path] = Link(path, content + file.path, file.hash, file.size)
    if doubled:
        raise VerificationError(
            f"{wheel.wheel}: two of its files would be installed as {', '.join(doubled)}, so "
            "nothing is installed; report it to its project"
        )
    for file in ready.bytecode:
        path = _destination(file.path, lib, folders)
        links.setdefault(path, Link(path, f"{ready.bytecode_folder}/{file.path}", "", file.size))
    _check_places(wheel, links.values(), layout)
    # An entry point wins over a script of its name, as with pip.
    texts.update((text.path, text) for text in _generated(ready, layout, info))
    for path in texts:
        links.pop(path, None)
    rows = _record(links.values(), texts.values(), lib, info)
    record = Text(f"{info}/RECORD", rows, executable=False)
    filename = wheel.filename
    return Placed(filename.name, filename.version, tuple(links.values()), (*texts.values(), record))


def _check_places(wheel: UnpackedWheel, links: Iterable[Link], layout: Layout) -> None:
    """Refuse what an environment is kept by, and metadata that nobody has checked."""
    libs = {layout.purelib, layout.platlib}
    checked = f"{wheel.content}/{wheel.dist_info}/"
    wrong = []
    for link in links:
        folder, dot, _ = link.path.partition(".dist-info/")
        about = dot and posixpath.dirname(folder) in libs
        if (about and not link.source.startswith(checked)) or link.path.startswith(_KEPT):
            wrong.append(link.path)
    if wrong:
        more = f" and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        raise VerificationError(
            f"{wheel.wheel}: it would write {', '.join(wrong[:_SHOWN])}{more}, which is not its "
            "own, so nothing is installed; report it to its project"
        )


def _data_folders(wheel: UnpackedWheel, layout: Layout) -> dict[str, str]:
    data = f"{wheel.dist_info[: -len('.dist-info')]}.data"
    headers = posixpath.join(layout.headers, wheel.filename.distribution)
    return {
        f"{data}/purelib": layout.purelib,
        f"{data}/platlib": layout.platlib,
        f"{data}/headers": headers,
        f"{data}/scripts": layout.scripts,
        f"{data}/data": layout.data,
    }


def _destination(path: str, lib: str, folders: Mapping[str, str]) -> str:
    if ".data/" in path:
        top, key, rest = (*path.split("/", 2), "")[:3]
        folder = folders.get(f"{top}/{key}")
        if folder is not None:
            return f"{folder}/{rest}" if folder else rest
    return f"{lib}/{path}" if lib else path


def _generated(ready: Ready, layout: Layout, info: str) -> list[Text]:
    texts = [program(entry, layout) for entry in ready.wheel.scripts]
    texts.append(Text(f"{info}/INSTALLER", INSTALLER, executable=False))
    if ready.requested:
        texts.append(Text(f"{info}/REQUESTED", b"", executable=False))
    if ready.direct_url:
        content = ready.direct_url.encode()
        texts.append(Text(f"{info}/direct_url.json", content, executable=False))
    return texts


def _record(links: Iterable[Link], texts: Iterable[Text], lib: str, info: str) -> bytes:
    """Write ``RECORD``: sorted, relative to the folder that the ``.dist-info`` is in."""
    entries = [_row(link, lib) for link in links]
    entries += [text_row(text, lib) for text in texts]
    entries.append(RecordEntry(_in_record(f"{info}/RECORD", lib)))
    return format_record(sorted(entries, key=lambda entry: entry.path))


def _row(link: Link, lib: str) -> RecordEntry:
    algorithm, _, digest = link.hash.partition("=")
    size = link.size if link.hash else None  # bytecode may be made anew by Python at any time
    return RecordEntry(_in_record(link.path, lib), algorithm, digest, size)


def text_row(text: Text, lib: str) -> RecordEntry:
    """Return a file's row in the ``RECORD`` of a project in the folder ``lib`` (PEP 376)."""
    digest = encode_hash(hashlib.sha256(text.content).digest())
    return RecordEntry(_in_record(text.path, lib), "sha256", digest, len(text.content))


def program(entry: EntryPoint, layout: Layout) -> Text:
    """Return the file for an entry point of a script group."""
    path = posixpath.join(layout.scripts, entry.name)
    return Text(path, entry_point_script(entry, layout.python), executable=True)


def _in_record(path: str, lib: str) -> str:
    if not lib:
        return path
    return path[len(lib) + 1 :] if path.startswith(f"{lib}/") else posixpath.relpath(path, lib)


def check_collisions(placed: Sequence[Placed]) -> None:
    """Two wheels may only write the same file when its content is the same.

    Raises:
        VerificationError: it names every file and both wheels.
    """
    owners: dict[str, tuple[str, str]] = {}
    problems = []
    for wheel in placed:
        files = [(link.path, link.hash) for link in wheel.links]
        files += [(text.path, text.content.hex()) for text in wheel.texts]
        for path, content in files:
            owner, other = owners.setdefault(path, (wheel.name, content))
            if content != other:
                problems.append(f"{path}: {owner} and {wheel.name}")
    if problems:
        more = len(problems) - _SHOWN
        lines = problems[:_SHOWN] + ([f"… and {more} more"] if more > 0 else [])
        raise VerificationError(
            "Two wheels would write the same files with different content, so nothing is "
            "installed; leave one of them out:" + "".join(f"\n  {line}" for line in lines)
        )


def is_satisfied(placed: Placed, version: str, files: Iterable[RecordEntry]) -> bool:
    """Whether this very wheel is installed: the version, and every file with the same hash.

    Bytecode, and what is written for the environment, do not count.

    Args:
        placed: where the wheel's files would go.
        version: the installed one.
        files: the installed project's, relative to the prefix.
    """
    there = {entry.path: f"{entry.hash_algorithm}={entry.hash}" for entry in files}
    wanted = {link.path: link.hash for link in placed.links if link.hash}
    return (
        same_version(version, placed.version)
        and all(there.get(path) == digest for path, digest in wanted.items())
        and not any(path not in wanted and _is_content(path, placed) for path in there)
    )


def _is_content(path: str, placed: Placed) -> bool:
    """Whether an installed file should have come from the wheel, so that it is one too many."""
    written = {text.path for text in placed.texts}
    name = posixpath.basename(path)
    return path not in written and name not in _OWN and not name.endswith(".pyc")
