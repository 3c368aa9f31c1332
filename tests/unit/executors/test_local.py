from __future__ import annotations

import errno
import threading
from dataclasses import asdict, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest
from tests.unit.executors.making import Remembering, done, step
from tests.unit.plans.world import X86, DictRepository, ask, file

from wheelyard.builders import BuildFailedError, Made
from wheelyard.errors import BuildError, HostError, ResolutionError
from wheelyard.executors.local import StorePerformer, execute
from wheelyard.executors.schedule import Limits
from wheelyard.plans.plan import DOWNLOAD, PEP517, PREPARE, Plan, Site, make_plan
from wheelyard.plans.resolver import resolve
from wheelyard.plans.step import Artifact, BuildSettings, Cross, Failure, Result, Step, Success
from wheelyard.store.store import Store, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wheelyard.builders import Builder

ONE_AT_A_TIME = Limits(downloads=1, builds=1)


def stop() -> None:
    """End the children, of which these tests have none."""


def plan(*steps: Step) -> Plan:
    return Plan(steps=MappingProxyType({one.key: one for one in steps}), roots=())


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "store") as opened:
        yield opened


def test_every_step_is_run_and_told_of() -> None:
    steps = [step("a"), step("b")]
    listener = Remembering()
    _, results = execute(plan(*steps), done, ONE_AT_A_TIME, listener, stop)
    assert results == {one.key: done(one) for one in steps}
    assert listener.told == ["started a", "Success a", "started b", "Success b"]
    assert listener.totals == [(1, 2), (2, 2)]


def test_failed_step_leaves_the_others_running() -> None:
    def perform(one: Step) -> Result:
        return Failure(key=one.key, cause="no") if one.project == "a" else done(one)

    steps = [step("a"), step("b")]
    _, results = execute(plan(*steps), perform, ONE_AT_A_TIME, Remembering(), stop)
    assert [type(results[one.key]) for one in steps] == [Failure, Success]


def test_plan_grows_while_it_runs() -> None:
    settings = BuildSettings(python="3.11.7", machine="x86_64")
    here = Site(target=X86.name, native=True, settings=lambda _: settings, cross=lambda _: settings)
    world = DictRepository({"lib": (file("lib-1.0.tar.gz"),)})
    made = make_plan([resolve(ask("lib==1.0"), world)], {X86.name: here})

    def perform(one: Step) -> Result:
        facts = {"requires": [], "source": asdict(one.source)}
        return done(one, **facts) if one.kind == PREPARE else done(one)

    grown, results = execute(made, perform, ONE_AT_A_TIME, Remembering(), stop)
    assert [one.kind for one in grown.steps.values()] == [PREPARE, PEP517]
    assert set(results) == set(grown.steps)


def test_failed_preparation_is_followed_by_nothing() -> None:
    prepare = step("a", PREPARE)
    grown, results = execute(
        plan(prepare),
        lambda one: Failure(key=one.key, cause="no"),
        ONE_AT_A_TIME,
        Remembering(),
        stop,
    )
    assert set(grown.steps) == set(results) == {prepare.key}


def test_steps_run_side_by_side() -> None:
    meeting = threading.Barrier(3, timeout=30)

    def perform(one: Step) -> Result:
        meeting.wait()
        return done(one)

    _, results = execute(
        plan(step("a"), step("b"), step("c", PEP517)),
        perform,
        Limits(downloads=2, builds=1),
        Remembering(),
        stop,
    )
    assert len(results) == 3


def test_error_of_the_machine_ends_the_run() -> None:
    performed = []

    def perform(one: Step) -> Result:
        performed.append(one.project)
        raise HostError("the disk is full")

    with pytest.raises(HostError, match="the disk is full"):
        execute(plan(step("a"), step("b")), perform, ONE_AT_A_TIME, Remembering(), stop)
    assert performed == ["a"]


def test_empty_plan_is_done_at_once() -> None:
    assert execute(plan(), done, ONE_AT_A_TIME, Remembering(), stop) == (plan(), {})


def builder(store: Store, made: list[str]) -> Builder:
    def build(step: Step) -> Made:
        made.append(step.project)
        digest = store.add_bytes(step.project.encode())
        artifact = Artifact(filename=f"{step.project}.whl", sha256=digest, size=1)
        return Made(artifact=artifact, facts={"a": [1]}, log="")

    return build


def test_step_is_made_once_and_then_comes_from_the_store(store: Store) -> None:
    made: list[str] = []
    perform = StorePerformer({DOWNLOAD: builder(store, made)}, store)
    first, second = perform(step("a")), perform(step("a"))
    assert isinstance(first, Success)
    assert isinstance(second, Success)
    assert (first.cached, second.cached) == (False, True)
    assert (second.artifact, second.facts) == (first.artifact, first.facts)
    assert second.seconds == first.seconds
    assert made == ["a"]


def test_step_whose_artifact_is_gone_is_made_again(store: Store) -> None:
    made: list[str] = []
    perform = StorePerformer({DOWNLOAD: builder(store, made)}, store)
    first = perform(step("a"))
    assert isinstance(first, Success)
    store.path(first.artifact.sha256).unlink()
    perform(step("a"))
    assert made == ["a", "a"]


@pytest.mark.parametrize(
    "record", [{}, {"artifact": 1}, {"artifact": {}}, {"artifact": None, "x": 1}]
)
def test_garbled_record_is_made_anew(store: Store, record: dict[str, object]) -> None:
    made: list[str] = []
    store.record("steps", step("a").key, record)
    perform = StorePerformer({DOWNLOAD: builder(store, made)}, store)
    assert isinstance(perform(step("a")), Success)
    assert made == ["a"]


def test_what_another_version_prepared_for_another_machine_is_prepared_anew(store: Store) -> None:
    made: list[str] = []
    own = step("a", PREPARE)
    assert own.build is not None
    one = replace(own, build=replace(own.build, cross=Cross(host="{}")))
    perform = StorePerformer({PREPARE: builder(store, made)}, store)
    perform(one)  # without what it locked for the cross build
    perform(one)
    assert made == ["a", "a"]


def failing(error: Exception, store: Store) -> Result:
    def build(step: Step) -> Made:  # noqa: ARG001
        raise error

    return StorePerformer({DOWNLOAD: build}, store)(step("a"))


def test_error_of_a_build_becomes_a_failure_with_what_would_help(store: Store) -> None:
    result = failing(BuildFailedError("no header", "install it", ("line",), "digest"), store)
    assert isinstance(result, Failure)
    assert (result.cause, result.remedy) == ("no header", "install it")
    assert (result.tail, result.log, result.exit_code) == (("line",), "digest", 4)


def test_failure_is_not_remembered(store: Store) -> None:
    failing(BuildError("no"), store)
    made: list[str] = []
    assert isinstance(StorePerformer({DOWNLOAD: builder(store, made)}, store)(step("a")), Success)


def test_other_errors_of_a_step_are_failures_too(store: Store) -> None:
    for error in (ResolutionError("no such version"), FileNotFoundError(2, "No such file", "git")):
        result = failing(error, store)
        assert isinstance(result, Failure)
        assert result.cause


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        BuildFailedError("cc failed", "", ("fatal error: No space left on device",), ""),
    ],
)
def test_full_disk_ends_the_run_however_it_shows(store: Store, error: Exception) -> None:
    with pytest.raises(StoreError, match="no space left"):
        failing(error, store)


def test_step_that_needs_itself_says_so_instead_of_waiting(store: Store) -> None:
    def build(step: Step) -> Made:
        result = perform(step)
        assert isinstance(result, Failure)
        raise BuildError(result.cause)

    perform = StorePerformer({DOWNLOAD: build}, store)
    result = perform(step("a"))
    assert isinstance(result, Failure)
    assert result.cause.startswith("a 1 needs itself to be built")
