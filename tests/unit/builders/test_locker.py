from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.builders.test_repository import FolderClient, sdist
from tests.unit.wheel.making import make_wheel

from wheelyard.builders import BuildFailedError
from wheelyard.builders.artifacts import Artifacts
from wheelyard.builders.locker import Locker
from wheelyard.builders.repository import IndexRepository
from wheelyard.errors import ResolutionError
from wheelyard.plans.finder import ProjectMetadata
from wheelyard.plans.step import BuildSettings, Step, Success
from wheelyard.store.store import Store
from wheelyard.targets.catalog import find_target

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wheelyard.plans.release import File
    from wheelyard.targets.target import Target
    from wheelyard.wheel.names import NormalizedName

HOST = find_target("manylinux_2_28_x86_64", "3.11")


def settings(host: Target, _: NormalizedName) -> BuildSettings:
    return BuildSettings(python=host.python.full_version, machine="this")


def describe(name: NormalizedName, file: File) -> ProjectMetadata:
    assert file.filename.startswith(name)
    return ProjectMetadata(version="1.0", requires_dist=())


@pytest.fixture
def artifacts(tmp_path: Path) -> Iterator[Artifacts]:
    folder = tmp_path / "index"
    folder.mkdir()
    make_wheel(folder, "tool", "1.0")
    make_wheel(folder, "tool", "2.0")
    sdist(folder, "", "source-1.0.tar.gz")
    with Store(tmp_path / "store") as store:
        yield Artifacts(store, FolderClient(folder))


def locker(artifacts: Artifacts, made: list[Step]) -> Locker:
    def make(step: Step) -> Success:
        made.append(step)
        lock((step.project,), HOST)
        raise AssertionError("built although it needs itself")

    client = artifacts._client
    assert isinstance(client, FolderClient)
    repository = IndexRepository(client, artifacts, describe, {})
    lock = Locker(repository, artifacts, make, settings)
    return lock


def test_build_requirements_are_locked_with_digests(artifacts: Artifacts) -> None:
    wheels = locker(artifacts, [])(("tool<2", "tool; python_version < '3'"), HOST)
    assert [wheel.filename for wheel in wheels] == ["tool-1.0-py3-none-any.whl"]
    assert artifacts.store.has(wheels[0].sha256)


def test_nothing_required_is_nothing_locked(artifacts: Artifacts) -> None:
    assert locker(artifacts, [])((), HOST) == ()


def test_requirement_that_cannot_be_read_or_had_is_named(artifacts: Artifacts) -> None:
    with pytest.raises(BuildFailedError, match="can't be read: =nonsense"):
        locker(artifacts, [])(("=nonsense",), HOST)
    with pytest.raises(BuildFailedError, match="can't be read: tool; os_name ~= 'x'"):
        locker(artifacts, [])(("tool; os_name ~= 'x'",), HOST)
    with pytest.raises(ResolutionError, match="tool==9"):
        locker(artifacts, [])(("tool==9",), HOST)


def test_tool_that_needs_itself_says_so(artifacts: Artifacts) -> None:
    made: list[Step] = []
    with pytest.raises(BuildFailedError, match="source needs itself to be built"):
        locker(artifacts, made)(("source",), HOST)
    assert len(made) == 1
