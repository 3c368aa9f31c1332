"""``RECORD.jws``, the signature inside a wheel that the wheel tool made until version 0.31.

PEP 427 has it, PEP 815 gives it up. It signs the SHA-256 of ``RECORD`` and so the content of every
file, but neither the file's name nor what else stands in the zip file. Its keys are written in a
dialect of that tool's own.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any

from wheelyard.errors import VerificationError
from wheelyard.signatures.keys import PublicKey
from wheelyard.signatures.statement import GARBLED

if TYPE_CHECKING:
    from wheelyard.signatures.keys import SecretKey

_ALGORITHM = "Ed25519"


def render_jws(record: bytes, key: SecretKey) -> bytes:
    """Return the signature of ``RECORD``, as wheel 0.30.0 reads it."""
    jwk = {"kty": _ALGORITHM, "vk": _encode(key.public.raw)}
    header = _encode(_json({"alg": _ALGORITHM, "jwk": jwk}))
    payload = _encode(_json({"hash": f"sha256={_encode(hashlib.sha256(record).digest())}"}))
    signature = _encode(key.sign(f"{header}.{payload}".encode()))
    recipients = [{"header": header, "signature": signature}]
    return _json({"payload": payload, "recipients": recipients})


def check_jws(data: bytes, record: bytes) -> tuple[PublicKey, ...]:
    """Return the keys that signed ``record``.

    Raises:
        VerificationError: it is garbled, about another ``RECORD``, or any signature is wrong.
    """
    try:
        document = json.loads(data)
        payload = document["payload"]
        said = json.loads(_decode(payload))["hash"]
        keys = tuple(_check_recipient(one, payload) for one in document["recipients"])
    except GARBLED as error:
        raise VerificationError(f"it is garbled: {error!r}") from None
    if said != f"sha256={_encode(hashlib.sha256(record).digest())}":
        raise VerificationError("it signs another RECORD")
    if not keys:
        raise VerificationError("it holds no signature")
    return keys


def _check_recipient(recipient: dict[str, Any], payload: str) -> PublicKey:
    head = json.loads(_decode(recipient["header"]))
    if head["alg"] != _ALGORITHM or head["jwk"]["kty"] != _ALGORITHM:
        raise VerificationError(f"it is signed with {head['alg']!a}, not {_ALGORITHM}")
    key = PublicKey(_decode(head["jwk"]["vk"]))
    signed = f"{recipient['header']}.{payload}".encode()
    if not key.verifies(_decode(recipient["signature"]), signed):
        raise VerificationError("the signature is not its key's")
    return key


def _json(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True).encode()


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    padded = text.encode("ascii") + b"=" * (-len(text) % 4)
    return base64.b64decode(padded, altchars=b"-_", validate=True)
