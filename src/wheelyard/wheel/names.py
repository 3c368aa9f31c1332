"""Types that say "checked": project names and digests in one form each."""

from __future__ import annotations

import re
from typing import NewType

NormalizedName = NewType("NormalizedName", str)
"""A project name as PEP 503 writes it: lower case, runs of ``-_.`` as one ``-``."""

Sha256 = NewType("Sha256", str)
"""A SHA-256 digest: 64 lower-case hexadecimal digits."""

_SEPARATORS = re.compile(r"[-_.]+")


def normalize_name(name: str) -> NormalizedName:
    """Return ``name`` in the form in which names are compared (PEP 503).

    >>> normalize_name("Zope.Interface__x")
    'zope-interface-x'
    """
    return NormalizedName(_SEPARATORS.sub("-", name).lower())
