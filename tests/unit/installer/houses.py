"""Tiny wheelhouses, and requests to install them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.unit.wheel.making import make_wheel

from wheelyard.installer import (
    Compatibility,
    Destination,
    InstallRequest,
    Options,
    Rules,
    Selected,
    everything_in,
    select,
    wheel_reader,
    wheelhouse_candidates,
)
from wheelyard.wheel import file_sha256, parse_tag, parse_wheel_filename

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wheelyard.wheel import WheelFilename


def explain(filename: WheelFilename) -> str:
    return f"this Python takes py3-none-any, not {filename.tag_set}"


ANY = Compatibility(dict.fromkeys(parse_tag("py3-none-any"), 0), explain, (3, 11, 2))


def make_house(folder: Path, *wheels: tuple[str, str, Mapping[str, bytes] | None]) -> Path:
    folder.mkdir()
    for name, version, files in wheels:
        make_wheel(folder, name, version, files)
    write_requirements(folder)
    return folder


def write_requirements(folder: Path) -> None:
    lines = []
    for path in sorted(folder.glob("*.whl")):
        name = parse_wheel_filename(path.name)
        lines.append(f"{name.name}=={name.version} \\\n    --hash=sha256:{file_sha256(path)}\n")
    (folder / "requirements.txt").write_text("# made by a test\n" + "".join(lines))


def chosen(house: Path, *projects: str, compatibility: Compatibility = ANY) -> tuple[Selected, ...]:
    """A wheelhouse's wheels, all or those of the projects."""
    candidates = wheelhouse_candidates(house)
    wanted = [one for one in everything_in(candidates) if not projects or one.name in projects]
    return select(wanted, candidates, Rules(compatibility), wheel_reader())


def request(
    house: Path, destination: Destination, *projects: str, options: Options | None = None
) -> InstallRequest:
    return InstallRequest(
        wheels=chosen(house, *projects),
        destination=destination,
        python=Path(sys.executable),
        cache=house.parent / "cache",
        options=options or Options(compile_bytecode=False),
    )


def tree(folder: Path) -> dict[str, bytes | str]:
    """Every path below ``folder`` with its content, so that two moments can be compared."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        if path.is_file() and not path.is_symlink()
        else "other"
        for path in folder.rglob("*")
    }
