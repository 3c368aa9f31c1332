from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from wheelyard.builders.tools import kept_tool
from wheelyard.store.store import Store

if TYPE_CHECKING:
    from pathlib import Path


def test_tool_is_made_once_and_anew_in_a_store_that_was_copied(tmp_path: Path) -> None:
    made: list[Path] = []

    def make(folder: Path, place: Path) -> None:
        made.append(place)
        (folder / "program").write_text(f"{place}/library")

    for name in ("one", "one", "two"):
        if name == "two":
            shutil.copytree(tmp_path / "one", tmp_path / "two")
        with Store(tmp_path / name) as store:
            place = kept_tool(store, "rust-0123", make)
            assert (place / "program").read_text() == f"{place}/library"
            assert place.is_relative_to(tmp_path / name)
    assert made == [*dict.fromkeys(made)], "each was made once"
    assert len(made) == 2
