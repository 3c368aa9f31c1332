from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.unit.installer.houses import make_house, request, tree

from wheelyard.errors import HostError, UsageError, VerificationError
from wheelyard.installer import Destination, Programs, install, install_scripts
from wheelyard.wheel import normalize_name, parse_record

POINTS = "tool-1.dist-info/entry_points.txt"
TOOL = {
    "tool.py": b"def main():\n    print('tool runs')\n",
    POINTS: b"[console_scripts]\ngo = tool:main\n[gui_scripts]\nwin = tool:main\n[x]\ny = tool\n",
}
PYTHON = Path(sys.executable)


@pytest.fixture
def lib(tmp_path: Path) -> Destination:
    house = make_house(tmp_path / "house", ("tool", "1", TOOL), ("plain", "1", None))
    destination = Destination("target", tmp_path / "lib")
    install(request(house, destination))
    return destination


def rows(lib: Destination) -> dict[str, str]:
    content = (lib.path / "tool-1.dist-info/RECORD").read_bytes()
    return {row.path: row.hash for row in parse_record(content)}


def test_missing_programs_are_written_and_listed_as_an_installation_does(lib: Destination) -> None:
    before, listed = tree(lib.path), rows(lib)
    record = lib.path / "tool-1.dist-info/RECORD"
    kept = [line for line in record.read_text().splitlines() if not line.startswith("bin/")]
    record.write_text("\n".join(kept) + "\n")
    for name in ("go", "win"):
        (lib.path / "bin" / name).unlink()
    (lib.path / "bin").rmdir()
    done = install_scripts(["Tool", "plain", "tool"], lib, PYTHON)
    assert done == (
        Programs(normalize_name("tool"), "1", (lib.path / "bin/go", lib.path / "bin/win")),
        Programs(normalize_name("plain"), "1", ()),
    )
    assert rows(lib) == listed
    assert {path: text for path, text in tree(lib.path).items() if "RECORD" not in path} == {
        path: text for path, text in before.items() if "RECORD" not in path
    }


def test_programs_of_an_environment_that_was_moved_run_again(tmp_path: Path) -> None:
    house = make_house(tmp_path / "house", ("tool", "1", TOOL))
    install(request(house, Destination("venv", tmp_path / "old")))
    new = (tmp_path / "old").rename(tmp_path / "new")
    install_scripts(["tool"], Destination("venv", new), PYTHON)
    done = subprocess.run([new / "bin/go"], capture_output=True, text=True, check=True)
    assert done.stdout == "tool runs\n"
    assert (new / "bin/go").read_text().startswith(f"#!{new}/bin/python\n")
    assert not list(new.glob(".wheelyard*"))


def test_all_projects_that_are_not_installed_are_named_and_nothing_is_written(
    lib: Destination,
) -> None:
    (lib.path / "bin/go").unlink()
    before = tree(lib.path)
    with pytest.raises(UsageError, match="gone, other-one is not installed there"):
        install_scripts(["gone", "tool", "Other_One"], lib, PYTHON)
    assert tree(lib.path) == before


def test_a_file_that_is_not_the_projects_own_is_not_overwritten(lib: Destination) -> None:
    record = lib.path / "tool-1.dist-info/RECORD"
    kept = [line for line in record.read_text().splitlines() if "bin/go" not in line]
    record.write_text("\n".join(kept) + "\n")
    (lib.path / "bin/go").write_text("mine")
    before = tree(lib.path)
    with pytest.raises(HostError, match="bin/go: it belongs to no installed project"):
        install_scripts(["tool"], lib, PYTHON)
    assert tree(lib.path) == before


def test_no_program_takes_the_place_of_the_virtualenvs_own(tmp_path: Path) -> None:
    env = tmp_path / "env"
    house = make_house(tmp_path / "house", ("tool", "1", TOOL))
    install(request(house, Destination("venv", env)))
    (info,) = env.glob("lib/python*/site-packages/tool-1.dist-info")
    (info / "entry_points.txt").write_text("[console_scripts]\nactivate = tool:main\n")
    with (info / "RECORD").open("a") as record:
        record.write("../../../bin/activate,,\n")
    before = tree(env)
    with pytest.raises(HostError, match="bin/activate"):
        install_scripts(["tool"], Destination("venv", env), PYTHON)
    assert tree(env) == before


@pytest.mark.parametrize("points", [b"[console_scripts]\n../go = tool:main\n", b"\xff"])
def test_dangerous_entry_points_are_refused(points: bytes, lib: Destination) -> None:
    (lib.path / POINTS).unlink()  # it is a link to the cache's
    (lib.path / POINTS).write_bytes(points)
    before = tree(lib.path)
    with pytest.raises(VerificationError, match=r"tool 1: entry_points\.txt"):
        install_scripts(["tool"], lib, PYTHON)
    assert tree(lib.path) == before


def test_what_has_no_list_of_files_gets_no_programs_that_nobody_would_remove(
    lib: Destination,
) -> None:
    (lib.path / "tool-1.dist-info/RECORD").unlink()
    with pytest.raises(HostError, match="tool 1 cannot be changed"):
        install_scripts(["tool"], lib, PYTHON)


@pytest.mark.parametrize("kind", ["venv", "target", "prefix"])
def test_no_environment_is_made(kind: str, tmp_path: Path) -> None:
    folder = tmp_path / "env"
    folder.mkdir()
    path = folder if kind == "venv" else folder / "gone"
    with pytest.raises(UsageError, match="there is no environment"):
        install_scripts(["tool"], Destination(kind, path), PYTHON)
    assert not list(folder.iterdir())
