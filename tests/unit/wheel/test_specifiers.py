"""Specifiers against the reference implementation."""

from __future__ import annotations

import pytest
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from wheelyard.wheel import InvalidSpecifierError, parse_specifiers, parse_version

VERSIONS = (
    "1", "1.0", "1.0.dev1", "1.0a1", "1.0a1.dev1", "1.0a1.post1", "1.0rc1", "1.0.post1",
    "1.0.post1.dev2", "1.0+l", "1.0+l.2", "1.0.post1+l", "1.0a1+x", "1.1", "1.1.5", "1.1.post2",
    "1.1a2", "2", "2.0.dev0", "1!1.0", "1!1.1", "1.10", "1.2.3.4", "0.9", "1.1.dev3+u",
)  # fmt: skip
BOUNDS = (
    *VERSIONS, "1.0.*", "1.*", "1!1.*", "1.0.0.*", "1.1a1.*", "1.0.0", "v1.0", "1.0-1", "x", "1.1.*"
)  # fmt: skip


@pytest.mark.parametrize("operator", ["==", "!=", "<=", ">=", "<", ">", "~=", "===", "=", ""])
def test_answers_as_packaging_does(operator: str) -> None:
    for text in (operator + bound for bound in BOUNDS):
        try:
            expected = SpecifierSet(text)
        except InvalidSpecifier:
            with pytest.raises(InvalidSpecifierError, match="is no version specifier"):
                parse_specifiers(text)
            continue
        (specifier,) = parse_specifiers(text)
        for version in VERSIONS:
            contained = expected.contains(version, prereleases=True)
            assert specifier.accepts(parse_version(version)) == contained, (text, version)
        assert specifier.names_prerelease == bool(expected.prereleases), text


def test_every_clause_that_is_none_is_named() -> None:
    with pytest.raises(InvalidSpecifierError, match=r"'1\.0', '~=2' is no version specifier"):
        parse_specifiers("1.0, >=1, ~=2")


def test_nothing_is_asked_for_by_an_empty_text() -> None:
    assert parse_specifiers(" ") == ()


def test_numbers_that_nobody_can_read_are_refused() -> None:
    for clause in (f"=={'1' * 5000}.*", f">={'1' * 5000}"):
        with pytest.raises(InvalidSpecifierError):
            parse_specifiers(clause)
