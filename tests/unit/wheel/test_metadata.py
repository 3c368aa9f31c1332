from __future__ import annotations

from email.parser import HeaderParser

import pytest

from wheelyard.wheel import (
    InvalidMetadataError,
    Tag,
    WheelInfo,
    parse_metadata,
    parse_wheel_info,
    render_wheel_info,
)

MANY = """\
Metadata-Version: 2.1
Name: Some.Project
Version: 1.0
Requires-Dist: a>=1; extra == "x"
requires-dist: b
Requires-Python: >=3.9
Provides-Extra: x
License: one
        two
Summary:

# Title

Name: not a header
"""


def test_headers_lists_and_description_are_read() -> None:
    metadata = parse_metadata(MANY)
    assert (metadata.name, metadata.version) == ("Some.Project", "1.0")
    assert metadata.requires_dist == ('a>=1; extra == "x"', "b")
    assert metadata.requires_python == ">=3.9"
    assert metadata.provides_extra == ("x",)
    assert metadata.description == "# Title\n\nName: not a header\n"
    assert metadata.all("LICENSE") == ("one\n        two",)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_reads_the_same_headers_as_the_email_module(newline: str) -> None:
    text = MANY.replace("\n", newline)
    ours = [(name, value.replace("\r", "")) for name, value in parse_metadata(text).headers]
    theirs = HeaderParser().parsestr(MANY).items()
    assert ours == [(name, value) for name, value in theirs]


def test_characters_that_only_str_splitlines_knows_end_no_header() -> None:
    metadata = parse_metadata("Name: a\nSummary: b\x0bName: c\u2028Name: d\nVersion: 1\n")
    assert metadata.name == "a"


def test_description_may_begin_with_what_ends_headers() -> None:
    text = "Name: a\nVersion: 1\n: first\nFrom then on\nnothing\n"
    assert parse_metadata(text).description == ": first\nFrom then on\nnothing\n"


def test_header_folded_into_a_million_lines_is_read_in_one_go() -> None:
    metadata = parse_metadata("Name: a\nVersion: 1\nSummary: b\n" + " c\n" * 1_000_000)
    assert len(metadata.all("summary")[0]) == 3_000_001


def test_old_description_header_is_unindented() -> None:
    text = "Name: a\nVersion: 1\nDescription: First\n        second\n       |third\n"
    assert parse_metadata(text).description == "First\nsecond\nthird"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"Version: 1\n", "Name is missing"),
        (b"Name: a\nVersion:\n", "Version is missing"),
        (b"Name: a\nName: b\nVersion: 1\n", "Name is there 2 times"),
        (b"Name: a\nVersion: 1\nSummary: \xff\n", "not UTF-8"),
    ],
)
def test_ambiguous_or_empty_metadata_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(InvalidMetadataError, match=reason):
        parse_metadata(data)


def test_wheel_file_is_written_and_read_again() -> None:
    tags = (Tag("py2", "none", "any"), Tag("py3", "none", "any"))
    info = WheelInfo((1, 0), "wheelyard 1", root_is_purelib=False, tags=tags, build="2x")
    assert parse_wheel_info(render_wheel_info(info)) == info


@pytest.mark.parametrize(
    "text",
    [
        "Root-Is-Purelib: true\n",
        "Wheel-Version: one\nRoot-Is-Purelib: true\n",
        "Wheel-Version: 1.0\nRoot-Is-Purelib: perhaps\n",
        "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3\n",
    ],
)
def test_malformed_wheel_file_is_refused(text: str) -> None:
    with pytest.raises(InvalidMetadataError, match="WHEEL"):
        parse_wheel_info(text)
