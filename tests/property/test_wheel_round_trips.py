from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.wheel.making import TIME, wheel_files

from wheelyard.errors import UsageError, WheelyardError
from wheelyard.wheel import (
    RecordEntry,
    WheelFilename,
    format_record,
    open_wheel,
    parse_entry_points,
    parse_metadata,
    parse_record,
    parse_wheel_filename,
    unpack_wheel,
    write_wheel,
)

_WORDS = st.text("abcXYZ019_", min_size=1, max_size=6)
_PART = st.text(st.characters(codec="utf-8", exclude_characters="/"), min_size=1, max_size=8)
_PATHS = st.lists(_PART, min_size=1, max_size=3).map("/".join)
_FILES = st.dictionaries(_PATHS, st.binary(max_size=200), max_size=6)
_NAMES = st.builds(
    WheelFilename,
    st.from_regex(r"[A-Za-z][A-Za-z0-9_.]{0,6}[a-z]", fullmatch=True),
    st.from_regex(r"[0-9]{1,3}(\.[0-9]{1,2}){0,2}(rc1|\.post2)?(\+cpu)?", fullmatch=True),
    st.sampled_from(["", "1", "2b"]),
    st.sampled_from(["py3-none-any", "py2.py3-none-any", "cp311-abi3-linux_x86_64"]),
)


@given(_NAMES, _FILES)
def test_reader_accepts_whatever_the_writer_writes(
    filename: WheelFilename, files: dict[str, bytes]
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            written = write_wheel(folder, filename, wheel_files(filename, files), timestamp=TIME)
        except UsageError:
            assert not list(folder.iterdir())
            return
        wheel = unpack_wheel(written.path, folder / "out", strict=True).wheel
        unpacked = {
            path.relative_to(folder / "out").as_posix(): path.read_bytes()
            for path in (folder / "out").rglob("*")
            if path.is_file()
        }
    assert wheel.filename == filename
    assert {path: unpacked.get(path) for path in files} == files


@given(_NAMES)
def test_file_name_is_given_back(filename: WheelFilename) -> None:
    assert parse_wheel_filename(str(filename)) == filename


@given(st.binary(max_size=400))
def test_any_bytes_are_refused_as_a_wheel_without_crashing(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name, "a-1-py3-none-any.whl")
        path.write_bytes(data)
        try:
            open_wheel(path)
        except WheelyardError:
            return
    raise AssertionError("accepted")


@given(st.binary(max_size=12), st.integers(0, 1500), st.data())
def test_changed_wheel_is_the_same_or_refused(patch: bytes, at: int, data: st.DataObject) -> None:
    filename = WheelFilename("a", "1", "", "py3-none-any")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = write_wheel(
            folder, filename, wheel_files(filename, {"a.py": b"x = 1\n"}), timestamp=TIME
        ).path
        content = path.read_bytes()
        at = data.draw(st.integers(0, len(content)))
        path.write_bytes(content[:at] + patch + content[at + len(patch) :])
        try:
            wheel = unpack_wheel(path, folder / "out").wheel
        except WheelyardError:
            assert not (folder / "out").exists()
            return
        assert {m.name for m in wheel.members if not m.name.startswith("a-1.dist")} == {"a.py"}
        assert (folder / "out" / "a.py").read_bytes() == b"x = 1\n"


@given(st.lists(st.builds(
    RecordEntry,
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1),
    st.just("sha256"),
    st.from_regex(r"[A-Za-z0-9_-]{1,43}", fullmatch=True),
    st.integers(0, 2**40),
), unique_by=lambda entry: entry.path))  # fmt: skip
def test_record_is_given_back(entries: list[RecordEntry]) -> None:
    assert parse_record(format_record(entries)) == tuple(entries)


@given(st.text() | st.binary())
def test_parsers_raise_nothing_but_their_own_errors(data: str | bytes) -> None:
    for parser in (parse_metadata, parse_record, parse_entry_points):
        try:
            parser(data)
        except WheelyardError:
            continue
