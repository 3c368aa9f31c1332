from __future__ import annotations

import hashlib

import pytest

from wheelyard.wheel import (
    InvalidRecordError,
    RecordEntry,
    encode_hash,
    format_record,
    hash_to_hex,
    parse_record,
)

ENTRIES = (
    RecordEntry("a/__init__.py", "sha256", encode_hash(hashlib.sha256(b"").digest()), 0),
    RecordEntry('odd, "name"\n.py', "sha512", "abc-_", 3),
    RecordEntry("../../../bin/tool", "sha256", "abc", 7),
    RecordEntry("a-1.dist-info/RECORD"),
)


def test_rows_are_written_and_read_again() -> None:
    assert parse_record(format_record(ENTRIES)) == ENTRIES


def test_padding_and_crlf_of_old_tools_are_accepted() -> None:
    assert parse_record("a,sha256=abc=,1\r\nb,,\r\n") == (
        RecordEntry("a", "sha256", "abc", 1),
        RecordEntry("b"),
    )


def test_every_bad_row_is_named_at_once() -> None:
    with pytest.raises(InvalidRecordError) as refused:
        parse_record("a,b\nc,,x\nd,sha256,1\n,,\ne,,\ne,,\n")
    text = str(refused.value)
    for part in ("row 1: 2 columns", "row 2: 'x'", "row 3: 'sha256'", "row 4", "row 6: 'e' is"):
        assert part in text


def test_hash_is_shown_in_hexadecimal() -> None:
    digest = hashlib.sha256(b"x")
    assert hash_to_hex(encode_hash(digest.digest())) == digest.hexdigest()
