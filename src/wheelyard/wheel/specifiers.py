"""Version specifiers: ``>=1.2, !=1.4.*`` (PEP 440)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from wheelyard.errors import VerificationError
from wheelyard.wheel.versions import InvalidVersionError, Version, parse_version

_CLAUSE = re.compile(r"\s*(===|~=|==|!=|<=|>=|<|>)\s*([^\s,;)]+)\s*")
_PREFIX = ".*"
_RELEASE = re.compile(r"v?([0-9]+!)?[0-9]+(\.[0-9]+)*", re.IGNORECASE)


class InvalidSpecifierError(VerificationError):
    """A text that is no version specifier (PEP 440)."""


@dataclass(frozen=True)
class Specifier:
    """One clause; ``bound`` is as written, a version that ``.*`` may follow, or any text."""

    operator: str
    bound: str

    @property
    def names_prerelease(self) -> bool:
        """Whether it asks for a version before a release, so that one may be taken."""
        if self.operator == "!=" or self.bound.endswith(_PREFIX):
            return False
        try:
            return parse_version(self.bound).is_prerelease
        except InvalidVersionError:
            return False

    def accepts(self, version: Version) -> bool:
        """Whether a version is among those meant."""
        if self.operator == "===":
            return str(version).lower() == self.bound.lower()
        if self.bound.endswith(_PREFIX):
            begins = _begins(version, parse_version(self.bound[: -len(_PREFIX)]))
            return begins == (self.operator == "==")
        bound = parse_version(self.bound)
        if self.operator == "~=":
            series = Version(bound.epoch, bound.release[:-1])
            return version.public >= bound and _begins(version, series)
        return _compare(version, self.operator, bound)


def _begins(version: Version, prefix: Version) -> bool:
    length = len(prefix.release)
    release = (version.release + (0,) * length)[:length]
    return (version.epoch, release) == (prefix.epoch, prefix.release)


def _compare(version: Version, operator: str, bound: Version) -> bool:
    """Compare; a version's local part counts only where the bound has one, too."""
    public = version.public
    if operator == "<":  # a bound's own early versions are not below it
        first = bound if bound.is_prerelease else replace(bound, dev=0)
        return version < first
    if operator == ">":  # nor are its own late ones above it
        late = version.post is not None and replace(public, post=None, dev=None) == bound
        return public > bound and not late
    same = (version if bound.local else public) == bound
    return {
        "==": same,
        "!=": not same,
        "<=": public <= bound,
        ">=": public >= bound,
    }[operator]


def parse_specifiers(text: str) -> tuple[Specifier, ...]:
    """Read the clauses between commas; an empty text has none.

    Raises:
        InvalidSpecifierError: it names every clause that is none.

    >>> [str(clause.bound) for clause in parse_specifiers(">=1.2, !=1.4.*")]
    ['1.2', '1.4.*']
    """
    clauses = [clause.strip() for clause in text.split(",") if clause.strip()]
    found = [_parse(clause) for clause in clauses]
    wrong = [repr(clause) for clause, one in zip(clauses, found) if one is None]
    if wrong:
        raise InvalidSpecifierError(
            f"{', '.join(wrong)} is no version specifier such as >=1.2 or ==1.* (PEP 440)"
        )
    return tuple(one for one in found if one)


def _parse(clause: str) -> Specifier | None:
    found = _CLAUSE.fullmatch(clause)
    return Specifier(found[1], found[2]) if found and _is_valid(found[1], found[2]) else None


def _is_valid(operator: str, bound: str) -> bool:
    if operator == "===":
        return True
    is_prefix = bound.endswith(_PREFIX)
    text = bound[: -len(_PREFIX)] if is_prefix else bound
    try:
        version = parse_version(text)
    except InvalidVersionError:
        return False
    if is_prefix or version.local:
        return operator in {"==", "!="} and (not is_prefix or bool(_RELEASE.fullmatch(text)))
    return operator != "~=" or len(version.release) > 1
