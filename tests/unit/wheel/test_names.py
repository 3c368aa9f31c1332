from __future__ import annotations

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version

from wheelyard.wheel import normalize_name, normalize_version, same_version


@pytest.mark.parametrize(
    "name", ["Friendly-Bard", "friendly.bard", "FRIENDLY__bard", "friendly-.b"]
)
def test_name_is_normalized_as_pep_503_says(name: str) -> None:
    assert str(normalize_name(name)) == str(canonicalize_name(name))


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
    assert Version(normal) == Version(version)
    assert normalize_version(str(Version(version))) == normal
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
