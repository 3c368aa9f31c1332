"""DSSE envelopes: a statement and the signatures of those who make it.

https://github.com/secure-systems-lab/dsse. Each signature holds its public key besides, so that it
can be told to be valid before anyone asks whether it is trusted; the key's own digest binds it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import Error as FormatError
from securesystemslib.signer import Signature

from wheelyard.errors import UsageError, VerificationError
from wheelyard.signatures.keys import PublicKey
from wheelyard.signatures.statement import (
    GARBLED,
    PAYLOAD_TYPE,
    Subject,
    parse_statement,
    render_statement,
)

if TYPE_CHECKING:
    from wheelyard.signatures.keys import SecretKey

_PUBLIC = "publicKey"


@dataclass(frozen=True, kw_only=True, slots=True)
class Signed:
    """An envelope that was read: its subject, the keys that signed it, what is wrong with it."""

    subject: Subject
    signers: tuple[PublicKey, ...]
    problems: tuple[str, ...]


def sign(subject: Subject, key: SecretKey, earlier: bytes | None) -> bytes:
    """Return an envelope with one more signature; a key that signed already isn't there twice.

    Raises:
        UsageError: ``earlier`` is about something else.
        VerificationError: it is no envelope.
    """
    payload = render_statement(subject)
    envelope = _parse(earlier) if earlier else Envelope(payload, PAYLOAD_TYPE, {})
    if (envelope.payload_type, envelope.payload) != (PAYLOAD_TYPE, payload):
        raise UsageError(
            f"{subject.name}: its signature is of another content; remove that with "
            "`wheelyard unsign`, and sign again"
        )
    public = key.public
    envelope.signatures[public.id] = Signature(
        public.id, key.sign(envelope.pae()).hex(), {_PUBLIC: public.raw.hex()}
    )
    return json.dumps(envelope.to_dict(), indent=1, sort_keys=True).encode() + b"\n"


def read_envelope(data: bytes) -> Signed:
    """Read an envelope and check each of its signatures.

    Raises:
        VerificationError: it is no envelope, or not over a statement of ours.
    """
    envelope = _parse(data)
    if envelope.payload_type != PAYLOAD_TYPE:
        raise VerificationError(f"it is over {envelope.payload_type!r}, not {PAYLOAD_TYPE!r}")
    subject = parse_statement(envelope.payload)
    signers, problems = [], []
    for signature in envelope.signatures.values():
        try:
            signers.append(_checked(signature, envelope.pae()))
        except VerificationError as error:
            problems.append(f"key {str(signature.keyid)[:16]}: {error}")
    if not envelope.signatures:
        problems.append("it holds no signature")
    return Signed(subject=subject, signers=tuple(signers), problems=tuple(problems))


def _parse(data: bytes) -> Envelope:
    try:
        return Envelope.from_dict(json.loads(data))
    except (*GARBLED, FormatError) as error:
        raise VerificationError(f"it is no DSSE envelope: {error!r}") from None


def _checked(signature: Signature, signed: bytes) -> PublicKey:
    try:
        key = PublicKey(bytes.fromhex(signature.unrecognized_fields[_PUBLIC]))
        raw = bytes.fromhex(signature.signature)
    except (KeyError, ValueError, TypeError):
        raise VerificationError("its public key is missing or garbled") from None
    if key.id != signature.keyid:
        raise VerificationError("its public key is another one")
    if not key.verifies(raw, signed):
        raise VerificationError("the signature is not that key's")
    return key
