"""What signatures are worth: valid is one thing, trusted another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wheelyard.signatures.files import Found
    from wheelyard.signatures.keys import PublicKey
    from wheelyard.signatures.trust import TrustStore
    from wheelyard.wheel import NormalizedName


@dataclass(frozen=True, kw_only=True, slots=True)
class Signer:
    """A key whose signature is valid; ``distrust`` says why it doesn't count, or is empty.

    ``whole`` is false where it covers the content alone, not every byte of the file.
    """

    key: PublicKey
    name: str
    distrust: str
    whole: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """The signatures of one file; ``required`` is how many trusted signers it must have."""

    signers: tuple[Signer, ...]
    problems: tuple[str, ...]
    required: int

    @property
    def signed(self) -> bool:
        """Whether there is any signature, good or not."""
        return bool(self.signers or self.problems)

    @property
    def trusted(self) -> tuple[Signer, ...]:
        """The signers that count."""
        return tuple(signer for signer in self.signers if not signer.distrust)

    @property
    def missing(self) -> int:
        """How many trusted signers are still needed.

        Those that are required must cover the whole file; where none is, whoever signs needs one.
        """
        if self.required:
            return max(self.required - sum(signer.whole for signer in self.trusted), 0)
        return int(self.signed and not self.trusted)

    @property
    def holds(self) -> bool:
        """Whether every signature is valid, and enough of them are trusted."""
        return not self.problems and not self.missing

    def as_dict(self) -> dict[str, Any]:
        """Give it JSON-ready."""
        return {
            "valid": self.signed and not self.problems,
            "trusted": self.signed and not self.missing,
            "required": self.required,
            "problems": list(self.problems),
            "signers": [
                {
                    "key": signer.key.id,
                    "name": signer.name,
                    "distrust": signer.distrust,
                    "covers": "file" if signer.whole else "content",
                }
                for signer in self.signers
            ],
        }


def judge(
    found: Iterable[Found], trust: TrustStore, projects: Iterable[NormalizedName], required: int
) -> Verdict:
    """Say what signatures of one file are worth.

    Args:
        found: What was found beside the file and inside; a key counts once.
        trust: Whom the user trusts.
        projects: What the file holds; a signer must be trusted for all of them.
        required: How many trusted signers it must have, signed or not.
    """
    parts = tuple(found)
    partly = {key: False for part in parts for key in part.signers if not part.whole}
    wholly = {key: True for part in parts for key in part.signers if part.whole}
    names = tuple(projects)
    return Verdict(
        signers=tuple(
            replace(_judge_key(key, trust, names), whole=whole)
            for key, whole in {**partly, **wholly}.items()
        ),
        problems=tuple(problem for part in parts for problem in part.problems),
        required=required,
    )


def _judge_key(key: PublicKey, trust: TrustStore, projects: tuple[NormalizedName, ...]) -> Signer:
    known = trust.find(key)
    if known is None:
        return Signer(key=key, name="", distrust="unknown")
    others = [name for name in projects if not known.covers([name])]
    distrust = f"not trusted for {', '.join(others[:3])}" if others else ""
    return Signer(key=key, name=known.name, distrust=distrust)
