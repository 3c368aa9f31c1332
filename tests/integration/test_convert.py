"""Eggs of current setuptools are converted, installed by pip and imported; the old tool agrees."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest
from tests.integration.conftest import plain_environ
from tests.unit.wheel.convert.eggs import make_egg

from wheelyard.cli import main
from wheelyard.wheel import Wheel, parse_metadata, verify_wheel
from wheelyard.wheel.lint import lint_wheel

if TYPE_CHECKING:
    from pathlib import Path

SETUP = """
from setuptools import Extension, setup
setup(
    name="Some.Thing", version="1.0-1", license="MIT", url="https://e.org",
    long_description="Text", packages=["thing"], zip_safe=False, scripts=["tool"],
    install_requires=["six>=1"], extras_require={"fast": ["attrs; os_name == 'nt'"]},
    entry_points={"console_scripts": ["some-thing = thing:main"]},
    ext_modules=[Extension("thing.native", ["native.c"])] if "native" in NAMES else [],
)
"""
SOURCE = """
#include <Python.h>
static PyObject *answer(PyObject *s, PyObject *a) { return PyLong_FromLong(42); }
static PyMethodDef methods[] = {{"answer", answer, METH_NOARGS, ""}, {0}};
static PyModuleDef def = {PyModuleDef_HEAD_INIT, "native", "", -1, methods};
PyMODINIT_FUNC PyInit_native(void) { return PyModule_Create(&def); }
"""
PURE = "def answer(): return 42\n"
MAIN = "from thing.native import answer\ndef main(): print(answer())\n"


@pytest.fixture(scope="module")
def setuptools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The newest setuptools, alone in a folder."""
    folder = tmp_path_factory.mktemp("setuptools")
    pip("--target", folder, "setuptools")
    return folder


def pip(*arguments: str | Path) -> None:
    command = [sys.executable, "-m", "pip", "install", "-q", *map(str, arguments)]
    subprocess.run(command, check=True)


def build_egg(folder: Path, setuptools: Path, *, native: bool) -> Path:
    files = {
        "setup.py": SETUP.replace("NAMES", "['native']" if native else "[]"),
        "tool": "#!/usr/bin/env python\nimport thing\nthing.main()\n",
        "LICENSE": "MIT",
        "native.c": SOURCE,
        "thing/__init__.py": MAIN,
    }
    if not native:
        files["thing/native.py"] = PURE
    (folder / "thing").mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    environ = plain_environ() | {"PYTHONPATH": str(setuptools), "PYTHONDONTWRITEBYTECODE": ""}
    subprocess.run(
        [sys.executable, "-W", "ignore", "setup.py", "-q", "bdist_egg"],
        cwd=folder, env=environ, check=True,
    )  # fmt: skip
    (egg,) = (folder / "dist").iterdir()
    return egg


def convert(egg: Path, capsys: pytest.CaptureFixture[str]) -> tuple[Wheel, list[str]]:
    """Convert an egg; give the wheel, and the paths that it leaves out."""
    assert main(["convert", str(egg), "-d", str(egg.parent), "--json"]) == 0
    (result,) = json.loads(capsys.readouterr().out)["results"]
    return verify_wheel(egg.parent / result["wheel"]).wheel, [
        one["path"] for one in result["left_out"]
    ]


@pytest.mark.network
@pytest.mark.parametrize("native", [False, True], ids=["pure", "native"])
def test_an_egg_of_current_setuptools_is_installed_and_imported(
    tmp_path: Path,
    setuptools: Path,
    capsys: pytest.CaptureFixture[str],
    *,
    native: bool,
) -> None:
    wheel, left_out = convert(build_egg(tmp_path, setuptools, native=native), capsys)
    assert wheel.filename.stem == "some_thing-1.0.post1"
    assert wheel.metadata.requires_dist == (
        "six>=1",
        'attrs; os_name == "nt" and extra == "fast"',
    )
    assert wheel.info.root_is_purelib is not native
    assert ("thing/native.py" in left_out) is native
    assert any(path.endswith(".pyc") for path in left_out)
    assert {finding.rule for finding in lint_wheel(wheel)} == {"no-licence"}
    pip("--no-index", "--no-deps", "--target", tmp_path / "target", wheel.path)
    for program in ("tool", "some-thing"):
        done = subprocess.run(
            [tmp_path / "target/bin" / program],
            env={"PYTHONPATH": str(tmp_path / "target")}, capture_output=True, text=True,
            check=True,
        )  # fmt: skip
        assert done.stdout == "42\n"


def test_the_wheel_tool_makes_the_same_of_an_egg_but_for_what_is_better(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {
        "EGG-INFO/PKG-INFO": b"Metadata-Version: 1.0\nName: some\nVersion: 1.0\nAuthor: me\n"
        b"Home-page: https://e.org\nLicense: UNKNOWN\nDescription: A\n        \n          b\n",
        "EGG-INFO/requires.txt": b"six\n[fast]\nattrs\n[:os_name=='nt']\npytz>=1,<2\n",
        "EGG-INFO/entry_points.txt": b"[console_scripts]\ngo = some:main\n",
        "some/data.txt": b"x",
    }
    wheel, _ = convert(make_egg(tmp_path, files), capsys)
    (tmp_path / "old").mkdir()
    old = subprocess.run(
        [sys.executable, "-m", "wheel", "convert", "-d", "old", "some-1.0-py3.8.egg"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert old.returncode == 0, old.stderr
    with zipfile.ZipFile(tmp_path / "old" / wheel.path.name) as archive:
        assert set(archive.namelist()) == {member.name for member in wheel.members}
        before = parse_metadata(archive.read(f"{wheel.dist_info}/METADATA"))
    after = wheel.metadata

    def plain(texts: tuple[str, ...]) -> set[str]:
        return {text.replace(" ", "").replace('"', "'") for text in texts}

    assert plain(after.requires_dist) == {
        "six", "attrs;extra=='fast'", "pytz>=1,<2;os_name=='nt'"
    }  # fmt: skip
    assert {
        text.partition(";")[0].replace("<2,>=1", ">=1,<2") for text in before.requires_dist
    } == {text.partition(";")[0] for text in after.requires_dist}
    assert before.provides_extra == after.provides_extra
    for header in ("Author", "Project-URL", "License"):
        assert before.all(header) == after.all(header)
    assert before.description.split() == after.description.split()
