"""The table of what others do tells apart what it is to tell apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.hostile.craft import WHEEL_NAME
from tools.peers import Outcome, Place, try_with

if TYPE_CHECKING:
    from collections.abc import Callable


def _takes(place: Place) -> int:
    place.out.mkdir()
    (place.out / "good.py").touch()
    return 0


def _leaves_a_part(place: Place) -> int:
    return _takes(place) + 1


def _writes_beside(place: Place) -> int:
    (place.out.parent / "evil.py").touch()
    return 1


def _changes_a_mode(place: Place) -> int:
    (place.out.parent / "victim").chmod(0o777)
    return 0


def _follows_an_absolute_path(place: Place) -> int:
    (place.outside / "victim").write_text("yours")
    return 0


def _locks(place: Place) -> int:
    place.out.mkdir()
    (place.out / ".lock").touch()
    return 1


@pytest.mark.parametrize(
    ("tool", "outcome"),
    [
        (_takes, Outcome.TAKEN),
        (_leaves_a_part, Outcome.HALF),
        (_writes_beside, Outcome.OUTSIDE),
        (_changes_a_mode, Outcome.OUTSIDE),
        (_follows_an_absolute_path, Outcome.OUTSIDE),
        (_locks, Outcome.REFUSED),
    ],
)
def test_what_a_tool_did_is_seen(tool: Callable[[Place], int], outcome: Outcome) -> None:
    assert try_with(tool, WHEEL_NAME, lambda outside: outside.encode()) is outcome
