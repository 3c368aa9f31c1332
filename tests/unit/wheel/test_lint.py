from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.unit.wheel.making import TIME, make_wheel

from wheelyard.wheel import files_from_wheel, lint, open_wheel, write_wheel
from wheelyard.wheel.lint import RULES, lint_wheel, top_level_findings

if TYPE_CHECKING:
    from pathlib import Path


def rules(folder: Path, files: dict[str, bytes], tag: str = "py3-none-any") -> set[str]:
    wheel = open_wheel(make_wheel(folder, "some", "1.0", files, tag).path)
    return {finding.rule for finding in lint_wheel(wheel)} - {"no-description", "no-licence"}


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("tests/test_x.py", "stray-tests"),
        ("test_some.py", "stray-tests"),
        ("conftest.py", "stray-tests"),
        ("test/x.py", "stray-tests"),
        ("docs/conf.py", "top-level-name"),
        ("src/some/__init__.py", "top-level-name"),
        ("setup.py", "top-level-name"),
        ("README.md", "top-level-file"),
        ("LICENSE", "top-level-file"),
        ("share/some/logo.png", "top-level-folder"),
        ("__init__.py", "top-level-init"),
        ("libfoo.so", "top-level-library"),
        ("foo.so.1", "top-level-library"),
        ("foo.dll", "top-level-library"),
    ],
)
def test_what_does_not_belong_among_the_packages_is_found(name: str, rule: str) -> None:
    assert [(one.rule, one.member) for one in top_level_findings([name])] == [
        (rule, name.partition("/")[0])
    ]


@pytest.mark.parametrize(
    "name",
    [
        "some.py",
        "some/tests/test_x.py",
        "some/docs/conf.py",
        "_some.cpython-311-x86_64-linux-gnu.so",
        "_some.pyd",
        "some.libs/libz.so.1",
        "some-stubs/__init__.pyi",
        "name/space/package/__init__.py",
        "some.pth",
        "testimony/__init__.py",
        "some_test/__init__.py",
    ],
)
def test_modules_packages_and_their_libraries_belong_there(name: str) -> None:
    assert top_level_findings([name]) == []


def test_a_projects_own_name_is_its_own() -> None:
    assert top_level_findings(["build/__init__.py"], "build") == []
    assert top_level_findings(["build/__init__.py"], "some") != []


def test_a_good_wheel_has_no_finding_but_what_it_lacks(tmp_path: Path) -> None:
    wheel = open_wheel(make_wheel(tmp_path, "some", "1.0").path)
    assert {finding.rule for finding in lint_wheel(wheel)} == {"no-description", "no-licence"}


def test_data_folders_are_judged_where_they_are_installed(tmp_path: Path) -> None:
    data = {"some-1.0.data/data/share/x": b"", "some-1.0.data/scripts/tests": b""}
    assert rules(tmp_path, data) == set()
    assert rules(tmp_path, {"some-1.0.data/purelib/tests/x.py": b""}) == {"stray-tests"}


def test_native_code_bytecode_and_emptiness_are_found(tmp_path: Path) -> None:
    native = {"some/fast.so": b"\x7fELF"}
    assert rules(tmp_path, native) == {"native-any"}
    assert rules(tmp_path, native, "cp311-cp311-linux_x86_64") == set()
    assert rules(tmp_path, {"some/a.py": b"", "some/__pycache__/a.pyc": b""}) == {"bytecode"}
    assert rules(tmp_path, {}) == {"empty"}
    assert rules(tmp_path, {"some.pth": b"import some\n"}) == {"pth-file"}


@pytest.mark.parametrize(("version", "found"), [("2.3", False), ("2.4", True), ("3.0", True)])
def test_licence_file_that_is_named_must_be_there(
    tmp_path: Path, version: str, *, found: bool
) -> None:
    about = f"Metadata-Version: {version}\nName: some\nVersion: 1.0\nLicense-File: LICENSE\n"
    wheel = open_wheel(make_wheel(tmp_path, "some", "1.0").path)
    files = files_from_wheel(wheel, {"some-1.0.dist-info/METADATA": about.encode()})
    changed = open_wheel(write_wheel(tmp_path, wheel.filename, files, timestamp=TIME).path)
    assert ("upload-licence" in {one.rule for one in lint_wheel(changed)}) == found


def test_what_an_index_refuses_to_be_sent_is_found(tmp_path: Path) -> None:
    wheel = open_wheel(make_wheel(tmp_path, "some", "1.0").path)
    member = replace(wheel.members[0], size=65 << 20, compressed=1 << 20, described=True)
    found = {one.rule for one in lint_wheel(replace(wheel, members=(member, *wheel.members[1:])))}
    assert {"upload-ratio", "upload-descriptor"} <= found


def test_every_rule_is_explained() -> None:
    table = str(lint.__doc__).splitlines()
    assert [line.split()[0] for line in table if line.startswith(RULES)] == list(RULES)
