"""Whatever is asked for is read as the reference implementation reads it, or refused."""

from __future__ import annotations

import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.markers import InvalidMarker, Marker, UndefinedComparison
from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as Reference
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from wheelyard.wheel import (
    InvalidMarkerError,
    InvalidRequirementError,
    InvalidSpecifierError,
    InvalidVersionError,
    evaluate_marker,
    parse_requirement,
    parse_specifiers,
    parse_version,
)

_NUMBER = st.integers(0, 3).map(str)
_RELEASE = st.lists(_NUMBER, min_size=1, max_size=3).map(".".join)
_PRE = st.sampled_from(("", "a1", "b", "rc2", "-alpha.1", "c0", ".pre"))
_POST = st.sampled_from(("", ".post1", "-1", "r2", ".rev"))
_DEV = st.sampled_from(("", ".dev0", "dev", "-dev3"))
_LOCAL = st.sampled_from(("", "+a", "+1", "+a.1", "+1.a-2"))
_EPOCH = st.sampled_from(("", "", "", "1!", "0!"))
VERSIONS = st.tuples(_EPOCH, _RELEASE, _PRE, _POST, _DEV, _LOCAL).map("".join)
_OPERATORS = st.sampled_from(("==", "!=", "<", "<=", ">", ">=", "~=", "==="))
_BOUNDS = st.one_of(VERSIONS, st.tuples(_RELEASE, st.just(".*")).map("".join))
_CLAUSES = st.tuples(_OPERATORS, _BOUNDS).map("".join)

ENVIRONMENT = {"python_version": "3.11", "os_name": "posix", "extra": ""}
_NAMES = "python_version|os_name|extra"
_TWO_VARIABLES = re.compile(rf"({_NAMES}) *(==|!=|<|>=|~=|in|not +in) *({_NAMES})")
_MARKER_WORDS = "and or not in ( ) == != < >= ~= '3.11' '3.9' 'posix' 'nt'"
_OTHER_WORDS = "tool [x] ; , @ https://x.example >=1 ==1.* # -"
_WORDS = st.sampled_from((*_NAMES.split("|"), *_MARKER_WORDS.split(), *_OTHER_WORDS.split(), " "))
SOUP = st.lists(_WORDS, max_size=9).map(" ".join)


@given(VERSIONS, VERSIONS)
def test_versions_are_ordered_as_by_packaging(left: str, right: str) -> None:
    ours, theirs = (parse_version(left), parse_version(right)), (Version(left), Version(right))
    assert [str(one) for one in ours] == [str(one) for one in theirs]
    assert (ours[0] < ours[1], ours[0] == ours[1]) == (
        theirs[0] < theirs[1],
        theirs[0] == theirs[1],
    )


@given(st.text("0123.!-_+abdevrcpost \n", max_size=10))
def test_what_is_a_version_is_one_to_packaging(text: str) -> None:
    try:
        expected = str(Version(text))
    except InvalidVersion:
        expected = ""
    found = ""
    with contextlib.suppress(InvalidVersionError):
        found = str(parse_version(text))
    assert found == expected


@given(_CLAUSES, VERSIONS)
def test_versions_are_accepted_as_by_packaging(clause: str, version: str) -> None:
    try:
        expected = SpecifierSet(clause)
    except InvalidSpecifier:
        with pytest.raises(InvalidSpecifierError):
            parse_specifiers(clause)
        return
    (found,) = parse_specifiers(clause)
    assert found.accepts(parse_version(version)) == expected.contains(
        Version(version), prereleases=True
    )


@given(SOUP)
def test_markers_hold_as_by_packaging_or_are_refused(text: str) -> None:
    try:
        expected = Marker(text).evaluate(dict(ENVIRONMENT))
    except (InvalidMarker, UndefinedComparison, KeyError):
        with pytest.raises(InvalidMarkerError):
            evaluate_marker(text, ENVIRONMENT)
        return
    if _TWO_VARIABLES.search(text):  # packaging takes the second one's name for a text
        return
    assert evaluate_marker(text, ENVIRONMENT) == expected


@given(SOUP)
def test_requirements_are_those_of_packaging(text: str) -> None:
    try:
        found = parse_requirement(text)
    except InvalidRequirementError:
        with pytest.raises(InvalidRequirement):
            Reference(text)
        return
    try:
        expected = Reference(text)
    except InvalidRequirement:  # only its marker, which isn't judged here, or empty clauses
        assert found.marker or ";" in text or "," in text
        return
    assert str(found.name) == canonicalize_name(expected.name)
    assert (len(found.extras), found.url) == (len(expected.extras), expected.url or "")
