"""Ed25519 keys: public ones as values, secret ones as what signs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NewType

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from securesystemslib.signer import SSlibKey

from wheelyard.errors import UsageError

KeyId = NewType("KeyId", str)

_SIZE = 32
_RAW = (serialization.Encoding.Raw, serialization.PublicFormat.Raw)
_SPKI = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
_PKCS8 = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8)


@dataclass(frozen=True)
class PublicKey:
    """An Ed25519 public key (RFC 8032): 32 bytes; anything else is a :class:`ValueError`."""

    raw: bytes

    def __post_init__(self) -> None:
        if len(self.raw) != _SIZE:
            raise ValueError(f"{len(self.raw)} bytes are no Ed25519 key")

    @cached_property
    def id(self) -> KeyId:
        """What envelopes call it: securesystemslib's digest of the key, in hex."""
        return KeyId(SSlibKey.from_crypto(self._key).keyid)

    @property
    def _key(self) -> Ed25519PublicKey:
        return Ed25519PublicKey.from_public_bytes(self.raw)

    def verifies(self, signature: bytes, data: bytes) -> bool:
        """Whether this key's owner signed these bytes."""
        try:
            self._key.verify(signature, data)
        except InvalidSignature:
            return False
        return True

    def to_pem(self) -> bytes:
        """Return it as other tools read it (RFC 8410)."""
        return self._key.public_bytes(*_SPKI)


def parse_public_key(pem: bytes, source: str) -> PublicKey:
    """Read a public key in PEM.

    Raises:
        UsageError: it is something else; the message names ``source``.
    """
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise UsageError(
            f"{source}: no Ed25519 public key in PEM; `wheelyard keygen` writes one, NAME.pub"
        )
    return PublicKey(key.public_bytes(*_RAW))


@dataclass(frozen=True)
class SecretKey:
    """An Ed25519 secret key, never shown."""

    _key: Ed25519PrivateKey

    @property
    def public(self) -> PublicKey:
        """The public key that belongs to it."""
        return PublicKey(self._key.public_key().public_bytes(*_RAW))

    def sign(self, data: bytes) -> bytes:
        """Return the signature, 64 bytes; the same data has the same one (RFC 8032)."""
        return self._key.sign(data)

    def to_pem(self, passphrase: str) -> bytes:
        """Return it in PEM (PKCS #8), encrypted unless the passphrase is empty."""
        encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
        if passphrase:
            encryption = serialization.BestAvailableEncryption(passphrase.encode())
        return self._key.private_bytes(*_PKCS8, encryption)


def generate_key() -> SecretKey:
    """Return a new key."""
    return SecretKey(Ed25519PrivateKey.generate())


def is_encrypted(pem: bytes) -> bool:
    """Whether a secret key wants a passphrase."""
    return b"ENCRYPTED" in pem


def parse_secret_key(pem: bytes, passphrase: str, source: str) -> SecretKey:
    """Read a secret key in PEM; ``passphrase`` is empty for one that isn't encrypted.

    Raises:
        UsageError: it is something else, or the passphrase is wrong; the message names ``source``.
    """
    try:
        key = serialization.load_pem_private_key(pem, passphrase.encode() or None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        if is_encrypted(pem):
            raise UsageError(f"{source}: this is not its passphrase") from None
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageError(f"{source}: no Ed25519 secret key in PEM; `wheelyard keygen` makes one")
    return SecretKey(key)
