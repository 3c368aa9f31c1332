"""The targets that Wheelyard knows by name.

The data are ``data/*.toml``: ``machines`` (architectures), ``levels`` (manylinux, musllinux),
``distros`` and ``dsm`` (Synology's DSM and SRM). Reads TOML, so Python 3.11 or later.
"""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wheelyard.errors import UsageError
from wheelyard.targets.detect import THIS, detect_this
from wheelyard.targets.file import is_target_file, read_target
from wheelyard.targets.isa import baseline
from wheelyard.targets.pythons import make_python
from wheelyard.targets.target import Distro, Kernel, Libc, Machine, Target

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, kw_only=True, slots=True)
class _Entry:
    """A target without its Python; ``python`` is the system's own, where it has one."""

    name: str
    machine: Machine
    libc: Libc
    distro: Distro | None = None
    kernel: Kernel = field(default_factory=Kernel)
    python: str | None = None


def target_names() -> tuple[str, ...]:
    """Every name of the catalogue, sorted by family; ``this`` is not among them."""
    return tuple(_entries())


def find_target(name: str, python: str | None) -> Target:
    """Find a target by name.

    Args:
        name: ``"debian-12-arm64"``, ``"manylinux_2_28_aarch64"``, ``"dsm-7.2-armv7"``, ``"this"``
            for the running interpreter and its machine, or the path of a file that describes one
            (it ends in ``.json`` or holds a ``/``).
        python: ``"3.11"``, ``"3.11.7"`` or ``"3.13t"``; None for the system's own.

    Raises:
        UsageError: no such target, no such Python, or none given for a target without its own;
            or a file that is not one's description.
    """
    if name == THIS:
        return _this_with(python)
    if is_target_file(name):
        return _with_python(read_target(Path(name)), python)
    entry = _entries().get(name)
    if entry is None:
        raise UsageError(f"There is no target {name!r}. {_suggestion(name)}")
    spelling = python or entry.python
    if spelling is None:
        raise UsageError(
            f"Target {name} has no Python of its own that is 3.9 or later: "
            "say which one it runs, for example with `--python 3.11`."
        )
    if entry.python and _is_short_for(spelling, entry.python):
        spelling = entry.python
    return Target(
        name=name,
        python=make_python(spelling, entry.machine, entry.libc),
        machine=entry.machine,
        libc=entry.libc,
        distro=entry.distro,
        kernel=entry.kernel,
    )


def _this_with(python: str | None) -> Target:
    return _with_python(detect_this(), python)


def _with_python(target: Target, python: str | None) -> Target:
    """Give a real machine with another Python than it was seen with."""
    own = target.python.full_version + ("t" if target.python.free_threaded else "")
    if python is None or python == own or _is_short_for(python, own):
        return target
    return replace(target, python=make_python(python, target.machine, target.libc))


def _is_short_for(spelling: str, full: str) -> bool:
    """``3.11`` stands for ``3.11.2`` where that patch is known; ``3.13`` not for ``3.13.1t``."""
    same_build = spelling.endswith("t") == full.endswith("t")
    return same_build and full.startswith(f"{spelling.rstrip('t')}.")


def default_python(name: str) -> str | None:
    """The Python that a target's system has of its own, ``"3.11.2"``; None where there is none."""
    entry = _entries().get(name)
    return entry.python if entry else None


def _suggestion(name: str) -> str:
    close = difflib.get_close_matches(name, _entries(), n=3, cutoff=0.75)
    if close:
        return f"Did you mean {' or '.join(close)}?"
    return "`wheelyard target list` shows the known ones."


@cache
def _entries() -> Mapping[str, _Entry]:
    machines = _machines()
    families = (
        _level_entries(machines),
        _distro_entries(machines),
        _dsm_entries(machines),
    )
    return {entry.name: entry for family in families for entry in family}


def _read(name: str) -> dict[str, Any]:
    text = resources.files("wheelyard.targets").joinpath("data", f"{name}.toml").read_text("utf-8")
    return tomllib.loads(text)


def _machines() -> Mapping[str, Machine]:
    return {
        arch: Machine(arch, row.get("uname", arch), row.get("float"), baseline(arch))
        for arch, row in _read("machines").items()
    }


def _level_entries(machines: Mapping[str, Machine]) -> Iterator[_Entry]:
    for family, rule in _read("levels").items():
        aliases = {_version(text): alias for alias, text in rule.get("aliases", {}).items()}
        major, last = _version(rule["last"])
        for arch, first in rule["first"].items():
            for minor in range(_version(first)[1], last + 1):
                level = (major, minor)
                names = [f"{family}_{major}_{minor}_{arch}"]
                names += [f"{aliases[level]}_{arch}"] if level in aliases else []
                libc = Libc(rule["libc"], level)
                for name in names:
                    yield _Entry(name=name, machine=machines[arch], libc=libc)


def _distro_entries(machines: Mapping[str, Machine]) -> Iterator[_Entry]:
    for family in _read("distros")["family"]:
        for name in family["names"]:
            for suite in family["suites"]:
                for label in suite["machines"]:
                    machine = machines[family["machines"][label]]
                    isa = suite.get("isa", {}).get(label, machine.isa)
                    yield _Entry(
                        name=f"{name}-{suite['version']}-{label}",
                        machine=replace(machine, isa=isa),
                        libc=Libc(family["libc"], _version(suite["libc"])),
                        distro=Distro(name, suite["version"]),
                        python=suite.get("python"),
                    )


def _dsm_entries(machines: Mapping[str, Machine]) -> Iterator[_Entry]:
    for row in _read("dsm")["toolchains"]:
        machine = machines[row["machine"]]
        machine = replace(
            machine,
            float_abi=row.get("float", machine.float_abi),
            isa=row.get("isa", machine.isa),
        )
        for arch in (row["arch"], *row.get("also", ())):
            yield _Entry(
                name=f"{row['system']}-{row['version']}-{arch}",
                machine=machine,
                libc=Libc("glibc", _version(row["libc"])),
                distro=Distro(row["system"], row["version"]),
                kernel=Kernel(release=row["kernel"]),
            )


def _version(text: str) -> tuple[int, int]:
    major, minor = text.split(".")
    return int(major), int(minor)
