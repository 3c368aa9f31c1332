"""Signatures of wheelhouses: of the manifest, which names every file, and of what we built."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from wheelyard.signatures.files import Found, check_file, check_inside, sign_file
from wheelyard.signatures.verdict import judge
from wheelyard.wheel import (
    InvalidWheelError,
    InvalidWheelFilenameError,
    normalize_name,
    parse_wheel_filename,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from wheelyard.signatures.keys import SecretKey
    from wheelyard.signatures.trust import TrustStore
    from wheelyard.signatures.verdict import Verdict
    from wheelyard.wheel import NormalizedName

MANIFEST = "manifest.json"


def sign_wheelhouse(folder: Path, manifest: Mapping[str, Any], key: SecretKey) -> tuple[Path, ...]:
    """Sign a wheelhouse's manifest, and its wheels but those that are as published.

    Raises:
        UsageError: a signature is there, of another content.
    """
    built = [wheel["filename"] for wheel in manifest["wheels"] if wheel["origin"] != "download"]
    return tuple(sign_file(folder / name, key) for name in (*built, MANIFEST))


def judge_wheelhouse(folder: Path, trust: TrustStore, required: int) -> dict[str, Verdict]:
    """Say what the signatures in a wheelhouse are worth, by the file signed.

    Args:
        folder: A wheelhouse.
        trust: Whom the user trusts; for the manifest, it must be for every project in it.
        required: How many trusted signers the manifest must have.
    """
    wheels = sorted(folder.glob("*.whl"))
    found = {path: check_file(path) for path in wheels}
    everything = sorted({_project_of(path) for path in wheels})
    manifest = judge([check_file(folder / MANIFEST)], trust, everything, required)
    verdicts = {
        path.name: judge([found[path]], trust, [_project_of(path)], 0)
        for path in wheels
        if found[path] != Found()
    }
    return {MANIFEST: manifest, **verdicts}


def judge_file(path: Path, trust: TrustStore, required: int) -> Verdict:
    """Say what the signatures of a file are worth, beside it and inside."""
    found = [check_file(path)]
    if path.suffix == ".whl":
        with contextlib.suppress(InvalidWheelError):  # then nothing inside can be relied on
            found.append(check_inside(path))
    return judge(found, trust, [_project_of(path)], required)


def _project_of(path: Path) -> NormalizedName:
    """Return the project of a wheel; of another file, its name stands for one."""
    try:
        return parse_wheel_filename(path.name).name
    except InvalidWheelFilenameError:
        return normalize_name(path.stem)
