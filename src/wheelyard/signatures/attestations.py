"""Attestations that an index publishes with a file (PEP 740), verified without a network.

They say which publisher's workflow, by its certificate of Sigstore's, uploaded the file. Whether
that publisher is the right one is for whoever reads it: no key of the trust store is in it.
Runs on Python 3.9 with the standard library alone, to say that it can't check there.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wheelyard.errors import WheelyardError
from wheelyard.signatures.disk import read_small
from wheelyard.wheel.beside import attestation_name

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography.x509 import Certificate
    from pypi_attestations import Distribution

_UNCHECKED = "not checked here: pip install 'wheelyard[attestations]'"


@dataclass(frozen=True)
class Attested:
    """What was found: the publisher, or why there is none; ``checked`` is false without the extra.

    ``publisher`` is what the certificate was given to: a workflow's address, or an e-mail address.
    """

    publisher: str = ""
    problem: str = ""
    checked: bool = True


def check_attestation(path: Path) -> Attested | None:
    """Check the attestation beside a file, by Sigstore's root of trust as pypi-attestations has it.

    Returns:
        None where there is none.
    """
    place = path.with_name(attestation_name(path.name))
    if not os.path.lexists(place):
        return None
    try:
        from pypi_attestations import Distribution  # noqa: PLC0415 - an extra
    except ImportError:
        return Attested(problem=_UNCHECKED, checked=False)
    try:
        content = read_small(place)
        return Attested(publisher=_verify(content, Distribution.from_file(path)))
    except (WheelyardError, OSError, ValueError) as error:  # the libraries' own are ValueErrors
        said = str(error).partition("\n")[0]
        return Attested(problem=f"{place.name}: {said}")


class _AnyPublisher:
    """Sigstore's policy on who may have signed: whoever did is shown."""

    def verify(self, cert: Certificate) -> None:
        """Accept a certificate, which was found to be Sigstore's."""


def _verify(content: bytes, file: Distribution) -> str:
    """Return the publisher of a valid attestation."""
    from cryptography.x509 import (  # noqa: PLC0415
        SubjectAlternativeName,
        load_der_x509_certificate,
    )
    from pypi_attestations import Attestation  # noqa: PLC0415

    attestation = Attestation.model_validate_json(content)
    attestation.verify(_AnyPublisher(), file, offline=True)
    certificate = load_der_x509_certificate(attestation.verification_material.certificate)
    names = certificate.extensions.get_extension_for_class(SubjectAlternativeName).value
    return ", ".join(str(name.value) for name in names)
