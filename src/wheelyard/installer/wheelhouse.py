"""A wheelhouse folder: its ``requirements.txt`` and the wheels that the lines stand for."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wheelyard.errors import HostError, UsageError, VerificationError
from wheelyard.wheel.filename import parse_wheel_filename
from wheelyard.wheel.names import NormalizedName, Sha256, normalize_name, same_version

if TYPE_CHECKING:
    from collections.abc import Iterable
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


def parse_pins(text: str, source: str = REQUIREMENTS) -> tuple[Pin, ...]:
    """Read lines ``name==version --hash=sha256:…``; a line may go on behind a backslash.

    Raises:
        UsageError: it names every line that is anything else, or a project named twice.
    """
    pins: dict[NormalizedName, Pin] = {}
    problems = []
    for number, line in _logical_lines(text):
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


def _logical_lines(text: str) -> list[tuple[int, str]]:
    lines: list[tuple[int, str]] = []
    joined, begun = "", 0
    for number, physical in enumerate(text.splitlines(), 1):
        line = re.sub(r"(?:^|\s+)#.*", "", physical)
        begun = begun if joined else number
        if line.rstrip().endswith("\\"):
            joined += line.rstrip()[:-1] + " "
            continue
        if (joined + line).strip():
            lines.append((begun, (joined + line).strip()))
        joined = ""
    return [*lines, (begun, joined.strip())] if joined.strip() else lines


def _parse_pin(line: str) -> Pin | None:
    found = _PIN.fullmatch(line)
    if found is None:
        return None
    hashes = _HASH.findall(found["hashes"])
    if not hashes or _HASH.sub("", found["hashes"]).strip():
        return None
    return Pin(normalize_name(found["name"]), found["version"], tuple(map(Sha256, hashes)))


def read_wheelhouse(folder: Path, projects: Iterable[str] = ()) -> tuple[PinnedWheel, ...]:
    """Return the pins of a wheelhouse with their wheels, in the order of its requirements.

    Args:
        folder: holds ``requirements.txt`` and the wheels.
        projects: only these; all when there is none.

    Raises:
        HostError: there is no such folder or file, or its manifest is garbled.
        UsageError: malformed lines, or projects that it does not hold.
        VerificationError: wheels without a line and lines without a wheel, all of them.
    """
    try:
        text = (folder / REQUIREMENTS).read_text("utf-8")
    except OSError as error:
        raise HostError(
            f"{folder / REQUIREMENTS}: {error.strerror}; name the folder of a wheelhouse, which "
            "holds wheels and this file"
        ) from error
    others = _other_versions(folder / MANIFEST)
    paths = [path for path in folder.glob("*.whl") if path.name not in others]
    pinned = match_wheels(parse_pins(text, str(folder / REQUIREMENTS)), paths)
    wanted = {normalize_name(project) for project in projects}
    unknown = sorted(wanted - {each.pin.name for each in pinned})
    if unknown:
        raise UsageError(
            f"{folder}: it has no {', '.join(unknown)}; its {REQUIREMENTS} lists what it has"
        )
    return tuple(each for each in pinned if not wanted or each.pin.name in wanted)


def _other_versions(manifest: Path) -> set[str]:
    """Return the names of wheels that are kept beside the chosen version of their project."""
    try:
        wheels = json.loads(manifest.read_bytes())["wheels"]
        return {wheel["filename"] for wheel in wheels if not wheel["chosen"]}
    except FileNotFoundError:  # any folder of wheels with pinned requirements will do
        return set()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise HostError(f"{manifest}: it cannot be read ({error}); copy it again") from error


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
