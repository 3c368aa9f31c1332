"""What the users of the ``wheel`` tool rely on, as its own tests show it (pypa/wheel 0.48).

Where Wheelyard behaves otherwise, docs/explanation/wheel-tool.md says why.
"""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.unit.wheel.making import TIME, wheel_files

from wheelyard.cli import main
from wheelyard.wheel import WheelFilename, file_from_bytes, open_wheel, write_wheel

if TYPE_CHECKING:
    Capture = pytest.CaptureFixture[str]

NAME = "some-1.0-py2.py3-none-any.whl"
FILES = {
    "some/__init__.py": b"",
    "some/héllö, all.py": b"print(1)\n",
    "some/run.sh": b"#!/bin/sh\n",
}
METADATA = (
    b"Metadata-Version: 2.1\nName: some\nVersion: 1.0\nSummary: A test\nLicense: MIT\n\nText\n"
)
WHEEL = b"Wheel-Version: 1.0\r\nGenerator: old (0.30.0)\r\nRoot-Is-Purelib: false\r\n"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    filename = WheelFilename("some", "1.0", "", "py2.py3-none-any")
    old = WHEEL + b"Tag: py2-none-any\r\nTag: py3-none-any\r\n"
    about = {"METADATA": METADATA, "WHEEL": old}
    files = [
        file for file in wheel_files(filename, FILES) if file.path.rpartition("/")[2] not in about
    ]
    files += [file_from_bytes(f"some-1.0.dist-info/{name}", text) for name, text in about.items()]
    write_wheel(tmp_path, filename, files, timestamp=TIME)


def run(capsys: Capture, *arguments: str, code: int = 0) -> str:
    capsys.readouterr()
    assert main(arguments) == code
    said = capsys.readouterr()
    return (said.err if code else said.out).strip()


def read(wheel: str, name: str) -> bytes:
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(f"some-{wheel.split('-')[1]}.dist-info/{name}")


def wheel_headers(wheel: str) -> list[bytes]:
    return sorted(line for line in read(wheel, "WHEEL").splitlines() if line)


def unpacked() -> Path:
    assert main(["unpack", NAME]) == 0
    return Path("some-1.0")


# pack


@pytest.mark.parametrize(
    ("option", "existing", "name"),
    [
        (None, None, NAME),
        ("2b", None, "some-1.0-2b-py2.py3-none-any.whl"),
        (None, "3", "some-1.0-3-py2.py3-none-any.whl"),
        ("", "3", NAME),
    ],
)
def test_pack_takes_the_build_tag_of_the_option_or_else_of_the_file(
    capsys: Capture, option: str | None, existing: str | None, name: str
) -> None:
    folder = unpacked()
    if existing:
        with (folder / "some-1.0.dist-info" / "WHEEL").open("ab") as stream:
            stream.write(f"Build: {existing}\r\n".encode())
    record = read(NAME, "RECORD").splitlines()
    more = () if option is None else ("--build-number", option)
    assert run(capsys, "pack", "some-1.0", "-d", "out", *more) == f"out/{name}"
    rows = read(f"out/{name}", "RECORD").splitlines()
    assert [row for row in rows if b"/WHEEL" not in row] == [
        row for row in record if b"/WHEEL" not in row
    ]
    build = existing if option is None else option
    expected = [*WHEEL.split(b"\r\n")[:3], b"Tag: py2-none-any", b"Tag: py3-none-any"]
    expected += [f"Build: {build}".encode()] if build else []
    assert wheel_headers(f"out/{name}") == sorted(expected)


@pytest.mark.parametrize(
    ("local", "existing", "version"),
    [("l0.cal", "", "1.0+l0.cal"), ("new", "old", "1.0+new"), ("", "old", "1.0")],
)
def test_pack_changes_the_local_version_in_the_wheel_alone(
    capsys: Capture, local: str, existing: str, version: str
) -> None:
    folder = unpacked()
    metadata = folder / "some-1.0.dist-info" / "METADATA"
    if existing:
        metadata.write_bytes(METADATA.replace(b"1.0", b"1.0+" + existing.encode()))
    before = metadata.read_bytes()
    name = f"out/some-{version}-py2.py3-none-any.whl"
    assert run(capsys, "pack", "some-1.0", "-d", "out", "--local-version", local) == name
    wheel = open_wheel(Path(name))
    assert wheel.metadata.version == version
    assert wheel.dist_info == f"some-{version}.dist-info"
    assert wheel.metadata.description == "Text\n"
    assert metadata.read_bytes() == before


@pytest.mark.parametrize("local", ["bad-local", "!invalid", "a..b"])
def test_pack_refuses_what_is_no_local_version(capsys: Capture, local: str) -> None:
    unpacked()
    said = run(capsys, "pack", "some-1.0", "-d", "out", "--local-version", local, code=2)
    assert local in said
    assert not list(Path("out").iterdir())


def test_pack_refuses_a_folder_with_several_wheels_or_none(capsys: Capture) -> None:
    folder = unpacked()
    shutil.copytree(folder / "some-1.0.dist-info", folder / "other-1.0.dist-info")
    assert "must hold one .dist-info folder" in run(capsys, "pack", "some-1.0", code=2)


# tags


def test_tags_without_options_changes_nothing(capsys: Capture) -> None:
    before = Path(NAME).read_bytes()
    assert run(capsys, "tags", NAME) == NAME
    assert Path(NAME).read_bytes() == before


@pytest.mark.parametrize(
    ("options", "tag_set"),
    [
        (("--python-tag", "py3"), "py3-none-any"),
        (("--python-tag", "+py4"), "py2.py3.py4-none-any"),
        (("--abi-tag", "cp33m"), "py2.py3-cp33m-any"),
        (("--abi-tag", "cp33m.abi3"), "py2.py3-abi3.cp33m-any"),
        (("--abi-tag", "+abi3.cp33m"), "py2.py3-abi3.cp33m.none-any"),
        (("--platform-tag", "linux_x86_64"), "py2.py3-none-linux_x86_64"),
        (("--platform-tag", "linux_x86_64.win32"), "py2.py3-none-linux_x86_64.win32"),
        (("--platform-tag", "+linux_x86_64.win32"), "py2.py3-none-any.linux_x86_64.win32"),
        (
            ("--python-tag", "py3", "--abi-tag", "cp33m", "--platform-tag", "linux_x86_64"),
            "py3-cp33m-linux_x86_64",
        ),
        (("--platform-tag", "linux_x86_64", "--python-tag", "+py4"),
         "py2.py3.py4-none-linux_x86_64"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("build", ["", "1bah"])
def test_tags_sets_and_adds(
    capsys: Capture, options: tuple[str, ...], tag_set: str, build: str
) -> None:
    more = ("--build", build) if build else ()
    name = f"some-1.0-{build}-{tag_set}.whl" if build else f"some-1.0-{tag_set}.whl"
    assert run(capsys, "tags", NAME, *options, *more) == name
    assert Path(NAME).exists()
    tags = sorted(str(tag) for tag in open_wheel(Path(name)).filename.tags)
    said = [line for line in wheel_headers(name) if line.startswith((b"Tag", b"Build"))]
    expected = [f"Tag: {tag}".encode() for tag in tags]
    assert said == [*([f"Build: {build}".encode()] if build else []), *expected]
    assert wheel_headers(name)[-1] == b"Wheel-Version: 1.0"
    assert b"Generator: old (0.30.0)" in wheel_headers(name)


@pytest.mark.parametrize("option", [("--platform-tag=-any",), ("--platform-tag", "-any")])
def test_tags_removes_what_a_minus_names(capsys: Capture, option: tuple[str, ...]) -> None:
    added = run(capsys, "tags", NAME, "--platform-tag", "+linux_x86_64.win32")
    removed = run(capsys, "tags", added, *option)
    assert removed == "some-1.0-py2.py3-none-linux_x86_64.win32.whl"


def test_tags_takes_an_option_for_no_tag(capsys: Capture) -> None:
    for option in ("-h", "--json"):
        with pytest.raises(SystemExit):
            main(["tags", NAME, "--python-tag", option])
        assert "--python-tag: expected one argument" in capsys.readouterr().err


def test_tags_remove_replaces_the_old_wheel(capsys: Capture) -> None:
    name = run(capsys, "tags", "--remove", "--python-tag", "+py4", NAME)
    assert name == "some-1.0-py2.py3.py4-none-any.whl"
    assert [path.name for path in Path().glob("*.whl")] == [name]


def test_tags_drops_a_build_tag(capsys: Capture) -> None:
    name = run(capsys, "tags", "--build", "1bah", NAME)
    assert name == "some-1.0-1bah-py2.py3-none-any.whl"
    assert run(capsys, "tags", "--build", "", name) == NAME


@pytest.mark.parametrize("build", ["foo", "1-f"])
def test_tags_refuses_what_is_no_build_tag(capsys: Capture, build: str) -> None:
    assert repr(build) in run(capsys, "tags", "--build", build, NAME, code=2)


def test_tags_keeps_what_may_be_executed(capsys: Capture) -> None:
    name = run(capsys, "tags", "--python-tag", "+py4", NAME)
    with zipfile.ZipFile(NAME) as old, zipfile.ZipFile(name) as new:
        modes = [
            {info.filename: info.external_attr for info in archive.infolist()}
            for archive in (old, new)
        ]
    assert modes[0] == modes[1]


def test_tags_refuses_to_claim_more_pairs_than_were_asked_for(capsys: Capture) -> None:
    options = ("--python-tag", "+cp311", "--abi-tag", "+cp311")
    assert "every combination" in run(capsys, "tags", NAME, *options, code=2)


def test_tags_makes_the_file_in_the_wheel_agree_with_the_name(capsys: Capture) -> None:
    other = "some-1.0-py3-none-linux_x86_64.whl"
    Path(NAME).rename(other)
    assert run(capsys, "tags", "--remove", other) == other
    assert b"Tag: py3-none-linux_x86_64" in wheel_headers(other)


# unpack


def test_unpack_keeps_what_may_be_executed(capsys: Capture) -> None:
    assert run(capsys, "unpack", NAME, "-d", "out") == "out/some-1.0"
    assert Path("out/some-1.0/some/run.sh").stat().st_mode & 0o777 == 0o755
    assert Path("out/some-1.0/some/__init__.py").stat().st_mode & 0o777 == 0o644


def test_unpack_refuses_a_folder_that_is_there(capsys: Capture) -> None:
    run(capsys, "unpack", NAME)
    assert "exists already" in run(capsys, "unpack", NAME, code=2)


# info


def test_info_tells_what_the_wheel_says(capsys: Capture) -> None:
    said = run(capsys, "info", NAME).splitlines()
    assert said[0] == "some 1.0"
    assert {"Summary: A test", "License: MIT", "Tags: py2-none-any, py3-none-any"} <= set(said)
    assert "Wheel-Version: 1.0, by old (0.30.0)" in said
    assert "Installed into: platlib" in said
    assert not any(line.startswith("File: ") for line in said)


@pytest.mark.parametrize("option", ["-v", "--verbose"])
def test_info_lists_the_files_where_asked(capsys: Capture, option: str) -> None:
    said = run(capsys, "info", option, NAME).splitlines()
    assert "File: some/run.sh, 10 bytes" in said
    assert len([line for line in said if line.startswith("File: ")]) == len(FILES) + 3


def test_info_of_what_is_not_there_says_so(capsys: Capture) -> None:
    said = run(capsys, "info", "some-2.0-py3-none-any.whl", code=6)
    assert "some-2.0-py3-none-any.whl: it cannot be read (No such file" in said


# names


@pytest.mark.parametrize(
    "name",
    ["foo-2-py3-none-any.whl", "foo-2-py2.py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"],
)
def test_name_of_a_wheel_is_understood(name: str) -> None:
    from wheelyard.wheel import parse_wheel_filename

    assert parse_wheel_filename(name).stem == "foo-2"


@pytest.mark.parametrize(
    "name",
    [
        "test.whl",
        "test-1.0.whl",
        "test-1.0-py2.whl",
        "test-1.0-py2-none.whl",
        "test-1.0-py2-none-any",
        "test-1.0-py 2-none-any.whl",
    ],
)
def test_name_that_is_no_wheel_s_is_refused(capsys: Capture, name: str) -> None:
    assert f"{name!r} is no wheel's name" in run(capsys, "unpack", name, code=5)


def test_folder_in_the_wheel_may_be_spelled_otherwise_than_the_file(capsys: Capture) -> None:
    Path(NAME).rename("SOME-1.0-py2.py3-none-any.whl")
    assert run(capsys, "unpack", "SOME-1.0-py2.py3-none-any.whl", "-d", "out") == "out/SOME-1.0"


def test_record_is_written_as_csv(capsys: Capture) -> None:
    unpacked()
    run(capsys, "pack", "some-1.0", "-d", "out")
    lines = read(f"out/{NAME}", "RECORD").decode().splitlines()
    assert any(line.startswith('"some/héllö, all.py",sha256=') for line in lines)
    assert lines[-1] == "some-1.0.dist-info/RECORD,,"


def test_time_is_that_of_source_date_epoch(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")
    unpacked()
    run(capsys, "pack", "some-1.0", "-d", "out")
    with zipfile.ZipFile(f"out/{NAME}") as archive:
        assert {info.date_time for info in archive.infolist()} == {(2001, 9, 9, 1, 46, 40)}
