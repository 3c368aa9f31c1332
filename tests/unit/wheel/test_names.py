from __future__ import annotations

import pytest
from packaging.utils import canonicalize_name

from wheelyard.wheel import normalize_name


@pytest.mark.parametrize(
    "name", ["Friendly-Bard", "friendly.bard", "FRIENDLY__bard", "friendly-.b"]
)
def test_name_is_normalized_as_pep_503_says(name: str) -> None:
    assert str(normalize_name(name)) == str(canonicalize_name(name))
