"""Tools: programs of packages for this machine; what isn't ready to run is made so once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wheelyard.builders.sysroots.suites import architecture_of
from wheelyard.builders.sysroots.sysroot import Tree
from wheelyard.targets.detect import detect_this

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from wheelyard.builders.sysroots import PackageProvider
    from wheelyard.store.store import Store

_DIGITS = 16  # of the digest of a store's place


def fetch_tool(package: str, packages: PackageProvider) -> Path:
    """Give the folder of a package of this machine's own suite, alone: a static program."""
    here = architecture_of(detect_this().machine)
    return packages.tree(Tree(architecture=here, packages=(package,), dependencies=False)).root


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
