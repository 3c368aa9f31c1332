from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.unit.installer.houses import make_house
from tests.unit.wheel.making import make_wheel

from wheelyard.errors import UsageError
from wheelyard.installer import find_candidates, wheelhouse_candidates
from wheelyard.wheel import file_sha256

if TYPE_CHECKING:
    from pathlib import Path


def test_folders_are_searched_in_their_order_for_what_is_named_like_a_wheel(tmp_path: Path) -> None:
    for folder, name in (("b", "two"), ("b", "one"), ("a", "one")):
        (tmp_path / folder).mkdir(exist_ok=True)
        make_wheel(tmp_path / folder, name, "1")
    (tmp_path / "a" / "odd.whl").touch()
    (tmp_path / "a" / "one-1.tar.gz").touch()
    folders = [tmp_path / "b", tmp_path / "a", tmp_path / "b"]
    found = find_candidates(folders)
    assert [(one.path.parent.name, one.filename.name) for one in found] == [
        ("b", "one"), ("b", "two"), ("a", "one"),
    ]  # fmt: skip
    assert not any(one.hashes for one in found)


def test_every_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=r"(?s)gone: it can't be .* No such file.*file: .*Not a"):
        find_candidates([tmp_path / "gone", tmp_path, tmp_path / "file"])


def test_wheels_of_a_wheelhouse_have_the_hashes_and_origins_that_it_lists(tmp_path: Path) -> None:
    house = make_house(tmp_path / "house", ("a", "1", None), ("b", "1", None))
    origin = {"url": "https://x.example/a.whl", "archive_info": {}}
    wheels = [{"name": "a", "filename": "a.whl", "chosen": True, "direct_url": origin}]
    (house / "manifest.json").write_text(json.dumps({"wheels": wheels}))
    one, two = wheelhouse_candidates(house)
    assert one.hashes == (file_sha256(house / "a-1-py3-none-any.whl"),)
    assert (json.loads(one.direct_url), two.direct_url) == (origin, "")
