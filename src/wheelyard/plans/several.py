"""Projects that are pinned to several versions: which one is resolved with, which are kept beside.

SynoCommunity's lists have such: each version is built, one of them is installed.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_version

from wheelyard.plans.release import parse_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wheelyard.plans.request import RequirementLine
    from wheelyard.wheel.names import NormalizedName


def split_versions(
    lines: Sequence[RequirementLine], prefer: Mapping[NormalizedName, str]
) -> tuple[list[RequirementLine], list[list[RequirementLine]], list[str]]:
    """Put aside the further versions of projects that are pinned to several.

    The rule: the version that the configuration prefers, where it is listed, else the highest.

    Returns:
        The lines to resolve, the lines of each version put aside, a note for each project with
        several.
    """
    pinned: dict[NormalizedName, dict[str, list[RequirementLine]]] = defaultdict(dict)
    for line in lines:
        if line.pinned:
            pinned[line.name].setdefault(_spelling(line.pinned), []).append(line)
    chosen = {name: _choose(versions, prefer.get(name, "")) for name, versions in pinned.items()}
    main = [
        line for line in lines if not line.pinned or _spelling(line.pinned) == chosen[line.name]
    ]
    further = [
        group
        for name, versions in pinned.items()
        for version, group in versions.items()
        if version != chosen[name]
    ]
    notes = [
        _listed_note(name, [group[0].pinned or "" for group in versions.values()], chosen[name])
        for name, versions in pinned.items()
        if len(versions) > 1
    ]
    return main, further, notes


def _listed_note(name: NormalizedName, versions: list[str], chosen: str) -> str:
    taken = next(version for version in versions if _spelling(version) == chosen)
    return (
        f"{name} is listed at {', '.join(sorted(versions, key=_version_order))}: all are built, "
        f"the consolidated requirements take {taken}"
    )


def _choose(versions: Iterable[str], preferred: str) -> str:
    return max(versions, key=lambda text: (text == _spelling(preferred), _version_order(text)))


def _spelling(text: str) -> str:
    """Give one spelling to equal versions: ``1.0.0`` is ``1.0``."""
    return canonicalize_version(text, strip_trailing_zero=True) if text else ""


def _version_order(text: str) -> tuple[bool, object]:
    version = parse_version(text)
    return (version is not None, version or text)
