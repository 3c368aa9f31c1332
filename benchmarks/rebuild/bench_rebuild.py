"""A build with nothing to do against ``pip wheel`` over the same wheels; and starting up.

    python benchmarks/rebuild/bench_rebuild.py --rounds 9 --json result.json

The list is that of the installation benchmark, built once. Then, in turn: our second build;
``pip wheel --no-index --find-links`` over the wheelhouse that it made, into a folder that holds
every wheel already; ``wheelyard --version``; ``python -I -c pass``. Processes as a whole, medians.
The aims: a second build in at most 1/20 of pip's time; start-up in at most twice Python's.
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
from statistics import median

HERE = Path(__file__).parent
PROJECTS = HERE.parent / "install" / "projects.txt"
WHEELYARD = str(Path(sys.executable).with_name("wheelyard"))


def timed(command: list[str]) -> float:
    """Run a command and give its wall time in seconds."""
    begun = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - begun


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build = [WHEELYARD, "build", "--no-deps", "-r", str(PROJECTS), "-o", str(folder / "out")]
        build += ["--store", os.environ.get("WHEELYARD_STORE", str(folder / "store"))]
        timed(build)
        house = folder / "out" / "this"
        pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-index"]
        pip += ["--find-links", str(house), "-r", str(house / "requirements.txt")]
        commands = {
            "second build": build,
            "pip wheel": [*pip, "-w", str(folder / "wheels")],
            "wheelyard --version": [WHEELYARD, "--version"],
            "python -I -c pass": [sys.executable, "-I", "-c", "pass"],
        }
        for command in commands.values():
            timed(command)
        times: dict[str, list[float]] = {label: [] for label in commands}
        for _ in range(options.rounds):
            for label, command in commands.items():
                times[label].append(timed(command))
        count = len(list(house.glob("*.whl")))
    result = {label: round(median(runs), 4) for label, runs in times.items()}
    print(f"{count} wheels, medians of {options.rounds} rounds, seconds")
    for label, seconds in result.items():
        print(f"{label:24}{seconds:8.3f}")
    print(f"second build / pip wheel: {result['second build'] / result['pip wheel']:.3f}")
    ratio = result["wheelyard --version"] / result["python -I -c pass"]
    print(f"--version / python:       {ratio:.2f}")
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
