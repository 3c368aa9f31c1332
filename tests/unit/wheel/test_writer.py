from __future__ import annotations

import os
import zipfile
from typing import TYPE_CHECKING

import pytest
from tests.unit.wheel.making import TIME, make_wheel, wheel_files

from wheelyard.errors import UsageError
from wheelyard.wheel import (
    WheelFilename,
    file_from_bytes,
    file_from_disk,
    file_sha256,
    files_from_folder,
    files_from_wheel,
    open_wheel,
    parse_tag,
    unpack_wheel,
    verify_wheel,
    write_wheel,
)

if TYPE_CHECKING:
    from pathlib import Path

FILES = {"z/__init__.py": b"", "a/big.bin": bytes(3_000_000), "a/run.sh": b"#!/bin/sh\n"}
NAME = WheelFilename("some", "1.0", "", "py3-none-any")


def test_same_files_in_any_order_give_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    first = make_wheel(tmp_path, "some", "1.0", FILES)
    second = make_wheel(tmp_path / "other", "some", "1.0", dict(reversed(FILES.items())))
    assert first.sha256 == second.sha256
    assert first.size == first.path.stat().st_size


@pytest.mark.parametrize("processors", [1, 2, 8])
def test_any_number_of_threads_gives_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, processors: int
) -> None:
    files = {f"many/{n}.txt": b"%d " % n * 20_000 for n in range(100)}
    expected = make_wheel(tmp_path, "some", "1.0", files).sha256
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(processors)))
    again = make_wheel(tmp_path, "some", "1.0", files)
    assert again.sha256 == expected == file_sha256(again.path)


def test_what_deflate_cannot_make_smaller_is_stored(tmp_path: Path) -> None:
    files = {"a/empty": b"", "a/random": os.urandom(1000), "a/zeros": bytes(1000)}
    wheel = verify_wheel(make_wheel(tmp_path, "some", "1.0", files).path).wheel
    methods = {member.name: member.method for member in wheel.members}
    assert [methods[name] for name in files] == [0, 0, 8]


def test_members_are_ordered_with_record_last_and_modes_and_times_fixed(tmp_path: Path) -> None:
    with zipfile.ZipFile(make_wheel(tmp_path, "some", "1.0", FILES).path) as archive:
        infos = archive.infolist()
    assert [info.filename for info in infos] == [
        "a/big.bin",
        "a/run.sh",
        "z/__init__.py",
        "some-1.0.dist-info/METADATA",
        "some-1.0.dist-info/WHEEL",
        "some-1.0.dist-info/RECORD",
    ]
    assert {info.date_time for info in infos} == {(2020, 9, 13, 12, 26, 40)}
    assert {info.create_system for info in infos} == {3}
    assert {info.filename: info.external_attr >> 16 for info in infos}["a/run.sh"] == 0o100755
    assert infos[0].external_attr >> 16 == 0o100644


@pytest.mark.parametrize(("time", "year"), [(0, 1980), (10**12, 2107)])
def test_time_that_a_zip_file_cannot_hold_is_brought_into_range(
    tmp_path: Path, time: int, year: int
) -> None:
    written = write_wheel(tmp_path, NAME, wheel_files(NAME, {}), timestamp=time)
    with zipfile.ZipFile(written.path) as archive:
        assert archive.infolist()[0].date_time[0] == year


def test_wheel_is_written_again_with_changes(tmp_path: Path) -> None:
    wheel = open_wheel(make_wheel(tmp_path, "some", "1.0", FILES).path)
    files = files_from_wheel(
        wheel, {"a/run.sh": b"#!/bin/true\n", "z/__init__.py": None, "new.py": b""}
    )
    (tmp_path / "out").mkdir()
    again = verify_wheel(write_wheel(tmp_path / "out", NAME, files, timestamp=TIME).path).wheel
    names = {member.name: member.permissions for member in again.members}
    assert names["a/run.sh"] == 0o755
    assert "new.py" in names
    assert "z/__init__.py" not in names
    assert again.read("a/run.sh") == b"#!/bin/true\n"


def test_unpacked_wheel_is_packed_to_the_same_bytes(tmp_path: Path) -> None:
    written = make_wheel(tmp_path, "some", "1.0", FILES)
    unpack_wheel(written.path, tmp_path / "folder")
    (tmp_path / "out").mkdir()
    files = files_from_folder(tmp_path / "folder")
    assert write_wheel(tmp_path / "out", NAME, files, timestamp=TIME).sha256 == written.sha256


def test_links_are_not_packed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/etc/passwd")
    with pytest.raises(UsageError, match="no regular file"):
        files_from_folder(tmp_path)
    with pytest.raises(UsageError):
        file_from_disk("x", tmp_path / "link")


@pytest.mark.parametrize(
    "path", ["../x", "/x", "a\0b", "a\\b", "some-1.0.dist-info/METADATA/x", "other.data/x/y"]
)
def test_what_a_reader_would_refuse_is_not_written(tmp_path: Path, path: str) -> None:
    files = [*wheel_files(NAME, {}), file_from_bytes(path, b"")]
    with pytest.raises(UsageError, match="not written"):
        write_wheel(tmp_path, NAME, files, timestamp=TIME)
    assert not list(tmp_path.iterdir())


def test_name_that_disagrees_with_its_content_is_not_written(tmp_path: Path) -> None:
    other = WheelFilename("some", "1.0", "", "cp311-abi3-linux_x86_64")
    with pytest.raises(UsageError, match="tag-mismatch"):
        write_wheel(tmp_path, other, wheel_files(NAME, {}), timestamp=TIME)
    assert not list(tmp_path.iterdir())


def test_failure_leaves_the_old_wheel(tmp_path: Path) -> None:
    old = make_wheel(tmp_path, "some", "1.0", FILES)
    (tmp_path / "x").touch()
    broken = [*wheel_files(NAME, {}), file_from_disk("x", tmp_path / "x")]
    (tmp_path / "x").unlink()
    with pytest.raises(FileNotFoundError):
        write_wheel(tmp_path, NAME, broken, timestamp=TIME)
    assert verify_wheel(old.path).sha256 == old.sha256
    assert list(tmp_path.iterdir()) == [old.path]


def test_tag_set_keeps_its_order_in_the_name(tmp_path: Path) -> None:
    written = make_wheel(tmp_path, "some", "1.0", tag="py3.py2-none-any")
    assert written.path.name == "some-1.0-py3.py2-none-any.whl"
    assert open_wheel(written.path).info.tags == parse_tag("py2.py3-none-any")
