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


@pytest.mark.parametrize("count", [1, 3])
def test_as_many_threads_work_as_the_process_has_processors(
    monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    all_work = threading.Barrier(count, timeout=10)

    def work(_: int) -> threading.Thread:
        all_work.wait()
        time.sleep(0.01)  # so that none is idle yet when the next item comes
        return threading.current_thread()

    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(count)))
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    assert len(set(in_order(work, range(3 * count), lambda _: GIGABYTE))) == count
    monkeypatch.delattr("os.sched_getaffinity")  # as on systems that have none
    monkeypatch.setattr("os.cpu_count", lambda: count)
    assert len(set(in_order(work, range(3 * count), lambda _: GIGABYTE))) == count


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
