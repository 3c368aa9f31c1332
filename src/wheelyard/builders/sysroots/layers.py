"""Several trees as one: a Python of here, libraries of there."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from wheelyard.builders.sysroots.sysroot import Sysroot
from wheelyard.builders.sysroots.unpack import lay
from wheelyard.store.store import storage_errors

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wheelyard.store.store import Store


def layered(trees: Iterable[Sysroot], store: Store) -> Sysroot:
    """Lay trees over one another, the first one undermost; their files are shared."""
    first, *more = trees
    if not more:
        return first
    trees = (first, *more)
    digest = hashlib.sha256(" ".join(one.digest for one in trees).encode()).hexdigest()
    place = store.root.absolute() / "sysroots" / digest
    with store.lease(f"sysroot-{digest}"):
        if not place.is_dir():
            with store.scratch() as scratch, storage_errors(store.root):
                for tree in trees:
                    lay(tree.root, scratch / "root")
                (scratch / "root").rename(place)
    notes = tuple(dict.fromkeys(note for one in trees for note in one.notes))
    return Sysroot(
        root=place, multiarch=first.multiarch, digest=digest, suite=first.suite, notes=notes
    )
