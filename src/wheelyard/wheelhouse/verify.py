"""Reading every byte of a wheelhouse again.

Runs on Python 3.9 with the standard library alone, on the machine installed to.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wheelyard.errors import UsageError, VerificationError, WheelyardError
from wheelyard.wheel import InvalidVersionError, file_sha256, verify_wheel
from wheelyard.wheel.beside import attestation_name, signature_name
from wheelyard.wheelhouse.pins import FORMAT, render_pylock, requirements_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Verified:
    """A wheelhouse whose every file is what its manifest says; ``size`` in bytes.

    ``manifest`` is the content of ``manifest.json`` that was verified.
    """

    folder: str
    wheels: int
    size: int
    manifest: bytes


class DamagedWheelhouseError(VerificationError):
    """Everything that is wrong with a wheelhouse."""

    def __init__(self, folder: str, problems: tuple[str, ...]) -> None:
        super().__init__(folder, problems)
        self.folder = folder
        self.problems = problems

    def __str__(self) -> str:
        head = f"{self.folder} is not what its manifest says; build or copy it again:"
        return "\n".join([head, *(f"  {problem}" for problem in self.problems)])


def _read_manifest(folder: Path) -> bytes:
    file = folder / "manifest.json"
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise UsageError(f"{folder} is no wheelhouse: it has no manifest.json") from None
    except OSError as error:
        raise UsageError(f"{file} can't be read: {error.strerror}") from None


def _parse_manifest(content: bytes, folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise DamagedWheelhouseError(str(folder), (f"manifest.json: not JSON: {error}",)) from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise UsageError(
            f"{folder / 'manifest.json'} is of a format that this version does not know: update "
            "wheelyard"
        )
    return manifest


def verify_wheelhouse(folder: Path) -> Verified:
    """Check every file against the manifest and every wheel against the rules of the format.

    Raises:
        UsageError: When it is no wheelhouse, or one of a later format.
        DamagedWheelhouseError: With all that is wrong.
    """
    content = _read_manifest(folder)
    manifest = _parse_manifest(content, folder)
    try:
        problems = tuple(_problems(folder, manifest))
    except (KeyError, TypeError, ValueError, AttributeError, InvalidVersionError) as error:
        problem = f"manifest.json: it lacks or garbles {error}"
        raise DamagedWheelhouseError(str(folder), (problem,)) from None
    if problems:
        raise DamagedWheelhouseError(str(folder), problems)
    wheels = manifest["wheels"]
    size = sum(wheel["size"] for wheel in wheels)
    return Verified(folder=str(folder), wheels=len(wheels), size=size, manifest=content)


def _problems(folder: Path, manifest: Mapping[str, Any]) -> Iterator[str]:
    texts = {**requirements_files(manifest), "pylock.toml": render_pylock(manifest)}
    wheels = {wheel["filename"]: wheel for wheel in manifest["wheels"]}
    expected = {"manifest.json", "report.html", *texts, *wheels}
    vouching = {signature_name(name) for name in ("manifest.json", *wheels)}
    vouching |= {attestation_name(name) for name in wheels}
    present = {path.name for path in folder.iterdir()} - vouching
    yield from (f"{name}: it is missing" for name in sorted(expected - present))
    yield from (f"{name}: it is not in the manifest" for name in sorted(present - expected))
    for name in sorted(texts.keys() & present):
        yield from _text_problems(folder / name, texts[name])
    if "report.html" in present:
        yield from _report_problems(folder / "report.html", manifest["report_sha256"])
    for name in sorted(wheels.keys() & present):
        yield from _wheel_problems(folder / name, wheels[name])


def _text_problems(file: Path, text: str) -> Iterator[str]:
    try:
        content = file.read_bytes()
    except OSError as error:
        yield f"{file.name}: it can't be read: {error.strerror}"
        return
    if content != text.encode():
        yield f"{file.name}: it is not what the manifest gives"


def _report_problems(file: Path, expected: str) -> Iterator[str]:
    try:
        found = file_sha256(file)
    except (OSError, WheelyardError) as error:
        yield f"report.html: it can't be read: {error}"
        return
    if found != expected:
        yield f"report.html: its sha256 is {found}, the manifest says {expected}"


def _wheel_problems(file: Path, wheel: Mapping[str, Any]) -> Iterator[str]:
    try:
        verified = verify_wheel(file)
    except WheelyardError as error:
        yield str(error).replace("\n", "\n  ")
        return
    except OSError as error:
        yield f"{file.name}: it can't be read: {error.strerror}"
        return
    if verified.sha256 != wheel["sha256"]:
        yield f"{file.name}: its sha256 is {verified.sha256}, the manifest says {wheel['sha256']}"
