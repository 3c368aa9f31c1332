"""Why a wheel fits a target, or why not, in a sentence.

Runs on Python 3.9 with the standard library alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wheelyard.targets.platform_tag import parse_platform
from wheelyard.targets.platforms import compatible_archs, has_manylinux, platform_tags
from wheelyard.targets.tags import stable_abi, tag_ranks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wheelyard.targets.target import Target
    from wheelyard.wheel.filename import WheelFilename
    from wheelyard.wheel.tags import Tag

_INTERPRETER = re.compile(r"(?P<name>[a-z]+)(?P<major>\d)(?P<minor>\d*)")
_IMPLEMENTATIONS = {"py": "Python", "cp": "CPython", "pp": "PyPy", "graalpy": "GraalPy"}


@dataclass(frozen=True)
class Fit:
    """Whether a wheel fits a target.

    Attributes:
        tag: the best of the wheel's tags that the target accepts, or None.
        rank: that tag's place among the target's, 0 for the best, or None.
        reason: one sentence.
        remedy: what would fit; empty when the wheel does.
    """

    fits: bool
    tag: Tag | None
    rank: int | None
    reason: str
    remedy: str


def explain(filename: WheelFilename, target: Target) -> Fit:
    """Say why a wheel fits a target or not, from its file name alone.

    Of a wheel with several tags, the best that fits counts; where none does, the reason is that
    of the tag with the fewest things wrong.
    """
    ranks = tag_ranks(target)
    fitting = [tag for tag in filename.tags if tag in ranks]
    if fitting:
        best = min(fitting, key=ranks.__getitem__)
        return Fit(
            fits=True, tag=best, rank=ranks[best], reason=_why_it_fits(best, target), remedy=""
        )
    nearest = min((_problems(tag, target) for tag in filename.tags), key=len)
    reason = f"{filename} does not fit {target.name}: {'; '.join(nearest)}."
    return Fit(fits=False, tag=None, rank=None, reason=reason, remedy=_remedy(target))


def _why_it_fits(tag: Tag, target: Target) -> str:
    platform = parse_platform(tag.platform)
    if platform.system is None:
        place = "it has no compiled code" if tag.abi == "none" else "it names no platform"
    elif platform.floor is None:
        place = f"it is for any Linux on {platform.arch}"
    else:
        place = f"it needs {platform.floor} or later, and the target has {target.libc}"
    return f"{tag} fits {target.name}: it is for {_wanted_python(tag)}; {place}."


def _problems(tag: Tag, target: Target) -> list[str]:
    """Give everything that is wrong with one tag, as clauses; at least one."""
    problems = [*_python_problems(tag, target), *_platform_problems(tag, target)]
    return problems or [f"the combination {tag} is not one that installers accept"]


def _python_problems(tag: Tag, target: Target) -> Iterator[str]:
    if any((tag.python, tag.abi) == (known.python, known.abi) for known in tag_ranks(target)):
        return
    python = target.python
    runs = f"the target runs CPython {python.version[0]}.{python.version[1]}"
    if python.free_threaded:
        runs += ", free-threaded"
    yield f"it is for {_wanted_python(tag)}, and {runs}"
    if tag.abi == "abi3" and python.free_threaded:
        yield "a free-threaded Python does not load abi3 modules, only abi3t (PEP 803)"


def _wanted_python(tag: Tag) -> str:
    """``CPython 3.11 or later (abi3)``, ``CPython 3.13, free-threaded``, ``Python 3``."""
    match = _INTERPRETER.fullmatch(tag.python)
    if match is None:
        return tag.python
    name = _IMPLEMENTATIONS.get(match["name"], match["name"])
    version = f"{match['major']}.{match['minor']}" if match["minor"] else match["major"]
    if tag.abi.startswith("abi3"):
        return f"{name} {version} or later ({tag.abi})"
    if tag.abi not in ("none", tag.python):
        kind = "free-threaded" if tag.abi == f"{tag.python}t" else f"ABI {tag.abi}"
        return f"{name} {version}, {kind}"
    later = " or later" if match["name"] == "py" and match["minor"] else ""
    return f"{name} {version}{later}"


def _platform_problems(tag: Tag, target: Target) -> Iterator[str]:
    platform, machine = parse_platform(tag.platform), target.machine
    if platform.system is None:
        return
    if platform.system != "Linux":
        yield f"it is for {platform.system}, and the target is Linux"
        return
    if platform.arch not in compatible_archs(machine.arch):
        yield f"it is for {platform.arch}, and the target is {machine.arch}"
    floor = platform.floor
    if floor is None:
        return
    if floor.family != target.libc.family:
        yield f"it needs {floor.family}, and the target has {target.libc}"
    elif floor.version > target.libc.version:
        yield f"it needs {floor} or later, and the target has {target.libc}"
    if floor.family == "glibc" and platform.arch == "armv7l" and machine.float_abi == "soft":
        yield "manylinux for armv7l is hard float (PEP 599), and the target is soft float"


def _remedy(target: Target) -> str:
    major, minor = target.python.version
    stable = stable_abi(target.python)
    return (
        f"Take a wheel for {target.python.abi}, or {stable} of Python {major}.{minor} or earlier, "
        f"and for {_best_platform(target)}; or let it be built from its source for {target.name}."
    )


def _best_platform(target: Target) -> str:
    platforms = platform_tags(target.machine, target.libc)
    if target.libc.family == "glibc" and not has_manylinux(target.machine):
        return platforms[0]
    libc_tag = next(tag for tag in platforms if not tag.startswith("linux_"))
    return f"{libc_tag} or an older {target.libc.family}"
