"""A wheelhouse on disk: written beside its place, then swapped in whole."""

from __future__ import annotations

import contextlib
import glob
import hashlib
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wheelyard.errors import UsageError
from wheelyard.store.scratch import remove_tree
from wheelyard.store.store import SEAL, storage_errors
from wheelyard.wheel.beside import signature_name
from wheelyard.wheel.replacing import replace_file
from wheelyard.wheelhouse.manifest import render_manifest
from wheelyard.wheelhouse.pins import render_pylock, requirements_files
from wheelyard.wheelhouse.swap import put_in_place

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wheelyard.store.store import Store


def write_wheelhouse(
    folder: Path,
    manifest: Mapping[str, Any],
    store: Store,
    render_report: Callable[[Mapping[str, Any]], str],
    sign: Callable[[Path, bytes], object] | None = None,
) -> bool:
    """Bring a wheelhouse to a folder.

    Args:
        folder: Its place; a wheelhouse that is there is replaced in one instant.
        manifest: What it holds.
        store: Where its wheels are.
        render_report: Gives ``report.html`` from the manifest.
        sign: Signs the wheelhouse in a folder with this manifest, where that is wanted.

    Returns:
        Whether anything was written; a wheelhouse that holds just this already is left alone.

    Raises:
        UsageError: When something else lies at its place.
        StoreError: When it can't be written; what was there is whole.
    """
    place = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()
    with store.lease(f"out-{place}"), storage_errors(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        for left in folder.parent.glob(f".{glob.escape(folder.name)}.new-*"):
            remove_tree(left)
        if is_current(folder, manifest):
            if sign:
                report = (folder / "report.html").read_bytes()
                sign(folder, _sealed(manifest, report))
            return False
        refuse_strangers(folder)
        new = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}.new-"))
        try:
            _fill(new, manifest, store)
            report = render_report(manifest).encode()
            _write(new / "report.html", report)
            sealed = _sealed(manifest, report)
            _write(new / "manifest.json", sealed)
            if sign:
                sign(new, sealed)
            new.chmod(0o755)
            put_in_place(new, folder)
        finally:
            remove_tree(new)
    return True


def _sealed(manifest: Mapping[str, Any], report: bytes) -> bytes:
    sealed = {**manifest, "report_sha256": hashlib.sha256(report).hexdigest()}
    return render_manifest(sealed)


def is_current(folder: Path, manifest: Mapping[str, Any]) -> bool:
    """Whether a folder holds the wheelhouse that a manifest describes.

    Wheels by name, size and seal, the other files by content.
    """
    texts = _texts(manifest)
    wheels = {wheel["filename"]: (wheel["size"], SEAL) for wheel in manifest["wheels"]}
    try:
        stored = json.loads((folder / "manifest.json").read_bytes())
        report = hashlib.sha256((folder / "report.html").read_bytes()).hexdigest()
        if stored.pop("report_sha256", "") != report:
            return False
        if render_manifest(stored) != render_manifest(manifest):
            return False
        if any((folder / name).read_bytes() != text for name, text in texts.items()):
            return False
        found = {entry.name: entry.stat() for entry in os.scandir(folder)}
    except (OSError, ValueError, AttributeError):
        return False
    others = {"manifest.json", "report.html", *texts}
    others |= {signature_name(name) for name in ("manifest.json", *wheels)} & found.keys()
    held = {n: (stat.st_size, stat.st_mtime) for n, stat in found.items() if n not in others}
    return held == wheels and others <= found.keys()


def _texts(manifest: Mapping[str, Any]) -> dict[str, bytes]:
    texts = {**requirements_files(manifest), "pylock.toml": render_pylock(manifest)}
    return {name: text.encode() for name, text in texts.items()}


def refuse_strangers(folder: Path) -> None:
    """Refuse to replace a folder that is no wheelhouse: it may be anything.

    Raises:
        UsageError: it, or what should be a folder above it, is something else.
    """
    above = next((parent for parent in folder.parents if os.path.lexists(parent)), None)
    if above is not None and not above.is_dir():
        raise UsageError(f"{above} is no folder: name another with --out")
    if not os.path.lexists(folder):
        return
    if not folder.is_dir() or folder.is_symlink():
        raise UsageError(f"{folder} is no folder: name another with --out")
    try:
        manifest = json.loads((folder / "manifest.json").read_bytes())
        known = str(manifest["tool"]).startswith("wheelyard")
    except (OSError, ValueError, KeyError, TypeError):
        known = not any(folder.iterdir())
    if not known:
        raise UsageError(
            f"{folder} holds something that is no wheelhouse: name another with --out, or empty it"
        )


def _fill(folder: Path, manifest: Mapping[str, Any], store: Store) -> None:
    for wheel in manifest["wheels"]:
        _place(store.path(wheel["sha256"]), folder / wheel["filename"])
    for name, text in _texts(manifest).items():
        _write(folder / name, text)


def _place(source: Path, place: Path) -> None:
    """Link an artifact, which is read-only in the store as well; copy across file systems."""
    with contextlib.suppress(OSError):
        os.link(source, place)
        return
    shutil.copyfile(source, place)
    place.chmod(0o444)
    os.utime(place, (SEAL, SEAL))


def _write(file: Path, content: bytes) -> None:
    with file.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def write_atomically(file: Path, content: bytes) -> None:
    """Write a file that readers see whole, in its old form or the new.

    Raises:
        StoreError: When it can't be written; what was there is whole.
    """
    with storage_errors(file.parent):
        replace_file(file, lambda stream: stream.write(content), 0o644)
