"""Cross builds against native builds of the same source distributions.

    python benchmarks/cross/bench_cross.py --rounds 3 --json result.json

In turn, for each package: ``wheelyard build`` for this machine, with its own compiler, and for
another one. Whole runs, from preparing the source to the wheel in its wheelhouse, medians; the
compiler's cache, the sysroot and the build requirements are there, and each round has another
SOURCE_DATE_EPOCH, so that nothing but these comes from the store. The aim: at most 1.3 times as
long.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import geometric_mean, median

PACKAGES = (
    "markupsafe==3.0.3",
    "msgpack==1.1.2",
    "psutil==7.2.2",
    "pycryptodome==3.23.0",
    "greenlet==3.2.4",
)
TARGETS = {"native": "this", "cross": "debian-12-arm64"}
WHEELYARD = str(Path(sys.executable).with_name("wheelyard"))
_EPOCH = 1_000_000_000


def build(package: str, target: str, epoch: int, folder: Path) -> float:
    """Build a wheel from source and give the wall time in seconds."""
    command = [WHEELYARD, "build", package, "-t", target, "--python", "3.11", "--no-deps"]
    command += ["--no-binary", ":all:", "--prove", "none", "-o", str(folder / "out")]
    command += ["--store", os.environ.get("WHEELYARD_STORE", str(folder / "store"))]
    environ = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch)}
    begun = time.perf_counter()
    subprocess.run(
        command, check=True, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    return time.perf_counter() - begun


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    start = _EPOCH + int(time.time()) % 1_000_000 * 100  # another one than in any earlier run
    result: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for package in PACKAGES:
            times: dict[str, list[float]] = {kind: [] for kind in TARGETS}
            for number in range(options.rounds + 1):
                for kind, target in TARGETS.items():
                    seconds = build(package, target, start + number, folder)
                    if number:  # the first round warms
                        times[kind].append(seconds)
            result[package] = {kind: round(median(runs), 2) for kind, runs in times.items()}
    print(f"medians of {options.rounds} rounds, seconds")
    print(f"{'':24}{'native':>8}{'cross':>8}{'ratio':>8}")
    for package, row in result.items():
        ratio = row["cross"] / row["native"]
        print(f"{package:24}{row['native']:8.2f}{row['cross']:8.2f}{ratio:8.2f}")
    mean = geometric_mean(row["cross"] / row["native"] for row in result.values())
    print(f"cross / native, geometric mean: {mean:.2f}")
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
