"""The sources of a wheel that is to run on Python 2.7 and 3, held against both. Pure.

A module that one of them can't read is no mistake where it is left to the other: imported under a
condition, or by such modules alone. That is what real universal wheels do with coroutines.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wheelyard.repair.python2 import UnreadableError, parse_python3, python2_objection

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_LIBRARY = re.compile(r"[^/]+\.data/(?:purelib|platlib)/")
_INIT = "__init__"
_CATCHING = frozenset({"SyntaxError", "Exception", "BaseException"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Unread:
    """A source that Python 2.7 or 3 can't read, and why.

    ``left_alone`` says that the Python in question need not come upon it.
    """

    path: str
    why: str
    left_alone: bool


def unread_sources(sources: Mapping[str, bytes]) -> tuple[Unread, ...]:
    """Find the sources that not both can read.

    Args:
        sources: by their path in the wheel.
    """
    found = {path: _read(data) for path, data in sources.items()}
    unread = {path: why for path, (_, why) in found.items() if why}
    certain: set[str] = set()
    conditional: set[str] = set()
    for path, (tree, _) in found.items():
        for name, on_condition in _imports(path, tree) if tree else ():
            (conditional if on_condition or path in unread else certain).add(name)
    apart = conditional - certain
    return tuple(
        Unread(path=path, why=why, left_alone=_module(path) in apart)
        for path, why in sorted(unread.items())
    )


def _read(data: bytes) -> tuple[ast.Module | None, str]:
    """Give the syntax tree, where there is one, and what keeps one of the Pythons from reading."""
    try:
        tree = parse_python3(data)
    except UnreadableError as error:
        return None, f"Python 3 can't read {error}"
    objection = python2_objection(data, tree)
    return tree, f"Python 2.7 can't read {objection}" if objection else ""


def _module(path: str) -> str:
    """Give the name that a source is imported by.

    >>> _module("x-1.data/purelib/x/y.py"), _module("x/__init__.py")
    ('x.y', 'x')
    """
    parts = _LIBRARY.sub("", path).removesuffix(".py").split("/")
    return ".".join(parts[:-1] if parts[-1] == _INIT else parts)


def _imports(path: str, tree: ast.Module) -> Iterator[tuple[str, bool]]:
    """Give the modules that a source may import, each with whether only under a condition."""
    module = _module(path)
    package = module if path.endswith(f"/{_INIT}.py") else module.rpartition(".")[0]
    for node, conditional in _statements(tree.body, conditional=False):
        for name in _imported(node, package.split(".")):
            parts = name.split(".")
            yield from ((".".join(parts[:end]), conditional) for end in range(1, len(parts) + 1))


def _imported(node: ast.Import | ast.ImportFrom, package: list[str]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
        return
    above = package[: len(package) - node.level + 1] if node.level else []
    base = [*above, *(node.module or "").split(".")] if node.module else above
    yield from (".".join([*base, alias.name]) for alias in node.names)


def _statements(
    body: Iterable[ast.stmt], *, conditional: bool
) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    """Give the import statements in a body, each with whether it may be passed by."""
    for node in body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node, conditional
        elif isinstance(node, ast.Try):
            caught = conditional or any(_catches(handler) for handler in node.handlers)
            yield from _statements(node.body, conditional=caught)
            for handler in node.handlers:
                yield from _statements(handler.body, conditional=True)
            yield from _statements(node.orelse, conditional=True)
            yield from _statements(node.finalbody, conditional=conditional)
        elif isinstance(node, ast.ClassDef | ast.With):
            yield from _statements(node.body, conditional=conditional)
        else:
            for name in ("body", "orelse"):
                yield from _statements(getattr(node, name, ()), conditional=True)


def _catches(handler: ast.ExceptHandler) -> bool:
    """Whether a handler goes on where a module can't be read; ImportError is another matter."""
    if handler.type is None:
        return True
    names = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(name, ast.Name) and name.id in _CATCHING for name in names)
