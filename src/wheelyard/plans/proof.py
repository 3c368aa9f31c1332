"""Proofs: what came of importing a wheel under its target's own interpreter.

Values alone. What is to be proved is a ``Subject``; what came of it one of three outcomes.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wheelyard.plans.step import Artifact


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """A wheel to be proved.

    ``wheel`` is imported from an installation of ``installed``: itself and those that its metadata
    asks for, directly or by way of others. ``modules`` are its top-level names and ``native`` its
    shared objects; ``packages`` are the sets of packages that it and these were built with, where
    the target has them; ``built_with`` is the digest of its build's sysroot; ``test`` is a command
    to run besides, empty for none.
    """

    wheel: Artifact
    installed: tuple[Artifact, ...]
    modules: tuple[str, ...]
    native: tuple[str, ...]
    packages: tuple[tuple[str, ...], ...] = ()
    built_with: str = ""
    test: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Passed:
    """All modules were imported, and the tests passed where there are any.

    ``runner`` says what ran it; ``tail`` holds the last lines of the tests' output.
    """

    modules: tuple[str, ...]
    runner: str
    seconds: float
    tail: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Failed:
    """A module that can't be imported, or tests that fail (``module`` is empty then).

    ``error`` is one line, ``tail`` the last lines of the traceback or of the output.
    """

    module: str
    error: str
    tail: tuple[str, ...]
    runner: str
    seconds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Unproved:
    """Nothing was found out, and why, in a sentence."""

    reason: str


Proof: TypeAlias = Passed | Failed | Unproved

_KINDS: Mapping[str, type[Passed | Failed | Unproved]] = {
    "passed": Passed,
    "failed": Failed,
    "unproved": Unproved,
}


def proof_as_dict(proof: Proof) -> dict[str, Any]:
    """Give a JSON-ready form; ``outcome`` says which of the three it is."""
    outcome = next(name for name, kind in _KINDS.items() if isinstance(proof, kind))
    return {"outcome": outcome, **asdict(proof)}


def proof_from_dict(data: Mapping[str, Any]) -> Proof:
    """Read what ``proof_as_dict`` gave, also by way of JSON.

    Raises:
        KeyError, TypeError: it is something else.
    """
    fields = {key: _frozen(value) for key, value in data.items() if key != "outcome"}
    return _KINDS[data["outcome"]](**fields)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
