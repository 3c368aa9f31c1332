"""Whether a source has parts that a compiler makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_SUFFIXES = frozenset(
    {".c", ".cc", ".cpp", ".cxx", ".pyx", ".pxd", ".f", ".f90", ".rs", ".s", ".S", ".m"}
)
_FILES = frozenset({"Cargo.toml", "CMakeLists.txt", "meson.build"})
# What lies there is for tests and readers; it isn't part of the wheel.
_ASIDE = frozenset({"test", "tests", "doc", "docs", "example", "examples", "benchmarks"})


def has_compiled_parts(project: Path) -> bool:
    """Guess by the names of its files; a wrong yes costs time, a wrong no a clear failure."""
    for path in project.rglob("*"):
        inside = path.relative_to(project).parts
        if _ASIDE.isdisjoint(inside) and (path.suffix in _SUFFIXES or path.name in _FILES):
            return True
    return False
