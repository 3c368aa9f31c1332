"""One source's settings of indexes, as far as it sets any, and how its texts are understood."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypedDict, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

_TRUE = frozenset(("1", "true", "yes", "on", "y", "t"))
_FALSE = frozenset(("0", "false", "no", "off", "n", "f"))


class Layer(TypedDict, total=False):
    """The settings of one source; URLs and paths are as they were written, credentials included."""

    default_index: str
    extra_indexes: tuple[str, ...]
    find_links: tuple[str, ...]
    no_index: bool
    merge_indexes: bool
    certificate: str
    client_certificate: str
    timeout: float
    retries: int
    trusted_hosts: tuple[str, ...]
    proxy: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ConfigFile:
    """A configuration file that was read."""

    kind: Literal["pip", "uv"]
    path: Path
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    """How one option of a source becomes a setting of a layer."""

    key: str
    understand: Callable[[Any], Any] = str


def make_layer(
    found: Iterable[tuple[str, str, Any]], options: Mapping[str, Option], problems: list[str]
) -> Layer:
    """Make a layer of what a source holds.

    Args:
        found: place (for messages), name, value; a later one wins; unknown names and empty
            values don't count.
        options: by name.
        problems: gets a line for every value that can't be.
    """
    layer: dict[str, Any] = {}
    for place, name, value in found:
        option = options.get(name)
        if option is None or value == "":
            continue
        try:
            layer[option.key] = option.understand(value)
        except (TypeError, ValueError) as error:
            problems.append(f"{place}: {error}")
    return cast("Layer", layer)


def boolean(value: Any) -> bool:
    """``true``, ``yes``, ``1`` … and their opposites, as pip and uv take them."""
    text = str(value).strip().lower()
    if text not in _TRUE | _FALSE:
        raise ValueError(f"{value!r} is neither true nor false")
    return text in _TRUE


def words(value: Any) -> tuple[str, ...]:
    """A list, or a text with several values between spaces and line ends."""
    return tuple(value.split()) if isinstance(value, str) else tuple(map(str, value))


def seconds(value: Any) -> float:
    """A time-out; zero would never succeed."""
    number = float(value)
    if number <= 0:
        raise ValueError(f"{value!r} is not a positive number of seconds")
    return number


def count(value: Any) -> int:
    """A number of retries."""
    number = int(value)
    if number < 0:
        raise ValueError(f"{value!r} is negative")
    return number
