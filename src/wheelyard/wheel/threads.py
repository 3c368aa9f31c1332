"""Work on many things in threads, given back in their order, never far ahead of who takes it."""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Callable, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from concurrent.futures import Future

_T = TypeVar("_T")
_R = TypeVar("_R")

_BATCH = 1 << 18  # bytes: what is handed to a thread at once
_BATCH_COUNT = 64
_AHEAD = 1 << 27  # bytes: what may be worked on and not be taken yet


def processors() -> int:
    """Return on how many processors this process may run; a container may have been given few."""
    if hasattr(os, "sched_getaffinity"):  # on Linux
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_order(
    work: Callable[[_T], _R],
    items: Iterable[_T],
    weigh: Callable[[_T], int],
    *,
    threads: int | None = None,
) -> Iterator[_R]:
    """Yield ``work(item)`` for each item, in the order of the items.

    Args:
        work: is called in several threads; what it raises is raised here, in its turn.
        items: to be worked on.
        weigh: how many bytes an item takes. About 128 MiB are ahead of who takes the results, or
            one item a thread where items are larger.
        threads: how many; as many as there are processors for this process where None.
    """
    count = threads or processors()
    batches = list(_batches(items, weigh))
    if count == 1 or len(batches) == 1:
        yield from (work(item) for batch, _ in batches for item in batch)
        return
    pool = ThreadPoolExecutor(count)
    try:
        waiting: deque[tuple[Future[list[_R]], int]] = deque()
        ahead = 0
        for batch, weight in batches:
            waiting.append((pool.submit(_work_all, work, batch), weight))
            ahead += weight
            while len(waiting) > count and ahead > _AHEAD:
                done, weight_done = waiting.popleft()
                yield from done.result()
                ahead -= weight_done
        while waiting:
            yield from waiting.popleft()[0].result()
    finally:
        pool.shutdown(cancel_futures=True)


def _work_all(work: Callable[[_T], _R], batch: Sequence[_T]) -> list[_R]:
    return [work(item) for item in batch]


def _batches(items: Iterable[_T], weigh: Callable[[_T], int]) -> Iterator[tuple[list[_T], int]]:
    batch: list[_T] = []
    total = 0
    for item in items:
        batch.append(item)
        total += weigh(item)
        if total >= _BATCH or len(batch) == _BATCH_COUNT:
            yield batch, total
            batch, total = [], 0
    if batch:
        yield batch, total
