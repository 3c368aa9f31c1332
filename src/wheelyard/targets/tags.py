"""The wheel tags that a target accepts, best first.

The same list, in the same order, as ``packaging.tags.sys_tags()`` gives on the machine itself;
``tests/integration/test_target_tags.py`` holds it to that. Stable ABIs are those of PEP 384
(``abi3``) and, for free-threaded builds, PEP 803 (``abi3t``).
Runs on Python 3.9 with the standard library alone.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from wheelyard.targets.platforms import platform_tags
from wheelyard.wheel.tags import Tag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wheelyard.targets.target import Python, Target

_FIRST_STABLE_ABI = 2  # the minor version: PEP 384 came with Python 3.2


@lru_cache(maxsize=512)
def supported_tags(target: Target) -> tuple[Tag, ...]:
    """Every tag that an installer accepts on the target, best first; computed once a target."""
    platforms = platform_tags(target.machine, target.libc)
    return (*_cpython_tags(target.python, platforms), *_any_python_tags(target.python, platforms))


@lru_cache(maxsize=512)
def tag_ranks(target: Target) -> dict[Tag, int]:
    """The place of each supported tag, 0 for the best; treat it as read-only."""
    ranks: dict[Tag, int] = {}
    for rank, tag in enumerate(supported_tags(target)):
        ranks.setdefault(tag, rank)
    return ranks


def stable_abi(python: Python) -> str:
    """The stable ABI that an interpreter loads: ``"abi3t"`` when free-threaded, else ``"abi3"``."""
    return "abi3t" if python.free_threaded else "abi3"


def _cpython_tags(python: Python, platforms: tuple[str, ...]) -> Iterator[Tag]:
    own = _interpreter(python.implementation, python.version[1])
    stable = stable_abi(python)
    for abi in (*_own_abis(python), stable, "none"):
        for platform in platforms:
            yield Tag(own, abi, platform)
    for minor in range(python.version[1] - 1, _FIRST_STABLE_ABI - 1, -1):
        older = _interpreter(python.implementation, minor)
        for platform in platforms:
            yield Tag(older, stable, platform)


def _own_abis(python: Python) -> tuple[str, ...]:
    """A debug build (``cp313d``) also loads modules of the release build."""
    if python.abi.endswith("d"):
        return python.abi, python.abi[:-1]
    return (python.abi,)


def _any_python_tags(python: Python, platforms: tuple[str, ...]) -> Iterator[Tag]:
    minor = python.version[1]
    versions = (
        _interpreter("py", minor),
        "py3",
        *(_interpreter("py", older) for older in range(minor - 1, -1, -1)),
    )
    for version in versions:
        for platform in platforms:
            yield Tag(version, "none", platform)
    yield Tag(_interpreter(python.implementation, minor), "none", "any")
    for version in versions:
        yield Tag(version, "none", "any")


def _interpreter(name: str, minor: int) -> str:
    return f"{name}3{minor}"
