"""A wheel with other tags: file name, ``WHEEL`` and ``RECORD`` changed together.

A file name can't list tags, it lists interpreters, ABIs and platforms, and means every combination.
So adding to two parts of a name claims more than the pairs that were meant; that is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wheelyard.errors import UsageError
from wheelyard.wheel.metadata import change_wheel_info
from wheelyard.wheel.packing import checked_build, dropped_signatures
from wheelyard.wheel.tags import Tag, parse_tag
from wheelyard.wheel.writer import WrittenWheel, files_from_wheel, write_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from wheelyard.wheel.filename import WheelFilename
    from wheelyard.wheel.reader import Wheel

_PARTS = ("python", "abi", "platform")
_NAMES = re.compile(r"[a-z0-9_]+(?:\.[a-z0-9_]+)*")
_CPYTHON = re.compile(r"cp([0-9]+)")
_CPYTHON_ABI = re.compile(r"cp([0-9]+)[a-z]*")


@dataclass(frozen=True)
class TagChange:
    """What becomes of a file name's parts; None leaves one.

    A text is ``cp311.cp312`` to set a part, ``+cp312`` to add to it, ``-cp311`` to remove from it.
    ``build`` is the new build tag, ``""`` for none.
    """

    python: str | None = None
    abi: str | None = None
    platform: str | None = None
    build: str | None = None


@dataclass(frozen=True)
class Retagging:
    """A wheel, the name that it gets, and what to know of that."""

    wheel: Wheel
    filename: WheelFilename
    remarks: tuple[str, ...]

    @property
    def changes(self) -> bool:
        """Whether the name is another one, or ``WHEEL`` doesn't say what it says."""
        info, new = self.wheel.info, self.filename
        return new != self.wheel.filename or (info.tags, info.build) != (new.tags, new.build_tag)


def plan_retagging(wheel: Wheel, change: TagChange) -> Retagging:
    """Decide a wheel's new name.

    Raises:
        UsageError: a part would be empty, something is no tag, or the name would claim more than
            what was asked for.
    """
    old = wheel.filename
    tag_set = change_tag_set(old.tag_set, change)
    build = old.build_tag if change.build is None else checked_build(change.build)
    new = replace(old, tag_set=tag_set, build_tag=build)
    added = sorted(set(new.tags) - set(old.tags))
    remarks = [
        f"it is now for {python} with the ABI {abi} too, which no interpreter has"
        for python, abi in _idle(added)
    ]
    if new != old:
        remarks += dropped_signatures(member.name for member in wheel.members)
    return Retagging(wheel, new, tuple(remarks))


def change_tag_set(tag_set: str, change: TagChange) -> str:
    """Return a compressed tag set with changes; a part that stays is left as it is written.

    Raises:
        UsageError: as for :func:`plan_retagging`.

    >>> change_tag_set("cp311-cp311-linux_x86_64", TagChange(python="cp32", abi="+abi3"))
    'cp32-abi3.cp311-linux_x86_64'
    """
    old = [part.lower().split(".") for part in tag_set.split("-")]
    wanted = (change.python, change.abi, change.platform)
    new = [_changed(names, *pair) for names, pair in zip(old, zip(_PARTS, wanted))]
    text = "-".join(".".join(names) for names in new)
    _check_product(old, new, text)
    return text


def _changed(names: list[str], part: str, wanted: str | None) -> list[str]:
    if wanted is None:
        return names
    sign = wanted[:1] if wanted[:1] in {"+", "-"} else ""
    given = wanted[len(sign) :].lower()
    if not _NAMES.fullmatch(given):
        raise UsageError(
            f"{wanted!r} is no {part} tag: letters, digits and _, several joined by dots, as in "
            "py2.py3; + before the first adds all, - removes them"
        )
    listed = set(given.split("."))
    new = {"": listed, "+": {*names, *listed}, "-": set(names) - listed}[sign]
    if not new:
        raise UsageError(
            f"no {part} tag would be left without {given}; set what it shall be instead"
        )
    return names if new == set(names) else sorted(new)


def _check_product(old: list[list[str]], new: list[list[str]], text: str) -> None:
    """Refuse a set with tags that are partly the old ones and partly added ones."""
    added = [set(now) - set(before) for before, now in zip(old, new)]
    kept = [set(now) & set(before) for before, now in zip(old, new)]
    both = [part for part in range(len(_PARTS)) if added[part] and kept[part]]
    mixed = [
        tag
        for tag in parse_tag(text)
        if len({getattr(tag, _PARTS[part]) in added[part] for part in both}) > 1
    ]
    if mixed:
        names = ", ".join(map(str, mixed))
        parts = " and ".join(_PARTS[part] for part in both)
        raise UsageError(
            f"{text} means every combination of its parts, so adding to {parts} claims {names} "
            "too; write one wheel for each tag, or add to one part after the other if all are true"
        )


def _idle(tags: list[Tag]) -> list[tuple[str, str]]:
    """Return one CPython's version with another one's ABI, each pair once."""
    found = {
        (tag.python, tag.abi)
        for tag in tags
        if (python := _CPYTHON.fullmatch(tag.python))
        and (abi := _CPYTHON_ABI.fullmatch(tag.abi))
        and python[1] != abi[1]
    }
    return sorted(found)


def write_retagged(retagging: Retagging, out: Path, *, timestamp: int) -> WrittenWheel:
    """Write a wheel under its new name; every byte of the old one should have been verified.

    Args:
        retagging: from :func:`plan_retagging`.
        out: where to; it must exist. A file of the same name is replaced.
        timestamp: the time of every member in seconds since 1970, usually ``SOURCE_DATE_EPOCH``.
    """
    wheel, filename = retagging.wheel, retagging.filename
    own = f"{wheel.dist_info}/WHEEL"
    info = change_wheel_info(wheel.read(own), filename.tags, filename.build_tag)
    return write_wheel(out, filename, files_from_wheel(wheel, {own: info}), timestamp=timestamp)
