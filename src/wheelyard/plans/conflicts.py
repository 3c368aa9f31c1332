"""Why requirements can't be resolved: what is missing, what excludes what."""

from __future__ import annotations

from wheelyard.errors import ResolutionError, VerificationError


class MissingVersionsError(ResolutionError):
    """Requirements that the index can't satisfy, each with its place and the cause."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        count = len(self.problems)
        head = f"{count} requirement{'s' if count > 1 else ''} can't be satisfied"
        hint = "change or drop these lines, or name the index that has them"
        return "\n".join([head, *(f"  {problem}" for problem in self.problems), hint])


class WrongHashError(VerificationError):
    """Requirements whose hashes no published file has."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        head = "hashes in the requirements that no file on the index has:"
        hint = "find out why before you change them: the files may have been tampered with"
        return "\n".join([head, *(f"  {problem}" for problem in self.problems), hint])


class ConflictError(ResolutionError):
    """Requirements that exclude one another."""

    def __init__(self, target: str, causes: tuple[str, ...]) -> None:
        super().__init__(target, causes)
        self.target = target
        self.causes = causes

    def __str__(self) -> str:
        return "\n".join(
            [
                f"no set of versions fits {self.target}; these exclude one another:",
                *(f"  {cause}" for cause in self.causes),
                "change one of them, or take the list as it stands with --no-deps",
            ]
        )
