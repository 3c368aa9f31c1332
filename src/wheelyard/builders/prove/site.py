"""Wheels into a folder, as an installation puts them there; no interpreter is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wheelyard.installer.cache import cached_wheel
from wheelyard.installer.environment import Layout
from wheelyard.installer.plan import Ready, check_collisions, place
from wheelyard.installer.stage import stage

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from wheelyard.builders.artifacts import Artifacts
    from wheelyard.plans.step import Artifact


def install_into(
    folder: Path, wheels: Iterable[Artifact], artifacts: Artifacts, scratch: Path
) -> None:
    """Install wheels of the store into a folder that is to be put on ``sys.path``.

    Args:
        folder: is made.
        wheels: what to install.
        artifacts: the store's.
        scratch: a folder for unpacked wheels, which the installed files are links to.

    Raises:
        VerificationError: two wheels write the same file, or one breaks a rule.
    """
    layout = Layout(
        prefix=folder,
        python="python3",
        purelib="",
        platlib="",
        headers="include",
        scripts="bin",
        data="",
    )
    named = scratch / "wheels"
    named.mkdir(exist_ok=True)
    placed = []
    for one in wheels:
        path = named / one.filename
        if not path.exists():
            artifacts.place(one, named)
        wheel = cached_wheel(scratch / "unpacked", path, one.sha256)
        ready = Ready(
            wheel=wheel,
            bytecode_folder="",
            bytecode=(),
            rewritten={},
            requested=True,
            direct_url="",
        )
        placed.append(place(ready, layout))
    check_collisions(placed)
    folder.mkdir()
    stage(folder, placed, jobs=1)
