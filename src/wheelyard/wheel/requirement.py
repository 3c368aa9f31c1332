"""What is asked for: ``tool[extra]>=1.2; python_version < "3.12"`` (PEP 508), and lines of such."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wheelyard.errors import UsageError
from wheelyard.wheel.names import NormalizedName, normalize_name
from wheelyard.wheel.specifiers import InvalidSpecifierError, Specifier, parse_specifiers

if TYPE_CHECKING:
    from collections.abc import Iterator

_REQUIREMENT = re.compile(  # blanks are matched in one place each, or long ones take for ever
    r"""\s*(?P<name>[A-Z0-9](?:[A-Z0-9._-]*[A-Z0-9])?)
    \s*(?:\[(?P<extras>[^\]]*)\]\s*)?
    (?:@\s*(?P<url>\S+)\s*|(?P<specifiers>[^;@]*))
    (?:;(?P<marker>.*))?""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL | re.ASCII,
)
_COMMENT = re.compile(r"(?:^|\s+)#.*$")
_LONGEST = 10_000  # characters
_EXTRA = re.compile(r"[A-Z0-9](?:[A-Z0-9._-]*[A-Z0-9])?", re.IGNORECASE | re.ASCII)


class InvalidRequirementError(UsageError):
    """A text that is no requirement (PEP 508)."""


@dataclass(frozen=True)
class Requirement:
    """A project and which of its versions; ``marker`` and ``url`` are as written, or ``""``."""

    name: NormalizedName
    extras: tuple[NormalizedName, ...]
    specifiers: tuple[Specifier, ...]
    url: str
    marker: str


def parse_requirement(text: str) -> Requirement:
    """Read a requirement; its marker is not judged.

    Raises:
        InvalidRequirementError: it says what is wrong.

    >>> parse_requirement("Tool_Box >=1.2, <2; os_name == 'posix'").marker
    "os_name == 'posix'"
    """
    found = _REQUIREMENT.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        raise InvalidRequirementError(
            f"{text.strip()[:_LONGEST]!r} is no requirement such as tool>=1.2 (PEP 508)"
        )
    extras = [extra.strip() for extra in (found["extras"] or "").split(",") if extra.strip()]
    if not all(map(_EXTRA.fullmatch, extras)):
        raise InvalidRequirementError(f"{text.strip()!r}: the extras are no names")
    specifiers = (found["specifiers"] or "").strip()
    if specifiers.startswith("(") and specifiers.endswith(")"):
        specifiers = specifiers[1:-1]
    try:
        parsed = parse_specifiers(specifiers)
    except InvalidSpecifierError as error:
        raise InvalidRequirementError(f"{text.strip()!r}: {error}") from None
    return Requirement(
        name=normalize_name(found["name"]),
        extras=tuple(sorted(map(normalize_name, extras))),
        specifiers=parsed,
        url=found["url"] or "",
        marker=(found["marker"] or "").strip(),
    )


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines of a requirements file as pip reads it, with the number of their first line.

    Continued lines are joined, comments and blank lines left out.
    """
    parts: list[str] = []
    first = 0
    for number, raw in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        first = first or number
        is_comment = raw.lstrip().startswith("#")
        if raw.endswith("\\") and not is_comment:
            parts.append(raw[:-1])
            continue
        # As in pip, a comment ends a continued line.
        joined = "".join(parts) if is_comment else "".join([*parts, raw])
        line = _COMMENT.sub("", joined).strip()
        if line:
            yield first, line
        parts, first = [], 0
    rest = _COMMENT.sub("", "".join(parts)).strip()
    if rest:
        yield first, rest
