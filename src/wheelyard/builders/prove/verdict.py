"""From what the driver found to a proof. Pure."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from wheelyard.plans.proof import Failed, Passed, Unproved

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from wheelyard.plans.proof import Proof

_TESTS = frozenset({"test", "tests"})


def verdict(
    result: Mapping[str, Any], brought: Collection[str], runner: str, moved: Mapping[str, str]
) -> Proof:
    """Judge one wheel by its first problem: later ones may only follow from it.

    That a wheel's own tests want something that no wheel brings does not count; nor that a module
    is for a part of the standard library that is not there (Debian's Python has no tkinter). But
    where nothing was imported, nothing is proved.

    Args:
        result: a line of the driver's.
        brought: the top-level names that the installed wheels bring.
        runner: what ran it.
        moved: folders whose names are new each time, and what is to stand for them.
    """
    problems = [one for one in result["problems"] if not _aside(one, brought)]
    imported = tuple(result["imported"])
    if imported and not problems:
        return Passed(modules=imported, runner=runner, seconds=float(result["seconds"]))
    problem = (problems or result["problems"])[0]
    wanted = _foreign(problem, brought)
    if wanted in sys.stdlib_module_names:
        return Unproved(
            reason=f"{problem['module']} imports {wanted}, which the interpreter is without"
        )
    if wanted:
        return Unproved(
            reason=f"{problem['module']} imports {wanted}, which nothing it depends on brings"
        )
    return Failed(
        module=problem["module"],
        error=replaced(problem["error"], moved),
        tail=tuple(replaced(line, moved) for line in problem["tail"]),
        runner=runner,
        seconds=float(result["seconds"]),
    )


def _foreign(problem: Mapping[str, Any], brought: Collection[str]) -> str:
    """Give the top-level name that an import lacked and that no wheel brings, if it was that."""
    wanted: str = problem["missing"].partition(".")[0]
    return "" if wanted in brought else wanted


def _aside(problem: Mapping[str, Any], brought: Collection[str]) -> bool:
    wanted = _foreign(problem, brought)
    of_tests = not _TESTS.isdisjoint(problem["module"].split("."))
    return wanted in sys.stdlib_module_names or (of_tests and wanted != "")


def replaced(text: str, moved: Mapping[str, str]) -> str:
    """Give a text with other names for some folders."""
    for old, new in moved.items():
        text = text.replace(old, new)
    return text


_RESULT = {"id": int, "seconds": (int, float), "imported": list, "problems": list}
_PROBLEM = {"module": str, "kind": str, "error": str, "missing": str, "tail": list}


def is_result(line: Mapping[str, Any]) -> bool:
    """Whether an object is a driver's result, with something that was imported or a problem."""
    return (
        _has(line, _RESULT)
        and bool(line["imported"] or line["problems"])
        and all(isinstance(one, dict) and _has(one, _PROBLEM) for one in line["problems"])
        and _is_texts(line["imported"])
        and all(_is_texts(one["tail"]) for one in line["problems"])
    )


def _has(line: Mapping[str, Any], fields: Mapping[str, Any]) -> bool:
    return all(isinstance(line.get(name), kind) for name, kind in fields.items())


def _is_texts(values: Collection[Any]) -> bool:
    return all(isinstance(one, str) for one in values)


def is_lasting(result: Mapping[str, Any]) -> bool:
    """Whether another run would find the same: not so where time was too short."""
    return not any(problem["kind"] == "time" for problem in result["problems"])
