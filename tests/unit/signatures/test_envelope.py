from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from wheelyard.errors import UsageError, VerificationError
from wheelyard.signatures.envelope import read_envelope, sign
from wheelyard.signatures.keys import generate_key
from wheelyard.signatures.statement import Subject, parse_statement, render_statement
from wheelyard.wheel import Sha256

ALICE, BOB = generate_key(), generate_key()
WHEEL = Subject(name="some-1.0-py3-none-any.whl", sha256=Sha256("ab" * 32))
OTHER = Subject(name="other-1.0-py3-none-any.whl", sha256=Sha256("cd" * 32))


def test_statement_is_one_of_in_toto_and_says_which_file() -> None:
    statement = json.loads(render_statement(WHEEL))
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["subject"] == [{"name": WHEEL.name, "digest": {"sha256": "ab" * 32}}]
    assert parse_statement(render_statement(WHEEL)) == WHEEL


def test_signature_is_over_dsse_s_encoding_of_type_and_payload() -> None:
    document = json.loads(sign(WHEEL, ALICE, None))
    payload, kind = base64.b64decode(document["payload"]), document["payloadType"]
    signed = b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)
    (signature,) = document["signatures"]
    assert signature["keyid"] == ALICE.public.id
    assert ALICE.public.verifies(base64.b64decode(signature["sig"]), signed)


def test_same_file_and_key_give_the_same_bytes() -> None:
    once = sign(WHEEL, ALICE, None)
    assert once == sign(WHEEL, ALICE, None) == sign(WHEEL, ALICE, once)


def test_several_sign_one_after_the_other() -> None:
    signed = read_envelope(sign(WHEEL, BOB, sign(WHEEL, ALICE, None)))
    assert signed.subject == WHEEL
    assert set(signed.signers) == {ALICE.public, BOB.public}
    assert not signed.problems


def test_signature_of_another_content_is_not_added_to() -> None:
    with pytest.raises(UsageError, match="wheelyard unsign"):
        sign(WHEEL, BOB, sign(OTHER, ALICE, None))


def changed(**changes: Any) -> bytes:
    document = json.loads(sign(WHEEL, ALICE, None))
    document["signatures"][0].update(changes)
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    "change",
    [
        {"sig": base64.b64encode(bytes(64)).decode()},
        {"sig": "AAAA"},
        {"publicKey": BOB.public.raw.hex()},
        {"publicKey": BOB.public.raw.hex(), "keyid": BOB.public.id},
        {"publicKey": "00"},
        {"publicKey": None},
    ],
)
def test_signature_that_is_not_its_key_s_is_a_problem(change: dict[str, str]) -> None:
    signed = read_envelope(changed(**change))
    assert not signed.signers
    assert len(signed.problems) == 1


def test_signature_of_another_statement_is_a_problem() -> None:
    document = json.loads(sign(WHEEL, ALICE, None))
    document["payload"] = json.loads(sign(OTHER, ALICE, None))["payload"]
    signed = read_envelope(json.dumps(document).encode())
    assert (signed.subject, signed.signers) == (OTHER, ())


def test_envelope_without_signatures_is_a_problem() -> None:
    document = {**json.loads(sign(WHEEL, ALICE, None)), "signatures": []}
    assert read_envelope(json.dumps(document).encode()).problems == ("it holds no signature",)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b'{"payload": "?", "payloadType": "x", "signatures": []}',
        b'{"payload": "", "payloadType": "x", "signatures": []}',
        b'{"payload": "", "payloadType": "application/vnd.in-toto+json", "signatures": []}',
        b'{"payload": "e30=", "payloadType": "application/vnd.in-toto+json", "signatures": [1]}',
        b'{"payload": "W10=", "payloadType": "application/vnd.in-toto+json", "signatures": []}',
    ],
)
def test_what_is_no_envelope_is_refused(data: bytes) -> None:
    with pytest.raises(VerificationError):
        read_envelope(data)


def test_statement_that_says_more_is_refused() -> None:
    statement = {**json.loads(render_statement(WHEEL)), "predicateType": "https://else.example"}
    with pytest.raises(VerificationError, match="says more"):
        parse_statement(json.dumps(statement).encode())
