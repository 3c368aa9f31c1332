from __future__ import annotations

import pytest

from wheelyard.errors import UsageError
from wheelyard.wheel import parse_tag
from wheelyard.wheel.convert.tags import (
    extension_tags,
    has_widths,
    platform_tag,
    pure_tags,
    unicode_widths,
)


@pytest.mark.parametrize(
    ("python", "platform", "name", "expected"),
    [
        ("2.5", "win32", "a/x.pyd", "cp25-cp25m-win32"),
        ("2.7", "linux_x86_64", "x.so", "cp27-cp27m.cp27mu-linux_x86_64"),
        ("3.2", "linux_i686", "x.cpython-32mu.so", "cp32-cp32mu-linux_i686"),
        ("3.4", "linux_i686", "x.so", "cp34-cp34m-linux_i686"),
        ("3.7", "win_amd64", "x.cp37-win_amd64.pyd", "cp37-cp37m-win_amd64"),
        ("3.8", "win_amd64", "x.cp38-win_amd64.pyd", "cp38-cp38-win_amd64"),
        ("3.13", "win_amd64", "x.cp313t-win_amd64.pyd", "cp313-cp313t-win_amd64"),
        ("3.13", "linux_x86_64", "x.cpython-313t-x86_64-linux-gnu.so", "cp313-cp313t-linux_x86_64"),
        ("3.9", "macosx_11_0_arm64", "x.abi3.so", "cp39-abi3-macosx_11_0_arm64"),
        ("3.9", "linux_x86_64", "libx.so.1", "cp39-cp39-linux_x86_64"),
        ("2.7", "linux_x86_64", "x.pypy-41.so", "pp27-pypy_41-linux_x86_64"),
        ("3.8", "win32", "x.pypy38-pp73-win32.pyd", "pp38-pypy38_pp73-win32"),
        ("", "win_amd64", "x.cp36-win_amd64.pyd", "cp36-cp36m-win_amd64"),
    ],
)  # fmt: skip
def test_extensions_are_tagged_by_their_names_first(
    python: str, platform: str, name: str, expected: str
) -> None:
    tags = extension_tags(python, platform, [name, "libother.so"])
    assert tags == expected
    assert parse_tag(tags)


def test_extensions_for_several_pythons_are_refused_unless_one_is_named() -> None:
    names = ["x.cpython-37m-x86_64-linux-gnu.so", "y.cpython-38-x86_64-linux-gnu.so"]
    assert extension_tags("3.8", "linux_x86_64", names) == "cp38-cp38-linux_x86_64"
    with pytest.raises(UsageError, match=r"several Pythons \(cp37-cp37m, cp38-cp38\)"):
        extension_tags("3.9", "linux_x86_64", names)


def test_extensions_for_no_known_python_are_refused() -> None:
    with pytest.raises(UsageError, match="nothing says which Python"):
        extension_tags("", "win32", ["x.pyd"])


def test_the_width_of_unicode_is_read_from_symbols() -> None:
    assert unicode_widths([b"..PyUnicodeU", b"CS4_Decode.."]) == {"u"}
    assert unicode_widths([b"..PyUnicodeUCS2_Decode.."]) == {""}
    assert unicode_widths([b"..", b"PyUnicode_Decode"]) == set()
    tags = extension_tags("2.7", "linux_x86_64", ["x.so"], {"u"})
    assert tags == "cp27-cp27mu-linux_x86_64"


@pytest.mark.parametrize(
    ("python", "platform", "expected"),
    [("2.7", "linux_x86_64", True), ("2.7", "win32", False), ("3.3", "linux_i686", False),
     ("", "linux_i686", False)],
)  # fmt: skip
def test_only_old_pythons_have_two_widths(python: str, platform: str, expected: object) -> None:
    assert has_widths(python, platform) is expected


def test_what_has_no_extension_is_for_any_implementation() -> None:
    assert pure_tags("2.7", "win32") == "py27-none-win32"
    assert pure_tags("", bytecode_only=True) == "py2.py3-none-any"


@pytest.mark.parametrize(
    ("platform", "expected"),
    [
        ("win-amd64", "win_amd64"),
        ("linux-x86_64", "linux_x86_64"),
        ("macosx-10.6-fat", "macosx_10_6_fat"),
        ("macosx-11-arm64", "macosx_11_0_arm64"),
        ("macosx-12.3-x86_64", "macosx_12_0_x86_64"),
        ("", ""),
    ],
)
def test_platforms_are_written_as_tags(platform: str, expected: str) -> None:
    assert platform_tag(platform) == expected
