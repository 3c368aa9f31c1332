"""The links that packages let be made when they are installed: ``libblas.so.3`` and the like.

They are named in the script ``postinst``, which isn't run: it is read for what it tells
``update-alternatives(1)``. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_CONTINUED = re.compile(r"\\\n")
_INSTALL = re.compile(r"--install\s+(/\S+)\s+\S+\s+(/\S+)\s+(\d+)")
_SLAVE = re.compile(r"--slave\s+(/\S+)\s+\S+\s+(/\S+)")


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Alternative:
    """A link that a package offers; of several the one with the highest priority is made."""

    priority: int
    link: str
    target: str


def parse_alternatives(script: str) -> tuple[Alternative, ...]:
    """Read a script; what depends on its variables is left out.

    >>> parse_alternatives("update-alternatives --install /usr/bin/awk awk /usr/bin/mawk 5")
    (Alternative(priority=5, link='/usr/bin/awk', target='/usr/bin/mawk'),)
    """
    found: list[Alternative] = []
    for line in _CONTINUED.sub(" ", script).splitlines():
        masters = _INSTALL.findall(line)
        priority = int(masters[0][2]) if masters else 0
        pairs = [(link, target) for link, target, _ in masters]
        pairs += _SLAVE.findall(line) if masters else []
        found += (
            Alternative(priority=priority, link=link, target=target)
            for link, target in pairs
            if "$" not in link + target
        )
    return tuple(found)


def choose(offered: Iterable[Alternative]) -> Mapping[str, str]:
    """Give each link's target: that of the highest priority, then the last by name."""
    return {one.link: one.target for one in sorted(offered)}
