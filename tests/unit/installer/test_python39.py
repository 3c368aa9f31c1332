"""The installer and the wheel format run on devices: a real Python 3.9 has to be content."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from tests.unit.installer.houses import make_house
from uv import find_uv_bin

SOURCE = Path(__file__).parents[3] / "src"

_INSTALL = """
import pathlib, sys
from wheelyard.installer import Compatibility, Destination, InstallRequest, install
from wheelyard.wheel import parse_tag
house, env, cache = map(pathlib.Path, sys.argv[1:])
fits = Compatibility(frozenset(parse_tag("py3-none-any")), str)
report = install(InstallRequest(
    house, Destination("venv", env), pathlib.Path(sys.executable), cache, fits))
print(*(change.name for change in report.installed))
"""
_IMPORTS = """
import importlib, pkgutil, sys
import wheelyard.installer, wheelyard.wheel, wheelyard.wheelhouse.verify
for package in (wheelyard.wheel, wheelyard.installer):
    for module in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
foreign = {name.partition(".")[0] for name in sys.modules} & {"packaging", "typing_extensions"}
assert not foreign, foreign
"""


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


def run(python: str, *arguments: object) -> str:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCE)}
    command = [python, "-W", "error", "-c", *map(str, arguments)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_module_is_imported_with_the_standard_library_alone(python39: str) -> None:
    run(python39, _IMPORTS)


def test_wheelhouse_is_installed_and_runs(python39: str, tmp_path: Path) -> None:
    files = {
        "some.py": b"def main():\n    print('runs')\n",
        "some-1.dist-info/entry_points.txt": b"[console_scripts]\nsome = some:main\n",
    }
    house = make_house(tmp_path / "house", ("some", "1", files))
    assert run(python39, _INSTALL, house, tmp_path / "env", tmp_path / "cache") == "some\n"
    done = subprocess.run([tmp_path / "env/bin/some"], capture_output=True, text=True, check=True)
    assert done.stdout == "runs\n"
