"""``Requires-Python`` for one interpreter, without a library (version specifiers, PEP 440).

Only released Pythons are asked about, so numbers are all that counts: ``3.12.0rc1`` is 3.12.0.
"""

from __future__ import annotations

import re

_LONGEST = 6  # parts; a Python version has three
_CLAUSE = re.compile(r"\s*(~=|===?|!=|<=|>=|<|>)\s*v?([0-9]+(?:\.[0-9]+)*)(\.\*)?[^\s,]*\s*")


def accepts_python(requires_python: str, version: tuple[int, ...]) -> bool:
    """Whether a project that requires ``requires_python`` runs on Python ``version``.

    A clause that is no version specifier, as some old projects have, excludes nothing.

    >>> accepts_python(">=3.8, !=3.9.*, <4", (3, 11, 7)), accepts_python("~=3.8", (4, 0, 0))
    (True, False)
    """
    clauses = (_CLAUSE.fullmatch(text) for text in requires_python.split(","))
    return all(_holds(found, version) for found in clauses if found)


def _holds(clause: re.Match[str], version: tuple[int, ...]) -> bool:
    operator, wanted = clause[1], tuple(map(int, clause[2].split(".")))
    if operator == "~=":
        series = wanted[:-1]
        return version[: len(series)] == series and _padded(version) >= _padded(wanted)
    left = _padded(version[: len(wanted)] if clause[3] else version)
    right = _padded(wanted)
    return {
        "==": left == right,
        "===": left == right,
        "!=": left != right,
        "<=": left <= right,
        ">=": left >= right,
        "<": left < right,
        ">": left > right,
    }[operator]


def _padded(version: tuple[int, ...]) -> tuple[int, ...]:
    """Make versions of different length comparable: 3.11 is 3.11.0."""
    return version + (0,) * (_LONGEST - len(version))
