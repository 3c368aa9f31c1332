"""A target that a file describes: what ``wheelyard target detect`` or its script printed."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from wheelyard.errors import UsageError
from wheelyard.targets.detect import THIS, target_from_facts
from wheelyard.targets.target import target_from_dict

if TYPE_CHECKING:
    from pathlib import Path

    from wheelyard.targets.target import Target

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]*")
_AGAIN = (
    "Take it again with `wheelyard target detect --json`, or with the script that "
    "`wheelyard target detect --script` prints, on the machine."
)


def is_target_file(name: str) -> bool:
    """Whether what names a target is a file's path rather than a name of the catalogue."""
    return name.endswith(".json") or "/" in name


def read_target(path: Path) -> Target:
    """Read a target; it is called like the file.

    Raises:
        UsageError: The file can't be read, is something else, or its name is none for a folder.
        HostError: The machine has no CPython of 3.9 or later on Linux.
    """
    if not _NAME.fullmatch(path.stem) or path.stem == THIS:
        raise UsageError(
            f"{path}: {path.stem!r} can't name a target's folder: rename the file, with letters, "
            "digits, '.', '_' and '-'"
        )
    try:
        data = json.loads(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path}: it can't be read ({error.strerror})") from error
    except ValueError as error:
        raise UsageError(f"{path}: it is not JSON ({error}). {_AGAIN}") from error
    if not isinstance(data, dict):
        raise UsageError(f"{path}: it does not describe a target. {_AGAIN}")
    try:
        if "version_info" in data:
            return target_from_facts(data, path.stem)
        return target_from_dict({**data, "name": path.stem})
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from error
