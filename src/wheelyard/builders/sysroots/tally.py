"""How far several downloads together are, told now and then."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_EVERY = 5.0  # seconds between two notes


class Tally:
    """Adds up the bytes of downloads that run in several threads."""

    def __init__(
        self,
        what: str,
        sizes: Sequence[int],
        note: Callable[[str], None],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Say what is to come; ``sizes`` are the files', in bytes."""
        self._what = what
        self._total = sum(sizes)
        self._note = note
        self._clock = clock
        self._last = clock()
        self._done: dict[str, int] = {}
        self._lock = threading.Lock()
        note(f"{what}: fetching {len(sizes)} packages, {self._total / 1e6:.0f} MB")

    def of(self, name: str) -> Callable[[int], None]:
        """Give what one download tells its bytes so far."""
        return lambda done: self._add(name, done)

    def _add(self, name: str, done: int) -> None:
        with self._lock:
            self._done[name] = done
            if self._clock() - self._last < _EVERY:
                return
            self._last = self._clock()
            sofar = sum(self._done.values())
        self._note(f"{self._what}: {sofar / 1e6:.0f} of {self._total / 1e6:.0f} MB")
