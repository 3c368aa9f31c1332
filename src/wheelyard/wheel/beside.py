"""Names of the files that lie beside a wheel or a manifest and vouch for it."""

from __future__ import annotations

MANIFEST = "manifest.json"
_SIGNATURE = ".dsse.json"
_ATTESTATION = ".publish.attestation"


def signature_name(file: str) -> str:
    """Return the name of a file's detached signature; a wheelhouse's manifest has a short one.

    >>> signature_name("some-1.0-py3-none-any.whl"), signature_name("manifest.json")
    ('some-1.0-py3-none-any.whl.dsse.json', 'manifest.dsse.json')
    """
    return ("manifest" if file == MANIFEST else file) + _SIGNATURE


def attestation_name(file: str) -> str:
    """Return the name of the attestation that an index publishes with a file (PEP 740)."""
    return file + _ATTESTATION
