"""The store's own folder, apart: an installer makes it too, and needs nothing else of a store."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def make_root(root: Path) -> None:
    """Make a store's folder for its owner alone; one that is there keeps its mode."""
    root.parent.mkdir(parents=True, exist_ok=True)
    root.mkdir(mode=0o700, exist_ok=True)
