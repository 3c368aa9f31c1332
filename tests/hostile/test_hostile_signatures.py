"""Signatures beside and inside wheels are strangers' files as wheels are."""

from __future__ import annotations

import base64
import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from tests.hostile.craft import INFO, WHEEL_NAME, craft, item, record_rows, wheel_items
from tests.unit.installer.houses import tree

from wheelyard.cli import main
from wheelyard.errors import UsageError, VerificationError
from wheelyard.signatures.envelope import read_envelope, sign
from wheelyard.signatures.files import envelope_of, sign_file
from wheelyard.signatures.jws import render_jws
from wheelyard.signatures.keys import generate_key
from wheelyard.signatures.statement import PAYLOAD_TYPE, Subject
from wheelyard.wheel import Sha256, file_sha256

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Change = Callable[[Any], Any]

MINE, THEIRS = generate_key(), generate_key()
NESTED = "[" * 100_000
LARGE = " " * (2 << 20)


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    path = tmp_path / WHEEL_NAME
    path.write_bytes(craft())
    return path


def encoded(data: str | bytes) -> str:
    return base64.b64encode(data.encode() if isinstance(data, str) else data).decode()


def with_payload(payload: Any, kind: str = PAYLOAD_TYPE) -> Change:
    """Sign another payload, so that nothing is wrong but what is signed."""
    text = payload if isinstance(payload, str) else json.dumps(payload, separators=(",", ":"))

    def change(_document: Any) -> Any:
        signed = f"DSSEv1 {len(kind)} {kind} {len(text)} {text}".encode()
        one = {"keyid": THEIRS.public.id, "sig": encoded(THEIRS.sign(signed))}
        one["publicKey"] = THEIRS.public.raw.hex()
        return {"payload": encoded(text), "payloadType": kind, "signatures": [one]}

    return change


def with_statement(**changes: Any) -> Change:
    def change(document: Any) -> Any:
        statement = json.loads(base64.b64decode(document["payload"]))
        return with_payload({**statement, **changes})(document)

    return change


def with_first(**changes: Any) -> Change:
    return lambda document: {**document, "signatures": [{**document["signatures"][0], **changes}]}


def subject(name: str = WHEEL_NAME, digest: str = "ab" * 32) -> dict[str, Any]:
    return {"name": name, "digest": {"sha256": digest}}


ENVELOPES: dict[str, Change | str] = {
    "nested": NESTED,
    "large": f"{{}}{LARGE}",
    "endless-number": f'{{"payload": {"9" * 5000}}}',
    "no-mapping": "3",
    "nested-payload": with_payload(NESTED),
    "payload-no-base64": lambda document: {**document, "payload": "é"},
    "payload-no-text": lambda document: {**document, "payload": 3},
    "another-type": with_payload({}, "text/plain"),
    "another-type-of-ours": lambda document: {**document, "payloadType": "text/plain"},
    "type-no-text": lambda document: {**document, "payloadType": [PAYLOAD_TYPE]},
    "another-file": with_statement(subject=[subject("other-1.0-py3-none-any.whl")]),
    "another-content": with_statement(subject=[subject()]),
    "escape-sequence": with_statement(subject=[subject("\x1b[2J\u202e")]),
    "two-subjects": with_statement(subject=[subject(), subject("other")]),
    "digest-no-text": with_statement(subject=[{"name": "x", "digest": {"sha256": [1]}}]),
    "says-more": with_statement(predicate={"trusted": True}),
    "another-predicate": with_statement(predicateType="https://slsa.dev/provenance/v1"),
    "no-signatures": lambda document: {**document, "signatures": []},
    "signatures-no-list": lambda document: {**document, "signatures": 3},
    "signature-twice": lambda document: {**document, "signatures": document["signatures"] * 2},
    "signature-of-nothing": with_first(sig=""),
    "signature-no-base64": with_first(sig="é"),
    "another-key-by-its-id": with_first(keyid=MINE.public.id),
    "another-key": with_first(publicKey=MINE.public.raw.hex()),
    "key-too-short": with_first(publicKey="00" * 31),
    "key-of-zeros": with_first(publicKey="00" * 32),
    "key-no-text": with_first(publicKey={}),
}


def garbled(wheel: Path, change: Change | str) -> bytes:
    if isinstance(change, str):
        return change.encode()
    good = sign(Subject(name=wheel.name, sha256=file_sha256(wheel)), THEIRS, None)
    return json.dumps(change(json.loads(good))).encode()


@pytest.mark.parametrize("case", ENVELOPES)
def test_hostile_signature_beside_a_wheel_is_not_valid(
    case: str, wheel: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    envelope_of(wheel).write_bytes(garbled(wheel, ENVELOPES[case]))
    before = tree(wheel.parent)
    assert main(["verify", str(wheel)]) == VerificationError.exit_code
    said = "".join(capsys.readouterr())
    assert "the signature is not valid" in said
    assert said.replace("\n", "").isprintable()
    assert tree(wheel.parent) == before


@pytest.mark.parametrize("case", ENVELOPES)
def test_nothing_but_our_own_statement_is_signed_beside_another(case: str, wheel: Path) -> None:
    place = envelope_of(wheel)
    theirs = garbled(wheel, ENVELOPES[case])
    place.write_bytes(theirs)
    try:
        sign_file(wheel, file_sha256(wheel), MINE)
    except (UsageError, VerificationError):
        assert place.read_bytes() == theirs
        return
    signed = read_envelope(place.read_bytes())
    assert signed.subject == Subject(name=wheel.name, sha256=Sha256(file_sha256(wheel)))
    assert MINE.public in signed.signers


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: path.symlink_to("gone")])
def test_signature_that_is_no_file_is_not_waited_for(
    make: Callable[[Path], None], wheel: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make(envelope_of(wheel))
    assert main(["verify", str(wheel)]) == VerificationError.exit_code
    assert "the signature is not valid" in capsys.readouterr().err


def with_recipient(**changes: Any) -> Change:
    return lambda document: {**document, "recipients": [{**document["recipients"][0], **changes}]}


def with_header(**changes: Any) -> Change:
    def change(document: Any) -> Any:
        (recipient,) = document["recipients"]
        head = json.loads(base64.urlsafe_b64decode(recipient["header"] + "=="))
        header = encoded(json.dumps({**head, **changes})).rstrip("=")
        signature = THEIRS.sign(f"{header}.{document['payload']}".encode())
        text = base64.urlsafe_b64encode(signature).rstrip(b"=").decode()
        return {**document, "recipients": [{"header": header, "signature": text}]}

    return change


INSIDE: dict[str, Change | str] = {
    "nested": NESTED,
    "large": f"{{}}{LARGE}",
    "endless-number": f'{{"payload": {"9" * 5000}}}',
    "another-record": lambda _document: json.loads(render_jws(b"another", THEIRS)),
    "no-recipients": lambda document: {**document, "recipients": []},
    "nested-payload": lambda document: {**document, "payload": encoded(NESTED).rstrip("=")},
    "nested-header": with_recipient(header=encoded(NESTED).rstrip("=")),
    "no-algorithm": with_header(alg="none"),
    "shared-secret": with_header(alg="HS256"),
    "another-key-type": with_header(jwk={"kty": "oct", "k": "AA"}),
    "no-key": with_header(jwk={"kty": "Ed25519"}),
    "key-too-short": with_header(jwk={"kty": "Ed25519", "vk": "AA"}),
    "signature-of-nothing": with_recipient(signature=""),
    "escape-sequence": with_header(alg="\x1b[2J"),
}


@pytest.mark.parametrize("case", INSIDE)
def test_hostile_signature_inside_a_wheel_is_not_valid(
    case: str, wheel: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = f"{INFO}/RECORD"
    record = "\n".join([*record_rows(wheel_items()[:-1]), f"{own},,"]).encode() + b"\n"
    change = INSIDE[case]
    text = change
    if not isinstance(change, str):
        text = json.dumps(change(json.loads(render_jws(record, THEIRS))))
    wheel.write_bytes(craft(item(f"{own}.jws", str(text).encode()), record=record))
    before = tree(wheel.parent)
    assert main(["verify", str(wheel)]) == VerificationError.exit_code
    said = "".join(capsys.readouterr())
    assert "the signature is not valid: RECORD.jws" in said
    assert said.replace("\n", "").isprintable()
    assert tree(wheel.parent) == before
