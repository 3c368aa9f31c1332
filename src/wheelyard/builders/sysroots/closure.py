"""Which packages are needed so that the wanted ones work: dependencies, followed. Pure."""

from __future__ import annotations

import difflib
from collections import deque
from typing import TYPE_CHECKING, Protocol

from wheelyard.errors import ResolutionError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from wheelyard.builders.sysroots.packages import Package


class Offer(Protocol):
    """What packages there are."""

    def find(self, name: str) -> Package | None:
        """Give the package of a name, real or provided."""

    def names(self) -> Iterable[str]:
        """Give all real names."""


def closure(
    wanted: Iterable[str], offer: Offer, *, without: Collection[str] = ()
) -> tuple[Package, ...]:
    """Follow Depends and Pre-Depends; of alternatives the first that exists, as apt does.

    Args:
        wanted: names; what they recommend isn't followed.
        offer: where packages are found.
        without: dependencies that are left out with all that they need.

    Returns:
        The packages, sorted by name; the same ones in whichever order they were wanted.

    Raises:
        ResolutionError: some don't exist; all of them at once.
    """
    chosen: dict[str, Package] = {}
    known: set[str] = set()
    problems: list[str] = []
    queue: deque[tuple[tuple[str, ...], str]] = deque(((name,), "") for name in sorted(set(wanted)))
    while queue:
        names, dependant = queue.popleft()
        if known.intersection(names) or (dependant and names[0] in without):
            continue
        package = next(filter(None, map(offer.find, names)), None)
        if package is None:
            problems.append(_missing(names, dependant, offer))
        elif package.name not in chosen:
            chosen[package.name] = package
            known.update((package.name, *package.provides))
            queue.extend((group, package.name) for group in package.depends if group)
    if problems:
        raise ResolutionError("\n  ".join(("Packages are not there:", *problems)))
    return tuple(chosen[name] for name in sorted(chosen))


def _missing(names: tuple[str, ...], dependant: str, offer: Offer) -> str:
    if dependant:
        return f"{' or '.join(names)}, which {dependant} needs"
    similar = difflib.get_close_matches(names[0], list(offer.names()), n=3, cutoff=0.75)
    return names[0] + (f" (there are {', '.join(similar)})" if similar else "")
