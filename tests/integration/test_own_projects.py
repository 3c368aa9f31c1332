"""Projects named as source trees: the tags that are asked for are given where they are kept.

Of every style, with the oldest and the newest setuptools that run under Python 3.11, and by another
backend.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from packaging.requirements import Requirement
from tests.integration.conftest import make_sdist

from wheelyard.cli import main
from wheelyard.targets.detect import detect_this
from wheelyard.wheel import open_wheel

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.integration.conftest import Run

    from wheelyard.wheel import Wheel


def manifest(folder: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    return data


def test_tags_are_the_projects_alone_and_nothing_is_built_again_for_others(
    run: Run, tmp_path: Path
) -> None:
    make_sdist(tmp_path, "mine", "1.0")
    build = ("build", "./mine-1.0", "beta==2.0", "-o", "out")
    done = run(*build, "--universal", "--build-number", "2_local")
    assert done.status == 0, done.err
    house = tmp_path / "out" / "this"
    assert {path.name for path in house.glob("*.whl")} == {
        "beta-2.0-py3-none-any.whl",
        "mine-1.0-2_local-py2.py3-none-any.whl",
    }
    assert run("verify", "out/this").status == 0
    own = f"linux_{detect_this().machine.arch}"
    again = run(*build, "--plat-name", own, "-v")
    assert "pep517 mine 1.0: from the store" in again.err
    assert f"this: mine-1.0-py3-none-{own}.whl: it is pure and would run anywhere" in again.err
    (mine,) = (one for one in manifest(house)["wheels"] if one["name"] == "mine")
    assert mine["origin"] == "pep517"
    assert mine["reason"].endswith("; its tags are those asked for")


def test_tags_that_a_wheel_does_not_keep_are_a_failed_cell(run: Run, tmp_path: Path) -> None:
    make_sdist(tmp_path, "mine", "1.0")
    done = run("build", "./mine-1.0", "beta==2.0", "-o", "out", "--py-limited-api", "cp311")
    assert done.status == 4
    house = tmp_path / "out" / "this"
    assert [path.name for path in house.glob("*.whl")] == ["beta-2.0-py3-none-any.whl"]
    (failure,) = manifest(house)["failures"]
    assert failure["cause"] == (
        "it can't be tagged cp311-abi3-any: it holds no extension module, and so nothing for the "
        "stable ABI"
    )
    assert failure["cause"] in done.err
    assert failure["remedy"]


def test_tags_without_a_project_or_against_each_other_are_refused_at_once(
    run: Run, tmp_path: Path
) -> None:
    nothing = run("build", "beta==2.0", "--universal", "-o", "out")
    assert "name its folder, as in ./project" in nothing.err
    both = run("build", "./mine", "--universal", "--python-tag", "py37", "-o", "out")
    assert "--universal and --python-tag say different things" in both.err
    assert (nothing.status, both.status, (tmp_path / "out").exists()) == (2, 2, False)


OLDEST = '"setuptools==41.1.0", "wheel==0.33.6"'
DISTUTILS2 = '"setuptools==42.0.2", "wheel==0.30.0"'  # its spelling of dependencies counts
NEWEST = '"setuptools>=82"'
LICENCES = ("COPYING.txt", "legal/one.txt", "legal/two.txt")
SETUP_PY = """\
from setuptools import setup
setup(
    name="{name}", version="1.0", packages=["{name}"],
    install_requires=["plain>=1", "new ; python_version > '3' and sys_platform=='linux'"],
    extras_require={
        ":python_version<'3'": ["old"],
        "win:sys_platform=='win32'": ["pywin"],
        "more": ["extra>=2", "marked; os_name != 'nt' or (python_version >= '3.8')"],
    },
)
"""
SETUP_CFG = """\
[metadata]
name = {name}
version = 1.0
license_files =
    COPYING.txt
    legal/*.txt
[options]
packages = {name}
install_requires =
    plain>=1
    new; python_version > "3" and sys_platform == "linux"
    old; python_version < "3"
[options.extras_require]
win =
    pywin; sys_platform == "win32"
more =
    extra>=2
    marked; os_name != "nt" or python_version >= "3.8"
"""
LICENCES_CFG = "[metadata]\nlicense_files =\n    COPYING.txt\n    legal/*.txt\n"
REQUIRES_DIST_CFG = """\
[metadata]
provides-extra = more
requires-dist =
    plain>=1
    old; python_version == '2.6'
    extra; extra == 'more'
"""
PROJECT = """\
[project]
name = "{name}"
version = "1.0"
license-files = ["COPYING.txt", "legal/*.txt"]
dependencies = [
  "plain>=1",
  "new; python_version > '3' and sys_platform == 'linux'",
  "old; python_version < '3'",
]
[project.optional-dependencies]
win = ["pywin; sys_platform == 'win32'"]
more = ["extra>=2", "marked; os_name != 'nt' or python_version >= '3.8'"]
[tool.setuptools]
packages = ["{name}"]
"""
MINIMAL = "from setuptools import setup\nsetup()\n"
DEPENDENCIES = {
    "plain>=1",
    "new; python_version > '3' and sys_platform == 'linux'",
    "old; python_version < '3'",
    "pywin; sys_platform == 'win32' and extra == 'win'",
    "extra>=2; extra == 'more'",
    "marked; (os_name != 'nt' or python_version >= '3.8') and extra == 'more'",
}


def backend(requires: str, module: str = "setuptools.build_meta") -> str:
    return f'[build-system]\nrequires = [{requires}]\nbuild-backend = "{module}"\n'


# Files by project; without pyproject.toml, the newest setuptools is the backend.
PROJECTS: Mapping[str, Mapping[str, str]] = {
    "script": {"setup.py": SETUP_PY, "setup.cfg": LICENCES_CFG},
    "oldscript": {
        "setup.py": SETUP_PY,
        "setup.cfg": LICENCES_CFG,
        "pyproject.toml": backend(OLDEST),
    },
    "config": {"setup.cfg": SETUP_CFG},
    "oldconfig": {
        "setup.cfg": SETUP_CFG,
        "setup.py": MINIMAL,
        "pyproject.toml": backend(OLDEST),
    },
    "modern": {"pyproject.toml": backend(NEWEST) + PROJECT},
    "hatched": {"pyproject.toml": backend('"hatchling>=1.27"', "hatchling.build") + PROJECT},
    "distutilled": {
        "setup.py": SETUP_PY,
        "setup.cfg": REQUIRES_DIST_CFG,
        "pyproject.toml": backend(DISTUTILS2),
    },
    "forgotten": {"setup.py": SETUP_PY, "setup.cfg": REQUIRES_DIST_CFG},
}
ANY_STYLE = ["script", "oldscript", "config", "oldconfig", "modern", "hatched"]


def write_project(folder: Path, name: str, files: Mapping[str, str]) -> Path:
    project = folder / name
    texts = {path: text.replace("{name}", name) for path, text in files.items()}
    texts |= {f"{name}/__init__.py": "", **{path: f"{path}\n" for path in LICENCES}}
    for path, text in texts.items():
        file = project / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return project


def build(
    request: pytest.FixtureRequest, folder: Path, projects: list[Path], *flags: str
) -> tuple[int, Path]:
    """Build projects in one run; the store is kept between test runs."""
    assert request.config.cache is not None
    store = request.config.cache.mkdir("projects-store")
    options = ["--no-deps", "-q", "--store", str(store), "-o", str(folder / "out")]
    status = main(["build", *map(str, projects), *flags, *options])
    return status, folder / "out" / "this"


@pytest.fixture(scope="module")
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every style, as universal wheels."""
    folder = tmp_path_factory.mktemp("styles")
    projects = [write_project(folder, name, files) for name, files in PROJECTS.items()]
    status, house = build(request, folder, projects, "--universal", "--build-number", "2_local")
    assert status == 0, manifest(house)["failures"]
    return house


def wheel_of(house: Path, name: str) -> Wheel:
    return open_wheel(house / f"{name}-1.0-2_local-py2.py3-none-any.whl")


def requirements(texts: set[str] | tuple[str, ...]) -> set[Requirement]:
    return {Requirement(text) for text in texts}


@pytest.mark.network
@pytest.mark.parametrize("name", PROJECTS)
def test_flags_are_the_same_for_every_style_and_backend(name: str, house: Path) -> None:
    wheel = wheel_of(house, name)
    assert [str(tag) for tag in wheel.info.tags] == ["py2-none-any", "py3-none-any"]
    assert wheel.info.build == "2_local"


@pytest.mark.network
@pytest.mark.parametrize("name", ANY_STYLE)
def test_conditional_dependencies_come_out_the_same_of_every_spelling(
    name: str, house: Path
) -> None:
    metadata = wheel_of(house, name).metadata
    assert requirements(metadata.requires_dist) == requirements(DEPENDENCIES)
    assert set(metadata.provides_extra) == {"win", "more"}


@pytest.mark.network
@pytest.mark.parametrize("name", ANY_STYLE)
def test_every_licence_file_is_in_the_wheel(name: str, house: Path) -> None:
    wheel = wheel_of(house, name)
    inside = {member.name: wheel.read(member.name) for member in wheel.members}
    beside = f"{wheel.dist_info}/"
    if not name.startswith("old"):  # PEP 639
        assert set(wheel.metadata.all("License-File")) == set(LICENCES)
        beside += "licenses/"
    for file in LICENCES:
        place = file if "licenses/" in beside else file.rpartition("/")[2]
        assert inside[beside + place] == f"{file}\n".encode()


@pytest.mark.network
def test_spelling_of_distutils2_counts_where_its_backend_reads_it_else_it_is_told_of(
    house: Path,
) -> None:
    warnings = {one["name"]: one["warnings"] for one in manifest(house)["wheels"]}
    kept = {"plain>=1", "old; python_version == '2.6'", "extra; extra == 'more'"}
    assert requirements(wheel_of(house, "distutilled").metadata.requires_dist) == requirements(kept)
    assert warnings["distutilled"] == []
    assert requirements(wheel_of(house, "forgotten").metadata.requires_dist) == requirements(
        DEPENDENCIES
    )
    (told,) = warnings["forgotten"]
    left_out = "old; python_version == '2.6', extra; extra == 'more'"
    assert told.startswith(f"setup.cfg asks for {left_out} with requires-dist, which its backend")


EXTENSION = """\
#include <Python.h>
static PyObject *call(PyObject *self, PyObject *text) { return {body}; }
static PyMethodDef methods[] = {{"call", call, METH_O, ""}, {0}};
static PyModuleDef def = {PyModuleDef_HEAD_INIT, "core", "", -1, methods};
PyMODINIT_FUNC PyInit_core(void) { return PyModule_Create(&def); }
"""
SETUP_EXTENSION = """\
from setuptools import Extension, setup
core = Extension("{name}.core", ["core.c"], {arguments})
setup(name="{name}", version="1.0", packages=["{name}"], ext_modules=[core])
"""
LIMITED = "py_limited_api=True"
MACRO = ', define_macros=[("Py_LIMITED_API", "0x03090000")]'
NONE = "(Py_INCREF(Py_None), Py_None)"


@pytest.mark.network
def test_limited_api_is_held_to_names_and_symbols_of_what_was_compiled(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    kinds = {
        "limited": (LIMITED + MACRO, NONE),
        "specific": ("", NONE),
        "beyond": (LIMITED, "PyUnicode_FromString(PyUnicode_AsUTF8(text))"),
    }
    projects = []
    for name, (arguments, body) in kinds.items():
        setup = SETUP_EXTENSION.replace("{arguments}", arguments)
        source = EXTENSION.replace("{body}", body)
        projects.append(write_project(tmp_path, name, {"setup.py": setup, "core.c": source}))
    status, house = build(request, tmp_path, projects, "--py-limited-api", "cp39")
    assert status == 4
    (wheel,) = house.glob("*.whl")
    assert wheel.name == f"limited-1.0-cp39-abi3-linux_{detect_this().machine.arch}.whl"
    causes = {one["name"]: one["cause"] for one in manifest(house)["failures"]}
    assert "specific/core.cpython-" in causes["specific"]
    assert "is for one Python alone, by its name" in causes["specific"]
    beyond = "beyond/core.abi3.so needs PyUnicode_AsUTF8, which no stable ABI has"
    assert causes["beyond"].endswith(beyond)
