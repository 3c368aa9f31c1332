"""From what the driver found to a proof. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wheelyard.plans.proof import Failed, Passed, Unproved

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from wheelyard.plans.proof import Proof


def verdict(
    result: Mapping[str, Any], brought: Collection[str], runner: str, moved: Mapping[str, str]
) -> Proof:
    """Judge one wheel by its first problem: later ones may only follow from it.

    Args:
        result: a line of the driver's.
        brought: the top-level names that the installed wheels bring.
        runner: what ran it.
        moved: folders whose names are new each time, and what is to stand for them.
    """
    if not result["problems"]:
        return Passed(
            modules=tuple(result["imported"]), runner=runner, seconds=float(result["seconds"])
        )
    problem = result["problems"][0]
    wanted = problem["missing"].partition(".")[0]
    if wanted and wanted not in brought:
        return Unproved(
            reason=f"{problem['module']} imports {wanted}, which no wheel of the list brings"
        )
    return Failed(
        module=problem["module"],
        error=replaced(problem["error"], moved),
        tail=tuple(replaced(line, moved) for line in problem["tail"]),
        runner=runner,
        seconds=float(result["seconds"]),
    )


def replaced(text: str, moved: Mapping[str, str]) -> str:
    """Give a text with other names for some folders."""
    for old, new in moved.items():
        text = text.replace(old, new)
    return text


def is_lasting(result: Mapping[str, Any]) -> bool:
    """Whether another run would find the same: not so where time was too short."""
    return not any(problem["kind"] == "time" for problem in result["problems"])
