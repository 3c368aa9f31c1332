from __future__ import annotations

import threading
import time

import pytest

from wheelyard.wheel.threads import in_order

GIGABYTE = 1 << 30


@pytest.mark.parametrize("threads", [1, 2, 7])
@pytest.mark.parametrize("weight", [1, 100_000, GIGABYTE])
def test_results_come_in_the_order_of_the_items(threads: int, weight: int) -> None:
    def work(item: int) -> int:
        time.sleep(0.002 if item % 3 else 0)
        return -item

    items = range(40)
    assert list(in_order(work, items, lambda _: weight, threads=threads)) == [-n for n in items]


def test_nothing_gives_nothing() -> None:
    assert list(in_order(str, (), len)) == []


def test_large_items_are_not_begun_far_ahead() -> None:
    begun: list[int] = []
    done = threading.Event()

    def work(item: int) -> int:
        begun.append(item)
        done.wait(0.05)
        return item

    results = in_order(work, range(30), lambda _: GIGABYTE, threads=2)
    assert next(results) == 0
    assert max(begun) <= 3
    done.set()
    assert list(results) == list(range(1, 30))


def test_error_comes_in_its_turn_and_ends_the_work() -> None:
    begun: list[int] = []

    def work(item: int) -> int:
        begun.append(item)
        return 12 // item

    results = in_order(work, (3, 2, 0, *range(4, 400)), lambda _: GIGABYTE, threads=2)
    assert [next(results), next(results)] == [4, 6]
    with pytest.raises(ZeroDivisionError):
        next(results)
    assert len(begun) < 10
