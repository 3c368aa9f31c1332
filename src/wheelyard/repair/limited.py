"""What a wheel for the stable ABI asks of the interpreter, held against that ABI (PEP 384). Pure.

The list of the stable ABI's symbols is CPython's ``Misc/stable_abi.toml``, by way of abi3info.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wheelyard.repair.elf import SharedObject
    from wheelyard.wheel.tags import Tag

STABLE = "abi3"
_CPYTHON = re.compile(r"cp3(\d+)")
_OF_ONE_PYTHON = re.compile(r"\.(?:cpython|cp|pypy|graalpy)-?\d[^/]*\.so\Z")


@dataclass(frozen=True, kw_only=True, slots=True)
class StableAbi:
    """What shared objects need of the interpreter.

    Attributes:
        since: the oldest Python whose stable ABI has it all, leaving ``unstable`` aside.
        newest: the symbols that this Python brought.
        unstable: the symbols that no stable ABI has, each with the file that needs it.
    """

    since: tuple[int, int]
    newest: tuple[str, ...]
    unstable: tuple[tuple[str, str], ...]


def stable_abi_of(objects: Iterable[SharedObject]) -> StableAbi:
    """Say which stable ABI shared objects can do with."""
    wanted = [(one.path, name) for one in objects for name in one.symbols.python]
    known = _known()
    since = max((known[name] for _, name in wanted if name in known), default=(3, 2))
    return StableAbi(
        since=since,
        newest=tuple(sorted({name for _, name in wanted if known.get(name) == since})),
        unstable=tuple(sorted((path, name) for path, name in wanted if name not in known)),
    )


def claimed(tags: Iterable[Tag]) -> tuple[int, int] | None:
    """Give the oldest Python whose stable ABI tags claim; None where they claim none."""
    minors = [
        int(match[1])
        for tag in tags
        if tag.abi == STABLE and (match := _CPYTHON.fullmatch(tag.python))
    ]
    return (3, min(minors)) if minors else None


def broken_claim(tags: Iterable[Tag], objects: Iterable[SharedObject]) -> tuple[str, ...]:
    """Say what tags claim of the stable ABI and the files don't keep, a sentence each."""
    oldest = claimed(tags)
    if oldest is None:
        return ()
    found = tuple(objects)
    named = [
        f"{one.path} is for one Python alone, by its name: for the stable ABI it ends in .abi3.so"
        for one in found
        if _OF_ONE_PYTHON.search(one.path)
    ]
    unstable = stable_abi_of(found).unstable
    missing = [f"{path} needs {name}, which no stable ABI has" for path, name in unstable]
    newer = [sentence for one in found for sentence in _newer(one, oldest)]
    return (*named, *missing, *newer)


def _newer(one: SharedObject, oldest: tuple[int, int]) -> Iterator[str]:
    """Say what an object needs that came to the stable ABI after a Python, by what brought it."""
    known = _known()
    needed = [name for name in one.symbols.python if known.get(name, oldest) > oldest]
    for since, names in groupby(sorted(needed, key=known.__getitem__), key=known.__getitem__):
        yield (
            f"{one.path} needs {', '.join(names)}: in the stable ABI since {_text(since)}, and the "
            f"tag says {_text(oldest)}"
        )


def _text(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"


@cache
def _known() -> Mapping[str, tuple[int, int]]:
    """Every symbol of the stable ABI and the Python that brought it."""
    # Importing it takes as long as all else here.
    import abi3info  # type: ignore[import-untyped] # noqa: PLC0415

    entries = (*abi3info.FUNCTIONS.values(), *abi3info.DATAS.values())
    return {one.symbol.linux: (one.added.major, one.added.minor) for one in entries}
