"""``Requires-Python`` for one interpreter (core metadata).

Only released Pythons are asked about, so numbers are all that counts: ``3.12.0rc1`` is 3.12.0.
"""

from __future__ import annotations

import re

from wheelyard.wheel.specifiers import InvalidSpecifierError, parse_specifiers
from wheelyard.wheel.versions import Version

# ``>=3.6.*``, which setuptools once let through, means ``>=3.6``.
_ORDERED_PREFIX = re.compile(r"([<>]=?\s*[0-9.]+)\.\*")


def accepts_python(requires_python: str, version: tuple[int, ...]) -> bool:
    """Whether a project that requires ``requires_python`` runs on Python ``version``.

    A clause that is no version specifier, as some old projects have, excludes nothing.

    >>> accepts_python(">=3.8, !=3.9.*, <4", (3, 11, 7)), accepts_python("~=3.8", (4, 0, 0))
    (True, False)
    """
    return all(_accepts(clause, Version(0, version)) for clause in requires_python.split(","))


def _accepts(clause: str, version: Version) -> bool:
    try:
        specifiers = parse_specifiers(_ORDERED_PREFIX.sub(r"\1", clause))
    except InvalidSpecifierError:
        return True
    return all(specifier.accepts(version) for specifier in specifiers)
