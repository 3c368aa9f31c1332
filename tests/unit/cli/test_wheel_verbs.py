from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from tests.unit.wheel.making import TIME, make_wheel, wheel_files

from wheelyard.cli import main
from wheelyard.wheel import WheelFilename, file_from_bytes, write_wheel

FILES = {"some/__init__.py": b"", "some/run.sh": b"#!/bin/sh\n", "some/ünï.txt": "é".encode()}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(arguments)
    said = capsys.readouterr()
    return code, said.out, said.err


def listing(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_a_wheel_is_unpacked_into_a_folder_of_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    wheel = make_wheel(Path(), "some", "1.0", FILES).path
    assert run(capsys, "unpack", wheel.name, "-d", "a/b") == (0, "a/b/some-1.0\n", "")
    with zipfile.ZipFile(wheel) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    assert listing(Path("a/b/some-1.0")) == content
    assert Path("a/b/some-1.0/some/run.sh").stat().st_mode & 0o777 == 0o755
    assert Path("a/b/some-1.0/some/__init__.py").stat().st_mode & 0o777 == 0o644


def test_a_folder_that_is_there_is_not_unpacked_into(capsys: pytest.CaptureFixture[str]) -> None:
    make_wheel(Path(), "some", "1.0")
    Path("some-1.0").mkdir()
    code, _, said = run(capsys, "unpack", "some-1.0-py3-none-any.whl")
    assert code == 2
    assert "some-1.0: it exists already" in said
    assert not list(Path("some-1.0").iterdir())


def test_a_wheel_that_was_changed_is_not_unpacked(capsys: pytest.CaptureFixture[str]) -> None:
    wheel = make_wheel(Path(), "some", "1.0").path
    with zipfile.ZipFile(wheel) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, data in {**content, "some/__init__.py": b"answer = 43\n"}.items():
            archive.writestr(name, data)
    code, _, said = run(capsys, "unpack", wheel.name)
    assert code == 5
    assert "[record-hash] 'some/__init__.py'" in said
    assert [path.name for path in Path().iterdir()] == [wheel.name]


@pytest.mark.parametrize(("member", "mode"), [("../out", 0o100644), ("some/link", 0o120777)])
def test_what_would_leave_the_folder_is_not_unpacked(
    capsys: pytest.CaptureFixture[str], member: str, mode: int
) -> None:
    wheel = make_wheel(Path(), "some", "1.0").path
    entry = zipfile.ZipInfo(member)
    entry.external_attr = mode << 16
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr(entry, "/etc/passwd")
    assert run(capsys, "unpack", wheel.name, "-d", "in")[0] == 5
    assert [path.name for path in Path().iterdir()] == [wheel.name]


def test_where_a_wheel_went_is_said_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    written = make_wheel(Path(), "some", "1.0")
    _, out, _ = run(capsys, "unpack", written.path.name, "--json")
    said = json.loads(out)
    assert (said["folder"], said["sha256"]) == ("some-1.0", written.sha256)
    assert "some-1.0.dist-info/METADATA" in said["files"]


def test_a_folder_is_packed_where_it_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_wheel(Path(), "some", "1.0", FILES)
    run(capsys, "unpack", "some-1.0-py3-none-any.whl")
    arguments = ("pack", "some-1.0", "-d", "new/out", "--build-number", "7")
    name = "new/out/some-1.0-7-py3-none-any.whl"
    assert run(capsys, *arguments) == (0, f"{name}\n", "")
    first = Path(name).read_bytes()
    run(capsys, *arguments)
    assert Path(name).read_bytes() == first
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1600000000")
    _, out, _ = run(capsys, *arguments, "--json")
    assert json.loads(out)["wheel"] == name
    with zipfile.ZipFile(name) as archive:
        assert {info.date_time[0] for info in archive.infolist()} == {2020}


def test_a_folder_without_a_wheel_is_not_packed(capsys: pytest.CaptureFixture[str]) -> None:
    Path("empty").mkdir()
    code, _, said = run(capsys, "pack", "empty", "-d", "out")
    assert code == 2
    assert "empty: it must hold one .dist-info folder, not none" in said
    assert not Path("out").exists()


def test_wheels_get_other_tags_beside_the_old_ones(capsys: pytest.CaptureFixture[str]) -> None:
    Path("in").mkdir()
    for name in ("one", "two"):
        make_wheel(Path("in"), name, "1.0", tag="py2.py3-none-any")
    names = [f"in/{name}-1.0-py2.py3-none-any.whl" for name in ("one", "two")]
    code, out, _ = run(capsys, "tags", *names, "--python-tag=-py2", "--build", "2")
    assert code == 0
    assert out == "in/one-1.0-2-py3-none-any.whl\nin/two-1.0-2-py3-none-any.whl\n"
    assert all(Path(name).exists() for name in (*names, *out.split()))


def test_old_wheels_are_removed_only_when_they_got_another_name(
    capsys: pytest.CaptureFixture[str],
) -> None:
    name = make_wheel(Path(), "some", "1.0").path.name
    assert run(capsys, "tags", "--remove", name) == (0, f"{name}\n", "")
    _, out, _ = run(capsys, "tags", "--remove", name, "--python-tag", "+cp311", "--json")
    (said,) = json.loads(out)["wheels"]
    assert said["tags"] == ["cp311-none-any", "py3-none-any"]
    assert [path.name for path in Path().iterdir()] == [said["wheel"]]


def test_nothing_is_written_when_one_wheel_can_not_be(capsys: pytest.CaptureFixture[str]) -> None:
    one = make_wheel(Path(), "one", "1.0", tag="py2.py3-none-any").path.name
    two = make_wheel(Path(), "two", "1.0", tag="py2-none-any").path.name
    code, _, said = run(capsys, "tags", one, two, "--python-tag=-py2", "--remove")
    assert code == 2
    assert "two-1.0-py2-none-any.whl: no python tag would be left" in said
    assert {path.name for path in Path().iterdir()} == {one, two}


def test_two_wheels_do_not_get_one_name(capsys: pytest.CaptureFixture[str]) -> None:
    wheels = [make_wheel(Path(), "one", "1.0", tag=f"{py}-none-any").path for py in ("py2", "py3")]
    names = [path.name for path in wheels]
    code, _, said = run(capsys, "tags", *names, "--python-tag", "py2.py3")
    assert code == 2
    assert "would both be one-1.0-py2.py3-none-any.whl" in said


def test_a_wheel_is_described(capsys: pytest.CaptureFixture[str]) -> None:
    files = {
        "some/fast.so": b"\x7fELF",
        "some-1.0.dist-info/entry_points.txt": b"[console_scripts]\ngo = some.cli:main\n",
        "some-1.0.dist-info/licenses/LICENSE": b"",
    }
    written = make_wheel(Path(), "some", "1.0", files, tag="cp311-abi3-linux_armv7l")
    code, out, _ = run(capsys, "info", written.path.name)
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == "some 1.0"
    assert {
        "Tags: cp311-abi3-linux_armv7l",
        "Entry point: [console_scripts] go = some.cli:main",
        "Native: some/fast.so",
        "Licence: some-1.0.dist-info/licenses/LICENSE",
    } <= set(lines)
    said = json.loads(run(capsys, "info", written.path.name, "--json")[1])
    assert (said["sha256"], said["compressed"]) == (written.sha256, written.size)
    assert said["metadata"]["version"] == "1.0"
    assert said["entry_points"][0]["value"] == "some.cli:main"


def test_metadata_can_not_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    about = b"Metadata-Version: 2.1\nName: some\nVersion: 1.0\nSummary: \x1b[2Jgone\n"
    files = {"some-1.0.dist-info/METADATA": about}
    filename = WheelFilename("some", "1.0", "", "py3-none-any")
    content = [file for file in wheel_files(filename, {}) if file.path not in files]
    content += [file_from_bytes(name, data) for name, data in files.items()]
    path = write_wheel(Path(), filename, content, timestamp=TIME).path
    assert "Summary: \\x1b[2Jgone" in run(capsys, "info", path.name)[1]


def test_what_is_no_wheel_is_not_described(capsys: pytest.CaptureFixture[str]) -> None:
    Path("some-1.0-py3-none-any.whl").write_bytes(b"PK")
    assert run(capsys, "info", "some-1.0-py3-none-any.whl")[0] == 5
    assert run(capsys, "info", "other-1.0-py3-none-any.whl")[0] == 6
    assert run(capsys, "info", "some.zip")[0] == 5


def test_all_wheels_are_checked(capsys: pytest.CaptureFixture[str]) -> None:
    good = make_wheel(Path(), "good", "1.0").path
    bad = make_wheel(Path(), "bad", "1.0", {"bad.py": b"", "tests/x.py": b""}).path
    broken = Path("broken-1.0-py3-none-any.whl")
    broken.write_bytes(b"PK")
    ignored = ("--ignore", "no-licence", "--ignore", "no-description")
    paths = [good.name, bad.name, broken.name, "x.whl"]
    code, out, _ = run(capsys, "check", *paths, *ignored, "--json")
    assert code == 5
    found = [[one["rule"] for one in wheel["findings"]] for wheel in json.loads(out)["wheels"]]
    assert found == [[], ["stray-tests"], ["zip-end"], ["file-name"]]
    assert run(capsys, "check", good.name, *ignored) == (0, f"{good.name}: nothing found\n", "")
    assert "  [stray-tests] 'tests': " in run(capsys, "check", bad.name)[1]


def test_what_is_unsafe_can_not_be_ignored(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["check", "some.whl", "--ignore", "path-escape"])
    assert caught.value.code == 2
    assert "path-escape" in capsys.readouterr().err


def test_signatures_beside_a_wheel_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    wheel = make_wheel(Path(), "some", "1.0").path
    Path(f"{wheel}.dsse.json").touch()
    assert f"Signature: {wheel.name}.dsse.json" in run(capsys, "info", wheel.name)[1]
