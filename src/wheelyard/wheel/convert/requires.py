"""``requires.txt``: requirements in sections for extras and markers (setuptools, "Egg formats")."""

from __future__ import annotations

import re
from dataclasses import dataclass

from wheelyard.wheel.metadata import NEWLINE, InvalidMetadataError
from wheelyard.wheel.requirement import InvalidRequirementError, parse_requirement


@dataclass(frozen=True)
class Requires:
    """What ``Requires-Dist`` and ``Provides-Extra`` have to say.

    ``odd`` are the requirements among them that today's installers don't understand.
    """

    requires_dist: tuple[str, ...]
    provides_extra: tuple[str, ...]
    odd: tuple[str, ...]


def parse_requires(text: str) -> Requires:
    r"""Read a ``requires.txt``.

    Raises:
        InvalidMetadataError: a section's heading is broken.

    >>> parse_requires('six\n[fast:python_version<"3"]\ncy>=1').requires_dist
    ('six', 'cy>=1; python_version<"3" and extra == "fast"')
    """
    requirements, extras, odd = [], [], []
    condition = ""
    for number, raw in enumerate(NEWLINE.split(text), 1):
        line = raw.partition(" #")[0].strip()
        if line.startswith("["):
            if not line.endswith("]"):
                raise InvalidMetadataError(
                    f"requires.txt, line {number}: {line!r} must end with ], or be a requirement"
                )
            extra, condition = _read_heading(line[1:-1])
            extras += [extra] if extra else []
        elif line and not line.startswith("#"):
            requirement, marker = _split_marker(line)
            requirements.append(_joined(requirement, marker, condition))
            odd += [] if is_requirement(requirement) else [line]
    return Requires(tuple(requirements), tuple(dict.fromkeys(extras)), tuple(odd))


def safe_extra(name: str) -> str:
    """Return an extra's name as installers of eggs compared it; those of wheels find it as well."""
    return re.sub(r"[^a-z0-9.-]+", "_", name.strip().lower())


def _read_heading(heading: str) -> tuple[str, str]:
    """Return the extra and the whole marker of ``extra``, ``:marker`` or ``extra:marker``."""
    name, _, marker = heading.partition(":")
    extra = safe_extra(name)
    return extra, _conjunction(marker.strip(), f'extra == "{extra}"' if extra else "")


def _split_marker(line: str) -> tuple[str, str]:
    """Take a requirement apart; in a URL, only a blank before ``;`` ends it (PEP 508)."""
    requirement, _, marker = line.partition(" ;" if "@" in line.partition(";")[0] else ";")
    return requirement.strip(), marker.strip()


def _joined(requirement: str, *markers: str) -> str:
    marker = _conjunction(*markers)
    if not marker:
        return requirement
    return f"{requirement} ; {marker}" if "@" in requirement else f"{requirement}; {marker}"


def _conjunction(*markers: str) -> str:
    given = [marker for marker in markers if marker]
    if len(given) > 1:
        given = [f"({one})" if re.search(r"\bor\b", one) else one for one in given]
    return " and ".join(given)


def is_requirement(text: str) -> bool:
    """Whether ``text`` is a requirement to today's installers (PEP 508); no marker is judged."""
    try:
        parse_requirement(text)
    except InvalidRequirementError:
        return False
    return True
