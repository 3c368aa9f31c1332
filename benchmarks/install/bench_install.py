"""A wheelhouse into a new virtualenv: Wheelyard against uv and pip, cold and warm.

    python benchmarks/install/bench_install.py --rounds 5 --json result.json

The wheels in ``projects.txt`` are downloaded once, by pip with its own configuration. Every
measurement makes a new virtualenv and installs everything, as a process of its own, so start-up
counts. Cold means an empty cache of the tool, not of the file system. The runs are interleaved, so
that a slow minute of the machine hits all alike.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from uv import find_uv_bin

from wheelyard.wheel import file_sha256, parse_wheel_filename

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
PYTHON = sys.executable
PLAIN = {key: text for key, text in os.environ.items() if not key.startswith(("PIP_", "UV_"))}

OURS = """
import sys
from pathlib import Path
from wheelyard.installer import (
    Compatibility, Destination, InstallRequest, Options, Rules, everything_in, install, select,
    wheel_reader, wheelhouse_candidates)
house, env, cache = map(Path, sys.argv[1:4])
there = wheelhouse_candidates(house)
ranks = {tag: 0 for one in there for tag in one.filename.tags}
rules = Rules(Compatibility(ranks, str, sys.version_info[:3]))
wheels = select(everything_in(there), there, rules, wheel_reader(), jobs=2)
install(InstallRequest(wheels, Destination("venv", env), Path(sys.executable), cache,
    Options(compile_bytecode=sys.argv[4] == "compile")))
"""


@dataclass(frozen=True)
class Place:
    """Where one measurement works: the wheels, the new virtualenv, the tool's cache."""

    house: Path
    env: Path
    cache: Path


@dataclass(frozen=True)
class Row:
    """A tool's seconds over all rounds."""

    name: str
    wall: tuple[float, ...]
    cpu: tuple[float, ...]


def ours(place: Place, *, compiling: bool) -> None:
    """Install with this checkout's library."""
    mode = "compile" if compiling else "plain"
    run(PYTHON, "-c", OURS, str(place.house), str(place.env), str(place.cache), mode)


def uv(place: Place, *, compiling: bool) -> None:
    """Install with the uv of this environment."""
    uv_bin, cache = find_uv_bin(), f"--cache-dir={place.cache}"
    run(uv_bin, "venv", "--quiet", "--no-config", cache, f"--python={PYTHON}", str(place.env))
    run(
        uv_bin, "pip", "install", "--quiet", "--no-config", "--no-index", "--no-deps", cache,
        f"--find-links={place.house}", f"--python={place.env}/bin/python",
        *(["--compile-bytecode"] if compiling else []), "-r", f"{place.house}/requirements.txt",
    )  # fmt: skip


def pip(place: Place, *, compiling: bool) -> None:
    """Install with the pip of this environment."""
    run(PYTHON, "-m", "venv", "--without-pip", str(place.env))
    run(
        PYTHON, "-m", "pip", "--python", f"{place.env}/bin/python", "install", "--quiet",
        "--no-index", "--no-deps", f"--find-links={place.house}", f"--cache-dir={place.cache}",
        *([] if compiling else ["--no-compile"]), "-r", f"{place.house}/requirements.txt",
    )  # fmt: skip


def floor(place: Place, *, compiling: bool) -> None:
    """Hard-link a finished environment: less than this no installer that links can do."""
    assert not compiling
    run("cp", "-rl", str(place.cache / "env"), str(place.env))


def run(*command: str) -> None:
    """Run a program without the caller's settings for pip and uv."""
    subprocess.run(command, env=PLAIN, check=True)


# name: tool, with a warm cache, with bytecode. pip unpacks every time: warm and cold are one.
VARIANTS: dict[str, tuple[Callable[..., None], bool, bool]] = {
    "cp -rl (floor)": (floor, True, False),
    "wheelyard warm": (ours, True, False),
    "uv warm": (uv, True, False),
    "wheelyard cold": (ours, False, False),
    "uv cold": (uv, False, False),
    "pip": (pip, False, False),
    "wheelyard warm, bytecode": (ours, True, True),
    "uv warm, bytecode": (uv, True, True),
    "wheelyard cold, bytecode": (ours, False, True),
    "uv cold, bytecode": (uv, False, True),
    "pip, bytecode": (pip, False, True),
}


def measure(name: str, house: Path, work: Path) -> tuple[float, float]:
    """Return the wall and CPU seconds of one installation.

    Nothing is deleted between the runs: ext4 searches for a free inode among those just deleted,
    which can cost more than the installation.
    """
    tool, warm, compiling = VARIANTS[name]
    run_folder = Path(tempfile.mkdtemp(dir=work / "runs"))
    cache = work / f"cache-{tool.__name__}" if warm else run_folder / "cache"
    os.sync()  # what was written before is not this tool's work
    begun, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    tool(Place(house, run_folder / "env", cache), compiling=compiling)
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime


def download(folder: Path) -> None:
    """Fetch the wheels, unless they are there, and pin them as a wheelhouse does."""
    if not (folder / "requirements.txt").exists():
        command = [PYTHON, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--only-binary=:all:", f"--dest={folder}"]
        subprocess.run([*command, "-r", HERE / "projects.txt"], check=True)
        names = {path: parse_wheel_filename(path.name) for path in sorted(folder.glob("*.whl"))}
        lines = [
            f"{name.name}=={name.version} --hash=sha256:{file_sha256(path)}\n"
            for path, name in names.items()
        ]
        (folder / "requirements.txt").write_text("".join(lines))


def warm_up(house: Path, work: Path) -> None:
    """Fill the warm caches; the first rows to need them are not the ones to pay."""
    for name, (tool, warm, _) in VARIANTS.items():
        if warm and tool is not floor:
            measure(name, house, work)
    env = work / "cache-floor" / "env"
    ours(Place(house, env, work / "cache-ours"), compiling=False)


def report(rows: list[Row], house: Path) -> str:
    """Return the table for people."""
    best = {row.name: median(row.wall) for row in rows}
    lines = [f"{len(list(house.glob('*.whl')))} wheels, {len(rows[0].wall)} rounds, medians", ""]
    lines.append(f"{'':26}{'wall s':>8}{'CPU s':>8}{'× wheelyard warm':>18}   wall of each round")
    for row in rows:
        ratio = best[row.name] / best.get("wheelyard warm", best[row.name])
        rounds = " ".join(f"{wall:.2f}" for wall in row.wall)
        lines.append(
            f"{row.name:26}{best[row.name]:8.2f}{median(row.cpu):8.2f}{ratio:18.2f}   {rounds}"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--work", type=Path, default=Path("build/bench-install"))
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    work = arguments.work.absolute()
    house = work / "house"
    house.mkdir(parents=True, exist_ok=True)
    download(house)
    for leftover in work.glob("cache-*"):
        shutil.rmtree(leftover)
    (work / "runs").mkdir()
    warm_up(house, work)
    seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in VARIANTS}
    for _ in range(arguments.rounds):
        for name in VARIANTS:
            seconds[name].append(measure(name, house, work))
    rows = [
        Row(name, tuple(wall for wall, _ in pairs), tuple(cpu for _, cpu in pairs))
        for name, pairs in seconds.items()
    ]
    shutil.rmtree(work / "runs")
    print(report(rows, house))
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")


if __name__ == "__main__":
    main()
