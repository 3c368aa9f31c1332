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
from wheelyard.wheel import file_sha256, verify_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from wheelyard.signatures.keys import SecretKey

ALICE, BOB = generate_key(), generate_key()


def signed(path: Path, key: SecretKey) -> Path:
    return sign_file(path, file_sha256(path), key)


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    return make_wheel(tmp_path, "some", "1.0").path


def test_signers_are_found_beside_the_file(wheel: Path) -> None:
    assert check_file(wheel) == Found()
    signed(wheel, ALICE)
    place = signed(wheel, BOB)
    assert place.name == "some-1.0-py3-none-any.whl.dsse.json"
    assert set(check_file(wheel).signers) == {ALICE.public, BOB.public}


def test_any_byte_of_the_wheel_that_is_another_is_found(wheel: Path) -> None:
    signed(wheel, ALICE)
    content = wheel.read_bytes()
    for at in range(len(content)):
        wheel.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        assert check_file(wheel).problems, at
    wheel.write_bytes(content)
    assert not check_file(wheel).problems


def test_signature_of_a_file_of_another_name_is_a_problem(wheel: Path) -> None:
    place = signed(wheel, ALICE)
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
    assert check_inside(wheel) == Found(signers=(ALICE.public,), whole=False)


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
    signed(wheel, ALICE)
    with pytest.raises(UsageError, match="wouldn't fit"):
        sign_inside(wheel, BOB, timestamp=TIME)


def test_signature_beside_is_removed(wheel: Path) -> None:
    signed(wheel, ALICE)
    assert remove_beside(wheel)
    assert not remove_beside(wheel)
    assert check_file(wheel) == Found()


def test_nothing_else_is_left_behind(wheel: Path) -> None:
    sign_inside(wheel, ALICE, timestamp=TIME)
    place = signed(wheel, ALICE)
    assert sorted(wheel.parent.iterdir()) == sorted([wheel, place])


def test_what_is_signed_is_what_was_verified(wheel: Path) -> None:
    verified = verify_wheel(wheel).sha256
    wheel.write_bytes(wheel.read_bytes() + b"x")
    sign_file(wheel, verified, ALICE)
    assert "another content" in check_file(wheel).problems[0]


def test_link_stays_and_leads_to_the_signed_wheel(wheel: Path, tmp_path: Path) -> None:
    before = wheel.read_bytes()
    link = tmp_path / "elsewhere" / wheel.name
    link.parent.mkdir()
    link.symlink_to(wheel)
    sign_inside(link, ALICE, timestamp=TIME)
    assert link.is_symlink()
    assert check_inside(wheel).signers == (ALICE.public,)
    assert remove_inside(link)
    assert (link.is_symlink(), wheel.read_bytes()) == (True, before)
