from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from wheelyard.builders import BuildFailedError
from wheelyard.builders.backend import LEGACY_BACKEND, BuildSystem, build_system, parse_build_system

if TYPE_CHECKING:
    from pathlib import Path


def test_table_is_read() -> None:
    table = {"requires": ["hatchling"], "build-backend": "hatchling.build", "backend-path": ["."]}
    assert parse_build_system({"build-system": table}, "") == BuildSystem(
        requires=("hatchling",), backend="hatchling.build", backend_path=(".",)
    )


@pytest.mark.parametrize("data", [{}, {"project": {}}, {"build-system": 1}])
def test_project_without_a_table_is_built_by_setuptools(data: dict[str, object]) -> None:
    assert parse_build_system(data, "") == BuildSystem(
        requires=("setuptools>=40.8.0",), backend=LEGACY_BACKEND, backend_path=()
    )


def test_setup_that_imports_pkg_resources_gets_a_setuptools_that_has_it() -> None:
    system = parse_build_system({}, "import pkg_resources")
    assert system.requires == ("setuptools>=40.8.0,<81",)


def test_table_without_a_backend_is_built_by_setuptools_with_its_own_requirements() -> None:
    system = parse_build_system({"build-system": {"requires": ["wheel"]}}, "pkg_resources")
    assert (system.requires, system.backend) == (("wheel",), LEGACY_BACKEND)


@pytest.mark.parametrize(
    "table", [{"requires": "setuptools"}, {"requires": [1]}, {"requires": [], "backend-path": "."}]
)
def test_keys_of_another_type_are_refused(table: dict[str, Any]) -> None:
    with pytest.raises(BuildFailedError, match="is no list of strings"):
        parse_build_system({"build-system": table}, "")


def test_folder_with_nothing_to_build_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(BuildFailedError, match=r"neither pyproject\.toml nor setup.py"):
        build_system(tmp_path)


@pytest.mark.parametrize("content", [b"a = ", b"\xff"])
def test_broken_project_file_is_a_failure(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "pyproject.toml").write_bytes(content)
    with pytest.raises(BuildFailedError, match=r"pyproject\.toml can't be read"):
        build_system(tmp_path)


@pytest.mark.parametrize("name", ["setup.py", "setup.cfg", "pyproject.toml"])
def test_each_kind_of_project_has_a_backend(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert build_system(tmp_path).backend == LEGACY_BACKEND
