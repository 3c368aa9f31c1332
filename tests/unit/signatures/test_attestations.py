"""What is no good attestation; making a good one takes a publisher's login."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import pytest
from tests.unit.wheel.making import make_wheel

from wheelyard.cli import main
from wheelyard.signatures.attestations import check_attestation

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    return make_wheel(tmp_path, "some", "1.0").path


def attest(wheel: Path, text: str) -> None:
    wheel.with_name(wheel.name + ".publish.attestation").write_text(text)


GARBLED = {
    "version": 1,
    "verification_material": {"certificate": "AAAA", "transparency_entries": [{"logIndex": "1"}]},
    "envelope": {"statement": "e30=", "signature": "AAAA"},
}


def test_wheel_without_one_has_none(wheel: Path) -> None:
    assert check_attestation(wheel) is None


@pytest.mark.parametrize("text", ["", "{}", "[1]", json.dumps(GARBLED)])
def test_garbled_one_is_a_problem(wheel: Path, text: str) -> None:
    attest(wheel, text)
    found = check_attestation(wheel)
    assert found is not None
    assert found.checked
    assert "publish.attestation" in found.problem
    assert not found.publisher


def test_it_is_not_passed_over_in_silence_without_the_extra(
    wheel: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    attest(wheel, "{}")
    assert main(["verify", str(wheel)]) == 5
    monkeypatch.setitem(sys.modules, "pypi_attestations", None)
    capsys.readouterr()
    assert main(["verify", str(wheel)]) == 0
    assert "attestation not checked here" in capsys.readouterr().out


def test_what_would_hang_or_fill_the_memory_is_a_problem(wheel: Path) -> None:
    place = wheel.with_name(wheel.name + ".publish.attestation")
    os.mkfifo(place)
    found = check_attestation(wheel)
    assert found is not None
    assert found.problem
    place.unlink()
    place.symlink_to("/dev/zero")
    found = check_attestation(wheel)
    assert found is not None
    assert found.problem
