from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import markupsafe._speedups
import pytest
from tests.unit.builders.test_sources import NoClient
from tests.unit.wheel.making import make_wheel

from wheelyard.builders import BuildFailedError
from wheelyard.builders.artifacts import Artifacts
from wheelyard.builders.repair import Repair
from wheelyard.plans.plan import REPAIR
from wheelyard.plans.release import File
from wheelyard.plans.step import Artifact, BuildSettings, Cross, Step, StepKey, Success
from wheelyard.store.store import Store
from wheelyard.targets.catalog import find_target
from wheelyard.targets.detect import detect_this
from wheelyard.wheel.names import normalize_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wheelyard.builders.sysroots import Sysroot
    from wheelyard.targets.target import Target

ARCH = detect_this().machine.arch
OBJECT = Path(markupsafe._speedups.__file__).read_bytes()
LEVEL = find_target(f"manylinux_2_43_{ARCH}", "3.11")


@pytest.fixture
def artifacts(tmp_path: Path) -> Iterator[Artifacts]:
    with Store(tmp_path / "store") as store:
        yield Artifacts(store, NoClient())


def no_sysroot(target: Target, packages: tuple[str, ...]) -> Sysroot:
    pytest.fail(f"a sysroot was asked for, {packages} of {target.name}")


def step(
    artifacts: Artifacts,
    files: dict[str, bytes],
    tag: str,
    target: Target,
    *,
    compiled: bool = True,
) -> Step:
    """Fit a wheel with these files to a target."""
    with artifacts.store.scratch() as scratch:
        written = make_wheel(scratch, "lib", "1.0", files, tag)
        digest = artifacts.store.add(written.path)
    wheel = Artifact(filename=written.path.name, sha256=digest, size=written.size)
    return Step(
        kind=REPAIR,
        project=normalize_name("lib"),
        version="1.0",
        source=File(filename="lib-1.0.tar.gz", url="https://x.example/l", sha256=digest),
        build=BuildSettings(
            python="3.11.0", machine="this", cross=Cross(host=json.dumps(target.as_dict()))
        ),
        requires=(),
        reason="",
        made=Success(
            key=StepKey("k"),
            artifact=wheel,
            facts={"tail": ["built"], "compiled": compiled},
            log="1" * 64,
        ),
    )


@pytest.mark.parametrize("compiled", [True, False])
def test_a_wheel_without_compiled_parts_stays_and_says_what_was_left_out(
    artifacts: Artifacts, *, compiled: bool
) -> None:
    files = {"lib/__init__.py": b""}
    one = step(artifacts, files, "py3-none-any", LEVEL, compiled=compiled)
    made = Repair(artifacts, no_sysroot)(one)
    assert one.made is not None
    assert (made.artifact, made.log, made.facts["tail"]) == (
        one.made.artifact,
        "1" * 64,
        ["built"],
    )
    assert len(made.facts["remarks"]) == compiled


def test_a_wheel_gets_the_tags_that_it_keeps_and_what_was_known_stays(
    artifacts: Artifacts,
) -> None:
    files = {"lib/_speedups.so": OBJECT}
    one = step(artifacts, files, f"cp311-cp311-linux_{ARCH}", LEVEL)
    made = Repair(artifacts, no_sysroot)(one)
    tags = artifacts.facts(made.artifact).tags
    assert all("-manylinux" in tag and tag.endswith(ARCH) for tag in tags)
    assert (made.facts["tail"], made.facts["grafted"]) == (["built"], [])
    assert made.facts["objects"][0]["symbols"]["modules"] == ("_speedups",)
    assert Repair(artifacts, no_sysroot)(one).artifact == made.artifact


def test_what_can_not_run_on_the_target_fails_with_the_log_of_its_build(
    artifacts: Artifacts,
) -> None:
    other = "aarch64" if ARCH != "aarch64" else "x86_64"
    target = find_target(f"manylinux_2_28_{other}", "3.11")
    files = {"lib/_speedups.so": OBJECT}
    one = step(artifacts, files, f"cp311-cp311-linux_{other}", target)
    with pytest.raises(BuildFailedError) as caught:
        Repair(artifacts, no_sysroot)(one)
    assert str(caught.value) == f"lib/_speedups.so is not for {other}"
    assert caught.value.log == "1" * 64
