"""Types that say "checked": project names, digests, versions in one form each."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NewType

NormalizedName = NewType("NormalizedName", str)
"""A project name as PEP 503 writes it: lower case, runs of ``-_.`` as one ``-``."""

Sha256 = NewType("Sha256", str)
"""A SHA-256 digest: 64 lower-case hexadecimal digits."""

_SEPARATORS = re.compile(r"[-_.]+")

_VERSION = re.compile(
    r"""\s*v?
    (?:(?P<epoch>[0-9]+)!)?
    (?P<release>[0-9]+(?:\.[0-9]+)*)
    (?:[-_.]?(?P<pre>a|b|c|rc|alpha|beta|pre|preview)[-_.]?(?P<pre_n>[0-9]+)?)?
    (?P<post>-(?P<post_n1>[0-9]+)|[-_.]?(?:post|rev|r)[-_.]?(?P<post_n2>[0-9]+)?)?
    (?P<dev>[-_.]?dev[-_.]?(?P<dev_n>[0-9]+)?)?
    (?:\+(?P<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?
    \s*""",
    re.VERBOSE | re.IGNORECASE,
)
_PRE = {"alpha": "a", "beta": "b", "c": "rc", "pre": "rc", "preview": "rc"}


def normalize_name(name: str) -> NormalizedName:
    """Return ``name`` in the form in which names are compared (PEP 503).

    >>> normalize_name("Zope.Interface__x")
    'zope-interface-x'
    """
    return NormalizedName(_SEPARATORS.sub("-", name).lower())


@lru_cache(maxsize=4096)
def normalize_version(version: str) -> str:
    """Return the form in which versions are compared: PEP 440, without the release's last zeros.

    What PEP 440 does not know (old projects) is only lower-cased: it equals itself.

    >>> normalize_version("v1.0.0-ALPHA_2+Ubuntu-1")
    '1a2+ubuntu.1'
    """
    found = _VERSION.fullmatch(version)
    if found is None:
        return version.strip().lower()
    part = found.groupdict()
    numbers = [int(number) for number in part["release"].split(".")]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    epoch = f"{int(part['epoch'])}!" if int(part["epoch"] or 0) else ""
    pre = (part["pre"] or "").lower()
    post = int(part["post_n1"] or part["post_n2"] or 0)
    return "".join(
        (
            epoch,
            ".".join(map(str, numbers)),
            f"{_PRE.get(pre, pre)}{int(part['pre_n'] or 0)}" if pre else "",
            f".post{post}" if part["post"] else "",
            f".dev{int(part['dev_n'] or 0)}" if part["dev"] else "",
            f"+{_normalize_local(part['local'])}" if part["local"] else "",
        )
    )


def _normalize_local(local: str) -> str:
    pieces = _SEPARATORS.split(local.lower())
    return ".".join(str(int(piece)) if piece.isdigit() else piece for piece in pieces)


def same_version(left: str, right: str) -> bool:
    """Whether two spellings are one version (PEP 440: ``1.0`` is ``1.0.0`` is ``v1``).

    A file name cannot hold ``-``, so it stands there as ``_`` (PEP 427); both are one here.
    """
    return _unescape(left) == _unescape(right)


def _unescape(version: str) -> str:
    return normalize_version(version.replace("_", "-"))
