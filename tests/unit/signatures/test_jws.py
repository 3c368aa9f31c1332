from __future__ import annotations

import json

import pytest

from wheelyard.errors import VerificationError
from wheelyard.signatures.jws import check_jws, render_jws
from wheelyard.signatures.keys import generate_key

KEY = generate_key()
RECORD = b"some/__init__.py,sha256=abc,3\n"


def test_signature_is_in_the_dialect_of_the_wheel_tool() -> None:
    document = json.loads(render_jws(RECORD, KEY))
    assert sorted(document) == ["payload", "recipients"]
    assert "=" not in document["payload"] + document["recipients"][0]["signature"]


def test_record_that_was_signed_is_known_again() -> None:
    assert check_jws(render_jws(RECORD, KEY), RECORD) == (KEY.public,)


def test_changed_record_is_found() -> None:
    with pytest.raises(VerificationError, match="another RECORD"):
        check_jws(render_jws(RECORD, KEY), RECORD + b"x")


def test_signature_of_another_is_found() -> None:
    mine, other = (json.loads(render_jws(RECORD, key)) for key in (KEY, generate_key()))
    mine["recipients"][0]["signature"] = other["recipients"][0]["signature"]
    with pytest.raises(VerificationError, match="not its key's"):
        check_jws(json.dumps(mine).encode(), RECORD)


@pytest.mark.parametrize(
    "change", [{"recipients": []}, {"recipients": 3}, {"payload": "e30"}, {"payload": "é"}]
)
def test_garbled_signature_is_refused(change: dict[str, object]) -> None:
    document = {**json.loads(render_jws(RECORD, KEY)), **change}
    with pytest.raises(VerificationError):
        check_jws(json.dumps(document).encode(), RECORD)


@pytest.mark.parametrize("data", [b"", b"\xff", b"[]", b"null"])
def test_what_is_no_signature_is_refused(data: bytes) -> None:
    with pytest.raises(VerificationError, match="garbled"):
        check_jws(data, RECORD)
