"""Requirements files as pip reads them, with spksrc's types by file name and by prefix.

Pure: the text of a file comes from a ``read`` function that the caller hands in. All problems of
all files are gathered and raised once. Source: pip's "Requirements File Format", PEP 508,
spksrc's wiki on Python wheels.
"""

from __future__ import annotations

import posixpath
import re
import shlex
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from wheelyard.errors import UsageError
from wheelyard.plans.request import FormatControl, Origin, RequirementLine, WheelType
from wheelyard.plans.requirement_line import InvalidLineError, parse_line
from wheelyard.wheel.requirement import logical_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from wheelyard.wheel.names import NormalizedName

_TYPED_NAME = re.compile(r"requirements-(abi3|crossenv|cross|pure)(?:[-._].*)?\Z")
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
_OPTION = re.compile(r"(--[a-z][-a-z]*|-[A-Za-z])(?:=(.*))?\Z", re.DOTALL)
_HASHED = re.compile(r"\s--hash[=\s]")
_COMPACT = re.compile(r"(-[rcife])=?(.+)\Z", re.DOTALL)

_SHORT = {
    "-r": "--requirement",
    "-c": "--constraint",
    "-i": "--index-url",
    "-f": "--find-links",
    "-e": "--editable",
}
_FLAGS = frozenset({"--no-index", "--pre", "--prefer-binary", "--require-hashes"})
_WITH_VALUE = frozenset(
    {
        "--requirement",
        "--constraint",
        "--index-url",
        "--extra-index-url",
        "--find-links",
        "--no-binary",
        "--only-binary",
        "--trusted-host",
        "--use-feature",
    }
)


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Problem:
    """One thing that is wrong, and where."""

    origin: Origin
    cause: str

    def __str__(self) -> str:
        return f"{self.origin}: {self.cause}"


class RequirementsError(UsageError):
    """Every problem of the requirements files at once."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        count = len(self.problems)
        head = f"{count} problem{'s' if count > 1 else ''} in the requirements"
        return "\n".join([head, *(f"  {problem}" for problem in self.problems)])


@dataclass(frozen=True, kw_only=True, slots=True)
class RequirementSet:
    """Everything that a list of requirements files says."""

    lines: tuple[RequirementLine, ...] = ()
    constraints: tuple[RequirementLine, ...] = ()
    formats: FormatControl = field(default_factory=FormatControl)
    options: tuple[tuple[str, str], ...] = ()
    """Index options in order, as ``("--extra-index-url", "https://…")``; a flag has ``""``."""
    option_origins: tuple[Origin, ...] = ()
    """Where each of the options stands: what ``--find-links`` names may lie beside that file."""
    config_settings: tuple[tuple[NormalizedName, str, str], ...] = ()
    """What ``--config-settings`` behind a requirement asked for: name, key, value."""


def type_of_file(name: str, default: WheelType = WheelType.AUTO) -> WheelType:
    """Give the type that a file's name says, whatever suffix follows it.

    >>> type_of_file("src/requirements-pure-armv5.txt")
    <WheelType.PURE: 'pure'>
    """
    found = _TYPED_NAME.match(PurePosixPath(name).name)
    return WheelType(found[1]) if found else default


def load_requirements(
    files: tuple[str, ...],
    read: Callable[[str], str],
    environ: Mapping[str, str],
    default: WheelType = WheelType.AUTO,
    *,
    constraints: tuple[str, ...] = (),
) -> RequirementSet:
    """Read requirements files, with the files they include.

    Args:
        files: Paths as the person gave them.
        read: Gives a file's text; raises ``OSError`` or ``UnicodeDecodeError``.
        environ: For ``${NAME}``.
        default: The type of a line where neither its file nor its prefix says one.
        constraints: Constraint files, as ``-c`` names them.

    Raises:
        RequirementsError: With every problem of every file.
    """
    loader = _Loader(read=read, environ=environ)
    for file in files:
        loader.load(file, Origin(file=file, line=0), default)
    for file in constraints:
        loader.load(file, Origin(file=file, line=0), default, constraint=True)
    required = "--require-hashes" if ("--require-hashes", "") in loader.options else ""
    if required or loader.hashed:
        # As in pip, one --hash asks every requirement for one.
        cause = required or f"{loader.hashed[0]} has a --hash, so each needs one, as in pip"
        loader.problems += _without_hashes(loader.lines, loader.constraints, cause)
    if loader.problems:
        raise RequirementsError(tuple(sorted(loader.problems)))
    return loader.result()


@dataclass
class _Loader:
    """Gathers what the files say while they include one another."""

    read: Callable[[str], str]
    environ: Mapping[str, str]
    lines: list[RequirementLine] = field(default_factory=list)
    constraints: list[RequirementLine] = field(default_factory=list)
    formats: FormatControl = field(default_factory=FormatControl)
    options: list[tuple[str, str]] = field(default_factory=list)
    option_origins: list[Origin] = field(default_factory=list)
    hashed: list[Origin] = field(default_factory=list)
    config_settings: list[tuple[NormalizedName, str, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    open_files: list[str] = field(default_factory=list)

    def load(
        self, file: str, origin: Origin, default: WheelType, *, constraint: bool = False
    ) -> None:
        if file in self.open_files:
            chain = " → ".join([*self.open_files, file])
            self.problems.append(Problem(origin=origin, cause=f"the file includes itself: {chain}"))
            return
        text = self._text(file, origin)
        if text is None:
            return
        self.open_files.append(file)
        kind = type_of_file(file, default)
        for number, line in logical_lines(text):
            place = Origin(file=file, line=number)
            try:
                self._line(self._expand(line), place, kind, constraint=constraint)
            except InvalidLineError as error:
                self.problems.append(Problem(origin=place, cause=str(error)))
        self.open_files.pop()

    def _text(self, file: str, origin: Origin) -> str | None:
        try:
            if file == "-" or "://" in file:
                raise ValueError("only files on this machine are read: download it first")  # noqa: TRY301
            return self.read(file)
        except UnicodeDecodeError:
            cause = "it is not UTF-8 text"
        except (OSError, ValueError) as error:
            cause = getattr(error, "strerror", None) or str(error)
        self.problems.append(Problem(origin=origin, cause=f"cannot read {file}: {cause}"))
        return None

    def _expand(self, line: str) -> str:
        """Put environment variables in; one that is not set stays as it stands, as in pip."""
        return _VARIABLE.sub(lambda found: self.environ.get(found[1]) or found[0], line)

    def _line(self, line: str, place: Origin, kind: WheelType, *, constraint: bool) -> None:
        if line.startswith("-"):
            self._option(line, place, kind)
            return
        typed = type_of_file(place.file, kind) if _typed(place.file) else None
        parsed, settings = parse_line(line, place, typed, kind)
        if constraint and (parsed.extras or (parsed.url and not parsed.specifier)):
            raise InvalidLineError(f"a constraint names versions only: {line}")
        (self.constraints if constraint else self.lines).append(parsed)
        if _HASHED.search(line):
            self.hashed.append(place)
        self.config_settings.extend((parsed.name, key, value) for key, value in settings)

    def _option(self, line: str, place: Origin, kind: WheelType) -> None:
        for name, value in split_options(line):
            if name in {"--requirement", "--constraint"}:
                # As in pip, what a constraints file includes with -r are requirements.
                included = beside(place.file, value)
                self.load(included, place, kind, constraint=name == "--constraint")
            elif name in {"--no-binary", "--only-binary"}:
                self.formats = self.formats.with_option(name, value)
            else:
                self.options.append((name, value))
                self.option_origins.append(place)

    def result(self) -> RequirementSet:
        return RequirementSet(
            lines=tuple(self.lines),
            constraints=tuple(self.constraints),
            formats=replace(self.formats, prefer_binary=("--prefer-binary", "") in self.options),
            options=tuple(self.options),
            option_origins=tuple(self.option_origins),
            config_settings=tuple(self.config_settings),
        )


def _without_hashes(
    lines: list[RequirementLine], constraints: list[RequirementLine], why: str
) -> Iterator[Problem]:
    """As pip's ``--require-hashes``: each is pinned and has a hash, itself or by a constraint."""
    held = {line.name for line in constraints if line.hashes}
    fixed = {line.name for line in constraints if line.hashes and line.pinned}
    for line in lines:
        if not line.hashes and line.name not in held:
            yield Problem(origin=line.origin, cause=f"{why}, but no --hash: {line}")
        elif not (line.pinned or line.url or line.name in fixed):
            yield Problem(origin=line.origin, cause=f"{why}, but no pin (==): {line}")


def _typed(file: str) -> bool:
    return _TYPED_NAME.match(PurePosixPath(file).name) is not None


def beside(includer: str, included: str) -> str:
    """An included path is relative to the file that names it."""
    if "://" in included or included.startswith("/"):
        return included
    # In its normal form, so that a file which includes itself is known whatever the way to it.
    return posixpath.normpath(PurePosixPath(includer).parent / included)


def split_options(line: str) -> Iterator[tuple[str, str]]:
    """Take a line of options apart into their long names and values.

    Raises:
        InvalidLineError: When one is none that a requirements file can hold.
    """
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise InvalidLineError(f"{error} in: {line}") from None
    words.reverse()
    while words:
        word = words.pop()
        found = _OPTION.match(word) or _COMPACT.match(word)
        name = _SHORT.get(found[1], found[1]) if found else word
        value = found[2] if found else None
        if name == "--editable":
            raise InvalidLineError("a wheelhouse holds no editable installs: drop -e")
        if name in _FLAGS and value is None:
            yield name, ""
        elif name in _WITH_VALUE:
            value = value if value is not None or not words else words.pop()
            if not value:
                raise InvalidLineError(f"{name} needs a value")
            yield name, value
        else:
            raise InvalidLineError(f"unknown option: {word}")
