"""How a run is shown: a live display on a terminal, plain lines elsewhere, or nothing."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Protocol, Self

from wheelyard.plans.step import Failure
from wheelyard.wheelhouse.manifest import scrubbed

if TYPE_CHECKING:
    import argparse
    from collections.abc import Collection, Iterator, Sequence

    from rich.progress import TaskID

    from wheelyard.plans.step import Result, Step
    from wheelyard.wheelhouse.report import BadCell, Report


class Display(Protocol):
    """A listener of a run that is opened and closed around it; it knows what it has shown."""

    @property
    def shown(self) -> Collection[Failure]: ...  # noqa: D102
    def note(self, text: str) -> None: ...  # noqa: D102
    def started(self, step: Step) -> None: ...  # noqa: D102
    def finished(self, step: Step, result: Result | None) -> None: ...  # noqa: D102
    def total(self, done: int, known: int) -> None: ...  # noqa: D102
    def __enter__(self) -> Self: ...
    def __exit__(self, *_: object) -> None: ...


def make_display(options: argparse.Namespace) -> Display:
    """Choose the display that the options and the terminal ask for."""
    if options.quiet or options.json:
        return Plain(every_step=False, notes=False)
    if sys.stderr.isatty() and not options.no_progress and not options.verbose:
        return Live()
    return Plain(every_step=options.verbose, notes=True)


class Plain:
    """Lines on standard error: failures always, each step when asked."""

    def __init__(self, *, every_step: bool, notes: bool) -> None:
        self.shown: list[Failure] = []
        self._every_step = every_step
        self._notes = notes
        self._last = 0

    def note(self, text: str) -> None:
        """Print what is going on."""
        if self._notes:
            _print(text)

    def started(self, step: Step) -> None:
        """Print which step began."""
        if self._every_step:
            _print(f"{step.kind} {step.project} {step.version} …")

    def finished(self, step: Step, result: Result | None) -> None:
        """Print how a step ended."""
        if isinstance(result, Failure):
            if self._notes:
                self.shown.append(result)
                _print(failure_text(step, result))
        elif self._every_step:
            how = "in another way"
            if result:
                how = "from the store" if result.cached else f"{result.seconds:.1f} s"
            _print(f"{step.kind} {step.project} {step.version}: {how}")

    def total(self, done: int, known: int) -> None:
        """Print the state now and then, so that a log shows that it goes on."""
        tenth = done * 10 // known
        if self._notes and tenth > self._last:
            self._last = tenth
            _print(f"{done} of {known} steps")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return


class Live:
    """A bar and the steps that are running, by rich; begun only when there is something to show."""

    _DELAY = 0.3  # seconds; a run that the store answers is over by then

    def __init__(self) -> None:
        self.shown: list[Failure] = []
        self._guard = threading.Lock()
        self._running: dict[str, TaskID] = {}
        self._timer = threading.Timer(self._DELAY, self._begin)
        self._timer.daemon = True
        self._notes: list[str] = []
        self._steps: list[Step] = []
        self._progress: _Bars | None = None
        self._count = (0, 0)

    def _begin(self) -> None:
        bars = _Bars()
        with self._guard:
            self._progress = bars
            for text in self._notes[-1:]:
                bars.note(text)
            for step in self._steps:
                bars.add(step)
            bars.total(*self._count)

    def note(self, text: str) -> None:
        """Show what is going on."""
        with self._guard:
            self._notes.append(text)
            if self._progress:
                self._progress.note(text)

    def started(self, step: Step) -> None:
        """Show a step as running."""
        with self._guard:
            self._steps.append(step)
            if self._progress:
                self._progress.add(step)

    def finished(self, step: Step, result: Result | None) -> None:
        """Take a step off; a failure stays on the screen."""
        with self._guard:
            self._steps.remove(step)
            if self._progress:
                self._progress.remove(step)
            if isinstance(result, Failure):
                self.shown.append(result)
                text = failure_text(step, result)
                if self._progress:
                    self._progress.print(text)
                else:
                    _print(text)

    def total(self, done: int, known: int) -> None:
        """Move the bar."""
        with self._guard:
            self._count = (done, known)
            if self._progress:
                self._progress.total(done, known)

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._guard:
            if self._progress:
                self._progress.stop()


def _print(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


class _Bars:
    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            SpinnerColumn,
            TextColumn,
            TimeElapsedColumn,
        )

        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._all = self._progress.add_task("starting", total=None)
        self._tasks: dict[str, TaskID] = {}
        self._progress.start()

    def note(self, text: str) -> None:
        self._progress.update(self._all, description=text)

    def add(self, step: Step) -> None:
        text = f"  {step.kind} {step.project} {step.version}"
        self._tasks[step.key] = self._progress.add_task(text, total=None)

    def remove(self, step: Step) -> None:
        self._progress.remove_task(self._tasks.pop(step.key))

    def print(self, text: str) -> None:
        self._progress.console.print(text, markup=False, highlight=False)

    def total(self, done: int, known: int) -> None:
        self._progress.update(self._all, description="wheels", completed=done, total=known or None)

    def stop(self) -> None:
        self._progress.stop()


def failure_text(step: Step, result: Failure) -> str:
    """Say in a few lines what failed and what would help."""
    return _failed(f"{step.project} {step.version} ({step.kind})", result)


def unshown_failures(reports: Sequence[Report], shown: Collection[Failure]) -> Iterator[str]:
    """Say what failed that a display has not shown: all of it where it was to be quiet.

    What a report finds wrong with a wheel, and what could not even be tried, belongs to no step.
    """
    known = {(one.cause, one.log) for one in shown}
    for report in reports:
        for cell in report.bad:
            if (cell.cause, cell.log) not in known:
                yield _failed(f"{cell.pin.name} {cell.pin.version} for {report.target.name}", cell)


def _failed(what: str, failure: Failure | BadCell) -> str:
    lines = [f"failed: {what}: {failure.cause}"]
    lines += [f"    {line}" for line in failure.tail[-4:]]
    lines += [f"  remedy: {failure.remedy}"] if failure.remedy else []
    return scrubbed("\n".join(lines))
