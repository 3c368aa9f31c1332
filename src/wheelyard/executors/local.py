"""Runs a plan on this machine: threads that wait for downloads and for child processes."""

from __future__ import annotations

import contextlib
import threading
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict
from typing import TYPE_CHECKING, Protocol

from wheelyard.builders import BuildFailedError
from wheelyard.errors import BuildError, HostError, WheelyardError
from wheelyard.executors.schedule import Limits, ready
from wheelyard.plans.plan import PREPARE, Plan, expand, turn
from wheelyard.plans.step import Artifact, Failure, Result, Step, StepKey, Success
from wheelyard.store.store import StoreError, is_full, no_space

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from wheelyard.builders import Builder
    from wheelyard.store.store import Store

_NO_SPACE = "No space left on device"


class Listener(Protocol):
    """Whoever wants to know how a run goes."""

    def note(self, text: str) -> None:
        """Tell what is going on before and between steps."""
        ...

    def started(self, step: Step) -> None:
        """Tell that a step began."""
        ...

    def finished(self, step: Step, result: Result | None) -> None:
        """Tell that a step ended; without a result, another one takes its place."""
        ...

    def total(self, done: int, known: int) -> None:
        """Tell how many steps are done, of how many that are known so far."""
        ...


def execute(
    plan: Plan,
    perform: Callable[[Step], Result],
    limits: Limits,
    listener: Listener,
    abort: Callable[[], None],
) -> tuple[Plan, Mapping[StepKey, Result]]:
    """Run every step of a plan, and those it grows by.

    A failed step leaves the others running. An interrupt or a ``HostError`` (nothing else can
    succeed either) ends the run: ``abort`` stops the child processes, and no step is left running.

    Returns:
        The plan as it has grown, and a result for each of its steps.
    """
    results: dict[StepKey, Result] = {}
    running: dict[Future[Result], Step] = {}
    pool = ThreadPoolExecutor(limits.downloads + limits.builds, thread_name_prefix="step")
    try:
        while True:
            for step in ready(plan, results, running.values(), limits):
                listener.started(step)
                running[pool.submit(perform, step)] = step
            if not running:
                return plan, results
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                step = running.pop(future)
                results[step.key] = result = future.result()
                if isinstance(result, Success):
                    plan = expand(plan, step, result)
                    listener.finished(step, result)
                else:
                    plan = turn(plan, step)
                    awaited = any(root.key == step.key for root in plan.roots)
                    listener.finished(step, result if awaited else None)
            listener.total(len(results), len(plan.steps))
    except BaseException:
        abort()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


class StorePerformer:
    """Runs one step: from the store when it is there, else by its builder, then into the store."""

    def __init__(self, builders: Mapping[str, Builder], store: Store) -> None:
        self._builders = builders
        self._store = store
        self._holding = threading.local()

    def __call__(self, step: Step) -> Result:
        """Give the result of a step; errors that concern this step alone become failures."""
        begun = time.monotonic()
        try:
            with self._alone(step):
                return self.from_store(step) or self._make(step, begun)
        except HostError:
            raise
        except OSError as error:
            if is_full(error):
                raise StoreError(no_space(self._store.root)) from error
            return _failure(step, BuildError(str(error)), time.monotonic() - begun)
        except WheelyardError as error:
            failure = _failure(step, error, time.monotonic() - begun)
            if any(_NO_SPACE in line for line in (failure.cause, *failure.tail)):
                raise StoreError(no_space(self._store.root)) from error
            return failure

    @contextlib.contextmanager
    def _alone(self, step: Step) -> Iterator[None]:
        """Hold a step's lease; a step that comes to need itself would wait for it forever."""
        held: set[StepKey] = self._holding.__dict__.setdefault("keys", set())
        if step.key in held:
            raise BuildError(
                f"{step.project} {step.version} needs itself to be built: "
                "add a wheel of it to a find-links folder"
            )
        with self._store.lease(step.key):
            held.add(step.key)
            try:
                yield
            finally:
                held.discard(step.key)

    def from_store(self, step: Step) -> Success | None:
        """Give what an earlier run made of the same step, where all of it is still there."""
        data = self._store.lookup("steps", step.key)
        if data is None:
            return None
        try:
            artifact = Artifact(**data.pop("artifact"))
            done = Success(key=step.key, artifact=artifact, cached=True, **data)
            crossing = step.kind == PREPARE and step.build is not None and step.build.cross
            cross = done.facts["cross"] if crossing else {"tools": (), "requires": ()}
            files = (*done.facts.get("requires", ()), *cross["tools"], *cross["requires"])
            needed = [artifact.sha256, *(file["sha256"] for file in files)]
        except (AttributeError, KeyError, TypeError):
            return None  # garbled, or of another version: it is made anew
        return done if all(self._store.has(sha256) for sha256 in needed) else None

    def _make(self, step: Step, begun: float) -> Success:
        made = self._builders[step.kind](step)
        done = Success(
            key=step.key,
            artifact=made.artifact,
            facts=made.facts,
            log=made.log,
            seconds=round(time.monotonic() - begun, 3),
        )
        self._store.record("steps", step.key, _as_record(done))
        return done


def _as_record(done: Success) -> dict[str, object]:
    return {
        "artifact": asdict(done.artifact),
        "facts": dict(done.facts),
        "log": done.log,
        "seconds": done.seconds,
    }


def _failure(step: Step, error: WheelyardError, seconds: float) -> Failure:
    built = error if isinstance(error, BuildFailedError) else None
    return Failure(
        key=step.key,
        cause=str(error),
        remedy=built.remedy if built else "",
        tail=built.tail if built else (),
        log=built.log if built else "",
        seconds=round(seconds, 3),
        exit_code=error.exit_code,
    )
