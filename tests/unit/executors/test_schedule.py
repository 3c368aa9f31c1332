from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from tests.unit.executors.making import step

from wheelyard.executors.schedule import Limits, ready
from wheelyard.plans.plan import DOWNLOAD, PEP517, PREPARE, Plan

if TYPE_CHECKING:
    from wheelyard.plans.step import Step

DOWNLOADS = [step(f"d{number}", DOWNLOAD) for number in range(4)]
BUILDS = [step(f"b{number}", kind) for number, kind in enumerate((PREPARE, PEP517, PREPARE))]
PLAN = Plan(
    steps=MappingProxyType({one.key: one for one in (*DOWNLOADS, *BUILDS)}),
    roots=(),
)


def started(finished: list[Step], running: list[Step], limits: Limits) -> list[str]:
    keys = {one.key for one in finished}
    return [one.project for one in ready(PLAN, keys, running, limits)]


def test_steps_start_in_the_plans_order_within_both_limits() -> None:
    assert started([], [], Limits(downloads=3, builds=2)) == ["d0", "d1", "d2", "b0", "b1"]


def test_what_runs_takes_room() -> None:
    limits = Limits(downloads=2, builds=1)
    assert started([], [DOWNLOADS[0], BUILDS[0]], limits) == ["d1"]
    assert started([], [DOWNLOADS[0], DOWNLOADS[1], BUILDS[0]], limits) == []


def test_what_is_done_is_not_started_again_and_gives_its_room_back() -> None:
    limits = Limits(downloads=1, builds=1)
    assert started([DOWNLOADS[0], BUILDS[0]], [], limits) == ["d1", "b1"]
    assert started([*DOWNLOADS, *BUILDS], [], limits) == []
