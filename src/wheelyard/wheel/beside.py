"""Files that vouch for a wheel or a manifest: by which names they lie beside it, or inside."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from wheelyard.errors import WheelyardError
from wheelyard.wheel.reader import open_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from wheelyard.wheel.reader import Wheel

MANIFEST = "manifest.json"
INSIDE = "RECORD.jws"  # in the .dist-info folder
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


def signature_inside(wheel: Wheel) -> str:
    """Return the name of the signature inside a wheel (PEP 427), empty where there is none."""
    name = f"{wheel.dist_info}/{INSIDE}"
    return name if any(member.name == name for member in wheel.members) else ""


def is_signed(path: Path) -> bool:
    """Whether anybody signed a wheelhouse, a wheel or another file, well or not.

    A wheel that breaks a rule counts by what lies beside it alone.
    """
    if path.is_dir():
        return (path / MANIFEST).is_file() and any(path.glob(signature_name("*")))
    if os.path.lexists(path.with_name(signature_name(path.name))):
        return True
    if path.suffix != ".whl" or not path.is_file():
        return False
    try:
        return bool(signature_inside(open_wheel(path)))
    except WheelyardError:  # which whoever reads it will meet
        return False
