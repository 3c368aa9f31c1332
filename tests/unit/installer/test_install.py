from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.hostile.craft import WHEEL_NAME, craft, record_hash, with_rows
from tests.unit.installer.houses import make_house, request, tree, write_requirements
from tests.unit.wheel.making import make_wheel

from wheelyard.errors import HostError, VerificationError
from wheelyard.installer import Change, Destination, Options, install
from wheelyard.wheel import normalize_name, parse_record

if TYPE_CHECKING:
    from pathlib import Path

TOOL = {
    "tool/__init__.py": b"def main():\n    print('tool runs')\n",
    "tool/data.bin": bytes(1000),
    "tool-1.0.data/scripts/old-tool": b"#!python\nimport tool\ntool.main()\n",
    "tool-1.0.data/data/share/tool.txt": b"shared\n",
    "tool-1.0.dist-info/entry_points.txt": b"[console_scripts]\nnew-tool = tool:main\n",
}
FORCE = Options(compile_bytecode=False, reinstall=True)


def change(name: str, version: str, previous: str = "") -> Change:
    return Change(normalize_name(name), version, previous)


@pytest.fixture
def house(tmp_path: Path) -> Path:
    return make_house(tmp_path / "house", ("tool", "1.0", TOOL), ("other", "2.0", None))


@pytest.fixture
def lib(tmp_path: Path) -> Destination:
    return Destination("target", tmp_path / "lib")


def test_whole_wheelhouse_is_installed_into_a_new_virtualenv_and_runs(
    house: Path, tmp_path: Path
) -> None:
    env = tmp_path / "with blank" / "env"
    report = install(request(house, Destination("venv", env), options=Options()))
    assert report.installed == (change("other", "2.0"), change("tool", "1.0"))
    for name in ("new-tool", "old-tool"):
        done = subprocess.run([env / "bin" / name], capture_output=True, text=True, check=True)
        assert done.stdout == "tool runs\n"
    assert (env / "share" / "tool.txt").read_bytes() == b"shared\n"
    assert list(env.rglob("__pycache__/__init__.*.pyc"))
    assert not list(env.glob(".wheelyard*"))


def test_bytecode_is_valid_for_the_installed_source(house: Path, tmp_path: Path) -> None:
    env = tmp_path / "env"
    install(request(house, Destination("venv", env), options=Options()))
    script = "import sys, other; print(other.__cached__, other.__file__)"
    done = subprocess.run(
        [env / "bin" / "python", "-v", "-c", script], capture_output=True, text=True, check=True
    )
    assert "other/__init__.cpython" in done.stderr.replace("__pycache__/", "")
    assert "matches" in next(
        line for line in done.stderr.splitlines() if "other/__init__.py" in line
    )


def test_files_are_links_to_the_cache_but_written_ones_are_not(
    house: Path, lib: Destination
) -> None:
    install(request(house, lib))
    links = {
        path.relative_to(lib.path).as_posix(): path.stat().st_nlink
        for path in lib.path.rglob("*")
        if path.is_file()
    }
    assert links["tool/data.bin"] == 2
    for own in ("bin/new-tool", "bin/old-tool", "tool-1.0.dist-info/RECORD"):
        assert links[own] == 1


def test_files_are_copied_where_links_cannot_be(
    house: Path, lib: Destination, monkeypatch: pytest.MonkeyPatch
) -> None:
    def link(source: str, target: str) -> None:
        raise OSError(18, f"{source} and {target} are on two file systems")

    monkeypatch.setattr(os, "link", link)
    install(request(house, lib))
    assert (lib.path / "tool/data.bin").stat().st_nlink == 1
    assert (lib.path / "tool/data.bin").stat().st_mode == 0o100644


def test_modes_are_those_of_the_wheel(house: Path, lib: Destination) -> None:
    install(request(house, lib))
    assert (lib.path / "bin/new-tool").stat().st_mode == 0o100755
    assert (lib.path / "bin/old-tool").stat().st_mode == 0o100755
    assert (lib.path / "tool/__init__.py").stat().st_mode == 0o100644


def test_record_lists_exactly_what_is_there(house: Path, lib: Destination) -> None:
    install(request(house, lib, options=Options()))
    listed = {
        row.path
        for info in lib.path.glob("*.dist-info")
        for row in parse_record((info / "RECORD").read_bytes())
    }
    there = {path for path in tree(lib.path) if not (lib.path / path).is_dir()}
    assert listed == there


def test_only_the_named_projects_are_installed_and_marked(house: Path, lib: Destination) -> None:
    report = install(request(house, lib, "tool"))
    assert report.installed == (change("tool", "1.0"),)
    assert not (lib.path / "other").exists()
    assert (lib.path / "tool-1.0.dist-info/REQUESTED").read_bytes() == b""


def test_second_installation_finds_everything_satisfied(house: Path, lib: Destination) -> None:
    install(request(house, lib, options=Options()))
    before = {path: path.stat().st_ctime_ns for path in lib.path.rglob("*")}
    report = install(request(house, lib, options=Options()))
    assert report.installed == ()
    assert report.satisfied == (change("other", "2.0", "2.0"), change("tool", "1.0", "1.0"))
    assert {path: path.stat().st_ctime_ns for path in lib.path.rglob("*")} == before


def test_reinstallation_is_forced(house: Path, lib: Destination) -> None:
    install(request(house, lib))
    before = tree(lib.path)
    (lib.path / "tool/data.bin").unlink()
    assert not install(request(house, lib)).installed
    report = install(request(house, lib, options=FORCE))
    assert report.installed == (change("other", "2.0", "2.0"), change("tool", "1.0", "1.0"))
    assert tree(lib.path) == before


def test_upgrade_leaves_nothing_of_the_old_version(tmp_path: Path, lib: Destination) -> None:
    old = make_house(tmp_path / "old", ("tool", "1.0", {**TOOL, "tool/gone/deep.py": b"x = 1\n"}))
    new = make_house(tmp_path / "new", ("tool", "2.0", {"tool/__init__.py": b"", "tool/n.py": b""}))
    install(request(old, lib, options=Options()))
    stale = lib.path / "tool/gone/__pycache__/deep.cpython-39.pyc"
    stale.touch()  # Python of another version ran there
    report = install(request(new, lib))
    assert report.installed == (change("tool", "2.0", "1.0"),)
    assert set(tree(lib.path)) == {
        "tool", "tool/__init__.py", "tool/n.py", "bin", "tool-2.0.dist-info",
        *(f"tool-2.0.dist-info/{n}" for n in
          ("METADATA", "WHEEL", "RECORD", "INSTALLER", "REQUESTED")),
    }  # fmt: skip


def test_downgrade_is_an_exchange_like_any_other(tmp_path: Path, lib: Destination) -> None:
    for number, version in enumerate(["2.0", "1.0"]):
        house = make_house(tmp_path / str(number), ("tool", version, None))
        report = install(request(house, lib))
    assert report.installed == (change("tool", "1.0", "2.0"),)


def test_changed_wheel_is_refused_even_when_the_cache_is_warm(
    house: Path, lib: Destination
) -> None:
    install(request(house, lib, "other"))
    before = tree(lib.path)
    path = house / "tool-1.0-py3-none-any.whl"
    path.write_bytes(path.read_bytes()[:-1] + b"\1")
    with pytest.raises(VerificationError, match=r"tool-1\.0-py3-none-any\.whl: its sha256 is"):
        install(request(house, lib))
    assert tree(lib.path) == before


def test_wheel_whose_record_lies_is_refused_though_its_own_hash_is_right(
    house: Path, lib: Destination
) -> None:
    lying = with_rows(f"good/__init__.py,{record_hash(b'y')},6", drop="good/")
    (house / WHEEL_NAME).write_bytes(lying)
    write_requirements(house)
    with pytest.raises(VerificationError, match="record-hash"):
        install(request(house, lib))
    assert not lib.path.exists()


def test_wheel_for_another_machine_is_refused_with_the_reason(
    house: Path, lib: Destination
) -> None:
    make_wheel(house, "native", "1.0", tag="cp311-cp311-linux_armv7l")
    make_wheel(house, "older", "1.0", tag="cp27-none-any")
    write_requirements(house)
    with pytest.raises(HostError) as refused:
        install(request(house, lib))
    text = str(refused.value)
    assert "native: no wheel fits" in text
    assert "this Python takes py3-none-any, not cp311-cp311-linux_armv7l" in text
    assert "not cp27-none-any" in text
    assert not lib.path.exists()


def test_wheel_for_a_later_python_is_refused_and_the_new_environment_removed(
    house: Path, tmp_path: Path
) -> None:
    later = b"Metadata-Version: 2.1\nName: good\nVersion: 1.0\nRequires-Python: >=3.99\n"
    (house / WHEEL_NAME).write_bytes(craft(metadata=later))
    write_requirements(house)
    with pytest.raises(HostError, match=r"good-1\.0-py3-none-any\.whl: it requires Python >=3\.99"):
        install(request(house, Destination("venv", tmp_path / "env")))
    assert not (tmp_path / "env").exists()


def test_colliding_wheels_are_refused(tmp_path: Path, lib: Destination) -> None:
    house = make_house(
        tmp_path / "house", ("one", "1", {"ns/a.py": b"1"}), ("two", "1", {"ns/a.py": b"2"})
    )
    with pytest.raises(VerificationError, match=r"ns/a\.py: one and two"):
        install(request(house, lib))
    assert not lib.path.exists()


def test_wheels_that_share_a_folder_and_equal_files_are_merged(
    tmp_path: Path, lib: Destination
) -> None:
    shared = {"ns/__init__.py": b""}
    house = make_house(
        tmp_path / "house",
        ("one", "1", {**shared, "ns/one.py": b"1"}),
        ("two", "1", {**shared, "ns/two.py": b"2"}),
    )
    install(request(house, lib))
    assert {path.name for path in (lib.path / "ns").iterdir()} == {
        "__init__.py", "one.py", "two.py",
    }  # fmt: skip


def test_file_of_another_installed_project_is_not_overwritten(
    tmp_path: Path, lib: Destination
) -> None:
    first = make_house(tmp_path / "a", ("one", "1.5", {"ns/a.py": b"1"}))
    second = make_house(tmp_path / "b", ("two", "1", {"ns/a.py": b"2", "ns/b.py": b""}))
    install(request(first, lib))
    before = tree(lib.path)
    with pytest.raises(HostError, match=r"ns/a\.py: it belongs to one 1\.5"):
        install(request(second, lib))
    assert tree(lib.path) == before


def test_file_of_no_project_is_replaced_only_by_force(house: Path, lib: Destination) -> None:
    (lib.path / "tool").mkdir(parents=True)
    (lib.path / "tool/__init__.py").write_text("mine")
    before = tree(lib.path)
    with pytest.raises(HostError, match="it belongs to no installed project"):
        install(request(house, lib))
    assert tree(lib.path) == before
    install(request(house, lib, options=FORCE))
    assert (lib.path / "tool/__init__.py").read_bytes() == TOOL["tool/__init__.py"]


@pytest.mark.parametrize("path", ["pyvenv.cfg", "bin/python", "bin/activate", "lib64/x.py"])
def test_virtualenv_itself_is_never_replaced_not_even_by_force(path: str, tmp_path: Path) -> None:
    house = make_house(tmp_path / "house", ("evil", "1", {f"evil-1.data/data/{path}": b"evil"}))
    env = tmp_path / "env"
    subprocess.run([sys.executable, "-I", "-m", "venv", "--without-pip", env], check=True)
    before = tree(env)
    with pytest.raises(HostError, match="in the way"):
        install(request(house, Destination("venv", env), options=FORCE))
    assert tree(env) == before


@pytest.mark.parametrize("path", ["evil/__init__.py", "evil-1.dist-info/RECORD"])
def test_wheel_that_overwrites_itself_by_way_of_data_is_refused(
    path: str, lib: Destination, tmp_path: Path
) -> None:
    files = {"evil/__init__.py": b"", f"evil-1.data/data/{path}": b"evil"}
    house = make_house(tmp_path / "house", ("evil", "1", files))
    with pytest.raises(VerificationError, match="two of its files would be installed as"):
        install(request(house, lib))
    assert not lib.path.exists()


def test_project_without_a_list_of_files_cannot_be_replaced(house: Path, lib: Destination) -> None:
    (lib.path / "tool-0.9.egg-info").mkdir(parents=True)
    with pytest.raises(HostError, match=r"tool 0\.9 cannot be changed"):
        install(request(house, lib))


def test_direct_url_is_noted(house: Path, lib: Destination) -> None:
    text = '{"url": "https://example.invalid/tool.whl", "archive_info": {}}'
    asked = request(house, lib)
    wheels = [replace(one, direct_url=text if "tool" in one.asked else "") for one in asked.wheels]
    install(replace(asked, wheels=tuple(wheels)))
    assert (lib.path / "tool-1.0.dist-info/direct_url.json").read_text() == text
    assert not (lib.path / "other-2.0.dist-info/direct_url.json").exists()


def test_warnings_are_reported_with_their_wheel(tmp_path: Path, lib: Destination) -> None:
    house = make_house(tmp_path / "house", ("some", "1.0", {"some.pth": b"/x\n"}))
    report = install(request(house, lib))
    assert [(name, warning.rule) for name, warning in report.warnings] == [
        ("some-1.0-py3-none-any.whl", "pth-file")
    ]


def test_prefix_gets_the_interpreters_layout(house: Path, tmp_path: Path) -> None:
    install(request(house, Destination("prefix", tmp_path / "usr")))
    assert list((tmp_path / "usr").glob("lib/python3*/site-packages/tool/__init__.py"))
    assert (tmp_path / "usr/bin/new-tool").is_file()


def test_damaged_environment_does_not_reach_the_next_one(house: Path, tmp_path: Path) -> None:
    first = Destination("target", tmp_path / "first")
    install(request(house, first))
    (first.path / "tool/__init__.py").write_text("evil")  # in place: the same file as the cache's
    second = Destination("target", tmp_path / "second")
    install(request(house, second))
    assert (second.path / "tool/__init__.py").read_bytes() == TOOL["tool/__init__.py"]


def test_cache_may_be_removed_at_any_time(house: Path, lib: Destination) -> None:
    install(request(house, lib))
    shutil.rmtree(house.parent / "cache")
    assert len(install(request(house, lib)).satisfied) == 2
    assert (lib.path / "tool/__init__.py").read_bytes() == TOOL["tool/__init__.py"]
