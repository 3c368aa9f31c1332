from __future__ import annotations

from dataclasses import asdict, fields, replace
from typing import Any

import pytest
from tests.unit.plans.world import ARM, X86, DictRepository, ask, file, wheel

from wheelyard.errors import HostError, UsageError
from wheelyard.plans.plan import (
    CROSS,
    PEP517,
    PREPARE,
    REPAIR,
    RETAG,
    DeadEnd,
    Plan,
    Site,
    build_step,
    expand,
    make_plan,
    turn,
)
from wheelyard.plans.resolver import resolve
from wheelyard.plans.step import Artifact, BuildSettings, Cross, Step, StepKey, Success
from wheelyard.targets.catalog import find_target
from wheelyard.wheel.names import Sha256, normalize_name
from wheelyard.wheel.retag import TagChange

SETTINGS = BuildSettings(python="3.11.7", machine="x86_64 glibc 2.36")
PIN = "lib==1.0"


CROSSING = replace(SETTINGS, cross=Cross(host="{}"))


def site(name: str, *, native: bool = False) -> Site:
    return Site(target=name, native=native, settings=lambda _: SETTINGS, cross=lambda _: CROSSING)


SITES = {X86.name: site(X86.name, native=True), ARM.name: site(ARM.name)}


def plan(text: str, world: DictRepository) -> Plan:
    return make_plan([resolve(ask(text, target), world) for target in (X86, ARM)], SITES)


def step() -> Step:
    return Step(
        kind=PEP517,
        project=normalize_name("lib"),
        version="1.0",
        source=file("lib-1.0.tar.gz"),
        build=SETTINGS,
        requires=(file("setuptools-80-py3-none-any.whl"),),
        reason="because",
    )


def done(one: Step, **facts: object) -> Success:
    artifact = Artifact(filename="x", sha256=Sha256("0" * 64), size=1)
    return Success(key=one.key, artifact=artifact, facts=facts)


def test_pure_wheel_is_one_step_for_all_targets() -> None:
    made = plan(PIN, DictRepository({"lib": (wheel("lib", "1.0"),)}))
    (only,) = made.steps.values()
    assert (only.kind, only.build) == ("download", None)
    assert [(root.target, root.key) for root in made.roots] == [
        (X86.name, only.key),
        (ARM.name, only.key),
    ]


def test_wheels_of_two_machines_are_two_steps() -> None:
    tags = ("cp311-cp311-manylinux_2_17_x86_64", "cp311-cp311-manylinux_2_17_aarch64")
    made = plan(PIN, DictRepository({"lib": tuple(wheel("lib", "1.0", tag) for tag in tags)}))
    assert len(made.steps) == 2
    assert {one.reason for one in made.steps.values()} == {
        f"a published wheel fits {name}" for name in (X86.name, ARM.name)
    }


def test_source_is_prepared_once_for_every_target() -> None:
    made = plan(PIN, DictRepository({"lib": (file("lib-1.0.tar.gz"),)}))
    (only,) = made.steps.values()
    assert only.kind == PREPARE
    assert only.reason == (
        "built from source on this machine, which is the target, "
        "because no wheel of it is published"
    )
    assert len(made.roots) == 2
    assert made.roots[1].reason.startswith("built from source on this machine, for it is pure")


def test_nothing_that_may_be_used_is_a_dead_end_that_says_why() -> None:
    made = plan("lib==1.0", DictRepository({"lib": (wheel("lib", "1.0", "cp311-cp311-win32"),)}))
    assert (made.steps, made.roots) == ({}, ())
    assert made.dead_ends[0].cause == (
        "none of its 1 wheels fits manylinux_2_28_x86_64; they are for cp311 win32; "
        "nor is there a source distribution that may be used"
    )


def test_type_crossenv_is_cross_built_for_another_machine() -> None:
    made = plan("crossenv:" + PIN, DictRepository({"lib": (file("lib-1.0.tar.gz"),)}))
    here, there = (made.steps[root.key] for root in made.roots)
    assert (here.build, there.build) == (SETTINGS, CROSSING)
    assert there.reason.startswith(f"cross-built from source for {ARM.name}")


def test_compiled_parts_are_prepared_again_for_another_machine_and_then_cross_built() -> None:
    made = plan(PIN, DictRepository({"lib": (file("lib-1.0.tar.gz"),)}))
    (prepare,) = made.steps.values()
    facts: dict[str, object] = {"requires": [], "source": asdict(prepare.source), "compiled": True}
    grown = expand(made, prepare, done(prepare, **facts))
    native, foreign = (grown.steps[root.key] for root in grown.roots)
    assert (native.kind, foreign.kind, foreign.build) == (PEP517, PREPARE, CROSSING)
    zig = file("ziglang-0.13.0-py3-none-any.whl")
    cross = Cross(host="{}", tools=(zig,), sysroot="5" * 64, rust="6" * 64)
    crossing = done(foreign, **facts, cross=asdict(cross))
    built = expand(grown, foreign, crossing)
    last = built.steps[built.roots[1].key]
    assert last.kind == CROSS
    assert last.build is not None
    assert last.build.cross == cross
    assert built.roots[0] == grown.roots[0]


def test_what_this_machine_cannot_prepare_is_cross_built_for_the_others() -> None:
    made = plan(PIN, DictRepository({"lib": (file("lib-1.0.tar.gz"),)}))
    (prepare,) = made.steps.values()
    turned = turn(made, prepare)
    native, foreign = (turned.steps[root.key] for root in turned.roots)
    assert (native, foreign.kind, foreign.build) == (prepare, PREPARE, CROSSING)
    assert turn(turned, foreign) == turned


def test_a_cross_built_wheel_is_fitted_to_each_target_that_waits_for_it() -> None:
    names = ("debian-12-arm64", "manylinux_2_36_aarch64")
    targets = [find_target(name, "3.11") for name in names]
    sites = {one.name: replace(site(one.name), described=one.name) for one in targets}
    world = DictRepository({"lib": (file("lib-1.0.tar.gz"),)})
    made = make_plan([resolve(ask("crossenv:" + PIN, one), world) for one in targets], sites)
    (prepare,) = made.steps.values()
    facts: dict[str, object] = {"requires": [], "source": asdict(prepare.source)}
    locked = asdict(Cross(host="{}", sysroot="5" * 64))
    crossed = expand(made, prepare, done(prepare, **facts, cross=locked))
    cross = crossed.steps[crossed.roots[0].key]
    wheel = done(cross, tail=["built"])
    fitted = expand(crossed, cross, wheel)
    steps = [fitted.steps[root.key] for root in fitted.roots]
    assert [(one.kind, one.made, one.source) for one in steps] == [
        (REPAIR, wheel, cross.source),
        (REPAIR, wheel, cross.source),
    ]
    assert [one.build.cross.host for one in steps if one.build and one.build.cross] == list(names)
    assert [root.reason for root in fitted.roots] == [root.reason for root in crossed.roots]


def test_a_target_without_a_compiler_is_a_dead_end_once_there_is_something_to_compile() -> None:
    def missing(_: object) -> BuildSettings:
        raise UsageError("no toolchain for ppc")

    there = replace(SITES[ARM.name], cross=missing)
    world = DictRepository({"lib": (file("lib-1.0.tar.gz"),)})
    made = make_plan([resolve(ask(PIN, ARM), world)], {ARM.name: there})
    (prepare,) = made.steps.values()
    facts: dict[str, object] = {"requires": [], "source": asdict(prepare.source)}
    assert expand(made, prepare, done(prepare, **facts)).dead_ends == ()
    grown = expand(made, prepare, done(prepare, **facts, compiled=True))
    assert (grown.roots, grown.dead_ends[0].cause) == ((), "no toolchain for ppc")


def test_type_cross_needs_a_recipe() -> None:
    made = plan("cross:" + PIN, DictRepository({"lib": (file("lib-1.0.tar.gz"),)}))
    assert {end.cause for end in made.dead_ends} == {"type cross needs a recipe, and there is none"}


def test_missing_interpreter_is_a_dead_end_of_what_would_be_built_alone() -> None:
    def missing(_: object) -> BuildSettings:
        raise HostError("no Python 3.11 on this machine")

    world = DictRepository({"lib": (file("lib-1.0.tar.gz"),), "ok": (wheel("ok", "1"),)})
    here = Site(target=X86.name, native=True, settings=missing, cross=missing)
    made = make_plan([resolve(ask("lib\nok"), world)], {X86.name: here})
    assert [root.pin.name for root in made.roots] == ["ok"]
    assert [end.cause for end in made.dead_ends] == ["no Python 3.11 on this machine"]
    assert isinstance(made.dead_ends[0], DeadEnd)


def test_prepared_source_is_followed_by_its_build_and_cells_wait_for_that() -> None:
    made = plan(PIN, DictRepository({"lib": (file("lib-1.0.tar.gz"),)}))
    (prepare,) = made.steps.values()
    tools = file("setuptools-80-py3-none-any.whl")
    exact = replace(prepare.source, sha256="e" * 64)
    result = done(prepare, requires=[asdict(tools)], source=asdict(exact))
    grown = expand(made, prepare, result)
    build = grown.steps[grown.roots[0].key]
    assert (build.kind, build.requires, build.source) == (PEP517, (tools,), exact)
    assert {root.key for root in grown.roots} == {build.key}
    assert set(grown.steps) == {prepare.key, build.key}
    assert expand(grown, build, done(build)) is grown


def test_asked_for_tags_are_given_last_and_change_no_earlier_step() -> None:
    change = TagChange(python="py2.py3", abi="none", platform="any")
    asking = {name: replace(one, tags=lambda _: change) for name, one in SITES.items()}
    world = DictRepository({"lib": (file("lib-1.0.tar.gz"),)})
    made = make_plan([resolve(ask("crossenv:" + PIN, one), world) for one in (X86, ARM)], asking)
    assert {one.build and one.build.tags for one in made.steps.values()} == {None}
    for kinds in ({PREPARE}, {PEP517, CROSS}, {REPAIR, RETAG}, {RETAG}):
        steps = {key: made.steps[key] for key in (root.key for root in made.roots)}
        assert {one.kind for one in steps.values()} == kinds
        for one in steps.values():
            facts = {"requires": [], "source": asdict(one.source), "cross": asdict(Cross(host=""))}
            made = expand(made, one, replace(done(one, **facts), seconds=1.5))
    native, foreign = (made.steps[root.key] for root in made.roots)
    assert [one.build and one.build.tags for one in (native, foreign)] == [change, change]
    assert [one.made and one.made.seconds for one in (native, foreign)] == [1.5, 3.0]
    assert all(root.reason.endswith("; its tags are those asked for") for root in made.roots)


def test_build_constraints_are_in_the_key_of_the_preparation_alone() -> None:
    prepare = replace(step(), kind=PREPARE, requires=())
    assert prepare.build is not None
    held = replace(prepare, build=replace(prepare.build, constraints=("setuptools<81",)))
    assert held.key != prepare.key
    facts: dict[str, object] = {"requires": [], "source": asdict(prepare.source)}
    builds = [build_step(one, done(one, **facts), PEP517) for one in (prepare, held)]
    assert builds[0].key == builds[1].key


CHANGED: dict[str, Any] = {
    "kind": "metadata",
    "project": normalize_name("other"),
    "version": "1.1",
    "source": replace(file("lib-1.0.tar.gz"), sha256="f" * 64),
    "requires": (),
    "made": Success(
        key=StepKey("k"), artifact=Artifact(filename="x.whl", sha256=Sha256("1" * 64), size=1)
    ),
}
CHANGED_SETTINGS: dict[str, Any] = {
    "python": "3.12.1",
    "machine": "aarch64",
    "config_settings": (("a", "b"),),
    "environment": (("CFLAGS", "-O0"),),
    "epoch": 1,
    "constraints": ("setuptools<81",),
    "cross": Cross(host='{"machine": "armv7l"}'),
    "tags": TagChange(python="py2.py3"),
}
CHANGED_CROSS: dict[str, Any] = {
    "host": '{"machine": "armv7l"}',
    "native": ("libffi-dev",),
    "toolchain": "gcc",
    "compiler": "4" * 64,
    "tools": (file("ziglang-0.13.0-py3-none-any.whl"),),
    "sysroot": "5" * 64,
    "rust": "6" * 64,
    "requires": (file("numpy-2.3.5-cp311-cp311-manylinux_2_28_aarch64.whl"),),
}


@pytest.mark.parametrize("name", sorted({one.name for one in fields(Step)} - {"reason", "build"}))
def test_key_changes_with_every_input(name: str) -> None:
    assert replace(step(), **{name: CHANGED[name]}).key != step().key


@pytest.mark.parametrize("name", [one.name for one in fields(BuildSettings)])
def test_key_changes_with_every_build_setting(name: str) -> None:
    changed = replace(SETTINGS, **{name: CHANGED_SETTINGS[name]})
    assert replace(step(), build=changed).key != step().key


@pytest.mark.parametrize("name", [one.name for one in fields(Cross)])
def test_key_changes_with_everything_that_a_cross_build_stands_on(name: str) -> None:
    crossing = replace(step(), build=CROSSING)
    changed = replace(CROSSING, cross=replace(Cross(host="{}"), **{name: CHANGED_CROSS[name]}))
    assert replace(crossing, build=changed).key != crossing.key


def test_key_does_not_depend_on_where_a_toolchain_lies() -> None:
    here, there = (
        replace(step(), build=replace(CROSSING, cross=Cross(host="{}", toolchain=folder)))
        for folder in ("/here/toolchain", "/there/toolchain")
    )
    assert here.key == there.key


def test_key_does_not_depend_on_reason_address_or_order() -> None:
    one = replace(step(), requires=(file("a-1-py3-none-any.whl"), file("b-1-py3-none-any.whl")))
    moved = replace(one.source, url="https://elsewhere.example/lib-1.0.tar.gz", size=7, yanked=True)
    same = replace(one, reason="another", source=moved, requires=one.requires[::-1])
    assert same.key == one.key


def test_another_project_of_the_same_source_is_another_step() -> None:
    places = ("", "#subdirectory=one", "#subdirectory=two")
    sources = (replace(step().source, url=f"https://x.example/lib.zip{place}") for place in places)
    assert len({replace(step(), source=source).key for source in sources}) == 3


def test_address_stands_for_a_source_whose_digest_is_not_known() -> None:
    bare = replace(step(), source=replace(step().source, sha256=""))
    moved = replace(bare, source=replace(bare.source, url="https://elsewhere.example/x"))
    assert moved.key != bare.key
