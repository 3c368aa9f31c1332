"""A world made of dicts: an index, targets, and questions about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from packaging.utils import parse_sdist_filename, parse_wheel_filename

from wheelyard.errors import BuildError
from wheelyard.plans.finder import ProjectMetadata
from wheelyard.plans.ladder import ground_of
from wheelyard.plans.release import File
from wheelyard.plans.requirements_file import load_requirements
from wheelyard.plans.resolver import Question, resolve
from wheelyard.targets.catalog import find_target
from wheelyard.targets.markers import marker_environment
from wheelyard.wheel.names import normalize_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wheelyard.plans.resolution import Resolution
    from wheelyard.targets.target import Target
    from wheelyard.wheel.names import NormalizedName

X86 = find_target("manylinux_2_28_x86_64", "3.11")
ARM = find_target("manylinux_2_28_aarch64", "3.11")


def sha(filename: str) -> str:
    """A digest that belongs to a file name."""
    return filename.encode().hex().ljust(64, "0")[:64]


def file(filename: str, *, requires_python: str = "", yanked: bool = False) -> File:
    return File(
        filename=filename,
        url=f"https://files.example/{filename}",
        sha256=sha(filename),
        requires_python=requires_python,
        yanked=yanked,
    )


def wheel(name: str, version: str, tag: str = "py3-none-any", *, yanked: bool = False) -> File:
    return file(f"{name}-{version}-{tag}.whl", yanked=yanked)


@dataclass
class DictRepository:
    """Files by project, dependencies by ``name version``; remembers what it was asked for."""

    published: Mapping[str, tuple[File, ...]]
    depends: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unreadable: frozenset[str] = frozenset()
    read: list[str] = field(default_factory=list)

    def files(self, name: NormalizedName) -> tuple[File, ...]:
        return self.published.get(name, ())

    def metadata(self, name: NormalizedName, file: File) -> ProjectMetadata:
        self.read.append(file.filename)
        version = _version(file.filename)
        if f"{name} {version}" in self.unreadable:
            raise BuildError("its setup.py fails\nwith more lines")
        return ProjectMetadata(
            version=version, requires_dist=self.depends.get(f"{name} {version}", ())
        )

    def prefetch(self, names: Iterable[NormalizedName]) -> None:
        list(names)


def _version(filename: str) -> str:
    if filename.endswith(".whl"):
        return str(parse_wheel_filename(filename)[1])
    return str(parse_sdist_filename(filename)[1]) if filename.endswith(".tar.gz") else "7.0"


def ask(
    text: str,
    target: Target = X86,
    *,
    constraints: str = "",
    prefer: Mapping[str, str] | None = None,
) -> Question:
    files = {"list.txt": text, "held.txt": constraints}
    found = load_requirements(
        ("list.txt",), files.__getitem__, {}, constraints=("held.txt",) if constraints else ()
    )
    return Question(
        lines=found.lines,
        constraints=found.constraints,
        ground=ground_of(target, found.formats),
        environment=marker_environment(target),
        prefer={normalize_name(name): version for name, version in (prefer or {}).items()},
        prereleases=("--pre", "") in found.options,
    )


def pins(resolution: Resolution) -> list[str]:
    return [f"{pin.name} {pin.version}" for pin in resolution.pins]


def resolved(
    text: str, repository: DictRepository, *, add: bool = True, constraints: str = ""
) -> list[str]:
    return pins(resolve(ask(text, constraints=constraints), repository, add=add))
