from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.hostile.cases import REFUSED, WARNED, good_descriptor, good_nested, good_zip64
from tests.hostile.craft import INFO, METADATA, WHEEL_NAME, craft, item

from wheelyard.wheel import (
    InvalidWheelError,
    Limits,
    open_wheel,
    unpack_wheel,
    verify_wheel,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hostile.case import Case


def _tree(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def _put(folder: Path, case: Case) -> Path:
    path = folder / case.name
    path.write_bytes(case.content(str(folder / "outside")))
    return path


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.id)
def test_hostile_wheel_is_refused_and_nothing_is_written(case: Case, tmp_path: Path) -> None:
    path = _put(tmp_path, case)
    (tmp_path / "a" / "b").mkdir(parents=True)
    before = _tree(tmp_path)
    with pytest.raises(InvalidWheelError) as refused:
        unpack_wheel(path, tmp_path / "a" / "b" / "out", strict=case.strict)
    assert case.rule in refused.value.rules, str(refused.value)
    assert _tree(tmp_path) == before
    assert case.name in str(refused.value)


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.id)
def test_verifying_refuses_for_the_same_reasons(case: Case, tmp_path: Path) -> None:
    path = _put(tmp_path, case)
    with pytest.raises(InvalidWheelError) as verified:
        verify_wheel(path, strict=case.strict)
    with pytest.raises(InvalidWheelError) as unpacked:
        unpack_wheel(path, tmp_path / "out", strict=case.strict)
    assert verified.value.findings == unpacked.value.findings


@pytest.mark.parametrize("case", WARNED, ids=lambda case: case.id)
def test_odd_but_legal_wheel_is_reported(case: Case, tmp_path: Path) -> None:
    verified = verify_wheel(_put(tmp_path, case))
    assert case.rule in {finding.rule for finding in verified.wheel.warnings}
    unpack_wheel(tmp_path / case.name, tmp_path / "out")


def test_absolute_member_below_the_destination_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / WHEEL_NAME
    path.write_bytes(craft(item(f"{tmp_path}/evil.py")))
    with pytest.raises(InvalidWheelError):
        unpack_wheel(path, tmp_path / "out")
    assert _tree(tmp_path) == [WHEEL_NAME]


@pytest.mark.parametrize(
    "make", [craft, good_zip64, good_descriptor, good_nested], ids=lambda make: make.__name__
)
def test_good_wheel_in_every_legal_form_passes(make: object, tmp_path: Path) -> None:
    assert callable(make)
    path = tmp_path / WHEEL_NAME
    path.write_bytes(make())
    unpack_wheel(path, tmp_path / "out")
    assert (tmp_path / "out" / "good" / "__init__.py").read_bytes() == b"x = 1\n"
    assert not verify_wheel(path).wheel.warnings


def test_special_bits_are_dropped_and_mode_zero_is_0644(tmp_path: Path) -> None:
    path = tmp_path / WHEEL_NAME
    path.write_bytes(craft(item("good/run", mode=0o104777), item("good/plain", mode=0)))
    unpack_wheel(path, tmp_path / "out")
    assert (tmp_path / "out/good/run").stat().st_mode == 0o100755
    assert (tmp_path / "out/good/plain").stat().st_mode == 0o100644


@pytest.mark.parametrize(
    ("limits", "rule"),
    [
        (Limits(total=40), "limit-total"),
        (Limits(file=40), "limit-file"),
        (Limits(count=3), "limit-count"),
    ],
    ids=str,
)
def test_caps_refuse_what_declares_too_much(limits: Limits, rule: str, tmp_path: Path) -> None:
    path = tmp_path / WHEEL_NAME
    path.write_bytes(craft())
    with pytest.raises(InvalidWheelError) as refused:
        open_wheel(path, limits=limits)
    assert rule in refused.value.rules


def test_every_broken_rule_is_named_at_once(tmp_path: Path) -> None:
    path = tmp_path / WHEEL_NAME
    path.write_bytes(
        craft(
            item("../evil.py"),
            item("good/link", mode=0o120777),
            metadata=METADATA.replace(b"1.0", b"3"),
            record=f"{INFO}/gone,,\n".encode(),
        )
    )
    with pytest.raises(InvalidWheelError) as refused:
        open_wheel(path)
    assert set(refused.value.rules) >= {
        "path-escape", "link", "version-mismatch", "record-absent", "record-missing",
    }  # fmt: skip


def test_error_survives_pickling(tmp_path: Path) -> None:
    import pickle

    path = tmp_path / WHEEL_NAME
    path.write_bytes(b"")
    with pytest.raises(InvalidWheelError) as refused:
        open_wheel(path)
    again = pickle.loads(pickle.dumps(refused.value))  # noqa: S301
    assert (str(again), again.rules) == (str(refused.value), refused.value.rules)
