from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.plans.world import ARM, X86, DictRepository, ask, file, wheel
from tests.unit.wheelhouse.reports import FACTS, bad, good, pin, report, step

from wheelyard.plans.plan import PEP517, REPAIR, RETAG, DeadEnd, Plan, Root, Site, make_plan
from wheelyard.plans.request import WheelType
from wheelyard.plans.resolution import Pin, Resolution
from wheelyard.plans.resolver import resolve
from wheelyard.plans.step import Artifact, BuildSettings, Cross, Failure, Result, StepKey, Success
from wheelyard.targets.markers import marker_environment
from wheelyard.targets.tags import tag_ranks
from wheelyard.wheel.names import Sha256, normalize_name
from wheelyard.wheelhouse.report import (
    BadCell,
    GoodCell,
    judge,
    make_report,
    missing_dependencies,
    objection,
)

ARTIFACT = Artifact(filename="lib-1.0-py3-none-any.whl", sha256=Sha256("a" * 64), size=1)


def judged(one: Pin, version: str = "1.0", failure: Failure | None = None) -> GoodCell | BadCell:
    made = step(one, PEP517)
    result: Result = failure or Success(key=made.key, artifact=ARTIFACT, log="log")
    root = Root(target=X86.name, pin=one, key=made.key, reason="because")
    return judge(root, made, result, tag_ranks(X86), lambda _: replace(FACTS, version=version))


def test_wheel_that_is_what_was_asked_for_is_good() -> None:
    cell = judged(pin())
    assert isinstance(cell, GoodCell)
    assert (cell.artifact, cell.built, cell.reason) == (ARTIFACT, True, "because")


def test_failure_keeps_its_cause_remedy_tail_and_code() -> None:
    failure = Failure(
        key=step(pin()).key, cause="c", remedy="r", tail=("t",), log="l", seconds=2, exit_code=5
    )
    assert judged(pin(), failure=failure) == BadCell(
        pin=pin(), cause="c", remedy="r", tail=("t",), log="l", seconds=2, exit_code=5
    )


def test_wheel_of_another_version_than_its_pin_is_bad() -> None:
    cell = judged(pin(version="2.0"))
    assert isinstance(cell, BadCell)
    assert cell.cause == "lib-2.0.tar.gz gives version 1.0, not 2.0"
    assert isinstance(judged(pin(version="1.0.0")), GoodCell)


def test_direct_address_gives_what_its_requirement_says() -> None:
    cell = judged(replace(pin(version="2.0"), direct=True))
    assert isinstance(cell, BadCell)
    assert cell.cause == "lib-2.0.tar.gz gives version 1.0, not 2.0"
    assert cell.remedy == "correct the version that the requirement says, or its address"


def test_wheel_of_another_project_is_bad() -> None:
    cell = judged(replace(pin("other"), direct=True))
    assert isinstance(cell, BadCell)
    assert cell.cause == "other-1.0.tar.gz gives a wheel of lib, not of other"


@pytest.mark.parametrize(
    ("kind", "tags", "native", "cause"),
    [
        (WheelType.AUTO, ("py3-none-any",), (), ""),
        (WheelType.AUTO, ("cp311-cp311-linux_x86_64",), ("a.so",), ""),
        (WheelType.PURE, ("py3-none-any",), (), ""),
        (
            WheelType.PURE,
            ("cp311-cp311-linux_x86_64",),
            (),
            "type pure was asked for, the build gave cp311-cp311-linux_x86_64",
        ),
        (
            WheelType.PURE,
            ("py3-none-any",),
            ("a.so",),
            "it says that it is pure, but holds a.so",
        ),
        (WheelType.ABI3, ("cp39-abi3-linux_x86_64",), ("a.so",), ""),
        (
            WheelType.ABI3,
            ("cp311-cp311-linux_x86_64",),
            ("a.so",),
            "type abi3 was asked for, the build gave cp311-cp311-linux_x86_64",
        ),
        (
            WheelType.AUTO,
            ("cp311-cp311-linux_aarch64",),
            ("a.so",),
            (
                "built from source it is cp311-cp311-linux_aarch64, "
                "which does not fit manylinux_2_28_x86_64"
            ),
        ),
    ],
)
def test_objections_are_those_of_type_and_target(
    kind: WheelType, tags: tuple[str, ...], native: tuple[str, ...], cause: str
) -> None:
    facts = replace(FACTS, tags=tags, native=native)
    found, remedy = objection(kind, facts, tag_ranks(X86), X86.name)
    assert found == cause
    assert bool(remedy) == bool(cause)


def test_tags_that_were_asked_for_and_do_not_fit_may_be_left_out() -> None:
    made = step(pin(), RETAG)
    done = Success(key=made.key, artifact=ARTIFACT)
    root = Root(target=X86.name, pin=pin(), key=made.key, reason="")
    foreign = replace(FACTS, tags=("py3-none-linux_armv7l",))
    cell = judge(root, made, done, tag_ranks(X86), lambda _: foreign)
    assert isinstance(cell, BadCell)
    assert cell.cause.endswith("py3-none-linux_armv7l, which does not fit manylinux_2_28_x86_64")
    assert cell.remedy.startswith("ask for other tags, or ")


@pytest.mark.parametrize(
    ("codes", "code"),
    [((), 0), ((4,), 4), ((5, 4), 5), ((3,), 4), ((2, 3), 4), ((6,), 4), ((1, 5, 6), 5)],
)
def test_exit_code_says_that_wheels_failed_or_that_security_is_concerned(
    codes: tuple[int, ...], code: int
) -> None:
    assert report(good(), *(bad(pin("b"), exit_code=one) for one in codes)).exit_code == code


def test_what_metadata_asks_for_and_the_list_lacks_is_named() -> None:
    cells = [
        good(
            pin("app"),
            requires_dist=(
                "Lib>=2",
                "gone",
                "other ; extra == 'x'",
                "win ; sys_platform == 'win32'",
                "=nonsense",
                "here",
            ),
        ),
        good(pin("lib")),
        good(pin("here")),
        good(replace(pin("gone"), chosen=False)),
    ]
    assert missing_dependencies(cells, marker_environment(X86)) == (
        "app 1.0 asks for Lib>=2, the list has 1.0",
        "app 1.0 asks for gone, not in the list",
    )


def test_report_holds_every_cell_of_its_target_sorted() -> None:
    world = DictRepository(
        published={
            "b": (wheel("b", "1.0"),),
            "a": (wheel("a", "1.0"),),
            "c": (file("c-1.0.tar.gz"),),
        }
    )
    resolution = resolve(ask("b\na\ncross:c"), world)

    def built(_: object) -> BuildSettings:
        pytest.fail("nothing is built")

    here = Site(target=X86.name, native=True, settings=built, cross=built)
    plan = make_plan([resolution], {X86.name: here})
    results: dict[str, Result] = {
        key: Success(
            key=key, artifact=replace(ARTIFACT, filename=f"{one.project}-1.0-py3-none-any.whl")
        )
        for key, one in plan.steps.items()
    }
    made = make_report(resolution, X86, plan, results, lambda _: FACTS)  # type: ignore[arg-type]
    assert [cell.pin.name for cell in made.good] == ["a", "b"]
    assert [(cell.pin.name, cell.cause) for cell in made.bad] == [
        ("c", "type cross needs a recipe, and there is none")
    ]
    assert made.exit_code == 4


def test_report_is_of_one_target_alone() -> None:
    one = pin()
    made = step(one, PEP517)
    root = Root(target=X86.name, pin=one, key=made.key, reason="")
    other = DeadEnd(target=ARM.name, pin=one, cause="of another target", remedy="")
    plan = Plan(steps={made.key: made}, roots=(root,), dead_ends=(other,))
    facts = {"notes": ["no updates"]}
    done = Success(key=made.key, artifact=ARTIFACT, facts=facts)
    results: dict[str, Result] = {made.key: done}
    resolution = Resolution(
        target=X86.name, pins=(one,), added=(normalize_name("lib"),), notes=("first",)
    )
    found = make_report(resolution, X86, plan, results, lambda _: FACTS)  # type: ignore[arg-type]
    assert (found.notes, found.added, found.bad) == (("first", "no updates"), ("lib",), ())


@pytest.mark.parametrize(
    ("kind", "cross", "origin"),
    [
        (REPAIR, Cross(host="{}"), "cross"),
        (RETAG, Cross(host="{}"), "cross"),
        (RETAG, None, "pep517"),
    ],
)
def test_finishing_a_wheel_is_part_of_its_making(
    kind: str, cross: Cross | None, origin: str
) -> None:
    one = pin()
    earlier = Success(key=StepKey("k"), artifact=ARTIFACT, seconds=2.5)
    build = BuildSettings(python="3.11.0", machine="this", cross=cross)
    made = replace(step(one, kind), made=earlier, build=build)
    done = Success(
        key=made.key, artifact=ARTIFACT, seconds=0.25, facts={"remarks": ["it has a remark"]}
    )
    root = Root(target=X86.name, pin=one, key=made.key, reason="")
    cell = judge(root, made, done, tag_ranks(X86), lambda _: replace(FACTS, warnings=("odd",)))
    assert isinstance(cell, GoodCell)
    assert (cell.origin, cell.seconds) == (origin, 2.75)
    assert cell.warnings == ("odd", "it has a remark")
    failure = Failure(key=made.key, cause="c", seconds=0.25)
    assert judge(root, made, failure, tag_ranks(X86), lambda _: FACTS).seconds == 2.75
