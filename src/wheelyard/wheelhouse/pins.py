"""What other tools read of a wheelhouse, from its manifest: requirements files, ``pylock.toml``.

Pure, and the standard library alone from Python 3.9 on, so that the machine installed to makes them
again and compares.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from wheelyard.wheel.versions import parse_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

FORMAT = 1
"""Of the manifest."""

# What a basic string of TOML can't hold as it is.
_SPECIAL = re.compile(r'[\x00-\x08\n-\x1f"\\\x7f]')


def render_requirements(wheels: Iterable[Mapping[str, Any]]) -> str:
    """Give a requirements file that pins exactly these wheels by hash, sorted by name.

    Of a project with several versions only the chosen one is named: an installer could not
    satisfy two.
    """
    chosen = [wheel for wheel in wheels if wheel["chosen"]]
    lines = [
        f"{wheel['name']}=={wheel['version']} --hash=sha256:{wheel['sha256']}\n"
        for wheel in sorted(chosen, key=lambda wheel: wheel["name"])
    ]
    return "".join(lines)


def requirements_files(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Give the consolidated requirements and those by type, as file name and content."""
    wheels = manifest["wheels"]
    types = sorted({wheel["type"] for wheel in wheels})
    files = {"requirements.txt": render_requirements(wheels)}
    for kind in types:
        of_type = [wheel for wheel in wheels if wheel["type"] == kind]
        files[f"requirements-{kind}.txt"] = render_requirements(of_type)
    return files


def render_pylock(manifest: Mapping[str, Any]) -> str:
    """Give a ``pylock.toml`` (PEP 751) of the chosen wheels, by path; upstream's hash beside.

    Raises:
        InvalidVersionError: A wheel's version is none.
        KeyError: The manifest lacks something.
        TypeError: Something in it is of another type.
    """
    chosen = [wheel for wheel in manifest["wheels"] if wheel["chosen"]]
    head = ['lock-version = "1.0"', 'created-by = "wheelyard"']
    lines = head + [line for wheel in chosen for line in _package(wheel)]
    return "\n".join(lines if chosen else [*head, "packages = []"]) + "\n"


def _package(wheel: Mapping[str, Any]) -> Iterator[str]:
    yield from ("", "[[packages]]")
    yield from _pairs(wheel, "name", "version")
    parse_version(wheel["version"])
    yield from ("", "[[packages.wheels]]")
    yield from _pairs({"path": wheel["filename"]}, "path")
    yield f"size = {_size(wheel)}"
    yield from ("", "[packages.wheels.hashes]")
    yield from _pairs(wheel, "sha256")
    yield from ("", "[packages.tool.wheelyard]")
    yield from _pairs(wheel, "origin")
    yield from ("", "[packages.tool.wheelyard.source]")
    yield from _pairs(wheel["source"], "filename", "sha256", "url")


def _pairs(table: Mapping[str, Any], *keys: str) -> Iterator[str]:
    for key in keys:
        if not isinstance(table[key], str):
            raise TypeError(f"{key}, which should be text")
        yield f'{key} = "{_SPECIAL.sub(_escape, table[key])}"'


def _escape(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1] if found[0] != "\x7f" else "\\u007f"


def _size(wheel: Mapping[str, Any]) -> int:
    if not isinstance(wheel["size"], int):
        raise TypeError("size, which should be a number")
    return wheel["size"]
