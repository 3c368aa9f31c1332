"""Tools of the store: programs of packages made to run on this machine, each made ready once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from wheelyard.store.store import Store

_DIGITS = 16  # of the digest of a store's place


def kept_tool(store: Store, name: str, make: Callable[[Path, Path], None]) -> Path:
    """Give the folder of a tool, which is made where the store has none.

    The programs in it name their loader and their libraries by the store's own path. So the
    folder's name tells that path, and in a store that was moved or copied it is made anew.

    Args:
        store: Keeps it below ``tools``.
        name: Tells its content, by a digest.
        make: Fills the empty folder that is its first argument; the second is where that folder
            will lie in the end.
    """
    root = store.root.absolute()
    place = root / "tools" / f"{name}-{store.key_of(str(root))[:_DIGITS]}"
    with store.lease(f"tool-{place.name}"):
        if not place.exists():
            place.parent.mkdir(exist_ok=True)
            with store.scratch() as scratch:
                made = scratch / "tool"
                made.mkdir()
                make(made, place)
                made.rename(place)
    return place
