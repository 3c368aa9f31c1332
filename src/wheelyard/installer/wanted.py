"""What is to be installed, as it was asked for: requirements, wheels by their paths, files of both.

Everything is read before anything is looked for, and all that is wrong is said at once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from wheelyard.errors import UsageError, WheelyardError
from wheelyard.wheel.filename import parse_wheel_filename
from wheelyard.wheel.markers import evaluate_marker
from wheelyard.wheel.names import NormalizedName, Sha256
from wheelyard.wheel.requirement import Requirement, logical_lines, parse_requirement

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wheelyard.installer.candidates import Candidate
    from wheelyard.wheel.specifiers import Specifier

_OPTIONS = re.compile(r"\s--?[A-Za-z]")
_HASH = re.compile(r"\s+--hash(?:=|\s+)sha256:([0-9a-f]{64})(?=\s|\Z)")
_INCLUDE = re.compile(r"(?:-r\s*|--requirement(?:\s+|=))(\S.*)")
# They say where to look, or what else not to take: here there is nothing but wheels in folders.
_IDLE = re.compile(
    r"(?:-i|--index-url|--extra-index-url|--trusted-host|--no-index|--prefer-binary|--only-binary)"
    r"(?:[=\s].*)?"
)

_UNKNOWN_OPTION = (
    "of options only -r FILE and, behind a requirement, --hash=sha256:… are known here; name "
    "folders of wheels with -d DIR, and build sources with `wheelyard build`"
)


@dataclass(frozen=True)
class Wanted:
    """One thing asked for; ``origin`` is how, for messages: ``tool>=1``, ``list.txt:3: tool>=1``.

    A wheel given by its ``path`` is the only one meant. ``hashes`` are those that the wheel may
    have, any when there is none.
    """

    name: NormalizedName
    origin: str
    specifiers: tuple[Specifier, ...] = ()
    hashes: tuple[Sha256, ...] = ()
    path: Path | None = None


def read_wanted(
    words: Iterable[str],
    files: Iterable[Path],
    folders: Sequence[Path],
    environment: Mapping[str, str],
) -> tuple[tuple[Wanted, ...], tuple[str, ...]]:
    """Read what a person asks for.

    Args:
        words: requirements and paths of wheels.
        files: of such lines, as pip reads them: where one has a hash, nothing is taken without.
        folders: where a file is looked for that isn't there.
        environment: the marker variables of the machine, with ``extra``; what a marker excludes
            is left out.

    Returns:
        What is wanted, and remarks on what was left out.

    Raises:
        UsageError: with everything that is wrong.
    """
    reader = _Reader(tuple(folders), environment)
    for word in words:
        reader.read_word(word)
    for file in files:
        reader.read_file(file)
    reader.check_hashes()
    if reader.problems:
        raise UsageError("\n  ".join(["What is asked for can't be read:", *reader.problems]))
    return tuple(reader.wanted), tuple(reader.remarks)


@dataclass
class _Reader:
    """Gathers, while files include one another."""

    folders: tuple[Path, ...]
    environment: Mapping[str, str]
    wanted: list[Wanted] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    open_files: list[Path] = field(default_factory=list)
    unhashed: list[str] = field(default_factory=list)
    needs_hashes: str = ""

    def read_word(self, word: str) -> None:
        self.unhashed.append(word)
        self.read_one(word, word)

    def read_file(self, file: Path) -> None:
        place = next((path for path in self._places(file) if path.exists()), file)
        if place.resolve() in self.open_files:
            self.problems.append(f"{place}: it includes itself")
            return
        try:
            text = place.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            cause = getattr(error, "strerror", None) or "it is not UTF-8 text"
            self.problems.append(f"{place}: it can't be read: {cause}")
            return
        self.open_files.append(place.resolve())
        for number, line in logical_lines(text):
            self._read_file_line(line, f"{place}:{number}", place.parent)
        self.open_files.pop()

    def _places(self, file: Path) -> tuple[Path, ...]:
        return (file, *(folder / file for folder in self.folders))

    def _read_file_line(self, line: str, place: str, beside: Path) -> None:
        included = _INCLUDE.fullmatch(line)
        if included:
            self.read_file(beside / included[1])
        elif line == "--require-hashes":
            self.needs_hashes = f"{place} says --require-hashes"
        elif _IDLE.fullmatch(line):
            self.remarks.append(f"{place}: {line} is ignored, for no index is asked")
        else:
            self._read_hashed(line, place)

    def _read_hashed(self, line: str, place: str) -> None:
        cut = _OPTIONS.search(f" {line}")
        text, options = (line, "") if cut is None else (line[: cut.start()], line[cut.start() :])
        origin = f"{place}: {text.strip() or line}"
        if _HASH.sub("", f" {options}").strip():
            self.problems.append(f"{origin}: {_UNKNOWN_OPTION}")
            return
        hashes = tuple(map(Sha256, _HASH.findall(f" {options}")))
        if not hashes:
            self.unhashed.append(origin)
        self.needs_hashes = self.needs_hashes or (f"{origin} has one" if hashes else "")
        self.read_one(text.strip(), origin, hashes)

    def read_one(self, text: str, origin: str, hashes: tuple[Sha256, ...] = ()) -> None:
        try:
            if text.endswith(".whl") and ("@" not in text or Path(text).is_file()):
                self.wanted.append(_wheel(Path(text), origin, hashes))
                return
            requirement = parse_requirement(text)
            if self._is_meant(requirement, origin):
                wanted = Wanted(requirement.name, origin, requirement.specifiers, hashes)
                self.wanted.append(wanted)
        except WheelyardError as error:
            self.problems.append(f"{origin}: {error}")

    def _is_meant(self, requirement: Requirement, origin: str) -> bool:
        if requirement.url:
            raise UsageError("it names a URL, and no network is used; give the path of a wheel")
        if requirement.marker and not evaluate_marker(requirement.marker, self.environment):
            self.remarks.append(f"{origin}: it is left out, as its marker says for this machine")
            return False
        if requirement.extras:
            self.remarks.append(
                f"{origin}: extras are ignored, for dependencies are not looked for"
            )
        return True

    def check_hashes(self) -> None:
        """As in pip, one hash in a file asks all lines and words for one."""
        why = self.needs_hashes
        mend = "write it into a file, its --hash behind it"
        self.problems += [f"{one}: no --hash, but {why}; {mend}" for one in self.unhashed if why]


def _wheel(path: Path, origin: str, hashes: tuple[Sha256, ...]) -> Wanted:
    name = parse_wheel_filename(path.name).name
    if not path.is_file():
        raise UsageError("there is no such file")
    return Wanted(name, origin, hashes=hashes, path=path)


def everything_in(candidates: Iterable[Candidate]) -> tuple[Wanted, ...]:
    """Ask for each project of a wheelhouse."""
    names = dict.fromkeys(one.filename.name for one in candidates)
    return tuple(Wanted(name, name) for name in names)
