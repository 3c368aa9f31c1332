from __future__ import annotations

import packaging.version
import pytest

from wheelyard.wheel import (
    InvalidVersionError,
    normalize_version,
    parse_version,
    same_version,
)

Reference = packaging.version.Version
VERSIONS = [
    "1.0",
    "1",
    "1.0.0",
    "v1",
    "1.0a1",
    "1.0.alpha.1",
    "1.0-beta",
    "1.0c2",
    "1.0.preview-3",
    "1.0-1",
    "1.0.post",
    "1.0r2",
    "1.0rev",
    "1.0.dev",
    "1.0dev3",
    "1!2.0",
    "0!1",
    "1.0+ubuntu-1",
    "1.0+Cpu.007",
    "1.0a1.post2.dev3+x_y",
    "2024.01.02",
    "0",
    "0.0",
]


@pytest.mark.parametrize("version", VERSIONS)
def test_version_normalizes_as_packaging_does(version: str) -> None:
    normal = normalize_version(version)
    assert Reference(normal) == Reference(version)
    assert normalize_version(str(Reference(version))) == normal
    assert normalize_version(normal) == normal


@pytest.mark.parametrize(
    ("left", "right"),
    [("1.0", "1.0.0"), ("1.0+local_1", "1.0+local.1"), ("1.0_1", "1.0.post1"), ("1.0RC1", "1.0c1")],
)
def test_two_spellings_of_a_version_are_the_same(left: str, right: str) -> None:
    assert same_version(left, right)


@pytest.mark.parametrize(("left", "right"), [("1.0", "1.0.1"), ("1.0", "1.0.dev0"), ("1", "1!1")])
def test_different_versions_are_not_the_same(left: str, right: str) -> None:
    assert not same_version(left, right)


def test_version_unknown_to_pep_440_equals_itself_only() -> None:
    assert same_version("2004d-Final", "2004d-final")
    assert not same_version("2004d", "2004e")


@pytest.mark.parametrize("version", VERSIONS)
def test_version_is_written_as_packaging_does(version: str) -> None:
    expected, parsed = Reference(version), parse_version(version)
    assert str(parsed) == str(expected)
    assert str(parsed.public) == expected.public
    assert parsed.is_prerelease == expected.is_prerelease


@pytest.mark.parametrize("left", VERSIONS)
def test_versions_are_ordered_as_packaging_orders_them(left: str) -> None:
    more = ("1.0+2", "1.0+a.2", "1.0+a", "1.0a1.dev2", "1.0.post1.dev1", "1.0.1", "10", "9")
    for right in (*VERSIONS, *more):
        ours, theirs = (
            (parse_version(left), parse_version(right)),
            (Reference(left), Reference(right)),
        )
        assert (ours[0] < ours[1], ours[0] == ours[1]) == (
            theirs[0] < theirs[1],
            theirs[0] == theirs[1],
        )
        assert (hash(ours[0]) == hash(ours[1])) or ours[0] != ours[1]


@pytest.mark.parametrize("text", ["", "x y", "1.0-", "2004d", "1.0+", "1..0", "1.0\n;", "1" * 5000])
def test_what_is_no_version_is_refused(text: str) -> None:
    with pytest.raises(InvalidVersionError, match="is no version"):
        parse_version(text)
