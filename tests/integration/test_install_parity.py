"""The same real wheels installed by Wheelyard, pip and uv: the same files, modes and RECORDs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.unit.installer.houses import chosen, explain, write_requirements
from uv import find_uv_bin

from wheelyard.installer import Compatibility, Destination, InstallRequest, Options, install
from wheelyard.wheel import parse_record, parse_wheel_filename

if TYPE_CHECKING:
    from collections.abc import Iterable

pytestmark = pytest.mark.network

# Compiled with headers; .data/scripts; .data/data; compiled; entry points; a top-level module.
PROJECTS = (
    "greenlet==3.2.4", "jmespath==1.0.1", "ipykernel==6.29.5", "simplejson==3.20.1",
    "charset-normalizer==3.4.3", "pygments==2.19.2", "six==1.17.0", "attrs==25.3.0",
)  # fmt: skip
# Whoever installs writes these in its own way.
OWN = {"INSTALLER", "REQUESTED", "RECORD", "uv_cache.json"}
# Without what the caller has set for pip and uv, as the wheels are all here.
PLAIN = {key: text for key, text in os.environ.items() if not key.startswith(("PIP_", "UV_"))}


@pytest.fixture(scope="session")
def house(request: pytest.FixtureRequest) -> Path:
    assert request.config.cache is not None
    folder = request.config.cache.mkdir("install-parity")
    if len(list(folder.glob("*.whl"))) != len(PROJECTS):
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--only-binary=:all:", f"--dest={folder}", *PROJECTS]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.fail(f"pip could not download the wheels to compare with:\n{done.stderr}")
    write_requirements(folder)
    return folder


def run(*command: str | Path) -> None:
    done = subprocess.run(command, env=PLAIN, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def ours(house: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ours")
    install(_request(house, Destination("venv", folder / "env"), folder / "cache"))
    return folder / "env"


def _request(house: Path, destination: Destination, cache: Path) -> InstallRequest:
    names = [parse_wheel_filename(path.name) for path in house.glob("*.whl")]
    ranks = {tag: 0 for name in names for tag in name.tags}
    wheels = chosen(house, compatibility=Compatibility(ranks, explain, sys.version_info[:3]))
    options = Options(compile_bytecode=False)
    return InstallRequest(wheels, destination, Path(sys.executable), cache, options)


def new_environment(folder: Path) -> Path:
    run(sys.executable, "-I", "-m", "venv", "--without-pip", folder / "env")
    return folder / "env"


def pip_install(house: Path, *more: str, python: tuple[str, ...] = ()) -> None:
    arguments = ["--quiet", "--no-index", "--no-deps", "--no-compile", f"--find-links={house}"]
    arguments += more
    requirements = house / "requirements.txt"
    run(sys.executable, "-m", "pip", *python, "install", *arguments, "-r", requirements)


@pytest.fixture(scope="session")
def pips(house: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    env = new_environment(tmp_path_factory.mktemp("pips"))
    pip_install(house, python=("--python", str(env / "bin" / "python")))
    return env


@pytest.fixture(scope="session")
def uvs(house: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("uvs")
    env = new_environment(folder)
    run(
        find_uv_bin(), "pip", "install", "--quiet", "--no-config", "--no-index", "--no-deps",
        f"--find-links={house}", f"--cache-dir={folder / 'cache'}",
        f"--python={env / 'bin' / 'python'}", "-r", house / "requirements.txt",
    )  # fmt: skip
    return env


def files(env: Path) -> dict[str, tuple[int, bytes]]:
    """Every file but bytecode and what an installer writes in its own way; modes and content.

    The environment's own path is taken out of the content.
    """
    found = {}
    for path in env.rglob("*"):
        own = path.name in OWN and path.parent.name.endswith(".dist-info")
        lock = path == env / ".lock"  # uv's
        if own or lock or path.suffix == ".pyc" or path.is_symlink() or not path.is_file():
            continue
        content = path.read_bytes().replace(os.fsencode(env), b"ENV")
        found[path.relative_to(env).as_posix()] = (path.stat().st_mode, content)
    return found


def records(env: Path, names: Iterable[str]) -> dict[str, list[tuple[str, str, int | None]]]:
    """The rows of every RECORD without bytecode and without ``names``."""
    return {
        path.parent.name: sorted(
            (row.path, row.hash, row.size)
            for row in parse_record(path.read_bytes())
            if not row.path.endswith(".pyc") and row.path.rpartition("/")[2] not in names
        )
        for path in env.rglob("*.dist-info/RECORD")
    }


def programs(env: Path) -> set[str]:
    return {path.name for path in (env / "bin").iterdir()}


def test_every_file_is_what_pip_installs(ours: Path, pips: Path) -> None:
    assert files(ours) == files(pips)


def test_every_record_says_what_pips_does(ours: Path, pips: Path) -> None:
    # Programs hold the environment's path, so that their hashes differ.
    skipped = OWN | programs(ours)
    assert records(ours, skipped) == records(pips, skipped)
    assert programs(ours) == programs(pips)


def test_every_file_is_what_uv_installs_but_for_the_text_of_programs(ours: Path, uvs: Path) -> None:
    left, right = files(ours), files(uvs)
    assert set(left) == set(right)
    assert {path: mode for path, (mode, _) in left.items()} == {
        path: mode for path, (mode, _) in right.items()
    }
    differing = {path for path in left if left[path] != right[path]}
    assert all(path.startswith("bin/") for path in differing), differing


def test_every_record_says_what_uvs_does(ours: Path, uvs: Path) -> None:
    skipped = OWN | programs(ours)
    assert records(ours, skipped) == records(uvs, skipped)


def test_programs_and_compiled_modules_run(ours: Path) -> None:
    run(ours / "bin" / "pygmentize", "-V")
    run(ours / "bin" / "normalizer", "--version")
    run(ours / "bin" / "python", "-c", "import greenlet, simplejson._speedups, six, attr")


def test_pip_finds_every_project_intact_and_uninstalls_it(house: Path, tmp_path: Path) -> None:
    env = tmp_path / "env"
    install(_request(house, Destination("venv", env), tmp_path / "cache"))
    names = [project.partition("==")[0] for project in PROJECTS]
    pip = (sys.executable, "-m", "pip", "--python", env / "bin" / "python")
    run(*pip, "uninstall", "--yes", "--quiet", *names)
    new_environment(tmp_path / "empty")
    assert set(files(env)) == set(files(tmp_path / "empty" / "env"))


def test_target_holds_the_modules_that_pips_does(house: Path, tmp_path: Path) -> None:
    install(_request(house, Destination("target", tmp_path / "ours"), tmp_path / "cache"))
    pip_install(house, f"--target={tmp_path / 'pips'}")
    left, right = files(tmp_path / "ours"), files(tmp_path / "pips")
    # pip puts headers into a folder named after the interpreter's home scheme.
    headers = {path for path in {*left, *right} if path.startswith("include/")}
    assert {path.rpartition("/")[2] for path in headers} == {"greenlet.h"}
    assert left.keys() - headers == right.keys() - headers
