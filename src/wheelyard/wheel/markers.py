"""Environment markers: ``python_version < "3.12" and sys_platform == "linux"`` (PEP 508)."""

from __future__ import annotations

import re
from itertools import accumulate
from typing import TYPE_CHECKING, Callable

from wheelyard.errors import VerificationError
from wheelyard.wheel.specifiers import InvalidSpecifierError, parse_specifiers
from wheelyard.wheel.versions import InvalidVersionError, parse_version

if TYPE_CHECKING:
    from collections.abc import Mapping

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<text>'[^']*'|"[^"]*")
    | (?P<operator>===|~=|==|!=|<=|>=|<|>|\bnot\s+in\b|\bin\b)
    | (?P<word>\b(?:and|or)\b|[()])
    | (?P<variable>[A-Za-z_][\w.]*)
    )\s*""",
    re.VERBOSE,
)
# Those whose values are compared as versions.
_VERSIONED = {
    "implementation_version", "platform_release", "python_full_version", "python_version",
}  # fmt: skip
_DEEPEST = 50  # brackets in brackets; who reads one within the other ends at some hundreds
# As setuptools once wrote them.
_OLD_NAMES = {
    "os.name": "os_name",
    "sys.platform": "sys_platform",
    "platform.version": "platform_version",
    "platform.machine": "platform_machine",
    "platform.python_implementation": "platform_python_implementation",
    "python_implementation": "platform_python_implementation",
}

# The order of texts means nothing.
_TEXT_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "==": str.__eq__,
    "<=": str.__eq__,
    ">=": str.__eq__,
    "!=": str.__ne__,
    "<": lambda _left, _right: False,
    ">": lambda _left, _right: False,
    "in": lambda left, right: left in right,
    "not in": lambda left, right: left not in right,
}


class InvalidMarkerError(VerificationError):
    """A text that is no environment marker (PEP 508)."""


def evaluate_marker(text: str, environment: Mapping[str, str]) -> bool:
    """Whether a marker holds.

    Args:
        text: the marker.
        environment: the value of every variable, also of ``extra``.

    Raises:
        InvalidMarkerError: it is no marker, or has a variable that is not there.

    >>> evaluate_marker("os_name == 'nt' or python_version < '3.9'",
    ...                 {"os_name": "posix", "python_version": "3.11"})
    False
    """
    reader = _Reader(text, environment)
    reader.check(not is_too_deep(text))
    result = reader.read_any()
    reader.check(not reader.tokens)
    return result


def is_too_deep(text: str) -> bool:
    """Whether a marker nests more brackets than any that a person or a tool wrote."""
    if text.count("(") <= _DEEPEST:
        return False
    steps = ({"(": 1, ")": -1}.get(letter, 0) for letter in text)
    return max(accumulate(steps)) > _DEEPEST


class _Reader:
    """Reads and evaluates in one go; everything is read, so that the whole text is checked."""

    def __init__(self, text: str, environment: Mapping[str, str]) -> None:
        self.text = text
        self.environment = environment
        found = list(_TOKEN.finditer(text))
        self.check("".join(one[0] for one in found) == text)
        # The next one is the last.
        self.tokens = [(one.lastgroup or "", one[0].strip()) for one in reversed(found)]

    def check(self, *holds: object) -> None:
        """Go on where all of it holds.

        Raises:
            InvalidMarkerError: it doesn't.
        """
        if not all(holds):
            raise InvalidMarkerError(
                f"{self.text.strip()!r} is no environment marker such as python_version < '3.12' "
                "(PEP 508)"
            )

    def read_any(self) -> bool:
        result = self.read_all()
        while self.take("word", "or"):
            result = self.read_all() or result
        return result

    def read_all(self) -> bool:
        result = self.read_term()
        while self.take("word", "and"):
            result = self.read_term() and result
        return result

    def read_term(self) -> bool:
        if self.take("word", "("):
            result = self.read_any()
            self.check(self.take("word", ")"))
            return result
        variable, left = self.read_value()
        operator = " ".join(self.take("operator").split())
        other, right = self.read_value()
        self.check(operator, bool(variable) != bool(other))
        if (variable or other) in _VERSIONED:
            found = _compare_versions(left, operator, right)
            if found is not None:
                return found
        self.check(operator in _TEXT_OPERATORS)
        return _TEXT_OPERATORS[operator](left, right)

    def read_value(self) -> tuple[str, str]:
        """Return the name of a variable, ``""`` for a literal text, and the value."""
        text = self.take("text")
        if text:
            return "", text[1:-1]
        name = self.take("variable")
        name = _OLD_NAMES.get(name, name)
        self.check(name in self.environment)
        return name, self.environment[name]

    def take(self, kind: str, text: str = "") -> str:
        """Return the next token if it is one of this kind, else ``""``."""
        if self.tokens and self.tokens[-1][0] == kind and text in {"", self.tokens[-1][1]}:
            return self.tokens.pop()[1]
        return ""


def _compare_versions(left: str, operator: str, right: str) -> bool | None:
    """Compare as versions; None where the right one is none, as in ``in '3.8 3.9'``."""
    try:
        (specifier,) = parse_specifiers(operator + right)
    except (InvalidSpecifierError, ValueError):
        return None
    try:
        return specifier.accepts(parse_version(left))
    except InvalidVersionError:
        return False
