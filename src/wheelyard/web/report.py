"""The report of one wheelhouse or of several: one page, no network, made from the manifests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A requirement across the targets; a cell is a wheel or failure of the manifest, or None."""

    name: str
    version: str
    needed_by: tuple[str, ...]
    cells: tuple[Mapping[str, Any] | None, ...]


def render_page(manifests: tuple[Mapping[str, Any], ...]) -> str:
    """Give the page: a matrix requirement × target, and the story of each wheel below it."""
    environment = Environment(
        loader=PackageLoader("wheelyard.web"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["bytes"] = readable_size
    template = environment.get_template("report.html")
    return template.render(manifests=manifests, rows=rows_of(manifests))


def rows_of(manifests: tuple[Mapping[str, Any], ...]) -> tuple[Row, ...]:
    """Lay the manifests side by side: a row for each name and version."""
    columns = [
        {(cell["name"], cell["version"]): cell for cell in (*one["wheels"], *one["failures"])}
        for one in manifests
    ]
    keys = sorted({key for column in columns for key in column})
    return tuple(_row(key, tuple(column.get(key) for column in columns)) for key in keys)


def _row(key: tuple[str, str], cells: tuple[Mapping[str, Any] | None, ...]) -> Row:
    needed = dict.fromkeys(who for cell in cells if cell for who in cell["needed_by"])
    return Row(name=key[0], version=key[1], needed_by=tuple(needed), cells=cells)


def readable_size(size: int) -> str:
    """Give a size in bytes as people read it.

    >>> readable_size(1536)
    '1.5 kB'
    """
    amount = float(size)
    for unit in ("B", "kB", "MB"):
        if amount < 1000:  # noqa: PLR2004
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"
