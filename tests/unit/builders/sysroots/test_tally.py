from __future__ import annotations

from wheelyard.builders.sysroots.tally import Tally


def test_bytes_are_added_up_and_told_now_and_then() -> None:
    notes: list[str] = []
    times = iter((0.0, 1.0, 6.0, 6.0, 7.0))
    tally = Tally("arm64", (4_000_000, 6_000_000), notes.append, clock=lambda: next(times))
    first, second = tally.of("a"), tally.of("b")
    first(1_000_000)
    second(2_000_000)
    first(3_000_000)
    assert notes == ["arm64: fetching 2 packages, 10 MB", "arm64: 3 of 10 MB"]
