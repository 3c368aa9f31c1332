from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.hostile.cases import REFUSED, Case
from tests.unit.installer.houses import request, tree, write_requirements

from wheelyard.installer import Destination, install
from wheelyard.wheel import InvalidWheelError

if TYPE_CHECKING:
    from pathlib import Path

CASES = [case for case in REFUSED if not case.strict and case.name.endswith("-py3-none-any.whl")]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_hostile_wheel_is_not_installed_and_nothing_is_written(case: Case, tmp_path: Path) -> None:
    house = tmp_path / "house"
    house.mkdir()
    (house / case.name).write_bytes(case.make())
    write_requirements(house)
    before = tree(tmp_path)
    with pytest.raises(InvalidWheelError) as refused:
        install(request(house, Destination("target", tmp_path / "lib")))
    assert case.rule in refused.value.rules
    after = {path for path in tree(tmp_path) if not (tmp_path / path).is_dir()}
    assert after <= set(before)
    assert not (tmp_path / "lib").exists()
