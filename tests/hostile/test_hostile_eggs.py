"""Eggs and installers are archives of strangers as wheels are: the same rules refuse them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.hostile.cases import REFUSED
from tests.unit.wheel.convert.eggs import I386, program

from wheelyard.errors import UsageError
from wheelyard.wheel import InvalidWheelError
from wheelyard.wheel.convert import plan_conversion

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hostile.case import Case

_OF_WHEELS = {
    "data-folder", "dist-info", "entry-point", "limit-file", "metadata", "missing-file",
    "name-mismatch", "version-mismatch", "wheel-version",
}  # fmt: skip
EXECUTABLE = "prefix-moved"  # a shell script before the archive, which an egg may have
# Where an archive begins, its end tells; so what is wrong there or before makes it another program.
UNSEEN = {
    "no-zip", "empty-file", "cut-off", "cut-in-half", "trailing-bytes", "trailing-archive",
    "archive-in-comment", "end-in-comment", "prefix-unmoved", "zip64-count-lies",
    "zip64-offset-lies", "zip64-locator-lies", "gap-after-directory", "end-in-member-comment",
    "zip64-count-explodes", "zip64-two-directories", "zip64-extensible-data",
}  # fmt: skip
CASES = [
    case
    for case in REFUSED
    if not case.strict and case.rule not in _OF_WHEELS and not case.rule.startswith("record-")
]


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.id != EXECUTABLE], ids=lambda case: case.id
)
def test_hostile_egg_is_refused_by_its_rule(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "good-1.0-py3.8.egg"
    path.write_bytes(case.content())
    with pytest.raises(InvalidWheelError) as refused:
        plan_conversion(path)
    assert case.rule in refused.value.rules, str(refused.value)


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.id not in UNSEEN], ids=lambda case: case.id
)
def test_hostile_installer_is_refused_by_its_rule(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "good-1.0.win32.exe"
    path.write_bytes(program(I386, "[metadata]\nname=good\n") + case.content())
    with pytest.raises(InvalidWheelError) as refused:
        plan_conversion(path)
    assert case.rule in refused.value.rules, str(refused.value)


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.id in UNSEEN], ids=lambda case: case.id
)
def test_what_ends_in_no_sound_archive_is_no_installer(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "good-1.0.win32.exe"
    path.write_bytes(program(I386, "[metadata]\nname=good\n") + case.content())
    with pytest.raises(
        UsageError, match=r"no bdist_wininst installer: (there is no zip|no settin)"
    ):
        plan_conversion(path)
