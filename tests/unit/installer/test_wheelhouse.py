from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.unit.installer.houses import make_house
from tests.unit.wheel.making import make_wheel

from wheelyard.errors import HostError, UsageError, VerificationError
from wheelyard.installer.wheelhouse import (
    Pin,
    match_wheels,
    parse_pins,
    read_manifest,
    read_wheelhouse,
)
from wheelyard.wheel import Sha256, normalize_name

A, B = "a" * 64, "b" * 64


def pin(name: str, version: str) -> Pin:
    return Pin(normalize_name(name), version, (Sha256(A),))


def test_lines_with_continuations_comments_and_several_hashes_are_read() -> None:
    text = (
        f"# made by wheelyard\n\nSome.Thing==1.0 \\\n    --hash=sha256:{A} \\\n"
        f"    --hash=sha256:{B}  # why\nother == 2+cpu --hash=sha256:{B}\n"
    )
    assert parse_pins(text) == (
        Pin(normalize_name("some-thing"), "1.0", (Sha256(A), Sha256(B))),
        Pin(normalize_name("other"), "2+cpu", (Sha256(B),)),
    )


@pytest.mark.parametrize(
    "line",
    [
        "a",
        "a==1",
        f"a>=1 --hash=sha256:{A}",
        "a==1 --hash=sha256:abc",
        f"a==1 --hash=md5:{A}",
        "a==1 --hash=",
        f"a==1 ; python_version > '3' --hash=sha256:{A}",
        "-r other.txt",
        "--index-url https://example.invalid",
        "a @ https://example.invalid/a.whl",
    ],
)
def test_any_other_line_is_refused_with_its_number(line: str) -> None:
    with pytest.raises(UsageError, match=r"house:2: not name==version"):
        parse_pins(f"# first\n{line}\n", "house")


def test_every_bad_line_is_named_at_once() -> None:
    with pytest.raises(UsageError, match=r"(?s)house:1:.*house:3: a is named a second time"):
        parse_pins(f"-e .\na==1 --hash=sha256:{A}\nA==2 --hash=sha256:{A}", "house")


def test_wheels_and_pins_are_brought_together_by_name_and_version() -> None:
    wheel = Path("Some_Thing-1.0.0-py3-none-any.whl")
    assert match_wheels([pin("some-thing", "1.0")], [wheel])[0].paths == (wheel,)


def test_wheels_without_a_line_and_lines_without_a_wheel_are_all_named() -> None:
    wheels = [Path("extra-1-py3-none-any.whl"), Path("old-1-py3-none-any.whl")]
    with pytest.raises(VerificationError) as refused:
        match_wheels([pin("old", "2"), pin("gone", "1")], wheels)
    text = str(refused.value)
    for part in ("extra-1-py3-none-any.whl", "old-1-py3-none-any.whl", "old==2", "gone==1"):
        assert part in text


def test_another_version_that_the_manifest_keeps_is_left_alone(tmp_path: Path) -> None:
    house = make_house(tmp_path / "house", ("a", "2", None))
    older = make_wheel(house, "a", "1").path
    with pytest.raises(VerificationError, match=r"a-1-py3-none-any\.whl: requirements\.txt has 2"):
        read_wheelhouse(house)
    wheels = [{"name": "a", "filename": older.name, "chosen": False}]
    (house / "manifest.json").write_text(json.dumps({"wheels": wheels}))
    assert [each.pin.version for each in read_wheelhouse(house)] == ["2"]


def test_garbled_manifest_names_itself(tmp_path: Path) -> None:
    house = make_house(tmp_path / "house", ("a", "1", None))
    (house / "manifest.json").write_text("{")
    with pytest.raises(HostError, match=r"manifest\.json: it cannot be read"):
        read_wheelhouse(house)


@pytest.mark.parametrize(
    "text", ["[]", '{"wheels": 5}', '{"wheels": ["x"]}', '{"wheels": [{}]}', "5"]
)
def test_manifest_of_another_form_is_refused(text: str, tmp_path: Path) -> None:
    house = make_house(tmp_path / "house", ("a", "1", None))
    (house / "manifest.json").write_text(text)
    with pytest.raises(HostError, match=r"manifest\.json: it is not a wheelhouse's manifest"):
        read_wheelhouse(house)


def test_origins_are_read_for_the_chosen_and_the_others(tmp_path: Path) -> None:
    origin = {"url": "https://x.example/a.whl", "archive_info": {}}
    wheel = {"name": "A", "filename": "a.whl", "chosen": True, "direct_url": origin}
    (tmp_path / "manifest.json").write_text(json.dumps({"wheels": [wheel]}))
    (read,) = read_manifest(tmp_path)
    assert (read.name, json.loads(read.direct_url)) == ("a", origin)


def test_requirements_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_bytes(b"a==1 \xff")
    with pytest.raises(UsageError, match=r"requirements\.txt: it is not UTF-8 text"):
        read_wheelhouse(tmp_path)


def test_folder_without_requirements_is_no_wheelhouse(tmp_path: Path) -> None:
    with pytest.raises(HostError, match=r"requirements\.txt: No such file"):
        read_wheelhouse(tmp_path)
