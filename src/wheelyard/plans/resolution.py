"""Pins with hashes for one target, and where each comes from."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

from wheelyard.plans.release import File
from wheelyard.plans.request import WheelType
from wheelyard.wheel.names import NormalizedName

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True, slots=True)
class Pin:
    """One project at one version, and the files that may become its wheel.

    ``needed_by`` names who asked: ``file:line`` for a requirement, ``project version`` for a
    dependency that was added. ``chosen`` is false for a second version of a project, which is
    built but not named in the consolidated requirements; ``direct`` is true where the
    requirement itself named the URL.
    """

    name: NormalizedName
    version: str
    type: WheelType
    wheel: File | None
    sdist: File | None
    refused: str
    needed_by: tuple[str, ...]
    chosen: bool = True
    direct: bool = False

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what ``asdict`` wrote."""
        return cls(
            name=NormalizedName(data["name"]),
            version=data["version"],
            type=WheelType(data["type"]),
            wheel=File.from_dict(data["wheel"]) if data["wheel"] else None,
            sdist=File.from_dict(data["sdist"]) if data["sdist"] else None,
            refused=data["refused"],
            needed_by=tuple(data["needed_by"]),
            chosen=data["chosen"],
            direct=data["direct"],
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Resolution:
    """The pins of one target, sorted by name and version.

    ``added`` names the pins that no requirement asked for; ``notes`` are sentences for the
    report: dependencies that could not be read, versions that were put aside.
    """

    target: str
    pins: tuple[Pin, ...]
    added: tuple[NormalizedName, ...] = ()
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Give a JSON-ready form."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what ``as_dict`` gave."""
        return cls(
            target=data["target"],
            pins=tuple(Pin.from_dict(pin) for pin in data["pins"]),
            added=tuple(NormalizedName(name) for name in data["added"]),
            notes=tuple(data["notes"]),
        )
