"""What is wrong or remarkable in a wheel, as values; and the one error that carries them."""

from __future__ import annotations

from dataclasses import dataclass

from wheelyard.errors import VerificationError


@dataclass(frozen=True, order=True)
class Finding:
    """One rule that a wheel breaks, or one legal thing that a person should know of.

    ``rule`` is a short name such as ``path-escape``, listed in :mod:`wheelyard.wheel.rules`;
    ``member`` is the path inside the wheel, or ``""`` when the whole file is meant.
    """

    rule: str
    detail: str
    member: str = ""

    def __str__(self) -> str:
        where = f"{self.member!r}: " if self.member else ""
        return f"[{self.rule}] {where}{self.detail}"


class InvalidWheelError(VerificationError):
    """A wheel that breaks rules; :attr:`findings` holds all of them, not the first."""

    _SHOWN = 20
    _WIDEST = 500  # characters of a finding; a name or a value may have thousands
    _NEXT_STEP = (
        "  Fetch it again and compare its hash with the index's; if it is the same, report it to "
        "its project and build it from source."
    )

    def __init__(self, wheel: str, findings: tuple[Finding, ...]) -> None:
        super().__init__(wheel, findings)
        self.wheel = wheel
        self.findings = findings

    def __str__(self) -> str:
        lines = [f"  {self._cut(str(finding))}" for finding in self.findings[: self._SHOWN]]
        more = len(self.findings) - len(lines)
        lines += [f"  … and {more} more"] if more else []
        count = f"{len(self.findings)} rule{'s' if len(self.findings) > 1 else ''} broken"
        return "\n".join(
            (
                f"{self.wheel}: refused, {count}; nothing was written:",
                *lines,
                self._NEXT_STEP,
            )
        )

    def _cut(self, text: str) -> str:
        return text if len(text) <= self._WIDEST else f"{text[: self._WIDEST]}…"

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules broken, each once, sorted."""
        return tuple(sorted({finding.rule for finding in self.findings}))
