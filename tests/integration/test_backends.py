"""Every build backend of the field builds here, off the network, and what it built imports.

The sources are real ones from the configured index, and a small one for meson-python, whose real
users are large or fetch their subprojects during the build. Needs a C and C++ compiler and Cargo.
"""

from __future__ import annotations

import json
import subprocess
import tarfile
from typing import TYPE_CHECKING

import pytest

from wheelyard.cli import main

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.network

BACKENDS = {
    "markupsafe": ("3.0.2", "setuptools, a C extension", "import markupsafe._speedups"),
    "pynzb": ("0.1.0", "distutils alone", "import pynzb"),
    "typing-extensions": ("4.14.0", "flit", "import typing_extensions"),
    "attrs": ("25.3.0", "hatchling with plugins", "import attrs"),
    "rich": ("14.0.0", "poetry", "import rich.text"),
    "levenshtein": ("0.27.1", "scikit-build-core, Cython", "import rapidfuzz, Levenshtein"),
    "rpds-py": ("0.25.1", "maturin, crates fetched beforehand", "import rpds.rpds"),
    "mesonic": ("1.0", "meson-python", "import mesonic; assert mesonic.answer() == 42"),
}
MESON = {
    "pyproject.toml": '[build-system]\nrequires = ["meson-python"]\nbuild-backend = "mesonpy"\n'
    '[project]\nname = "mesonic"\nversion = "1.0"\n',
    "meson.build": "project('mesonic', 'c', version: '1.0')\n"
    "py = import('python').find_installation(pure: false)\n"
    "py.extension_module('mesonic', 'mesonic.c', install: true)\n",
    "mesonic.c": "#include <Python.h>\n"
    "static PyObject *answer(PyObject *s, PyObject *a) { return PyLong_FromLong(42); }\n"
    'static PyMethodDef methods[] = {{"answer", answer, METH_NOARGS, ""}, {0}};\n'
    'static PyModuleDef def = {PyModuleDef_HEAD_INIT, "mesonic", "", -1, methods};\n'
    "PyMODINIT_FUNC PyInit_mesonic(void) { return PyModule_Create(&def); }\n",
}


@pytest.fixture(scope="module")
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All of them built, in one run; the store is kept between test runs."""
    assert request.config.cache is not None
    store = request.config.cache.mkdir("backends-store")
    folder = tmp_path_factory.mktemp("backends")
    source = folder / "mesonic-1.0"
    source.mkdir()
    for name, text in MESON.items():
        (source / name).write_text(text)
    with tarfile.open(folder / "mesonic-1.0.tar.gz", "w:gz") as tar:
        tar.add(source, source.name)
    lines = [f"{name}=={version}\n" for name, (version, _, _) in BACKENDS.items()]
    requirements = folder / "requirements-crossenv.txt"
    requirements.write_text("".join(lines))
    others = folder / "requirements.txt"
    others.write_text("rapidfuzz==3.13.0\n")
    options = ["--store", str(store), "--find-links", str(folder), "-o", str(folder / "out")]
    status = main(
        ["build", "--no-deps", "-q", "-r", str(requirements), "-r", str(others), *options]
    )
    failures = json.loads((folder / "out" / "this" / "manifest.json").read_text())["failures"]
    assert status == 0, failures
    return folder / "out" / "this"


@pytest.fixture(scope="module")
def python(house: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    env = tmp_path_factory.mktemp("env") / "env"
    assert main(["install", "-q", "--wheelhouse", str(house), "--venv", str(env)]) == 0
    return env / "bin" / "python"


@pytest.mark.parametrize("name", BACKENDS)
def test_builds_and_imports(name: str, python: Path) -> None:
    done = subprocess.run(
        [python, "-c", BACKENDS[name][2]], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_builds_had_no_network_and_their_tools_are_recorded(house: Path) -> None:
    wheels = json.loads((house / "manifest.json").read_text())["wheels"]
    built = [wheel for wheel in wheels if wheel["origin"] == "pep517"]
    assert len(built) >= len(BACKENDS)
    assert {wheel["isolation"] for wheel in built} <= {"bubblewrap", "namespaces", "unshare"}
    tools = {wheel["name"]: wheel["build_requires"] for wheel in built}
    assert any(tool["filename"].startswith("maturin-") for tool in tools["rpds-py"])
    assert all(tool["sha256"] for used in tools.values() for tool in used)
