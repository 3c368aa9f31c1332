"""Packing, unpacking and verifying against wheel, installer, zipfile and hashing alone.

    python benchmarks/format/bench_format.py --rounds 5 --json result.json

Three real wheels, downloaded by pip with its own configuration: many small modules, large shared
objects, data. Each measurement is a process of its own, so start-up counts, into a new folder, with
bytecode as an installer leaves it; the runs are interleaved. ``hashing`` reads every file of the
unpacked wheel and takes its SHA-256. The aims: pack in a quarter of the time of ``wheel pack``, at
no more than 1 % more size, unpack in a third, verify in 1.5 times that of hashing.
"""

from __future__ import annotations

import argparse
import compileall
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import wheelyard

if TYPE_CHECKING:
    from collections.abc import Mapping

WHEELS = {"pure": "sympy==1.13.3", "binary": "pyarrow==18.1.0", "data": "babel==2.16.0"}
PYTHON = sys.executable
OURS = [PYTHON, "-m", "wheelyard"]

HASHING = """
import hashlib, sys
from pathlib import Path
for path in Path(sys.argv[1]).rglob("*"):
    if path.is_file():
        hashlib.sha256(path.read_bytes()).hexdigest()
"""
INSTALLER = """
import sys
from installer.sources import WheelFile
with WheelFile.open(sys.argv[1]) as source:
    source.validate_record(validate_contents=True)
"""


def commands(wheel: Path, tree: Path, out: Path) -> dict[str, dict[str, list[str]]]:
    """Give what is measured: by what is done, by who does it."""
    names = sorted(path.name for path in tree.iterdir())
    zipped = [PYTHON, "-m", "zipfile"]
    return {
        "pack": {
            "wheelyard": [*OURS, "pack", str(tree), "-d", str(out)],
            "wheel": [PYTHON, "-m", "wheel", "pack", str(tree), "-d", str(out)],
            "zipfile": [*zipped, "-c", str(out / "plain.whl"), *(str(tree / n) for n in names)],
        },
        "unpack": {
            "wheelyard": [*OURS, "unpack", str(wheel), "-d", str(out)],
            "wheel": [PYTHON, "-m", "wheel", "unpack", str(wheel), "-d", str(out)],
            "zipfile": [*zipped, "-e", str(wheel), str(out)],
        },
        "verify": {
            "wheelyard": [*OURS, "verify", str(wheel)],
            "installer": [PYTHON, "-c", INSTALLER, str(wheel)],
            "zipfile": [*zipped, "-t", str(wheel)],
            "hashing": [PYTHON, "-c", HASHING, str(tree)],
        },
    }


def fetch(requirement: str, folder: Path) -> Path:
    """Download a wheel."""
    pip = [PYTHON, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:"]
    subprocess.run([*pip, "-d", str(folder), requirement], check=True)
    return next(folder.glob("*.whl"))


def timed(command: list[str], out: Path) -> tuple[float, int]:
    """Run a command into an empty folder; give its wall time and the size of wheels it wrote."""
    out.mkdir()
    begun = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - begun
    size = sum(path.stat().st_size for path in out.glob("*.whl"))
    shutil.rmtree(out)
    return seconds, size


def measure(wheel: Path, tree: Path, out: Path, rounds: int) -> dict[str, dict[str, float]]:
    """Give the medians in seconds, and the sizes in bytes of what was packed."""
    result: dict[str, dict[str, float]] = {}
    for verb, tools in commands(wheel, tree, out).items():
        times: dict[str, list[float]] = {tool: [] for tool in tools}
        sizes = {}
        for turn in range(rounds + 1):  # the first fills the file system's cache
            for tool, command in tools.items():
                seconds, sizes[tool] = timed(command, out)
                if turn:
                    times[tool].append(seconds)
        result[verb] = {tool: round(median(runs), 4) for tool, runs in times.items()}
        if verb == "pack":
            result["size"] = dict(sizes)
    return result


def show(kind: str, result: Mapping[str, Mapping[str, float]]) -> None:
    """Print one wheel's table."""
    for verb, tools in result.items():
        cells = "  ".join(f"{tool} {value:.6g}" for tool, value in tools.items())
        ratios = "  ".join(
            f"{tool}/ours {value / tools['wheelyard']:.3f}"
            for tool, value in tools.items()
            if tool != "wheelyard"
        )
        print(f"{kind:7}{verb:7} {cells}\n{'':15}{ratios}")


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    compileall.compile_dir(Path(wheelyard.__file__).parent, quiet=1)
    results = {}
    with tempfile.TemporaryDirectory() as name:
        for kind, requirement in WHEELS.items():
            folder = Path(name) / kind
            wheel = fetch(requirement, folder)
            subprocess.run(
                [*OURS, "unpack", "-d", str(folder), str(wheel)],
                check=True,
                stdout=subprocess.DEVNULL,
            )
            tree = next(path for path in folder.iterdir() if path.is_dir())
            results[kind] = measure(wheel, tree, folder / "out", options.rounds)
            show(kind, results[kind])
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
