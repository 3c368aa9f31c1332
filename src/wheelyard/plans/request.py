"""What a person asks for: requirements with their type and origin, and how to treat them.

The types are spksrc's, each a constraint on the ladder of ``docs/explanation/ladder.md``.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from packaging.markers import Marker
from packaging.specifiers import SpecifierSet

from wheelyard.wheel.names import NormalizedName, normalize_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wheelyard.targets.target import Target
    from wheelyard.wheel.retag import TagChange


class WheelType(enum.StrEnum):
    """Which rungs of the ladder a requirement may take."""

    AUTO = "auto"
    """The whole ladder: a published wheel that fits, else a build."""
    PURE = "pure"
    """A ``none-any`` wheel, downloaded or built."""
    CROSSENV = "crossenv"
    """Always built from source for the target."""
    ABI3 = "abi3"
    """Always built from source, and checked against the limited API."""
    CROSS = "cross"
    """Built by a recipe."""


class ProofLevel(enum.StrEnum):
    """How much a wheel that was built here is tried under the target's interpreter."""

    NONE = "none"
    """Not at all."""
    IMPORT = "import"
    """Its modules are imported."""
    TESTS = "tests"
    """The same, and its test command is run."""


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Origin:
    """The place a requirement was read at."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, kw_only=True, slots=True)
class RequirementLine:
    """One requirement as it was written.

    Where a place alone was named (``./project``), its URL stands as ``name`` until the source says
    its own. ``specifier`` and ``marker`` are PEP 508 text; ``url`` is a direct reference (PEP 440);
    a ``specifier`` beside a ``url`` is what ``#egg=name==version`` promised. ``hashes`` are
    ``sha256`` hex digests that the file must have (empty: any).
    """

    name: NormalizedName
    extras: tuple[str, ...]
    specifier: str
    marker: str
    url: str
    type: WheelType
    hashes: tuple[str, ...]
    origin: Origin

    @property
    def is_named(self) -> bool:
        """Whether the project's name is known, not its place alone."""
        return self.name != self.url

    @property
    def is_local(self) -> bool:
        """Whether it is a path or a ``file:`` URL."""
        return bool(self.url) and urlsplit(self.url).scheme in {"", "file"}

    def applies_to(self, environment: Mapping[str, str]) -> bool:
        """Whether the marker holds in a PEP 508 environment."""
        if not self.marker:
            return True
        marker = Marker(self.marker)
        if "extras" in self.marker or "dependency_groups" in self.marker:
            # PEP 751's variables; a lock is taken with its default groups and without extras.
            return marker.evaluate(dict(environment), context="lock_file")
        return marker.evaluate({**environment, "extra": ""})

    @property
    def specifiers(self) -> SpecifierSet:
        """The versions it accepts."""
        return SpecifierSet(self.specifier)

    @property
    def pinned(self) -> str | None:
        """The version of a single ``==`` without a wildcard, else ``None``."""
        pins = {s.version for s in self.specifiers if s.operator in {"==", "==="}}
        version = pins.pop() if len(pins) == 1 else None
        return None if version is None or version.endswith(".*") else version

    def __str__(self) -> str:
        extras = f"[{','.join(self.extras)}]" if self.extras else ""
        place = f" @ {self.url}" if self.url and self.is_named else ""
        return f"{self.name}{extras}{self.specifier}{place}"


@dataclass(frozen=True, kw_only=True, slots=True)
class FormatControl:
    """pip's ``--no-binary`` and ``--only-binary``: normalised names, or ``:all:``.

    ``prefer_binary`` takes an older version with a wheel that fits before a newer one without.
    """

    no_binary: tuple[str, ...] = ()
    only_binary: tuple[str, ...] = ()
    prefer_binary: bool = False

    def with_option(self, option: str, value: str) -> FormatControl:
        """Add what one option says; as in pip, the last word on a project holds.

        ``value`` is a list with commas. ``:none:`` empties what the same option said before;
        ``:all:`` takes back what both said.
        """
        target, other = self.no_binary, self.only_binary
        if option == "--only-binary":
            target, other = other, target
        for word in filter(None, (part.strip() for part in value.split(","))):
            if word == ":none:":
                target = ()
            elif word == ":all:":
                target, other = (":all:",), ()
            else:
                name = normalize_name(word)
                target = (*(one for one in target if one != name), name)
                other = tuple(one for one in other if one != name)
        if option == "--only-binary":
            target, other = other, target
        return replace(self, no_binary=target, only_binary=other)

    def forbids_wheels(self, name: NormalizedName) -> bool:
        """Whether only source distributions are allowed for this project."""
        return _covers(self.no_binary, name, self.only_binary)

    def forbids_sources(self, name: NormalizedName) -> bool:
        """Whether only wheels are allowed for this project."""
        return _covers(self.only_binary, name, self.no_binary)


def _covers(words: tuple[str, ...], name: NormalizedName, other: tuple[str, ...]) -> bool:
    """A name is covered when named, or by ``:all:`` unless the other list names it."""
    named = {normalize_name(word) for word in words}
    return name in named or (":all:" in words and name not in map(normalize_name, other))


@dataclass(frozen=True, kw_only=True, slots=True)
class PackageSettings:
    """How one project is to be treated, for one target or (``target`` empty) for all.

    ``type`` overrides the requirement's; ``prefer`` is the version that the consolidated
    requirements take where several are listed. ``prove`` overrides the request's; ``test_command``
    begins with ``python``, which is the target's. ``toolchain`` is ``"zig"``, ``"gcc"`` or the
    folder of one; empty: as the target says, else zig. ``native`` are Debian's packages that it is
    built with, in place of those that are known for it. ``tags`` are what a wheel built here shall
    bear in place of its backend's.
    """

    name: NormalizedName
    target: str = ""
    type: WheelType | None = None
    prefer: str = ""
    config_settings: tuple[tuple[str, str], ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    prove: ProofLevel | None = None
    test_command: str = ""
    toolchain: str = ""
    native: tuple[str, ...] | None = None
    tags: TagChange | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """Requirements, the machines that wheels are wanted for, and how to make them.

    ``add`` says whether missing dependencies are added; ``build_constraints`` hold for build
    requirements only; ``prove`` how much is tried of what was built here; ``toolchains`` are those
    of targets, by name.
    """

    lines: tuple[RequirementLine, ...]
    targets: tuple[Target, ...]
    constraints: tuple[RequirementLine, ...] = ()
    build_constraints: tuple[RequirementLine, ...] = ()
    formats: FormatControl = field(default_factory=FormatControl)
    packages: tuple[PackageSettings, ...] = ()
    prereleases: bool = False
    add: bool = True
    prove: ProofLevel = ProofLevel.IMPORT
    toolchains: tuple[tuple[str, str], ...] = ()

    def settings_for(self, name: NormalizedName, target: str) -> PackageSettings:
        """Merge a project's settings; those for the target win, key by key."""
        merged = PackageSettings(name=name, toolchain=dict(self.toolchains).get(target, ""))
        for one in sorted(self.packages, key=lambda settings: bool(settings.target)):
            if one.name == name and one.target in {"", target}:
                merged = _merged(merged, one)
        return merged


def _merged(base: PackageSettings, above: PackageSettings) -> PackageSettings:
    return PackageSettings(
        name=base.name,
        target=above.target,
        type=above.type or base.type,
        prefer=above.prefer or base.prefer,
        config_settings=_overlaid(base.config_settings, above.config_settings),
        environment=_overlaid(base.environment, above.environment),
        prove=above.prove or base.prove,
        test_command=above.test_command or base.test_command,
        toolchain=above.toolchain or base.toolchain,
        native=base.native if above.native is None else above.native,
        tags=above.tags or base.tags,
    )


def _overlaid(
    base: tuple[tuple[str, str], ...], above: tuple[tuple[str, str], ...]
) -> tuple[tuple[str, str], ...]:
    """Take the pairs of ``above``, and those of ``base`` whose keys it does not name."""
    named = {key for key, _ in above}
    return (*(pair for pair in base if pair[0] not in named), *above)
