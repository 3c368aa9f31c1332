from __future__ import annotations

import io
import stat
import tempfile
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from tests.hostile.craft import INFO, METADATA, WHEEL, WHEEL_NAME, record_hash
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
from wheelyard.wheel.archive import read_archive
from wheelyard.wheel.zip_writing import ZipWriter, pack_member

_WORDS = st.text("abcXYZ019_", min_size=1, max_size=6)
_PART = st.text(st.characters(codec="utf-8", exclude_characters="/"), min_size=1, max_size=8)
_PATHS = st.lists(_PART, min_size=1, max_size=3).map("/".join)
_CONTENT = st.builds(
    lambda data, times: data * times, st.binary(max_size=200), st.sampled_from([1, 1, 40, 4000])
)


@dataclass(frozen=True)
class File:
    """A file to be written: its content, and whether it is a program."""

    data: bytes
    executable: bool


_FILES = st.dictionaries(_PATHS, st.builds(File, _CONTENT, st.booleans()), max_size=6)
_NAMES = st.builds(
    WheelFilename,
    st.from_regex(r"[A-Za-z][A-Za-z0-9_.]{0,6}[a-z]", fullmatch=True),
    st.from_regex(r"[0-9]{1,3}(\.[0-9]{1,2}){0,2}(rc1|\.post2)?(\+cpu)?", fullmatch=True),
    st.sampled_from(["", "1", "2b"]),
    st.sampled_from(["py3-none-any", "py2.py3-none-any", "cp311-abi3-linux_x86_64"]),
)


@given(_NAMES, _FILES)
def test_wheel_is_given_back_and_is_the_same_to_zipfile(
    filename: WheelFilename, files: dict[str, File]
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        given_files = [
            replace(one, executable=files[one.path].executable) if one.path in files else one
            for one in wheel_files(filename, {path: file.data for path, file in files.items()})
        ]
        try:
            written = write_wheel(folder, filename, given_files, timestamp=TIME)
        except UsageError:
            assert not list(folder.iterdir())
            return
        verified = unpack_wheel(written.path, folder / "out", strict=True)
        unpacked = _unpacked(folder / "out")
        with zipfile.ZipFile(written.path) as archive:
            assert archive.testzip() is None
            assert not archive.comment
            seen = {one.filename: archive.read(one) for one in archive.infolist()}
            modes = {one.filename: one.external_attr >> 16 for one in archive.infolist()}
    assert verified.wheel.filename == filename
    assert verified.sha256 == written.sha256
    assert seen == {path: data for path, (data, _) in unpacked.items()}
    assert modes == {path: mode for path, (_, mode) in unpacked.items()}
    assert {path: unpacked.get(path) for path in files} == {
        path: (file.data, 0o100755 if file.executable else 0o100644) for path, file in files.items()
    }


def _unpacked(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {
        path.relative_to(folder).as_posix(): (path.read_bytes(), path.stat().st_mode)
        for path in folder.rglob("*")
        if path.is_file()
    }


@dataclass(frozen=True)
class Member:
    """What zipfile is to write, in any of the forms that it knows and a wheel may have."""

    data: bytes
    mode: int
    method: int
    comment: bytes
    wide: bool


@dataclass(frozen=True)
class Frame:
    """How zipfile is to write it: as to a pipe, with folders, with a comment."""

    streamed: bool
    folders: bool
    comment: bytes


_COMMENTS = st.binary(max_size=30).filter(lambda comment: b"PK" not in comment)
_MEMBERS = st.dictionaries(
    st.from_regex(r"[a-zé]{1,3}(/[a-z ]{1,3}\.py)?", fullmatch=True).filter(
        lambda name: not name.endswith(" ")
    ),
    st.builds(
        Member,
        _CONTENT,
        st.integers(0, 0o7777),
        st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]),
        _COMMENTS,
        st.booleans(),
    ),
    max_size=5,
)


class _Pipe(io.BytesIO):
    """A stream that can't go back, so that sizes stand behind members."""

    def seekable(self) -> bool:
        return False

    def tell(self) -> int:
        raise OSError

    def seek(self, offset: int, whence: int = 0, /) -> int:
        raise OSError(offset, whence)


@given(_MEMBERS, st.builds(Frame, st.booleans(), st.booleans(), _COMMENTS))
def test_wheel_that_zipfile_wrote_is_read_whatever_its_form(
    members: dict[str, Member], frame: Frame
) -> None:
    tops = {name.partition("/")[0] for name in members if "/" in name}
    members = {name: member for name, member in members.items() if name not in tops}
    with tempfile.TemporaryDirectory() as name:
        path = Path(name, WHEEL_NAME)
        path.write_bytes(_written_by_zipfile(members, frame))
        unpack_wheel(path, path.parent / "out")
        unpacked = _unpacked(path.parent / "out")
    assert len(unpacked) == len(members) + 3
    assert {name: unpacked[name] for name in members} == {
        name: (member.data, 0o100755 if member.mode & 0o111 else 0o100644)
        for name, member in members.items()
    }


def _written_by_zipfile(members: dict[str, Member], frame: Frame) -> bytes:
    own = {f"{INFO}/METADATA": METADATA, f"{INFO}/WHEEL": WHEEL}
    plain = Member(b"", 0o644, zipfile.ZIP_DEFLATED, b"", wide=False)
    every = {**members, **{name: replace(plain, data=data) for name, data in own.items()}}
    rows = [f'"{name}",{record_hash(one.data)},{len(one.data)}' for name, one in every.items()]
    every[f"{INFO}/RECORD"] = replace(plain, data="\n".join([*rows, f"{INFO}/RECORD,,"]).encode())
    stream = _Pipe() if frame.streamed else io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.comment = frame.comment
        for name, member in every.items():
            entry = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
            # What is streamed and not compressed ends where its content says: it is refused.
            entry.compress_type = zipfile.ZIP_DEFLATED if frame.streamed else member.method
            entry.external_attr = (stat.S_IFREG | member.mode) << 16
            entry.comment = member.comment
            with archive.open(entry, "w", force_zip64=member.wide) as target:
                target.write(member.data)
        for folder in {name.partition("/")[0] for name in every if frame.folders and "/" in name}:
            archive.mkdir(folder)
    return stream.getvalue()


def test_more_members_than_16_bits_count_are_given_back(tmp_path: Path) -> None:
    names = [f"many/{number}.py" for number in range(1 << 16)]
    member = pack_member("", b"")
    with (tmp_path / "many.zip").open("w+b") as stream:
        archive = ZipWriter(stream, TIME)
        for name in names:
            archive.add(replace(member, name=name))
        archive.finish()
        stream.flush()
        found = read_archive(stream.fileno())
        with zipfile.ZipFile(stream) as other:
            assert other.namelist() == names
    assert not found.findings
    assert [one.name for one in found.members] == names


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
