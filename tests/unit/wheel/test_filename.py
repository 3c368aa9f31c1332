from __future__ import annotations

import pytest

from wheelyard.wheel import (
    InvalidSdistFilenameError,
    InvalidTagError,
    InvalidWheelFilenameError,
    Tag,
    compress_tags,
    escape_part,
    normalize_name,
    parse_sdist_filename,
    parse_tag,
    parse_wheel_filename,
)

REAL = [
    "black-24.4.2-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
    "cryptography-43.0.0-cp39-abi3-manylinux_2_28_x86_64.whl",
    "pytz-2024.1-py2.py3-none-any.whl",
    "torch-2.3.1+cpu-cp311-cp311-linux_x86_64.whl",
    "zope.interface-6.4.post2-cp311-cp311-macosx_11_0_arm64.whl",
    "numpy-1.26.4-1-cp312-cp312-win_amd64.whl",
    "x-1-01_a-py3-none-any.whl",
    "Foo_Bar-1!2.0.dev1-py3-none-any.whl",
]


@pytest.mark.parametrize("text", REAL)
def test_name_is_given_back_as_it_was_read(text: str) -> None:
    assert str(parse_wheel_filename(text)) == text


def test_parts_are_taken_apart() -> None:
    name = parse_wheel_filename("Zope.Interface-6.4-12_x-cp311.cp312-abi3-linux_armv7l.whl")
    assert name.name == "zope-interface"
    assert name.build == (12, "_x")
    assert name.tags == (
        Tag("cp311", "abi3", "linux_armv7l"),
        Tag("cp312", "abi3", "linux_armv7l"),
    )


def test_no_build_tag_is_none() -> None:
    assert parse_wheel_filename("a-1-py3-none-any.whl").build is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a-1-py3-none-any.zip", "name-version"),
        ("a-1-py3-none.whl", "name-version"),
        ("a-1-1-2-py3-none-any.whl", "name-version"),
        ("-1-py3-none-any.whl", "project name"),
        ("../a-1-py3-none-any.whl", "project name"),
        ("a-x-py3-none-any.whl", "no version"),
        ("a-1/2-py3-none-any.whl", "no version"),
        ("a-1-x-py3-none-any.whl", "begin with a digit"),
        ("a-1--py3-none-any.whl", "begin with a digit"),
        ("a-1-py3..py2-none-any.whl", "no wheel tag"),
    ],
)
def test_bad_name_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(InvalidWheelFilenameError, match=reason):
        parse_wheel_filename(text)


def test_every_bad_part_is_named_at_once() -> None:
    with pytest.raises(InvalidWheelFilenameError, match=r"project name.*version.*digit.*tag"):
        parse_wheel_filename("-x-y-py3..-none-any.whl")


def test_compressed_tags_stand_for_exactly_the_same() -> None:
    text = "cp311.cp312-abi3.none-linux_x86_64.manylinux2014_x86_64"
    assert parse_tag(compress_tags(parse_tag(text))) == parse_tag(text)


def test_tags_that_no_name_can_hold_are_refused() -> None:
    with pytest.raises(InvalidTagError, match="no single file name"):
        compress_tags([Tag("py2", "none", "any"), Tag("py3", "abi3", "any")])
    with pytest.raises(InvalidTagError, match="no tag"):
        compress_tags([])


@pytest.mark.parametrize(
    ("text", "project", "expected"),
    [
        ("requests-2.32.3.tar.gz", None, ("requests", "2.32.3")),
        ("zope.interface-6.4.zip", None, ("zope-interface", "6.4")),
        ("python-dateutil-2.9.0.tar.gz", None, ("python-dateutil", "2.9.0")),
        ("foo-1.0-1.tar.gz", "foo", ("foo", "1.0-1")),
        ("foo-2-bar-1.0.tar.gz", "foo-2-bar", ("foo-2-bar", "1.0")),
    ],
)
def test_sdist_name_is_taken_apart(
    text: str, project: str | None, expected: tuple[str, str]
) -> None:
    assert parse_sdist_filename(text, normalize_name(project) if project else None) == expected


@pytest.mark.parametrize("text", ["foo.tar.gz", "foo-bar.tar.gz", "foo-1.0.exe", "foo-1.0"])
def test_other_files_are_no_sdists(text: str) -> None:
    with pytest.raises(InvalidSdistFilenameError):
        parse_sdist_filename(text)


def test_sdist_of_another_project_is_refused() -> None:
    with pytest.raises(InvalidSdistFilenameError, match="of bar"):
        parse_sdist_filename("foo-1.0.tar.gz", normalize_name("bar"))


def test_dashes_are_escaped_for_a_file_name() -> None:
    assert escape_part("a-b.c") == "a_b.c"
