"""Requirements against the reference implementation."""

from __future__ import annotations

import packaging.requirements
import pytest
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from wheelyard.wheel import InvalidRequirementError, normalize_name, parse_requirement
from wheelyard.wheel.requirement import logical_lines


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
        f"tool{' ' * 9000}!", f"{'a' * 9000}@", "a" * 20_000,
    ],
)  # fmt: skip
def test_what_is_no_requirement_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequirementError):
        parse_requirement(text)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a==1 \\\n  --hash=x\nb", [(1, "a==1   --hash=x"), (3, "b")]),
        ("# only a comment\n\na # b", [(3, "a")]),
        ("a#egg=b", [(1, "a#egg=b")]),
        ("a \\\n# a comment ends what was continued\nb", [(1, "a"), (3, "b")]),
        ("# a comment is not continued \\\na", [(2, "a")]),
        ("a \\", [(1, "a")]),
        ("\ufeffa\r\nb\r\n", [(1, "a"), (2, "b")]),
        ("a \\\r\n>=1\r\n", [(1, "a >=1")]),
    ],
)
def test_logical_lines_are_pips(text: str, lines: list[tuple[int, str]]) -> None:
    assert list(logical_lines(text)) == lines
