from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest
from tests.unit.wheel.making import TIME, make_wheel

from wheelyard.errors import UsageError
from wheelyard.wheel import files_from_wheel, open_wheel, verify_wheel, write_wheel
from wheelyard.wheel.retag import TagChange, change_tag_set, plan_retagging, write_retagged

if TYPE_CHECKING:
    from pathlib import Path

PURE = "py2.py3-none-any"
NATIVE = "cp311-cp311-linux_x86_64"


@pytest.mark.parametrize(
    ("old", "change", "new"),
    [
        (PURE, TagChange(), PURE),
        (PURE, TagChange(python="py3"), "py3-none-any"),
        (PURE, TagChange(python="+cp39"), "cp39.py2.py3-none-any"),
        (PURE, TagChange(python="+py3"), PURE),
        (PURE, TagChange(python="-py2"), "py3-none-any"),
        (PURE, TagChange(python="-py1"), PURE),
        (PURE, TagChange(python="PY3", platform="Linux_armv7l"), "py3-none-linux_armv7l"),
        (NATIVE, TagChange("cp39", "abi3", "a.b"), "cp39-abi3-a.b"),
        (NATIVE, TagChange(abi="abi3", platform="+any"), "cp311-abi3-any.linux_x86_64"),
        ("py3-none-b.a", TagChange(python="py2"), "py2-none-b.a"),
        ("py3-none-b.a", TagChange(platform="+c"), "py3-none-a.b.c"),
    ],
)
def test_parts_are_set_added_to_and_removed_from(old: str, change: TagChange, new: str) -> None:
    assert change_tag_set(old, change) == new


@pytest.mark.parametrize(
    "change",
    [
        TagChange(python="+cp312", abi="+cp312"),
        TagChange(python="cp311.cp312", abi="cp311.cp312"),
        TagChange(abi="+abi3", platform="+win32"),
    ],
)
def test_adding_to_two_parts_claims_too_much(change: TagChange) -> None:
    with pytest.raises(UsageError, match=r"every combination .* write one wheel for each tag"):
        change_tag_set(NATIVE, change)


@pytest.mark.parametrize("text", ["", "+", "-", "a-b", "a..b", "../x", "a b", "ü"])
def test_what_is_no_tag_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is no python tag"):
        change_tag_set(PURE, TagChange(python=text))


def test_the_last_tag_of_a_part_stays() -> None:
    with pytest.raises(UsageError, match="no python tag would be left"):
        change_tag_set(PURE, TagChange(python="-py2.py3"))


def test_tags_that_no_interpreter_takes_are_remarked_on_once(tmp_path: Path) -> None:
    tag = f"{NATIVE}.linux_i686"
    wheel = open_wheel(make_wheel(tmp_path, "some", "1.0", tag=tag).path)
    (remark,) = plan_retagging(wheel, TagChange(python="+cp312")).remarks
    assert "cp312 with the ABI cp311" in remark


def test_other_tags_and_back_are_the_same_bytes_again(tmp_path: Path) -> None:
    first = make_wheel(tmp_path, "some", "1.0", tag=NATIVE)
    plan = plan_retagging(
        open_wheel(first.path), TagChange("cp312", "cp312", "+linux_armv7l", "3_x")
    )
    second = write_retagged(plan, tmp_path, timestamp=TIME)
    assert second.path.name == "some-1.0-3_x-cp312-cp312-linux_armv7l.linux_x86_64.whl"
    wheel = verify_wheel(second.path).wheel
    assert wheel.info.tags == wheel.filename.tags
    assert wheel.info.build == "3_x"
    before = first.path.read_bytes()
    first.path.unlink()
    back = plan_retagging(wheel, TagChange("cp311", "cp311", "-linux_armv7l", ""))
    third = write_retagged(back, tmp_path, timestamp=TIME)
    assert (third.path, third.path.read_bytes()) == (first.path, before)


def test_a_signature_is_dropped_only_with_the_record_that_it_signs(tmp_path: Path) -> None:
    wheel = open_wheel(make_wheel(tmp_path, "some", "1.0").path)
    signed = tmp_path / "signed"
    signed.mkdir()
    path = write_wheel(signed, wheel.filename, files_from_wheel(wheel), timestamp=TIME).path

    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("some-1.0.dist-info/RECORD.jws", "{}")
    wheel = verify_wheel(path).wheel
    assert plan_retagging(wheel, TagChange()).remarks == ()
    assert "RECORD.jws is left out" in plan_retagging(wheel, TagChange(build="1")).remarks[0]
