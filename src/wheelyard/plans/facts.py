"""What is known of a wheel once every byte of it was read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True, slots=True)
class WheelFacts:
    """A verified wheel, as later decisions need it.

    ``tags`` are single tags as text; ``modules`` the top-level names that it brings to import;
    ``native`` its shared objects; ``warnings`` what is legal but worth a line in the report.
    """

    version: str
    tags: tuple[str, ...]
    requires_dist: tuple[str, ...]
    requires_python: str
    modules: tuple[str, ...]
    native: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def is_pure(self) -> bool:
        """Whether it says that it runs on any platform."""
        return all(tag.endswith("-none-any") for tag in self.tags)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read what ``asdict`` wrote, also by way of JSON."""
        return cls(
            version=data["version"],
            tags=tuple(data["tags"]),
            requires_dist=tuple(data["requires_dist"]),
            requires_python=data["requires_python"],
            modules=tuple(data["modules"]),
            native=tuple(data["native"]),
            warnings=tuple(data["warnings"]),
        )
