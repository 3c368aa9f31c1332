"""in-toto Statements, version 1: which file, by its digest, something is said of.

https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from wheelyard.errors import VerificationError
from wheelyard.wheel import Sha256

PAYLOAD_TYPE = "application/vnd.in-toto+json"
GARBLED = (ValueError, KeyError, TypeError, AttributeError, RecursionError)
"""What reading a stranger's JSON raises; the last, where lists are nested without end."""
_TYPE = "https://in-toto.io/Statement/v1"
_PREDICATE = "urn:wheelyard:signature:1"


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """A file by its name, without folders, and its SHA-256."""

    name: str
    sha256: Sha256


def render_statement(subject: Subject) -> bytes:
    """Return the statement that a signer vouches for a file; the same file has the same one."""
    statement = {
        "_type": _TYPE,
        "subject": [{"name": subject.name, "digest": {"sha256": subject.sha256}}],
        "predicateType": _PREDICATE,
        "predicate": {},
    }
    return json.dumps(statement, sort_keys=True, separators=(",", ":")).encode()


def parse_statement(data: bytes) -> Subject:
    """Read a statement that :func:`render_statement` made.

    Raises:
        VerificationError: it is something else.
    """
    try:
        statement = json.loads(data)
        (subject,) = statement["subject"]
        found = Subject(name=str(subject["name"]), sha256=Sha256(subject["digest"]["sha256"]))
    except GARBLED as error:
        raise VerificationError(f"its statement is garbled: {error!r}") from None
    if data != render_statement(found):
        raise VerificationError("its statement is not Wheelyard's, or says more than that")
    return found
