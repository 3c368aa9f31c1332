from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.unit.wheel.making import TIME, make_wheel

from wheelyard.errors import UsageError
from wheelyard.wheel import open_wheel, parse_metadata, unpack_wheel, verify_wheel
from wheelyard.wheel.metadata import change_wheel_info, parse_wheel_info
from wheelyard.wheel.packing import Packed, choose_stem, pack_wheel
from wheelyard.wheel.tags import parse_tag

FILES = {
    "some/__init__.py": b"",
    "some/run.sh": b"#!/bin/sh\n",
    "some/ünï ,code.txt": b"x",
    "some-1.0.data/scripts/go": b"#!python\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    written = make_wheel(tmp_path, "some", "1.0", FILES, tag="py2.py3-none-any")
    unpack_wheel(written.path, tmp_path / "some-1.0")
    return tmp_path / "some-1.0"


def pack(folder: Path, build: str | None = None) -> Packed:
    out = folder.parent / "out"
    out.mkdir(exist_ok=True)
    return pack_wheel(folder, out, build=build, timestamp=TIME)


def change(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text().replace(old, new))


def test_what_was_unpacked_is_packed_to_the_same_bytes(folder: Path) -> None:
    packed = pack(folder)
    before = folder.parent / "some-1.0-py2.py3-none-any.whl"
    assert packed.written.path.name == before.name
    assert packed.written.path.read_bytes() == before.read_bytes()
    assert packed.remarks == ()


def test_any_file_may_be_executable(folder: Path) -> None:
    (folder / "some-1.0.dist-info/METADATA").chmod(0o755)
    wheel = open_wheel(pack(folder).written.path)
    executable = {member.name for member in wheel.members if member.permissions == 0o755}
    own = {"some-1.0.dist-info/METADATA", "some-1.0.data/scripts/go", "some/run.sh"}
    assert executable == own


def test_record_lists_what_the_folder_holds_now(folder: Path) -> None:
    (folder / "some/new.sh").write_bytes(b"#!/bin/sh\n")
    (folder / "some/new.sh").chmod(0o700)
    (folder / "some/run.sh").unlink()
    wheel = verify_wheel(pack(folder).written.path).wheel
    modes = {member.name: member.permissions for member in wheel.members}
    assert modes["some/new.sh"] == 0o755
    assert "some/run.sh" not in modes
    assert {row.path for row in wheel.record} == modes.keys()


@pytest.mark.parametrize(
    ("build", "name"),
    [
        (None, "some-1.0-3-py2.py3-none-any.whl"),
        ("", "some-1.0-py2.py3-none-any.whl"),
        ("4_x", "some-1.0-4_x-py2.py3-none-any.whl"),
    ],
)
def test_build_tag_is_kept_dropped_or_set(folder: Path, build: str | None, name: str) -> None:
    with (folder / "some-1.0.dist-info/WHEEL").open("a") as info:
        info.write("Build: 3\n")
    written = pack(folder, build).written.path
    assert written.name == name
    assert open_wheel(written).info.build == open_wheel(written).filename.build_tag


@pytest.mark.parametrize("build", ["x", "1-2", "1/../x", " "])
def test_what_is_no_build_tag_is_refused(folder: Path, build: str) -> None:
    with pytest.raises(UsageError, match="no build tag"):
        pack(folder, build)


def test_a_version_that_was_edited_renames_the_folders_of_the_wheel(folder: Path) -> None:
    change(folder / "some-1.0.dist-info/METADATA", "Version: 1.0", "Version: 1.0+ubuntu-1")
    packed = pack(folder)
    assert packed.written.path.name == "some-1.0+ubuntu_1-py2.py3-none-any.whl"
    names = {member.name for member in open_wheel(packed.written.path).members}
    assert "some-1.0+ubuntu_1.data/scripts/go" in names
    assert packed.remarks[0].startswith("METADATA names it some-1.0+ubuntu_1")


@pytest.mark.parametrize(
    ("old", "name", "version", "new"),
    [
        ("Some.Thing-1.0", "some-thing", "1.0.0", "Some.Thing-1.0"),
        ("some-1.0+a_1", "some", "1.0+a.1", "some-1.0+a_1"),
        ("some-1.0", "Other-Thing", "1.0", "other_thing-1.0"),
        ("some-1.0", "some", "1!2.0+a.1", "some-1!2.0+a.1"),
        ("some-1.0", "some", "1.0-1", "some-1.0.post1"),
        ("some-1.0", "some", "1.0-x-1", "some-1.0_x_1"),
    ],
)
def test_the_stem_changes_only_where_metadata_says_otherwise(
    old: str, name: str, version: str, new: str
) -> None:
    assert choose_stem(old, parse_metadata(f"Name: {name}\nVersion: {version}\n")) == new


def test_signatures_of_the_old_record_are_left_out_with_a_remark(folder: Path) -> None:
    (folder / "some-1.0.dist-info/RECORD.jws").write_text("{}")
    packed = pack(folder)
    names = {member.name for member in open_wheel(packed.written.path).members}
    assert "some-1.0.dist-info/RECORD.jws" not in names
    assert "RECORD.jws is left out" in packed.remarks[0]


@pytest.mark.parametrize("version", ["../../x", "1.0/../../../x", "x"])
def test_a_version_that_would_leave_the_folder_is_refused(folder: Path, version: str) -> None:
    change(folder / "some-1.0.dist-info/METADATA", "Version: 1.0", f"Version: {version}")
    (folder.parent / "out").mkdir()
    try:
        packed = pack(folder)
    except UsageError:
        assert not list((folder.parent / "out").iterdir())
    else:
        assert packed.written.path.parent == folder.parent / "out"
        verify_wheel(packed.written.path)


def test_a_folder_that_is_no_unpacked_wheel_says_why(folder: Path) -> None:
    with pytest.raises(UsageError, match="is no folder"):
        pack(folder / "nowhere")
    with pytest.raises(UsageError, match=r"one \.dist-info folder, not none"):
        pack(folder / "some")
    (folder / "other-1.0.dist-info").mkdir()
    with pytest.raises(UsageError, match=r"not other-1\.0\.dist-info, some-1\.0\.dist-info"):
        pack(folder)
    (folder / "other-1.0.dist-info").rmdir()
    (folder / "some-1.0.dist-info/WHEEL").unlink()
    with pytest.raises(UsageError, match="WHEEL is no file"):
        pack(folder)


def test_links_and_names_that_are_no_text_are_refused(folder: Path) -> None:
    (folder / "some/link").symlink_to("/etc")
    with pytest.raises(UsageError, match="no regular file"):
        pack(folder)
    (folder / "some/link").unlink()
    Path(os.fsdecode(os.fsencode(folder) + b"/some/\xff")).touch()
    with pytest.raises(UsageError, match="not UTF-8"):
        pack(folder)


def test_a_wheel_is_not_put_into_the_folder_that_it_is_made_of(folder: Path) -> None:
    with pytest.raises(UsageError, match="would be part of itself"):
        pack_wheel(folder, folder / "some", build=None, timestamp=TIME)


def test_tags_that_no_file_name_can_say_are_refused(folder: Path) -> None:
    with (folder / "some-1.0.dist-info/WHEEL").open("a") as info:
        info.write("Tag: cp311-abi3-any\n")
    with pytest.raises(UsageError, match="no single file name"):
        pack(folder)


def test_changing_a_wheel_file_keeps_what_it_does_not_know() -> None:
    text = b"Wheel-Version: 1.0\nX-Own: 1\nTag: py3-none-any\nRoot-Is-Purelib: true\nBuild: 2\n"
    assert change_wheel_info(text, parse_tag("py3-none-any"), "2") == text
    changed = change_wheel_info(text, parse_tag("py2.py3-none-any"), "")
    assert b"X-Own: 1\n" in changed
    info = parse_wheel_info(changed)
    assert (info.tags, info.build) == (parse_tag("py2.py3-none-any"), "")
