from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.wheel.making import make_wheel

from wheelyard.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("WHEELYARD_SIGN_PASSPHRASE", "correct horse")
    monkeypatch.delenv("WHEELYARD_SIGN_KEY", raising=False)
    return tmp_path / "config" / "wheelyard"


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    return make_wheel(tmp_path, "some", "1.0").path


def say(capsys: Capture, code: int, *words: object) -> dict[str, Any]:
    capsys.readouterr()
    assert main([*map(str, words), "--json"]) == code
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    return said


def test_signed_wheel_shows_its_three_results(wheel: Path, capsys: Capture) -> None:
    main(["keygen", "alice"])
    main(["sign", str(wheel)])
    capsys.readouterr()
    assert main(["verify", str(wheel)]) == 0
    out = capsys.readouterr().out
    assert "all as it should be" in out
    assert f"{wheel.name}: signature valid, trusted: alice " in out


def test_unsigned_wheel_is_called_so(wheel: Path, capsys: Capture) -> None:
    assert main(["verify", str(wheel)]) == 0
    assert "not signed" in capsys.readouterr().out
    assert main(["verify", "--require", "1", str(wheel)]) == 5
    assert "signers that you trust are missing" in capsys.readouterr().err


def test_two_signers_are_required_and_both_must_be_trusted(wheel: Path, capsys: Capture) -> None:
    for name in ("alice", "bob"):
        main(["keygen", name])
        main(["sign", str(wheel), "--key", name])
    assert say(capsys, 0, "verify", wheel, "--require", "2")
    main(["trust", "remove", "bob"])
    (result,) = say(capsys, 5, "verify", wheel, "--require", "2")["results"]
    assert result["content"]
    assert result["signatures"][wheel.name]["valid"]
    assert not result["signatures"][wheel.name]["trusted"]
    assert say(capsys, 0, "verify", wheel, "--require", "1")


def test_key_is_trusted_for_its_patterns(wheel: Path, home: Path, capsys: Capture) -> None:
    main(["keygen", "alice"])
    main(["sign", str(wheel)])
    public = home / "keys" / "alice.pub"
    listed = say(capsys, 0, "trust", "add", public, "--for", "Other*")["keys"]
    assert [(key["name"], key["for"]) for key in listed] == [("alice", ["other*"])]
    assert say(capsys, 0, "trust", "list")["keys"] == listed
    assert say(capsys, 5, "verify", wheel)
    main(["trust", "add", str(public), "--for", "some"])
    assert say(capsys, 0, "verify", wheel)


def test_changed_wheel_and_stripped_signature_are_told_apart(wheel: Path, capsys: Capture) -> None:
    main(["keygen"])
    main(["sign", str(wheel)])
    content = wheel.read_bytes()
    wheel.write_bytes(content.replace(b"answer = 42", b"answer = 41"))
    (result,) = say(capsys, 5, "verify", wheel)["results"]
    assert not result["content"]
    assert not result["signatures"][wheel.name]["valid"]
    wheel.write_bytes(content)
    main(["unsign", str(wheel)])
    assert say(capsys, 5, "verify", wheel, "--require", "1")
    assert main(["unsign", str(wheel)]) == 2


def test_damaged_wheel_is_not_signed(wheel: Path) -> None:
    main(["keygen"])
    wheel.write_bytes(wheel.read_bytes()[:-1])
    before = sorted(wheel.parent.iterdir())
    assert main(["sign", str(wheel)]) == 5
    assert sorted(wheel.parent.iterdir()) == before


def test_legacy_signature_is_made_with_a_warning_and_taken_out(
    wheel: Path, capsys: Capture
) -> None:
    main(["keygen"])
    before = wheel.read_bytes()
    assert main(["sign", "--legacy-jws", str(wheel)]) == 0
    assert "PEP 815" in capsys.readouterr().err
    assert say(capsys, 0, "verify", wheel)
    assert say(capsys, 5, "verify", wheel, "--require", "1")  # it covers the content alone
    main(["trust", "remove", "default"])
    assert say(capsys, 5, "verify", wheel)
    assert main(["unsign", str(wheel)]) == 0
    assert wheel.read_bytes() == before


def test_any_other_file_may_be_signed(tmp_path: Path, capsys: Capture) -> None:
    bundle = tmp_path / "nas.run"
    bundle.write_bytes(b"anything")
    assert main(["verify", str(bundle)]) == 5  # no wheel, and nobody vouches for it
    main(["keygen"])
    main(["sign", str(bundle)])
    assert say(capsys, 0, "verify", bundle, "--require", "1")
    bundle.write_bytes(b"anything else")
    assert say(capsys, 5, "verify", bundle)


def test_which_key_must_be_said_where_there_are_several(
    wheel: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    assert main(["sign", str(wheel)]) == 2
    assert "wheelyard keygen" in capsys.readouterr().err
    main(["keygen", "alice"])
    main(["keygen", "bob"])
    assert main(["sign", str(wheel)]) == 2
    assert "alice, bob: name one" in capsys.readouterr().err
    monkeypatch.setenv("WHEELYARD_SIGN_KEY", "bob")
    assert main(["sign", str(wheel)]) == 0


def test_nobody_is_asked_where_nobody_sits(
    wheel: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    main(["keygen"])
    monkeypatch.delenv("WHEELYARD_SIGN_PASSPHRASE")
    assert main(["sign", str(wheel)]) == 6
    assert "WHEELYARD_SIGN_PASSPHRASE" in capsys.readouterr().err
    monkeypatch.setenv("WHEELYARD_SIGN_PASSPHRASE", "")
    assert main(["keygen", "empty"]) == 2


def test_signatures_that_can_t_be_checked_are_not_passed_over(
    wheel: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    main(["keygen"])
    main(["sign", str(wheel)])
    monkeypatch.setitem(__import__("sys").modules, "wheelyard.wheelhouse.signing", None)
    assert main(["verify", str(wheel)]) == 6
    assert "can't be checked here" in capsys.readouterr().err


def test_nothing_is_signed_where_one_path_is_wrong(wheel: Path) -> None:
    main(["keygen"])
    before = sorted(wheel.parent.iterdir())
    assert main(["sign", str(wheel), str(wheel.with_name("other-1.0-py3-none-any.whl"))]) == 6
    assert sorted(wheel.parent.iterdir()) == before
    main(["sign", str(wheel)])
    before = sorted(wheel.parent.iterdir())
    assert main(["unsign", str(wheel), str(wheel.parent / "missing")]) == 2
    assert sorted(wheel.parent.iterdir()) == before


def test_only_who_is_trusted_for_everything_vouches_for_what_is_no_wheel(
    tmp_path: Path, home: Path, capsys: Capture
) -> None:
    bundle = tmp_path / "some.run"
    bundle.write_bytes(b"anything")
    main(["keygen", "alice"])
    main(["sign", str(bundle)])
    assert say(capsys, 0, "verify", bundle)
    main(["trust", "add", str(home / "keys" / "alice.pub"), "--for", "some*"])
    assert "it was trusted already: alice, for *" in capsys.readouterr().err
    assert say(capsys, 5, "verify", bundle)
