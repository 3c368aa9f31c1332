"""Whether Python 2.7 can read a source that Python 3 reads. Pure.

By parso, with a grammar of what both take. What of 2.7 no grammar says is looked at besides:
encodings (PEP 263), features of ``__future__``, generators that return a value, and how numbers and
strings are spelled.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from parso.grammar import Grammar, load_grammar
from parso.parser import ParserSyntaxError
from parso.utils import split_lines

from wheelyard.errors import VerificationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parso.tree import NodeOrLeaf

_GRAMMAR = "data/python27.txt"
_FEATURES = frozenset(
    {"nested_scopes", "generators", "division", "absolute_import", "with_statement"}
    | {"print_function", "unicode_literals"}
)
_COOKIE = re.compile(rb"[ \t\f]*#.*?coding[:=][ \t]*[-\w.]+")
_BOM = b"\xef\xbb\xbf"
_PRINT = re.compile(r"\bprint\b")
_STRING_PREFIX = re.compile(r"(?i)rb")
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


class UnreadableError(VerificationError):
    """A source that this Python can't compile: the line, and why."""


def parse_python3(data: bytes) -> ast.Module:
    """Give the syntax tree of a source.

    Raises:
        UnreadableError: This Python can't compile it.
    """
    try:
        with warnings.catch_warnings():  # of its escapes and comparisons, which are its own affair
            warnings.simplefilter("ignore")
            tree = ast.parse(data)
            compile(tree, "", "exec", dont_inherit=True)
    except SyntaxError as error:
        raise UnreadableError(f"line {error.lineno or 1}: {error.msg}") from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise UnreadableError(f"it: {error}") from None
    return tree


def python2_objection(data: bytes, tree: ast.Module) -> str:
    """Say what Python 2.7 can't read of a source, with the line; empty where it can.

    Args:
        data: the source.
        tree: of :func:`parse_python3`.
    """
    return next(_objections(data, tree), "")


def _objections(data: bytes, tree: ast.Module) -> Iterator[str]:
    """Give reasons, in the order in which Python 2.7 would come upon them."""
    yield from _undeclared(data)
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    text = data.decode(encoding)
    features = dict(_features(tree))
    yield from _ungrammatical(_PRINT.sub("prinT", text) if "print_function" in features else text)
    for name in sorted(set(features) - _FEATURES):
        yield f"line {features[name]}: no feature {name} of __future__"
    yield from _misspelled(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            yield from _returning_generator(node)


def _undeclared(data: bytes) -> Iterator[str]:
    """As PEP 263 has it, what is beyond ASCII needs a declaration in one of the first two lines."""
    lines = data.splitlines()
    if not data.startswith(_BOM) and not any(_COOKIE.match(line) for line in lines[:2]):
        for number, line in enumerate(lines, start=1):
            if not line.isascii():
                yield f"line {number}: letters beyond ASCII, and no encoding is declared"


def _features(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            yield from ((alias.name, node.lineno) for alias in node.names)


def _ungrammatical(text: str) -> Iterator[str]:
    try:
        _grammar().parse(f"{text}\n", error_recovery=False)
    except ParserSyntaxError as error:
        lines = split_lines(text)
        number = min(error.error_leaf.start_pos[0], len(lines))
        yield f"line {number}: {lines[number - 1].strip()}"


@cache
def _grammar() -> Grammar[NodeOrLeaf]:
    with resources.as_file(resources.files(__package__) / _GRAMMAR) as path:
        grammar: Grammar[NodeOrLeaf] = load_grammar(version="2.7", path=str(path))
    return grammar


def _misspelled(text: str) -> Iterator[str]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if (
            (token.type == tokenize.NUMBER and "_" in token.string)
            or (token.type == tokenize.NAME and not token.string.isascii())
            or (token.type == tokenize.STRING and _STRING_PREFIX.match(token.string))
        ):
            yield f"line {token.start[0]}: {token.string.splitlines()[0]}"


def _returning_generator(function: ast.FunctionDef) -> Iterator[str]:
    own = list(_own_nodes(function))
    if any(isinstance(node, ast.Yield) for node in own):
        for node in own:
            if isinstance(node, ast.Return) and node.value is not None:
                yield f"line {node.lineno}: a generator that returns a value"


def _own_nodes(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """Give the nodes of a function's body, but for those of scopes inside it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, _SCOPES):
            waiting += ast.iter_child_nodes(node)
