"""The same project by every compiler: flags, bytes, and no trace of the machine that built it."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from typing import TYPE_CHECKING

import pytest

from wheelyard.cli import main

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.network

PROJECT = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
SETUP = """\
import os
from setuptools import Extension, setup
with open("tiny_config.py", "w") as file:
    file.write(f"folder = {os.getcwd()!r}")
extensions = [Extension("tiny", ["tiny.c"])]
setup(name="tiny", version="1", py_modules=["tiny_config"], ext_modules=extensions)
"""
SOURCE = """\
#include <Python.h>
#ifndef NDEBUG
#error assertions are compiled
#endif
#ifndef __OPTIMIZE__
#error nothing is optimised
#endif
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "tiny", __FILE__ " " __DATE__, -1};
PyMODINIT_FUNC PyInit_tiny(void) { return PyModule_Create(&module); }
"""


@pytest.fixture(scope="module")
def store(request: pytest.FixtureRequest) -> Path:
    assert request.config.cache is not None
    return request.config.cache.mkdir("cross-store")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "pyproject.toml").write_text(PROJECT)
    (folder / "setup.py").write_text(SETUP)
    (folder / "tiny.c").write_text(SOURCE)
    return folder


def build(project: Path, store: Path, compiler: str) -> Path:
    """Build the project for a foreign machine; give its wheel."""
    config, out = project.parent / "wheelyard.toml", project.parent / f"out-{store.name}"
    targets = f'[targets.arm]\nuse = "debian-12-arm64"\ntoolchain = "{compiler}"\n'
    config.write_text(f'{targets}[package.tiny]\ntype = "crossenv"\n')
    options = ["--store", str(store), "-o", str(out), "--config", str(config)]
    assert main(["build", "-q", f"tiny @ {project.as_uri()}", "-t", "arm", *options]) == 0
    (wheel,) = json.loads((out / "arm/manifest.json").read_text())["wheels"]
    assert (wheel["origin"], wheel["proof"]["outcome"]) == ("cross", "passed")
    return out / "arm" / str(wheel["filename"])


@pytest.mark.parametrize("compiler", ["zig", "gcc"])
def test_two_machines_would_build_the_same_bytes(
    store: Path, project: Path, tmp_path: Path, compiler: str
) -> None:
    first = build(project, store, compiler)
    other = tmp_path / "a-store-whose-path-is-a-longer-one"
    shutil.copytree(store, other, copy_function=os.link, symlinks=True)
    shutil.rmtree(other / "records/steps")
    shutil.rmtree(other / "zig")
    second = build(project, other, compiler)
    with zipfile.ZipFile(first) as wheel:
        (content,) = (wheel.read(one) for one in wheel.namelist() if one.endswith(".so"))
    assert first.read_bytes() == second.read_bytes()
    for trace in (tmp_path, store, "scratch", ".debug_info"):
        assert str(trace).encode() not in content
    assert (b"GCC: (Debian" in content) == (compiler == "gcc")
