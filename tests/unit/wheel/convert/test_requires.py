from __future__ import annotations

import pytest

from wheelyard.wheel import InvalidMetadataError
from wheelyard.wheel.convert.requires import is_requirement, parse_requires

TEXT = """\
six>=1.0,<2
# a comment
attrs  # another

[:python_version < "3"]
enum34
[Big Extra]
pytz ; sys_platform == "win32" or os_name == "nt"
[fast:python_version=="2.6" or python_version=="2.7"]
cython
[empty]
"""


def test_sections_become_markers_and_extras() -> None:
    requires = parse_requires(TEXT)
    assert requires.requires_dist == (
        "six>=1.0,<2",
        "attrs",
        'enum34; python_version < "3"',
        'pytz; (sys_platform == "win32" or os_name == "nt") and extra == "big_extra"',
        'cython; (python_version=="2.6" or python_version=="2.7") and extra == "fast"',
    )
    assert requires.provides_extra == ("big_extra", "fast", "empty")
    assert requires.odd == ()


def test_a_requirement_by_url_keeps_what_looks_like_a_marker() -> None:
    text = "[x]\na @ https://e.org/a;b.zip#egg=a\nb @ https://e.org/b.zip ; os_name == 'nt'\n"
    assert parse_requires(text).requires_dist == (
        'a @ https://e.org/a;b.zip#egg=a ; extra == "x"',
        "b @ https://e.org/b.zip ; os_name == 'nt' and extra == \"x\"",
    )


@pytest.mark.parametrize("text", ["a\rb\r", "a\r\nb\r\n", "a\n\n  b  "])
def test_lines_end_as_any_system_ends_them(text: str) -> None:
    assert parse_requires(text).requires_dist == ("a", "b")


def test_a_broken_heading_is_refused_with_its_line() -> None:
    with pytest.raises(InvalidMetadataError, match=r"line 2: '\[fast'"):
        parse_requires("a\n[fast\nb\n")


@pytest.mark.parametrize(
    "text",
    ["a", "a.b-c_d", "a[x,y]", "a [x] >= 1", "a (>=1.0, <2)", "a==1.*", "a~=1.0", "a===odd",
     "a>=2004b", "a!=1.0-1", "a @ https://e.org/a.zip"],
)  # fmt: skip
def test_what_installers_understand_is_a_requirement(text: str) -> None:
    assert is_requirement(text)


@pytest.mark.parametrize(
    "text",
    ["", "==1", "a b", "a>1.0.dev-r12", "a==", "a>=1.*", "a @", "-e .", "https://e.org/"],
)
def test_what_they_refuse_is_none(text: str) -> None:
    assert not is_requirement(text)


def test_odd_requirements_are_told_apart_and_kept() -> None:
    requires = parse_requires("a>=0.1dev-r12\nb\n")
    assert requires.requires_dist == ("a>=0.1dev-r12", "b")
    assert requires.odd == ("a>=0.1dev-r12",)
