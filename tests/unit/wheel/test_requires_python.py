from __future__ import annotations

import pytest
from packaging.specifiers import SpecifierSet

from wheelyard.wheel import accepts_python

VERSIONS = [(3, 8, 0), (3, 9, 18), (3, 10, 0), (3, 11, 7), (3, 12, 0), (4, 0, 0)]


@pytest.mark.parametrize(
    "specifier",
    [
        ">=3.8", ">3.8", "<4", "<=3.11", "==3.11.*", "!=3.9.*,>=3.8", "~=3.9", "~=3.9.1",
        ">=3.9, <3.12", ">=3", "==3.10", "!=3.12", ">=2.7, !=3.0.*, !=3.1.*, <4", "",
    ],
)  # fmt: skip
def test_answers_as_packaging_does(specifier: str) -> None:
    for version in VERSIONS:
        expected = SpecifierSet(specifier).contains(".".join(map(str, version)))
        assert accepts_python(specifier, version) == expected, version


def test_pre_release_bound_is_its_release() -> None:
    assert accepts_python(">=3.12.0rc1", (3, 12, 0))


@pytest.mark.parametrize("odd", [">=3.6.*", "3.8", "python>3", ">=3.8,"])
def test_odd_specifier_of_an_old_project_excludes_nothing(odd: str) -> None:
    assert accepts_python(odd, (3, 9, 0))
