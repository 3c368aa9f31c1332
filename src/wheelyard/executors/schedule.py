"""What may start now. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wheelyard.plans.plan import DOWNLOAD

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from wheelyard.plans.plan import Plan
    from wheelyard.plans.step import Step, StepKey


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """How many steps may run at once: those that wait for a network, and those that compute."""

    downloads: int = 8
    builds: int = 2


def ready(
    plan: Plan, finished: Collection[StepKey], running: Iterable[Step], limits: Limits
) -> tuple[Step, ...]:
    """Give the steps to start, in the plan's order, within the limits."""
    busy = tuple(running)
    started = {step.key for step in busy}
    downloads = sum(step.kind == DOWNLOAD for step in busy)
    room = {
        True: limits.downloads - downloads,
        False: limits.builds - (len(busy) - downloads),
    }
    chosen: list[Step] = []
    for key, step in plan.steps.items():
        light = step.kind == DOWNLOAD
        if key not in finished and key not in started and room[light] > 0:
            chosen.append(step)
            room[light] -= 1
    return tuple(chosen)
