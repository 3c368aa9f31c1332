from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.unit.wheel.convert.eggs import make_egg, make_egg_folder, make_installer

from wheelyard.cli import main
from wheelyard.wheel import verify_wheel


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(("convert", *arguments))
    said = capsys.readouterr()
    return code, said.out, said.err


def test_eggs_and_installers_are_converted(capsys: pytest.CaptureFixture[str]) -> None:
    make_egg(Path(), {}, "some-1.0-py3.8.egg")
    Path("in").mkdir()
    make_egg_folder(Path("in"), {}, "some-1.0-py3.9.egg")
    make_installer(Path(), {"PURELIB/some.py": b""})
    files = ("some-1.0-py3.8.egg", "in/some-1.0-py3.9.egg/", "some-1.0.win32.exe")
    wheels = [f"a/b/some-1.0-{tag}-none-any.whl" for tag in ("py38", "py39", "py2.py3")]
    assert run(capsys, *files, "-d", "a/b") == (0, "".join(f"{one}\n" for one in wheels), "")
    first = [verify_wheel(Path(one)).sha256 for one in wheels]
    code, out, _ = run(capsys, *files, "-d", "a/b", "--json")
    assert [one["sha256"] for one in json.loads(out)["results"]] == first
    assert code == 0


def test_patterns_are_expanded_where_no_shell_did(capsys: pytest.CaptureFixture[str]) -> None:
    for python in ("2.7", "3.8"):
        make_egg(Path(), {}, f"some-1.0-py{python}.egg")
    make_egg(Path(), {}, "[1]-1.0-py3.9.egg")
    code, out, _ = run(capsys, "*-py?.[78].egg", str(Path("*8.egg").absolute()), "[1]*")
    assert code == 2
    assert out.split() == [f"some-1.0-{tag}-none-any.whl" for tag in ("py27", "py38")]


def test_every_file_is_looked_at_and_the_worst_decides(capsys: pytest.CaptureFixture[str]) -> None:
    make_egg(Path(), {}, "some-1.0-py3.8.egg")
    make_egg(Path(), {"../evil.py": b""}, "bad-1.0-py3.8.egg")
    Path("some.txt").touch()
    files = ("some.txt", "bad-1.0-py3.8.egg", "gone*", "some-1.0-py3.8.egg")
    code, out, said = run(capsys, *files, "-d", "out")
    assert (code, out) == (5, "out/some-1.0-py38-none-any.whl\n")
    assert "error: some.txt is neither an egg" in said
    assert "[path-escape] '../evil.py'" in said
    assert "error: gone* is not there" in said
    _, out, _ = run(capsys, *files, "-d", "out", "--json")
    codes = [(one["path"], one["exit_code"]) for one in json.loads(out)["results"]]
    assert codes == list(zip(files, (2, 5, 2, 0), strict=True))


def test_nothing_is_made_when_nothing_can_be_converted(capsys: pytest.CaptureFixture[str]) -> None:
    make_egg(Path(), {"some/../../x": b""})
    before = sorted(Path().iterdir())
    assert run(capsys, "some-1.0-py3.8.egg", "-d", "out")[0] == 5
    assert sorted(Path().iterdir()) == before


def test_two_files_do_not_become_one_wheel(capsys: pytest.CaptureFixture[str]) -> None:
    for folder in ("a", "b"):
        Path(folder).mkdir()
        make_egg(Path(folder), {})
    egg = "some-1.0-py3.8.egg"
    code, out, said = run(capsys, f"a/{egg}", f"b/{egg}", f"a/{egg}")
    assert (code, out) == (2, "some-1.0-py38-none-any.whl\n")
    assert f"b/{egg} and a/{egg} would both be some-1.0-py38-none-any.whl" in said


def test_what_is_left_out_is_told_when_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    files = {"EGG-INFO/zip-safe": b"", "EGG-INFO/dependency_links.txt": b"\x1b[2J"}
    make_egg(Path(), files)
    _, out, said = run(capsys, "some-1.0-py3.8.egg", "-v")
    assert "  without egg-info/zip-safe: wheels are never run zipped\n" in out
    wheel = "some-1.0-py38-none-any.whl"
    assert said == (
        f"{wheel}: dependency_links.txt is left out, no installer follows it: \\x1b[2J\n"
    )
    _, out, _ = run(capsys, "some-1.0-py3.8.egg", "--json")
    (result,) = json.loads(out)["results"]
    assert [one["path"] for one in result["left_out"]] == [
        "egg-info/dependency_links.txt",
        "egg-info/zip-safe",
    ]
    assert result["wheel"] == wheel
    assert len(result["remarks"]) == 1


def test_wheels_bear_the_time_that_is_set(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_egg(Path(), {})
    digests = set()
    for time in ("1600000000", "1600000000", "1700000000"):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", time)
        _, out, _ = run(capsys, "some-1.0-py3.8.egg", "--json")
        digests.add(json.loads(out)["results"][0]["sha256"])
    assert len(digests) == 2
