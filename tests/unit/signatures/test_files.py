from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.wheel.making import TIME, make_wheel

from wheelyard.errors import UsageError
from wheelyard.signatures.files import (
    Found,
    check_file,
    check_inside,
    envelope_of,
    remove_beside,
    remove_inside,
    sign_file,
    sign_inside,
)
from wheelyard.signatures.keys import generate_key
from wheelyard.wheel import verify_wheel

if TYPE_CHECKING:
    from pathlib import Path

ALICE, BOB = generate_key(), generate_key()


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    return make_wheel(tmp_path, "some", "1.0").path


def test_signers_are_found_beside_the_file(wheel: Path) -> None:
    assert check_file(wheel) == Found()
    sign_file(wheel, ALICE)
    place = sign_file(wheel, BOB)
    assert place.name == "some-1.0-py3-none-any.whl.dsse.json"
    assert set(check_file(wheel).signers) == {ALICE.public, BOB.public}


def test_any_byte_of_the_wheel_that_is_another_is_found(wheel: Path) -> None:
    sign_file(wheel, ALICE)
    content = wheel.read_bytes()
    for at in range(len(content)):
        wheel.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        assert check_file(wheel).problems, at
    wheel.write_bytes(content)
    assert not check_file(wheel).problems


def test_signature_of_a_file_of_another_name_is_a_problem(wheel: Path) -> None:
    place = sign_file(wheel, ALICE)
    other = wheel.rename(wheel.with_name("some-2.0-py3-none-any.whl"))
    place.rename(envelope_of(other))
    assert "it signs 'some-1.0" in check_file(other).problems[0]


@pytest.mark.parametrize("content", [b"", b"{}", None])
def test_what_is_no_signature_is_a_problem(wheel: Path, content: bytes | None) -> None:
    if content is None:
        envelope_of(wheel).symlink_to("nowhere")
    else:
        envelope_of(wheel).write_bytes(content)
    assert len(check_file(wheel).problems) == 1


def test_signature_inside_is_found_and_the_wheel_holds(wheel: Path) -> None:
    sign_inside(wheel, ALICE, timestamp=TIME)
    verify_wheel(wheel)
    assert check_inside(wheel) == Found(signers=(ALICE.public,))


def test_signature_inside_is_removed_to_the_bytes_that_were(wheel: Path) -> None:
    before, mode = wheel.read_bytes(), wheel.stat().st_mode
    assert not remove_inside(wheel)
    sign_inside(wheel, ALICE, timestamp=TIME)
    assert wheel.read_bytes() != before
    assert remove_inside(wheel)
    assert (wheel.read_bytes(), wheel.stat().st_mode) == (before, mode)


def test_wheel_is_signed_inside_once_and_not_below_a_signature_beside(wheel: Path) -> None:
    sign_inside(wheel, ALICE, timestamp=TIME)
    with pytest.raises(UsageError, match="already"):
        sign_inside(wheel, BOB, timestamp=TIME)
    remove_inside(wheel)
    sign_file(wheel, ALICE)
    with pytest.raises(UsageError, match="wouldn't fit"):
        sign_inside(wheel, BOB, timestamp=TIME)


def test_signature_beside_is_removed(wheel: Path) -> None:
    sign_file(wheel, ALICE)
    assert remove_beside(wheel)
    assert not remove_beside(wheel)
    assert check_file(wheel) == Found()


def test_nothing_else_is_left_behind(wheel: Path) -> None:
    sign_inside(wheel, ALICE, timestamp=TIME)
    place = sign_file(wheel, ALICE)
    assert sorted(wheel.parent.iterdir()) == sorted([wheel, place])
