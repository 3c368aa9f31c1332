from __future__ import annotations

import pytest

from wheelyard.errors import UsageError
from wheelyard.signatures.files import Found
from wheelyard.signatures.keys import generate_key
from wheelyard.signatures.trust import (
    TrustedKey,
    TrustStore,
    normalize_pattern,
    parse_trust,
    render_trust,
)
from wheelyard.signatures.verdict import judge
from wheelyard.wheel import normalize_name

ALICE, BOB, EVE = (generate_key().public for _ in range(3))
TRUST = TrustStore(
    keys=(
        TrustedKey(name="alice", key=ALICE, patterns=("*",)),
        TrustedKey(name="bob", key=BOB, patterns=("numpy*", "scipy")),
    )
)
NUMPY, FLASK = normalize_name("NumPy"), normalize_name("flask")


def test_store_is_read_as_it_was_written() -> None:
    assert parse_trust(render_trust(TRUST), "trust.json") == TRUST


@pytest.mark.parametrize(
    ("pattern", "expected"), [("NumPy*", "numpy*"), ("zope.*", "zope-*"), ("a?", "a?")]
)
def test_patterns_are_compared_as_names_are(pattern: str, expected: str) -> None:
    assert normalize_pattern(pattern) == expected


@pytest.mark.parametrize("pattern", ["", "a b", "[ab]", "ä"])
def test_what_fits_no_name_is_no_pattern(pattern: str) -> None:
    with pytest.raises(UsageError, match="no pattern"):
        normalize_pattern(pattern)


def test_name_is_not_given_to_a_second_key() -> None:
    with pytest.raises(UsageError, match="another key"):
        TRUST.add(TrustedKey(name="bob", key=EVE, patterns=("*",)))


def test_key_that_is_there_gets_the_new_patterns() -> None:
    again = TRUST.add(TrustedKey(name="bob", key=BOB, patterns=("*",)))
    assert [known.patterns for known in again.keys] == [("*",), ("*",)]


def test_key_is_removed_by_name_or_by_the_beginning_of_its_id() -> None:
    assert TRUST.remove("bob").keys == TRUST.remove(BOB.id[:8]).keys == TRUST.keys[:1]
    for unknown in ("nobody", BOB.id[:7]):
        with pytest.raises(UsageError, match="trust list"):
            TRUST.remove(unknown)


@pytest.mark.parametrize("data", [b"", b"[]", b'{"format": 1}', b'{"format": 2, "keys": []}'])
def test_garbled_store_is_told_of(data: bytes) -> None:
    with pytest.raises(UsageError, match=r"trust\.json"):
        parse_trust(data, "trust.json")


def test_unsigned_file_holds_unless_signers_are_required() -> None:
    assert judge([Found()], TRUST, [NUMPY], 0).holds
    assert judge([Found()], TRUST, [NUMPY], 2).missing == 2


def test_valid_signature_of_an_unknown_key_is_not_trusted() -> None:
    verdict = judge([Found(signers=(EVE,))], TRUST, [NUMPY], 0)
    assert not verdict.holds
    assert verdict.as_dict()["valid"]
    assert not verdict.as_dict()["trusted"]


def test_key_counts_for_its_projects_alone() -> None:
    signed = [Found(signers=(BOB,))]
    assert judge(signed, TRUST, [NUMPY], 1).holds
    verdict = judge(signed, TRUST, [NUMPY, FLASK], 1)
    assert not verdict.holds
    assert verdict.signers[0].distrust == "not trusted for flask"


def test_key_that_signed_twice_counts_once() -> None:
    verdict = judge([Found(signers=(ALICE,)), Found(signers=(ALICE,))], TRUST, [NUMPY], 2)
    assert verdict.missing == 1


def test_one_bad_signature_spoils_good_ones() -> None:
    found = Found(signers=(ALICE, BOB), problems=("key 12: the signature is not that key's",))
    verdict = judge([found], TRUST, [NUMPY], 2)
    assert not verdict.missing
    assert not verdict.holds


def test_unknown_signer_besides_enough_trusted_ones_does_no_harm() -> None:
    assert judge([Found(signers=(ALICE, EVE))], TRUST, [NUMPY], 1).holds


def test_signature_of_the_content_alone_is_not_one_that_is_required() -> None:
    inside = Found(signers=(ALICE,), whole=False)
    assert judge([inside], TRUST, [NUMPY], 0).holds
    assert judge([inside], TRUST, [NUMPY], 1).missing == 1
    assert judge([inside, Found(signers=(ALICE,))], TRUST, [NUMPY], 1).holds
