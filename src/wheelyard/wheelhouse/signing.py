"""Signatures of wheelhouses: of the manifest, which names every file, and of what we built."""

from __future__ import annotations

import contextlib
import hashlib
import json
from typing import TYPE_CHECKING

from wheelyard.plans.plan import DOWNLOAD
from wheelyard.signatures.files import Found, check_file, check_inside, sign_file
from wheelyard.signatures.verdict import judge
from wheelyard.wheel import (
    InvalidWheelError,
    InvalidWheelFilenameError,
    NormalizedName,
    Sha256,
    parse_wheel_filename,
)
from wheelyard.wheel.beside import MANIFEST

if TYPE_CHECKING:
    from pathlib import Path

    from wheelyard.signatures.keys import SecretKey
    from wheelyard.signatures.trust import TrustStore
    from wheelyard.signatures.verdict import Verdict

_EVERYTHING = NormalizedName("*")


def sign_wheelhouse(folder: Path, manifest: bytes, key: SecretKey) -> tuple[Path, ...]:
    """Sign a wheelhouse's manifest, and its wheels but those that are as published.

    Args:
        folder: The wheelhouse.
        manifest: The content of ``manifest.json`` as it was written or verified. What is signed is
            this, and the wheels that it has, whatever lies there by now.
        key: Signs.

    Raises:
        UsageError: a signature is there, of another content.
    """
    wheels = json.loads(manifest)["wheels"]
    built = {one["filename"]: Sha256(one["sha256"]) for one in wheels if one["origin"] != DOWNLOAD}
    digests = {**built, MANIFEST: Sha256(hashlib.sha256(manifest).hexdigest())}
    return tuple(sign_file(folder / name, digest, key) for name, digest in digests.items())


def judge_wheelhouse(folder: Path, trust: TrustStore, required: int) -> dict[str, Verdict]:
    """Say what the signatures in a wheelhouse are worth, by the file signed.

    Args:
        folder: A wheelhouse.
        trust: Whom the user trusts; for the manifest, it must be for every project in it.
        required: How many trusted signers the manifest must have; one, if a wheel has any.
    """
    wheels = sorted(folder.glob("*.whl"))
    found = {path: check_file(path) for path in wheels}
    everything = sorted({_project_of(path) for path in wheels})
    own = check_file(folder / MANIFEST)
    signed = [path for path in wheels if found[path] != Found()]
    # Where anybody signed, a manifest that nobody signed has lost its signature.
    manifest = judge([own], trust, everything, max(required, 1 if signed else 0))
    verdicts = {path.name: judge([found[path]], trust, [_project_of(path)], 0) for path in signed}
    return {MANIFEST: manifest, **verdicts}


def judge_file(path: Path, trust: TrustStore, required: int) -> Verdict:
    """Say what the signatures of a file are worth, beside it and inside.

    Whoever vouches for what is no wheel must be trusted for everything.
    """
    found = [check_file(path)]
    if path.suffix == ".whl":
        with contextlib.suppress(InvalidWheelError):  # then nothing inside can be relied on
            found.append(check_inside(path))
    return judge(found, trust, [_project_of(path)], required)


def _project_of(path: Path) -> NormalizedName:
    """Return the project of a wheel; of another file, what only the pattern ``*`` fits."""
    try:
        return parse_wheel_filename(path.name).name
    except InvalidWheelFilenameError:
        return _EVERYTHING
