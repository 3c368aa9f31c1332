from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.hostile.craft import WHEEL_NAME, craft
from tests.unit.installer.houses import make_house
from tests.unit.wheel.making import make_wheel

from wheelyard.cli import main

TOOL = {
    "tool.py": b"def main():\n    print('tool runs')\n",
    "tool-2.dist-info/entry_points.txt": b"[console_scripts]\ngo = tool:main\n",
}
LATER = b"Metadata-Version: 2.1\nName: good\nVersion: 1.0\nRequires-Python: >=3.99\n"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WHEELYARD_STORE", str(tmp_path / "store"))
    monkeypatch.delenv("WHEELPATH", raising=False)


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    folder = tmp_path / "wheels"
    folder.mkdir()
    make_wheel(folder, "tool", "2", TOOL)
    make_wheel(folder, "tool", "1")
    make_wheel(folder, "more", "1")
    make_wheel(folder, "native", "1", tag="cp27-cp27m-linux_armv7l")
    return folder


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    code = main(["install", *map(str, arguments)])
    said = capsys.readouterr()
    return code, said.out, said.err


def installed(folder: str = "lib") -> set[str]:
    return {path.name.removesuffix(".dist-info") for path in Path(folder).glob("*.dist-info")}


INTO = ("--target", "lib", "--no-compile")


@pytest.mark.usefixtures("wheels")
def test_the_best_wheels_are_installed_from_the_folders_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out, err = run(capsys, "tool>=1", "more", "-d", "wheels", *INTO)
    prefix = Path("lib").resolve()
    assert (code, out) == (0, f"tool 2\nmore 1\n2 installed into {prefix}\n"), err
    assert installed() == {"tool-2", "more-1"}


def test_folders_come_from_wheelpath_or_else_are_the_current_one(
    wheels: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(capsys, "tool", *INTO)[0] == 3
    monkeypatch.chdir(wheels)
    assert run(capsys, "-l", "tool")[0] == 0
    monkeypatch.chdir("..")
    monkeypatch.setenv("WHEELPATH", f"store-of-none:{wheels}")
    code, _, err = run(capsys, "tool", *INTO)
    assert code == 2
    assert "store-of-none: it can't be searched for wheels" in err
    monkeypatch.setenv("WHEELPATH", f":{wheels}")
    assert run(capsys, "tool", *INTO)[0] == 0


@pytest.mark.usefixtures("wheels")
def test_what_would_be_installed_is_listed_and_nothing_is_done(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out, _ = run(capsys, "-l", "tool", "wheels/more-1-py3-none-any.whl", "-d", "wheels")
    assert code == 0
    fits = "py3-none-any fits this: it is for Python 3; it has no compiled code."
    assert out.splitlines() == [
        "tool-2-py3-none-any.whl",
        f"  for tool: {fits} It is the best of 2 wheels.",
        "more-1-py3-none-any.whl",
        f"  for wheels/more-1-py3-none-any.whl: {fits}",
    ]
    said = json.loads(run(capsys, "-l", "tool[x]", "-d", "wheels", "--json", *INTO)[1])
    (wheel,) = said["wheels"]
    assert (wheel["wheel"], wheel["asked"], wheel["fits"]) == (
        "wheels/tool-2-py3-none-any.whl", ["tool[x]"], True,
    )  # fmt: skip
    assert said["remarks"] == ["tool[x]: extras are ignored, for dependencies are not looked for"]
    assert {path.name for path in Path().iterdir()} == {"wheels"}


@pytest.mark.usefixtures("wheels")
def test_what_is_there_already_is_said_and_left(capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "tool==1", "-d", "wheels", *INTO)
    code, out, _ = run(capsys, "tool<2", "-d", "wheels", *INTO)
    prefix = Path("lib").resolve()
    assert (code, out) == (
        0, f"tool 1 is there already\n0 installed into {prefix}, 1 already there\n",
    )  # fmt: skip
    assert run(capsys, "tool", "-d", "wheels", *INTO)[1].startswith("tool 2 (was 1)\n")
    assert run(capsys, "tool", "-d", "wheels", *INTO, "--force")[1].startswith("tool 2 (was 2)\n")
    assert installed() == {"tool-2"}


@pytest.mark.usefixtures("wheels")
def test_force_takes_what_does_not_fit_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    Path("wheels", WHEEL_NAME).write_bytes(craft(metadata=LATER))
    code, _, err = run(capsys, "native", "-d", "wheels", *INTO)
    assert (code, "native: no wheel fits" in err, Path("lib").exists()) == (6, True, False)
    for listing in ((), ("-l",)):
        code, _, err = run(capsys, "good", "-d", "wheels", *INTO, *listing)
        assert (code, "it requires Python >=3.99" in err) == (6, True)
    forced = ("native", "good", "-d", "wheels", *INTO, "--force")
    for listing, first in ((("-l",), "native-1-cp27"), ((), "native 1\ngood 1.0\n")):
        code, out, err = run(capsys, *forced, *listing)
        assert (code, out.startswith(first)) == (0, True)
        assert "native-1-cp27-cp27m-linux_armv7l.whl does not fit this" in err
        assert "[requires-python] it requires Python >=3.99; this is" in err
    listed = json.loads(run(capsys, "tool", *forced, "-l", "--json")[1])["wheels"]
    assert [one["fits"] for one in listed] == [True, False, False]
    assert "But it requires Python >=3.99; this is" in listed[2]["reason"]


def test_force_never_takes_what_is_damaged(
    wheels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wheel = wheels / "more-1-py3-none-any.whl"
    wheel.write_bytes(wheel.read_bytes().replace(b"answer", b"ANSWER"))
    code, _, err = run(capsys, "more", "tool", "-d", "wheels", *INTO, "--force")
    assert (code, "more-1-py3-none-any.whl: refused" in err) == (5, True)
    Path("list.txt").write_text(f"tool --hash=sha256:{'a' * 64}\n")
    code, _, err = run(capsys, "-r", "list.txt", "-d", "wheels", *INTO, "--force")
    assert (code, "list.txt:1: tool: no wheel has a hash that is asked for" in err) == (5, True)
    assert not Path("lib").exists()


def test_part_of_a_wheelhouse_is_asked_for_in_the_same_way(
    capsys: pytest.CaptureFixture[str],
) -> None:
    house = make_house(Path("house"), ("tool", "2", TOOL), ("more", "1", None))
    code, out, _ = run(capsys, "--wheelhouse", house, "tool~=2.0", *INTO)
    assert (code, installed()) == (0, {"tool-2"}), out
    code, _, err = run(capsys, "--wheelhouse", house, "tool>2", "gone", *INTO)
    assert code == 3
    assert "tool>2: no version is accepted of those there are: tool-2-py3-none-any.whl" in err
    assert "gone: there is no wheel of gone in house" in err
    assert run(capsys, "--wheelhouse", house, "-r", "requirements.txt", *INTO)[0] == 0
    assert installed() == {"tool-2", "more-1"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (INTO, "name requirements or wheels, a file of them with -r, or a --wheelhouse"),
        (("tool",), "name where to install"),
        (("--wheelhouse", "x", "a.whl", *INTO), "name projects of the wheelhouse"),
        (("a b", "c d", *INTO), "c d: 'c d'"),
    ],
)
def test_what_is_not_said_is_asked_for(
    arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run(capsys, *arguments)
    assert (code, said in err) == (2, True), err


@pytest.mark.usefixtures("wheels")
def test_programs_are_written_anew(capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "tool", "more", "-d", "wheels", *INTO)
    Path("lib/bin/go").unlink()
    assert main(["install-scripts", "tool", "more", "--target", "lib"]) == 0
    assert capsys.readouterr().out == "tool 2: go\nmore 1: it has no programs\n"
    assert main(["install-scripts", "Tool", "--target", "lib", "--json"]) == 0
    path = str(Path("lib/bin/go").resolve())
    assert json.loads(capsys.readouterr().out)["projects"] == [
        {"name": "tool", "version": "2", "scripts": [path]}
    ]
    assert main(["install-scripts", "gone", "--target", "lib"]) == 2
    assert "gone is not installed there" in capsys.readouterr().err
