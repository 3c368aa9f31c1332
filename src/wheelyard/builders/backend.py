"""What ``pyproject.toml`` says of a build, and calling the backend that it names (PEP 517, 518)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wheelyard.builders import BuildFailedError

if TYPE_CHECKING:
    from pathlib import Path

LEGACY_BACKEND = "setuptools.build_meta:__legacy__"
# setuptools 82 has no pkg_resources any more; a setup.py that imports it was written for older
# ones. Where a project doesn't say which setuptools it wants, it gets one that it can run with.
_LEGACY = ("setuptools>=40.8.0",)
_LEGACY_WITH_PKG_RESOURCES = ("setuptools>=40.8.0,<81",)


@dataclass(frozen=True, kw_only=True, slots=True)
class BuildSystem:
    """The table ``[build-system]``, with PEP 517's defaults."""

    requires: tuple[str, ...]
    backend: str
    backend_path: tuple[str, ...]


def build_system(project: Path) -> BuildSystem:
    """Read a project's build system.

    Raises:
        BuildFailedError: When there is nothing to build, or ``pyproject.toml`` is broken.
    """
    file = project / "pyproject.toml"
    setup = project / "setup.py"
    if not file.exists():
        if not setup.exists() and not (project / "setup.cfg").exists():
            raise BuildFailedError(
                "neither pyproject.toml nor setup.py is in the source",
                "name the folder inside the archive with #subdirectory=",
                (),
                "",
            )
        return parse_build_system({}, setup.read_text("utf-8", "replace") if setup.exists() else "")
    try:
        data = tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BuildFailedError(
            f"pyproject.toml can't be read: {error}", "take another version", (), ""
        ) from None
    return parse_build_system(data, setup.read_text("utf-8", "replace") if setup.exists() else "")


def parse_build_system(data: dict[str, object], setup_py: str) -> BuildSystem:
    """Give the build system of a parsed ``pyproject.toml`` (empty: there is none).

    Raises:
        BuildFailedError: When a key is not of the type that PEP 518 gives it.
    """
    table = data.get("build-system")
    if not isinstance(table, dict):
        uses_pkg_resources = "pkg_resources" in setup_py
        requires = _LEGACY_WITH_PKG_RESOURCES if uses_pkg_resources else _LEGACY
        return BuildSystem(requires=requires, backend=LEGACY_BACKEND, backend_path=())
    return BuildSystem(
        requires=_strings(table, "requires", _LEGACY),
        backend=str(table.get("build-backend", LEGACY_BACKEND)),
        backend_path=_strings(table, "backend-path", ()),
    )


def _strings(table: dict[str, object], key: str, default: tuple[str, ...]) -> tuple[str, ...]:
    value = table.get(key, list(default))
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return tuple(value)
    raise BuildFailedError(
        f"pyproject.toml: build-system.{key} is no list of strings", "take another version", (), ""
    )
