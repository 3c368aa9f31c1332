"""The tags that a project's own wheel shall bear: ``bdist_wheel``'s flags, for any backend."""

from __future__ import annotations

import re

from wheelyard.errors import HostError, UsageError

TYPE_CHECKING = False  # see wheelyard.cli
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from wheelyard.plans.request import Request, RequirementLine
    from wheelyard.wheel.retag import TagChange

_PYTHON = re.compile(r"[a-z]+[0-9]+(?:\.[a-z]+[0-9]+)*")
_LIMITED = re.compile(r"cp3(?:[2-9]|[1-9][0-9]+)")
_PLATFORM = re.compile(r"[a-z0-9_]+(?:\.[a-z0-9_]+)*")
_PLATFORM_FORMS = (
    "name one such as linux_armv7l, manylinux_2_28_i686, musllinux_1_2_x86_64, win_amd64 or "
    "macosx_11_0_arm64"
)
# What can't be said together: each pair sets the same part of the file name.
_EXCLUDING = (
    ("--universal", "--python-tag"),
    ("--universal", "--py-limited-api"),
    ("--universal", "--plat-name"),
    ("--python-tag", "--py-limited-api"),
)


def add_tag_options(parser: argparse.ArgumentParser) -> None:
    """Add the tags that may be asked for."""
    group = parser.add_argument_group(
        "tags of the projects that are named as source trees, such as ./project",
        "A wheel that doesn't keep them fails. The dependencies' wheels stay as they are.",
    )
    group.add_argument(
        "--universal", action="store_true", help="py2.py3-none-any: it runs on Python 2.7 and 3"
    )
    group.add_argument(
        "--python-tag", metavar="TAG", help="the Python that it is for, as in py37 or cp311"
    )
    group.add_argument(
        "--py-limited-api",
        metavar="TAG",
        help="it needs no more than the limited API of this Python and later: cp311 for 3.11",
    )
    group.add_argument(
        "--plat-name", metavar="TAG", help="the platform, as in linux_armv7l or manylinux_2_28_i686"
    )
    group.add_argument("--build-number", metavar="BUILD", help="its build tag, as in 1 or 2_local")


def with_tags(request: Request, options: argparse.Namespace) -> Request:
    """Give the request with the tags that are asked for, for each source tree that is named.

    Raises:
        UsageError: With all that is wrong with them, or that there is no source tree.
        HostError: When what they take to be checked is missing.
    """
    from dataclasses import replace

    from wheelyard.plans.request import PackageSettings

    given = _given(options)
    if not given:
        return request
    trees = [line for line in request.lines if _is_tree(line)]
    problems = [*_problems(given)]
    if not trees:
        problems.append(
            f"{', '.join(given)}: for a project that is named as a source tree on the command "
            "line, and none is; name its folder, as in ./project"
        )
    if problems:
        raise UsageError("\n".join(problems))
    change = _change(given)
    _check_parser(change)
    own = (PackageSettings(name=line.name, tags=change) for line in trees)
    return replace(request, packages=(*request.packages, *own))


def _check_parser(change: TagChange) -> None:
    from importlib.util import find_spec

    from wheelyard.repair.asked import is_for_both

    if is_for_both(change) and find_spec("parso") is None:
        raise HostError(
            "what Python 2 can read is told by parso, and that is missing: "
            "pip install 'wheelyard[universal]'"
        )


def _given(options: argparse.Namespace) -> dict[str, str]:
    """Give the options that were used, with their values as they stand in a file name."""
    flags = ("--python-tag", "--py-limited-api", "--plat-name", "--build-number")
    values = {flag: getattr(options, flag[2:].replace("-", "_")) for flag in flags}
    if values["--plat-name"]:  # as bdist_wheel takes it: linux-armv7l
        values["--plat-name"] = values["--plat-name"].replace("-", "_")
    found = {flag: value for flag, value in values.items() if value is not None}
    return {"--universal": "", **found} if options.universal else found


def _is_tree(line: RequirementLine) -> bool:
    """Whether it is a source that the command line names, by path or address."""
    from wheelyard.cli.request import INLINE

    return line.origin.file == INLINE and bool(line.url) and not line.url.endswith(".whl")


def _problems(given: dict[str, str]) -> Iterator[str]:
    from wheelyard.targets.platform_tag import is_known_platform
    from wheelyard.wheel.packing import checked_build

    for one, other in _EXCLUDING:
        if one in given and other in given:
            yield f"{one} and {other} say different things of the same wheel: keep one of them"
    for flag, pattern, example in (
        ("--python-tag", _PYTHON, "py37, cp311 or py2.py3"),
        ("--py-limited-api", _LIMITED, "cp311, for Python 3.11 and later"),
        ("--plat-name", _PLATFORM, "linux_armv7l"),
    ):
        if flag in given and not pattern.fullmatch(given[flag]):
            yield f"{flag} {given[flag]!r} is no tag such as {example}"
    platform = given.get("--plat-name", "")
    for tag in platform.split(".") if _PLATFORM.fullmatch(platform) else ():
        if not is_known_platform(tag):
            yield f"--plat-name {tag!r} is no platform that is known: {_PLATFORM_FORMS}"
    try:
        checked_build(given.get("--build-number", ""))
    except UsageError as error:
        yield f"--build-number: {error}"


def _change(given: dict[str, str]) -> TagChange:
    from wheelyard.repair.limited import STABLE
    from wheelyard.wheel.retag import TagChange

    build = given.get("--build-number")
    if "--universal" in given:
        return TagChange(python="py2.py3", abi="none", platform="any", build=build)
    limited = given.get("--py-limited-api")
    return TagChange(
        python=limited or given.get("--python-tag"),
        abi=STABLE if limited else None,
        platform=given.get("--plat-name"),
        build=build,
    )
