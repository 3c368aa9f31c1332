from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

import pytest

from wheelyard.errors import HostError, UsageError
from wheelyard.signatures import keystore
from wheelyard.signatures.keystore import KeyStore
from wheelyard.signatures.trust import TrustStore

if TYPE_CHECKING:
    from pathlib import Path


def store(folder: Path, said: str = "correct horse") -> KeyStore:
    return KeyStore(folder=folder / "wheelyard", ask=lambda _: said)


def test_key_is_kept_encrypted_for_its_owner_alone(tmp_path: Path) -> None:
    keys = store(tmp_path)
    public = keys.create("alice", in_keyring=False)
    secret = tmp_path / "wheelyard" / "keys" / "alice.pem"
    assert secret.stat().st_mode & 0o777 == 0o600
    assert secret.parent.stat().st_mode & 0o777 == 0o700
    assert b"ENCRYPTED" in secret.read_bytes()
    assert keys.load("alice").public == keys.load(str(secret)).public == public


def test_new_key_is_trusted_for_everything(tmp_path: Path) -> None:
    keys = store(tmp_path)
    public = keys.create("alice", in_keyring=False)
    known = keys.trust().find(public)
    assert known is not None
    assert (known.name, known.patterns) == ("alice", ("*",))


def test_wrong_passphrase_is_told_of(tmp_path: Path) -> None:
    store(tmp_path).create("alice", in_keyring=False)
    with pytest.raises(UsageError, match=r"alice\.pem: this is not its passphrase"):
        store(tmp_path, "wrong").load("alice")


def test_key_is_not_overwritten(tmp_path: Path) -> None:
    keys = store(tmp_path)
    public = keys.create("alice", in_keyring=False)
    with pytest.raises(UsageError, match="already"):
        keys.create("alice", in_keyring=False)
    assert keys.load("alice").public == public


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "a" * 65])
def test_key_has_a_name_that_is_a_file_s(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="no name for a key"):
        store(tmp_path).create(name, in_keyring=False)
    assert not list(tmp_path.iterdir())


def test_missing_key_is_told_of_with_those_that_are_there(tmp_path: Path) -> None:
    keys = store(tmp_path)
    with pytest.raises(UsageError, match="wheelyard keygen"):
        keys.load("bob")
    keys.create("alice", in_keyring=False)
    with pytest.raises(UsageError, match="the keys are alice"):
        keys.load("bob")


def test_file_that_is_no_key_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "x.pem").write_text("nothing")
    with pytest.raises(UsageError, match=r"x\.pem: no Ed25519 secret key"):
        store(tmp_path).load(str(tmp_path / "x.pem"))


def test_without_the_extra_the_keyring_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(HostError, match=r"wheelyard\[keyring\]"):
        store(tmp_path).create("alice", in_keyring=True)
    assert not list(tmp_path.rglob("alice*"))


class Keyring:
    """Stands for a desktop's, which no test machine has."""

    def __init__(self) -> None:
        self.secrets: dict[tuple[str, str], str] = {}

    def set_password(self, service: str, name: str, secret: str) -> None:
        self.secrets[service, name] = secret

    def get_password(self, service: str, name: str) -> str | None:
        return self.secrets.get((service, name))


def test_secret_may_be_kept_in_the_keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = Keyring()
    monkeypatch.setattr(keystore, "_keyring", lambda: keyring)
    keys = store(tmp_path)
    public = keys.create("alice", in_keyring=True)
    assert keys.load("alice").public == public
    assert not list(tmp_path.rglob("*.pem"))
    keyring.secrets.clear()
    with pytest.raises(UsageError, match="not in the keyring"):
        keys.load("alice")


@pytest.mark.parametrize("backend", ["fail", "null"])
def test_keyring_that_keeps_nothing_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, backend: str
) -> None:
    module = importlib.import_module(f"keyring.backends.{backend}")
    monkeypatch.setattr("keyring.get_keyring", module.Keyring)
    with pytest.raises(HostError, match="no keyring on this machine that keeps secrets encrypted"):
        store(tmp_path).create("alice", in_keyring=True)
    assert not list(tmp_path.rglob("alice*"))


def test_keyring_that_forgets_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = Keyring()
    monkeypatch.setattr(keyring, "set_password", lambda *_: None)
    monkeypatch.setattr(keystore, "_keyring", lambda: keyring)
    with pytest.raises(HostError, match="doesn't keep"):
        store(tmp_path).create("alice", in_keyring=True)
    assert not list(tmp_path.rglob("alice*"))


def test_secret_whose_public_half_is_gone_is_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = store(tmp_path)
    keys.create("alice", in_keyring=False)
    secret = tmp_path / "wheelyard" / "keys" / "alice.pem"
    before = secret.read_bytes()
    keys.public_file("alice").unlink()
    keys.save_trust(TrustStore())
    with pytest.raises(UsageError, match=r"alice\.pem is there already"):
        keys.create("alice", in_keyring=False)
    assert secret.read_bytes() == before
    keyring = Keyring()
    monkeypatch.setattr(keystore, "_keyring", lambda: keyring)
    keys.create("bob", in_keyring=True)
    keys.public_file("bob").unlink()
    keys.save_trust(TrustStore())
    with pytest.raises(UsageError, match="the keyring has a key bob already"):
        keys.create("bob", in_keyring=True)
