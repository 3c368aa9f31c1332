"""Requirements against the reference implementation."""

from __future__ import annotations

import packaging.requirements
import pytest
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from wheelyard.wheel import InvalidRequirementError, normalize_name, parse_requirement


@pytest.mark.parametrize(
    "text",
    [
        "tool", "tool>=1", "Tool_box [a, B_c] >=1.2, <2", "tool(>=1,<2)", "tool (==1.*)",
        "tool@https://x/y.whl", "tool @ file:///a;b ; os_name == 'x'", "tool;os_name=='x'",
        "tool>=1;os_name=='x' and extra == 'y'", "tool[]", "tool===any-thing", "a.b-c_d~=1.0",
    ],
)  # fmt: skip
def test_reads_as_packaging_does(text: str) -> None:
    parsed, expected = parse_requirement(text), packaging.requirements.Requirement(text)
    assert str(parsed.name) == str(canonicalize_name(expected.name))
    assert list(parsed.extras) == sorted(map(normalize_name, expected.extras))
    clauses = (f"{one.operator}{one.bound}" for one in parsed.specifiers)
    assert SpecifierSet(",".join(clauses)) == expected.specifier
    assert parsed.url == (expected.url or "")
    assert parsed.marker.replace("'", '"').replace("==", " == ").split() == (
        str(expected.marker or "").split()
    )


@pytest.mark.parametrize(
    "text",
    [
        "", "tool 1.0", "tool=1", "-tool", "tool-", "tool[", "tool[a", "tool[a b]", "tool >",
        "tool==1.0 # c", "tool>=1 <2", "tööl", "./tool", "tool>=x",
    ],
)  # fmt: skip
def test_what_is_no_requirement_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequirementError):
        parse_requirement(text)
