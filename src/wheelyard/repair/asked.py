"""Tags that were asked for, held against the wheel that shall bear them. Pure.

A backend's own tags say how it was built; what a person asks for in their place is a claim.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from wheelyard.repair.honest import untrue
from wheelyard.repair.limited import STABLE
from wheelyard.wheel.requires_python import accepts_python
from wheelyard.wheel.tags import parse_tag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wheelyard.repair.elf import SharedObject
    from wheelyard.repair.universal import Unread
    from wheelyard.wheel.retag import TagChange
    from wheelyard.wheel.tags import Tag

_ANY = "any"
_NONE = "none"
_PYTHON = re.compile(r"[a-z]+([0-9])([0-9]*)")
_CPYTHON = re.compile(r"cp3[0-9]+")
_RELEASES = range(40)  # more than any Python has had, of minor ones and of those within one


@dataclass(frozen=True, kw_only=True, slots=True)
class Content:
    """What of a wheel tells which tags it keeps.

    ``requires_python`` is empty where it has none; ``unread`` are the sources that Python 2.7 or 3
    can't read, where both are to run them.
    """

    objects: tuple[SharedObject, ...]
    requires_python: str
    unread: tuple[Unread, ...] = ()


def is_for_both(change: TagChange) -> bool:
    """Whether tags were asked for that stand for Python 2 and 3."""
    majors = {tag[2:3] for tag in (change.python or "").split(".")}
    return {"2", "3"} <= majors


def broken_claims(change: TagChange, tag_set: str, content: Content) -> tuple[str, ...]:
    """Say what of the tags that were asked for a wheel doesn't keep, a sentence each.

    Args:
        change: what was asked for; the parts that it leaves are the backend's word.
        tag_set: the wheel's tags with the change.
        content: what they are held against.
    """
    tags = parse_tag(tag_set)
    if change.python is change.abi is change.platform is None:
        return ()
    return (
        *untrue(tags, content.objects),
        *(_without_extensions(content) if change.abi == STABLE else ()),
        *(_wrong_pythons(tags, content) if change.python else ()),
        *(f"{one.path}: {one.why}" for one in content.unread if not one.left_alone),
    )


def _without_extensions(content: Content) -> Iterator[str]:
    if not any(one.symbols.modules for one in content.objects):
        yield "it holds no extension module, and so nothing for the stable ABI"


def _wrong_pythons(tags: tuple[Tag, ...], content: Content) -> Iterator[str]:
    for python, abi in sorted({(tag.python, tag.abi) for tag in tags}):
        if not _loads(python, abi):
            yield f"{python} can't load what is compiled for {abi}"
    for python in sorted({tag.python for tag in tags}):
        if not _accepted(python, content.requires_python):
            yield (
                f"its Requires-Python, {content.requires_python}, leaves no Python that {python} "
                "stands for"
            )


def _loads(python: str, abi: str) -> bool:
    """Whether there is an interpreter of both names."""
    if abi == _NONE:
        return True
    if abi == STABLE:
        return _CPYTHON.fullmatch(python) is not None
    return re.fullmatch(rf"{re.escape(python)}[a-z]*", abi) is not None


def _accepted(python: str, requires_python: str) -> bool:
    """Whether ``Requires-Python`` lets any release of an interpreter's tag in."""
    found = _PYTHON.fullmatch(python)
    if found is None or not requires_python:
        return True
    minors = (int(found[2]),) if found[2] else _RELEASES
    releases = product((int(found[1]),), minors, _RELEASES)
    return any(accepts_python(requires_python, release) for release in releases)


def remarks_on(change: TagChange, tag_set: str, content: Content) -> tuple[str, ...]:
    """Say what is allowed of the tags that were asked for, and is worth a word."""
    return (*_pure_platform(change, tag_set, content), *_left_alone(content))


def _pure_platform(change: TagChange, tag_set: str, content: Content) -> Iterator[str]:
    platform = tag_set.rpartition("-")[2]
    if change.platform is not None and platform != _ANY and not content.objects:
        yield f"it is pure and would run anywhere; it is tagged for {platform}, as was asked for"


def _left_alone(content: Content) -> Iterator[str]:
    for one in content.unread:
        if one.left_alone:
            yield f"{one.path}: {one.why}; whatever imports it does so under a condition"
