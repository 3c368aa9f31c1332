from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.builders.test_sources import NoClient
from tests.unit.wheel.making import make_wheel

from wheelyard.builders import BuildFailedError
from wheelyard.builders.artifacts import Artifacts
from wheelyard.builders.retag import Retag
from wheelyard.plans.plan import RETAG
from wheelyard.plans.release import File
from wheelyard.plans.step import Artifact, BuildSettings, Step, StepKey, Success
from wheelyard.store.store import Store
from wheelyard.wheel import open_wheel
from wheelyard.wheel.names import normalize_name
from wheelyard.wheel.retag import TagChange

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def artifacts(tmp_path: Path) -> Iterator[Artifacts]:
    with Store(tmp_path / "store") as store:
        yield Artifacts(store, NoClient())


def step(artifacts: Artifacts, change: TagChange, files: dict[str, bytes] | None = None) -> Step:
    """Give a small pure wheel other tags."""
    with artifacts.store.scratch() as scratch:
        written = make_wheel(scratch, "lib", "1.0", files)
        digest = artifacts.store.add(written.path)
    wheel = Artifact(filename=written.path.name, sha256=digest, size=written.size)
    facts = {"tail": ["built"], "remarks": ["a word"]}
    return Step(
        kind=RETAG,
        project=normalize_name("lib"),
        version="1.0",
        source=File(filename="lib-1.0.tar.gz", url="https://x.example/l"),
        build=BuildSettings(python="3.11.0", machine="this", tags=change),
        requires=(),
        reason="",
        made=Success(key=StepKey("k"), artifact=wheel, facts=facts, log="1" * 64),
    )


def test_file_name_and_content_bear_the_new_tags_and_what_was_known_stays(
    artifacts: Artifacts, tmp_path: Path
) -> None:
    one = step(artifacts, TagChange(python="py37", platform="linux_armv7l", build="2_local"))
    made = Retag(artifacts)(one)
    assert made.artifact.filename == "lib-1.0-2_local-py37-none-linux_armv7l.whl"
    wheel = open_wheel(artifacts.place(made.artifact, tmp_path))
    assert [str(tag) for tag in wheel.info.tags] == ["py37-none-linux_armv7l"]
    assert wheel.info.build == "2_local"
    assert (made.facts["tail"], made.log) == (["built"], "1" * 64)
    assert [text.partition(";")[0] for text in made.facts["remarks"]] == [
        "a word",
        "it is pure and would run anywhere",
    ]
    assert Retag(artifacts)(one).artifact == made.artifact


def test_modules_and_python_scripts_are_read_as_both_pythons_would(artifacts: Artifacts) -> None:
    change = TagChange(python="py2.py3", abi="none", platform="any")
    new = b"x: int = 1\n"
    scripts = {"a": b"#!python\n" + new, "b": b"#!/bin/sh\nx: int\n"}
    files = {f"lib-1.0.data/scripts/{name}": data for name, data in scripts.items()}
    with pytest.raises(BuildFailedError) as caught:
        Retag(artifacts)(step(artifacts, change, {**files, "lib/new.py": new, "lib/t.txt": new}))
    assert str(caught.value) == (
        "it can't be tagged py2.py3-none-any: "
        "lib-1.0.data/scripts/a: Python 2.7 can't read line 2: x: int = 1; "
        "lib/new.py: Python 2.7 can't read line 1: x: int = 1"
    )
    made = Retag(artifacts)(step(artifacts, change))
    assert made.artifact.filename == "lib-1.0-py2.py3-none-any.whl"


def test_wheel_that_has_its_tags_already_stays_as_it_is(artifacts: Artifacts) -> None:
    one = step(artifacts, TagChange(python="py3"))
    assert one.made is not None
    assert Retag(artifacts)(one).artifact == one.made.artifact


def test_tags_that_it_does_not_keep_fail_with_the_log_of_its_build(artifacts: Artifacts) -> None:
    with pytest.raises(BuildFailedError) as caught:
        Retag(artifacts)(step(artifacts, TagChange(python="cp311", abi="abi3")))
    assert str(caught.value) == (
        "it can't be tagged cp311-abi3-any: it holds no extension module, and so nothing for the "
        "stable ABI"
    )
    assert (caught.value.log, bool(caught.value.remedy)) == ("1" * 64, True)
