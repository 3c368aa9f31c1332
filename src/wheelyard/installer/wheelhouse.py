"""A wheelhouse folder: its ``requirements.txt`` and the wheels that the lines stand for."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wheelyard.errors import HostError, UsageError, VerificationError
from wheelyard.wheel.filename import parse_wheel_filename
from wheelyard.wheel.names import NormalizedName, Sha256, normalize_name
from wheelyard.wheel.requirement import logical_lines
from wheelyard.wheel.versions import same_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

REQUIREMENTS = "requirements.txt"
MANIFEST = "manifest.json"
_PIN = re.compile(r"(?P<name>[A-Za-z0-9][\w.-]*)\s*==\s*(?P<version>[^\s;,\\]+)(?P<hashes>.*)")
_HASH = re.compile(r"--hash[=\s]sha256:([0-9a-f]{64})")


@dataclass(frozen=True, order=True)
class Pin:
    """One line: a project, its version, and the hashes one of which its wheel must have."""

    name: NormalizedName
    version: str
    hashes: tuple[Sha256, ...]


@dataclass(frozen=True)
class PinnedWheel:
    """A pin and the wheels that bear its name and version; the right one has a listed hash."""

    pin: Pin
    paths: tuple[Path, ...]


@dataclass(frozen=True)
class ManifestWheel:
    """A wheel as the manifest has it.

    ``chosen`` is false for a version kept beside the one of the requirements; ``direct_url`` is
    the text of ``direct_url.json`` (PEP 610), or empty.
    """

    name: NormalizedName
    filename: str
    chosen: bool
    direct_url: str


def parse_pins(text: str, source: str = REQUIREMENTS) -> tuple[Pin, ...]:
    """Read lines ``name==version --hash=sha256:…``; a line may go on behind a backslash.

    Raises:
        UsageError: it names every line that is anything else, or a project named twice.
    """
    pins: dict[NormalizedName, Pin] = {}
    problems = []
    for number, line in logical_lines(text):
        pin = _parse_pin(line)
        if pin is None:
            problems.append(f"{source}:{number}: not name==version --hash=sha256:…: {line!r}")
        elif pin.name in pins:
            problems.append(f"{source}:{number}: {pin.name} is named a second time")
        else:
            pins[pin.name] = pin
    if problems:
        raise UsageError("\n".join([*problems, "Write the wheelhouse again with wheelyard build."]))
    return tuple(pins.values())


def _parse_pin(line: str) -> Pin | None:
    found = _PIN.fullmatch(line)
    if found is None:
        return None
    hashes = _HASH.findall(found["hashes"])
    if not hashes or _HASH.sub("", found["hashes"]).strip():
        return None
    return Pin(normalize_name(found["name"]), found["version"], tuple(map(Sha256, hashes)))


def read_wheelhouse(folder: Path) -> tuple[PinnedWheel, ...]:
    """Return the pins of a wheelhouse with their wheels, in the order of its requirements.

    Raises:
        HostError: there is no such folder or file, or its manifest is garbled.
        UsageError: malformed lines.
        VerificationError: wheels without a line and lines without a wheel, all of them.
    """
    try:
        text = (folder / REQUIREMENTS).read_text("utf-8")
        wheels = list(folder.glob("*.whl"))
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{folder / REQUIREMENTS}: it is not UTF-8 text; copy the wheelhouse again"
        ) from error
    except OSError as error:
        raise HostError(
            f"{folder / REQUIREMENTS}: {error.strerror}; name the folder of a wheelhouse, which "
            "holds wheels and this file"
        ) from error
    others = {wheel.filename for wheel in read_manifest(folder) if not wheel.chosen}
    paths = [path for path in wheels if path.name not in others]
    return match_wheels(parse_pins(text, str(folder / REQUIREMENTS)), paths)


def read_manifest(folder: Path) -> tuple[ManifestWheel, ...]:
    """Return what the manifest says of the wheels; nothing where there is none.

    Any folder of wheels with pinned requirements will do.

    Raises:
        HostError: it is garbled.
    """
    manifest = folder / MANIFEST
    try:
        data = json.loads(manifest.read_bytes())
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, RecursionError) as error:
        raise HostError(f"{manifest}: it cannot be read ({error}); copy it again") from error
    try:
        return tuple(_manifest_wheel(wheel) for wheel in data["wheels"])
    except (KeyError, TypeError) as error:
        raise HostError(
            f"{manifest}: it is not a wheelhouse's manifest; copy it again, or remove it"
        ) from error


def _manifest_wheel(wheel: Mapping[str, Any]) -> ManifestWheel:
    origin = wheel.get("direct_url") if isinstance(wheel, dict) else None
    return ManifestWheel(
        name=normalize_name(str(wheel["name"])),
        filename=str(wheel["filename"]),
        chosen=bool(wheel["chosen"]),
        direct_url=json.dumps(origin, sort_keys=True) if origin else "",
    )


def match_wheels(pins: Iterable[Pin], paths: Iterable[Path]) -> tuple[PinnedWheel, ...]:
    """Bring pins and wheels together by name and version; the hashes are checked later.

    Raises:
        VerificationError: it names every wheel without a pin and every pin without a wheel.
    """
    by_name: dict[NormalizedName, list[tuple[str, Path]]] = {}
    for path in sorted(paths):
        filename = parse_wheel_filename(path.name)
        by_name.setdefault(filename.name, []).append((filename.version, path))
    pinned, problems = [], []
    for pin in pins:
        wheels = by_name.pop(pin.name, [])
        fitting = tuple(path for version, path in wheels if same_version(version, pin.version))
        problems += [
            f"{path.name}: {REQUIREMENTS} has {pin.version}"
            for _, path in wheels
            if path not in fitting
        ]
        problems += [] if fitting else [f"{pin.name}=={pin.version}: there is no wheel of it"]
        pinned.append(PinnedWheel(pin, fitting))
    problems += [
        f"{path.name}: {REQUIREMENTS} does not list it"
        for wheels in by_name.values()
        for _, path in wheels
    ]
    if problems:
        raise VerificationError(
            "The wheelhouse is not what its requirements say, so nothing is installed; copy it "
            "again or rebuild it:" + "".join(f"\n  {problem}" for problem in sorted(problems))
        )
    return tuple(pinned)
