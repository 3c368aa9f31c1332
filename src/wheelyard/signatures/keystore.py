"""Secret keys on disk or in the system's keyring, and the trust store: the user's own folder."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platformdirs import user_config_path

from wheelyard.errors import HostError, UsageError
from wheelyard.signatures.keys import generate_key, is_encrypted, parse_secret_key
from wheelyard.signatures.trust import TrustedKey, TrustStore, parse_trust, render_trust
from wheelyard.wheel.replacing import create_file, write_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from wheelyard.signatures.keys import PublicKey, SecretKey

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SERVICE = "wheelyard"
_OWNER_ONLY = 0o600
_BACKENDS = ("SecretService", "kwallet", "libsecret", "macOS", "Windows")  # these encrypt
_SAFE = {f"keyring.backends.{name}" for name in _BACKENDS}


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyStore:
    """A folder that holds ``NAME.pem`` (secret, encrypted), ``NAME.pub`` and ``trust.json``.

    ``ask`` gives the passphrase for what it is told of.
    """

    folder: Path
    ask: Callable[[str], str]

    def create(self, name: str, *, in_keyring: bool) -> PublicKey:
        """Make a key, and trust it for every package.

        Raises:
            UsageError: there is a key of that name, or it is no name.
            HostError: there is no keyring to be had that keeps secrets encrypted.
        """
        if not _NAME.fullmatch(name):
            raise UsageError(f"{name!r} is no name for a key: letters, digits, ., _ and -")
        for file in (self.public_file(name), self._secret_file(name)):
            if os.path.lexists(file):
                raise UsageError(f"{file} is there already: give another name")
        trust = self.trust()
        key = generate_key()
        trusted = trust.add(TrustedKey(name=name, key=key.public, patterns=("*",)))
        if in_keyring:
            _put_into_keyring(name, key)
        else:
            secret = key.to_pem(self.ask(f"a passphrase for the new key {name}"))
            create_file(self._secret_file(name), secret, _OWNER_ONLY)
        create_file(self.public_file(name), key.public.to_pem(), 0o644)
        self.save_trust(trusted)
        return key.public

    def load(self, wanted: str) -> SecretKey:
        """Return a secret key by its name, or from a file in PEM.

        Raises:
            UsageError: there is none, or the passphrase is wrong.
            HostError: the keyring can't be asked.
        """
        for file in (self._secret_file(wanted), Path(wanted)):
            if file.is_file():
                pem = file.read_bytes()
                phrase = self.ask(f"the passphrase of {file}") if is_encrypted(pem) else ""
                return parse_secret_key(pem, phrase, str(file))
        if not self.public_file(wanted).exists():
            names = ", ".join(self.names()) or "none yet: `wheelyard keygen` makes one"
            raise UsageError(f"{wanted}: neither a key nor a file; the keys are {names}")
        pem_text = _keyring().get_password(_SERVICE, wanted)
        if pem_text is None:
            raise UsageError(f"{wanted}: its secret is not in the keyring of this user")
        return parse_secret_key(pem_text.encode(), "", f"{wanted} in the keyring")

    def public_file(self, name: str) -> Path:
        """Return where a key's public half lies."""
        return self._keys / f"{name}.pub"

    def _secret_file(self, name: str) -> Path:
        return self._keys / f"{name}.pem"

    def names(self) -> tuple[str, ...]:
        """Return the names of the keys."""
        return tuple(sorted(path.stem for path in self._keys.glob("*.pub")))

    def trust(self) -> TrustStore:
        """Return whom this user trusts.

        Raises:
            UsageError: the file is garbled.
        """
        try:
            data = self._trust_file.read_bytes()
        except FileNotFoundError:
            return TrustStore()
        return parse_trust(data, str(self._trust_file))

    def save_trust(self, trust: TrustStore) -> None:
        """Keep whom this user trusts."""
        write_file(self._trust_file, render_trust(trust), 0o644)

    @property
    def _keys(self) -> Path:
        return self.folder / "keys"

    @property
    def _trust_file(self) -> Path:
        return self.folder / "trust.json"


def own_key_store(ask: Callable[[str], str]) -> KeyStore:
    """Return the user's own, in the folder for configuration (``$XDG_CONFIG_HOME``)."""
    return KeyStore(folder=user_config_path("wheelyard"), ask=ask)


def _put_into_keyring(name: str, key: SecretKey) -> None:
    """Put a secret into the keyring, and see whether it keeps it."""
    keyring = _keyring()
    if keyring.get_password(_SERVICE, name) is not None:
        raise UsageError(f"the keyring has a key {name} already: give another name")
    secret = key.to_pem("").decode()
    keyring.set_password(_SERVICE, name, secret)
    if keyring.get_password(_SERVICE, name) != secret:
        raise HostError(
            "the keyring doesn't keep what it is given; without --keyring the key is kept in an "
            "encrypted file"
        )


def _keyring() -> Any:
    """Give the user's keyring, one of those that keep secrets encrypted."""
    try:
        import keyring  # noqa: PLC0415 - an extra
    except ImportError:
        raise HostError(
            "the keyring needs the extra: pip install 'wheelyard[keyring]'; without --keyring "
            "the key is kept in an encrypted file"
        ) from None
    chosen = keyring.get_keyring()
    found = [one for one in getattr(chosen, "backends", (chosen,)) if _is_safe(one)]
    if not found:
        raise HostError(
            f"there is no keyring on this machine that keeps secrets encrypted ({chosen.name}); "
            "without --keyring the key is kept in an encrypted file"
        )
    return found[0]


def _is_safe(backend: object) -> bool:
    return type(backend).__module__ in _SAFE
