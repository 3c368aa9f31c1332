"""What runs on devices runs there from the wheel alone: a real Python 3.9 has to be content."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from tests.unit.installer.houses import make_house
from tests.unit.wheel.making import make_wheel
from tests.unit.wheelhouse.reports import real_manifest
from uv import find_uv_bin

from wheelyard.cli import COMMANDS, ON_TARGET
from wheelyard.store.store import Store
from wheelyard.wheelhouse.write import write_wheelhouse

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., "Done"]

ROOT = Path(__file__).parents[3]
TOOL = {
    "some.py": b"def main():\n    print('runs')\n",
    "some-1.dist-info/entry_points.txt": b"[console_scripts]\nsome = some:main\n",
}
_IMPORTS = """
import importlib, pkgutil, sys
import wheelyard.installer, wheelyard.targets, wheelyard.wheel
for package in (wheelyard.wheel, wheelyard.installer, wheelyard.targets):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if module.name != "wheelyard.targets.catalog":  # for the machine that builds
            importlib.import_module(module.name)
"""


class Done(NamedTuple):
    """How a command ended."""

    status: int
    out: str
    err: str


@pytest.fixture(scope="module")
def python39() -> str:
    # pyenv's python3.9 on PATH only answers when told which version to be.
    environment = {**os.environ, "PYENV_VERSION": "3.9"}
    found = subprocess.run(
        [find_uv_bin(), "python", "find", "--no-project", "3.9"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if found.returncode:
        pytest.fail(f"there is no Python 3.9; run: uv python install 3.9\n{found.stderr}")
    return found.stdout.strip()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Wheelyard's own."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [find_uv_bin(), "build", "--quiet", "--wheel", "--out-dir", str(folder), str(ROOT)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    if built.returncode:
        pytest.fail(f"uv could not build Wheelyard's wheel:\n{built.stderr}")
    (path,) = folder.glob("wheelyard-*-py3-none-any.whl")
    return path


@pytest.fixture
def run(wheel: Path, python39: str, tmp_path: Path) -> Run:
    """Run a command out of the wheel, on a Python 3.9 with no packages at all."""

    def command(*arguments: str | Path, python: str = python39) -> Done:
        environ = {"PATH": os.environ["PATH"], "WHEELYARD_STORE": str(tmp_path / "store")}
        done = subprocess.run(
            [python, "-S", "-W", "error", wheel / "wheelyard", *arguments],
            cwd=tmp_path, env=environ, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return Done(done.returncode, done.stdout, done.stderr)

    return command


def test_every_module_is_imported_with_the_standard_library_alone(python39: str) -> None:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src")}
    command = [python39, "-S", "-W", "error", "-c", _IMPORTS]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.network
def test_wheelhouse_is_verified_and_installed_and_runs(run: Run, tmp_path: Path) -> None:
    with Store(tmp_path / "build-store") as store:
        manifest = real_manifest(store, "alpha")
        write_wheelhouse(tmp_path / "out", manifest, store, lambda _: "a report")
    verified = run("verify", "out")
    assert (verified.status, verified.err) == (0, "")
    (tmp_path / "out" / "pylock.toml").write_text("")
    assert "pylock.toml: it is not what the manifest gives" in run("verify", "out").err
    done = run("install", "--wheelhouse", "out", "--venv", "env")
    assert (done.status, done.out.partition("\n")[0]) == (0, "alpha 1.0"), done.err
    python = tmp_path / "env/bin/python"
    subprocess.run([python, "-W", "error", "-c", "import alpha; alpha.answer"], check=True)


@pytest.mark.network
def test_wheels_are_chosen_and_installed_and_their_programs_run(run: Run, tmp_path: Path) -> None:
    house = make_house(tmp_path / "house", ("some", "1", TOOL), ("some", "2", None))
    for version in ("cp39", "cp311"):
        make_wheel(house, "native", "1", tag=f"{version}-none-any")
    asked = ("some<2; python_version < '3.10'", "native", "-d", "house", "--venv", "env")
    listed = json.loads(run("install", *asked, "--list", "--json").out)
    assert [Path(one["wheel"]).name for one in listed["wheels"]] == [
        "some-1-py3-none-any.whl", "native-1-cp39-none-any.whl",
    ]  # fmt: skip
    assert not (tmp_path / "env").exists()
    done = run("install", *asked)
    assert done.status == 0, done.err
    (tmp_path / "env/bin/some").unlink()
    assert run("install-scripts", "some", "--venv", "env").out == "some 1: some\n"
    program = subprocess.run([tmp_path / "env/bin/some"], capture_output=True, check=True)
    assert program.stdout == b"runs\n"


@pytest.mark.network
def test_wheels_are_unpacked_packed_retagged_described_and_checked(
    run: Run, tmp_path: Path
) -> None:
    name = make_wheel(tmp_path, "some", "1", TOOL).path.name
    assert run("verify", name).status == 0
    assert run("unpack", name) == (0, "some-1\n", "")
    assert run("pack", "some-1", "--build-number", "2").out == "some-1-2-py3-none-any.whl\n"
    retagged = run("tags", name, "--python-tag", "cp39")
    assert retagged == (0, "some-1-cp39-none-any.whl\n", "")
    assert "Entry point: [console_scripts] some = some:main" in run("info", name).out
    (tmp_path / f"{name}.publish.attestation").write_text("{}")
    assert "attestation not checked here" in run("verify", name).out
    (tmp_path / f"{name}.dsse.json").write_text("{}")
    signed = run("verify", name)
    assert (signed.status, "to check signatures needs Python 3.11" in signed.err) == (6, True)
    assert "not signed" not in signed.out
    checked = run("check", name, "--ignore", "no-licence")
    assert (checked.status, "[no-description]" in checked.out) == (5, True), checked.err


@pytest.mark.network
def test_eggs_are_converted(run: Run, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "some-1-py3.9.egg", "w") as egg:
        egg.writestr("some.py", "")
        egg.writestr("EGG-INFO/PKG-INFO", "Metadata-Version: 1.0\nName: some\nVersion: 1\n")
        egg.writestr("EGG-INFO/zip-safe", "\n")
    done = run("convert", "some-1-py3.9.egg")
    assert done.status == 0, done.err
    assert list(tmp_path.glob("some-1-*.whl"))


@pytest.mark.network
def test_what_needs_more_says_what(run: Run) -> None:
    needed = "`wheelyard build` needs Python 3.11 or later, and this is 3.9"
    done = run("build", "some", "--json")
    assert (done.status, needed in json.loads(done.out)["error"]) == (6, True)
    done = run("doctor", python=sys.executable)
    assert (done.status, "is missing: `pip install wheelyard` brings" in done.err) == (6, True)
    listed = run("--help")
    assert listed.status == 0
    assert set(ON_TARGET) < {word for word in COMMANDS if f"    {word}" in listed.out}
