"""From a build's log to its last meaningful lines and, where known, what would help. Pure."""

from __future__ import annotations

import functools
import importlib.resources
import re
import tomllib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_TAIL = 12
_NOISE = re.compile(r"^\s*$|^(?:running|copying|creating|adding|writing|reading) |^\s*~*\^+~*\s*$")
_MEANING = re.compile(
    r"error|not found|no such file|cannot|can't|failed|undefined|missing|denied|unsupported",
    re.IGNORECASE,
)


@functools.cache
def _rules() -> tuple[tuple[re.Pattern[str], str], ...]:
    text = importlib.resources.files(__package__).joinpath("remedies.toml").read_text("utf-8")
    rules = tomllib.loads(text)["rule"]
    return tuple((re.compile(rule["pattern"]), rule["remedy"]) for rule in rules)


def remedy_for(log: str) -> str:
    """Give the remedy of the first known symptom in a log, empty when there is none."""
    for pattern, remedy in _rules():
        found = pattern.search(log)
        if found:
            return remedy.format(*found.groups())
    return ""


def tail_of(log: str) -> tuple[str, ...]:
    """Give the last lines that say something, in their order.

    Lines that look like an error are preferred; around them the last lines of the log.
    """
    lines = [line.rstrip() for line in log.splitlines() if not _NOISE.match(line)]
    last = lines[-_TAIL:]
    telling = [line for line in lines[:-_TAIL] if _MEANING.search(line)][-4:]
    return tuple(_once([*telling, *last]))


def cause_of(tail: Iterable[str], status: int) -> str:
    """Give one sentence for a build that ended with a status."""
    if status < 0:
        return f"the build was ended by signal {-status}"
    errors = [line.strip() for line in tail if re.search(r"error\b|Error:", line)]
    return errors[-1][:300] if errors else f"the build ended with status {status}"


def _once(lines: Iterable[str]) -> Iterable[str]:
    return dict.fromkeys(lines)
