from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

import pytest
from tests.unit.plans.world import X86

from wheelyard.cli.request import INLINE
from wheelyard.cli.tag_options import add_tag_options, with_tags
from wheelyard.errors import HostError, UsageError
from wheelyard.plans.request import Request
from wheelyard.plans.requirements_file import load_requirements
from wheelyard.wheel.retag import TagChange

if TYPE_CHECKING:
    from wheelyard.plans.request import RequirementLine


def lines(text: str, file: str = INLINE) -> tuple[RequirementLine, ...]:
    return load_requirements((file,), lambda _: text, {}).lines


PROJECT = lines("./project")


def asked(*flags: str, of: tuple[RequirementLine, ...] = PROJECT) -> Request:
    parser = argparse.ArgumentParser()
    add_tag_options(parser)
    return with_tags(Request(lines=of, targets=(X86,)), parser.parse_args(flags))


@pytest.mark.parametrize(
    ("flags", "change"),
    [
        (("--universal",), TagChange(python="py2.py3", abi="none", platform="any")),
        (("--python-tag", "py37"), TagChange(python="py37")),
        (("--py-limited-api", "cp311"), TagChange(python="cp311", abi="abi3")),
        (("--plat-name", "linux-armv7l"), TagChange(platform="linux_armv7l")),
        (("--plat-name", "win32.macosx-11-0-arm64"), TagChange(platform="win32.macosx_11_0_arm64")),
        (("--build-number", "2_local"), TagChange(build="2_local")),
        (
            ("--py-limited-api", "cp39", "--plat-name", "manylinux_2_28_i686"),
            TagChange(python="cp39", abi="abi3", platform="manylinux_2_28_i686"),
        ),
        (
            ("--universal", "--build-number", "1"),
            TagChange(python="py2.py3", abi="none", platform="any", build="1"),
        ),
    ],
)
def test_flags_are_the_tags_of_the_project_that_is_named(
    flags: tuple[str, ...], change: TagChange
) -> None:
    (own,) = asked(*flags).packages
    assert (own.name, own.tags) == ("./project", change)


def test_no_flags_ask_for_nothing() -> None:
    assert asked().packages == ()


def test_flags_are_for_every_source_on_the_command_line_and_for_nothing_else() -> None:
    own = lines("./one\ntwo @ ./two\nlib==1.0\n./dist/lib-1.0-py3-none-any.whl")
    request = asked("--universal", of=(*own, *lines("./three", "list.txt")))
    assert [one.name for one in request.packages] == ["./one", "two"]


def test_what_python_2_is_told_by_is_looked_for_before_the_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "parso", None)
    for flags in (("--universal",), ("--python-tag", "py2.py3")):
        with pytest.raises(HostError, match=r"pip install 'wheelyard\[universal\]'"):
            asked(*flags)
    assert asked("--python-tag", "py37").packages


def test_flags_without_a_source_are_refused() -> None:
    with pytest.raises(UsageError, match=r"--universal: .* none is; name its folder"):
        asked("--universal", of=lines("lib==1.0"))


@pytest.mark.parametrize(
    ("flags", "problems"),
    [
        ("--universal --python-tag py37", ["--universal and --python-tag say different"]),
        ("--universal --plat-name any", ["--universal and --plat-name say different"]),
        ("--python-tag cp39 --py-limited-api cp39", ["--python-tag and --py-limited-api say"]),
        ("--py-limited-api 3.11", ["--py-limited-api '3.11' is no tag such as cp311"]),
        ("--py-limited-api cp31", ["--py-limited-api 'cp31' is no tag such as cp311"]),
        ("--python-tag +py2", ["--python-tag '+py2' is no tag such as py37"]),
        ("--plat-name Linux", ["--plat-name 'Linux' is no tag such as linux_armv7l"]),
        ("--plat-name nonsense", ["--plat-name 'nonsense' is no platform that is known: name"]),
        ("--plat-name manylinux_2_28.linux_i686", ["--plat-name 'manylinux_2_28' is no platform"]),
        ("--build-number local", ["--build-number: 'local' is no build tag"]),
        (
            "--universal --py-limited-api py3 --build-number x",
            ["--universal and --py", "--py-limited-api 'py3'", "--build-number: 'x'"],
        ),
    ],
)
def test_flags_that_make_no_sense_are_named_at_once(flags: str, problems: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        asked(*flags.split())
    said = str(caught.value).splitlines()
    assert len(said) == len(problems)
    assert all(line.startswith(problem) for line, problem in zip(said, problems, strict=True))
