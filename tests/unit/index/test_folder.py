from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from wheelyard.errors import HostError
from wheelyard.index.folder import files_in_folder, listing

if TYPE_CHECKING:
    from pathlib import Path


def test_link_that_leads_nowhere_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "gone-1-py3-none-any.whl").symlink_to("nowhere")
    (tmp_path / "loop-1.tar.gz").symlink_to("loop-1.tar.gz")
    (tmp_path / "here-1.tar.gz").write_text("four")
    (tmp_path / "notes.txt").touch()
    (tmp_path / "folder.zip").mkdir()
    assert [file.filename for file in files_in_folder(tmp_path)] == ["here-1.tar.gz"]
    assert listing(tmp_path) == (("here-1.tar.gz", 4), ("notes.txt", 0))


def test_folder_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(HostError, match="gone can't be read"):
        listing(tmp_path / "gone")
