"""Cross-builds the packages of ``corpus/`` for many machines and writes the table of what came.

It takes hours where nothing is in the store, and resumes: what was built is not built again.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reference" / "packages.md"
LIGHT, HEAVY = "light", "heavy"


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """A list of packages for a target and a Python."""

    packages: str
    target: str
    python: str = "3.11"

    @property
    def column(self) -> str:
        """What heads its column."""
        return f"{self.target}, {self.python}"

    @property
    def place(self) -> str:
        """Its folder's name."""
        return f"{self.packages}-{self.python}"


RUNS = (
    *(
        Run(packages=LIGHT, target=target)
        for target in (
            "debian-12-arm64",
            "debian-12-armhf",
            "manylinux_2_17_x86_64",
            "debian-12-i386",
            "debian-12-ppc64el",
            "musllinux_1_2_aarch64",
        )
    ),
    Run(packages=LIGHT, target="debian-11-arm64", python="3.9"),
    Run(packages=LIGHT, target="manylinux_2_17_x86_64", python="3.9"),
    Run(packages=LIGHT, target="ubuntu-24.04-amd64", python="3.12"),
    Run(packages=LIGHT, target="debian-13-arm64", python="3.13"),
    Run(packages=LIGHT, target="manylinux_2_28_aarch64", python="3.14"),
    Run(packages=HEAVY, target="debian-12-arm64"),
)


def main() -> None:
    """Build what is asked for, then write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "try" / "corpus", metavar="DIR")
    parser.add_argument("--only", action="append", default=[], metavar="TARGET")
    options, further = parser.parse_known_args()
    for run in RUNS:
        if not options.only or run.target in options.only:
            print(f"{run.packages} packages for {run.column}", flush=True)
            build(run, options.out, further)
    PAGE.write_text(render(tuple(results(options.out))), "utf-8")


def build(run: Run, out: Path, further: Sequence[str]) -> None:
    """Build one list for one target; wheels that fail are in its manifest."""
    folder = ROOT / "corpus" / run.packages
    lists = [word for path in sorted(folder.glob("*.txt")) for word in ("-r", str(path))]
    command = (sys.executable, "-m", "wheelyard", "build", *lists, "-t", run.target)
    place = ("--python", run.python, "-o", str(out / run.place))
    subprocess.run((*command, *place, *further), check=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """A cell of the table."""

    run: Run
    package: str
    text: str


def results(out: Path) -> Iterator[Result]:
    """Read what the runs left."""
    for run in RUNS:
        manifest = out / run.place / run.target / "manifest.json"
        if manifest.is_file():
            known = json.loads(manifest.read_text("utf-8"))
            for wheel in known["wheels"]:
                if wheel["origin"] != "download" and wheel["proof"]:
                    yield Result(run=run, package=_name(wheel), text=_built(wheel))
            for failure in known["failures"]:
                yield Result(run=run, package=_name(failure), text=f"✗ {failure['cause']}")


def _name(entry: dict[str, Any]) -> str:
    return f"{entry['name']} {entry['version']}"


def _built(wheel: dict[str, Any]) -> str:
    proof = wheel["proof"]
    platforms = sorted({tag.rpartition("-")[2] for tag in wheel["tags"]})
    proved = (
        f"proved ({len(proof['modules'])})" if proof["outcome"] == "passed" else proof["reason"]
    )
    return f"{platforms[-1]}; {proved}; {wheel['seconds']:.0f} s"


def render(cells: Sequence[Result]) -> str:
    """Give the page: a table of targets for each package."""
    lines = [
        "# Packages that were cross-built",
        "",
        "Made by `make corpus`, on x86-64 with two cores. Each line is a wheel built from its",
        "source distribution: the tag that its audit gave, whether the target's own Python",
        "imported it (and how many modules), and how long its build took.",
    ]
    for package in sorted({cell.package for cell in cells}):
        lines += ["", f"## {package}", "", "| target, Python | result |", "|---|---|"]
        lines += [
            f"| {cell.run.column} | {cell.text} |" for cell in cells if cell.package == package
        ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
