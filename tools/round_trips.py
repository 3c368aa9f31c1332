"""Take a hundred real wheels apart and put them together again, and check them.

    python tools/round_trips.py ~/wheels

The projects in ``round_trips.txt`` are downloaded by pip, with its own configuration, into the
folder where they aren't there yet. Of each wheel:

- unpacked and packed, it has the same files, modes and rows of ``RECORD``;
- with a build tag and without it again, too, and once more it has the same bytes;
- what ``wheelyard check`` finds is printed.

The exit code is 1 when a round trip fails.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from wheelyard.wheel import Wheel, open_wheel, unpack_wheel, verify_wheel
from wheelyard.wheel.lint import lint_wheel
from wheelyard.wheel.packing import pack_wheel
from wheelyard.wheel.retag import TagChange, plan_retagging, write_retagged

PROJECTS = Path(__file__).with_suffix(".txt")
TIME = 1_600_000_000


def fetch(folder: Path) -> list[Path]:
    """Download what is missing, and give the wheels."""
    lines = [line for line in PROJECTS.read_text().splitlines() if not line.startswith("#")]
    there = {path.name.partition("-")[0].lower() for path in folder.glob("*.whl")}
    wanted = [name for name in " ".join(lines).split() if name.replace("-", "_") not in there]
    pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:"]
    for name in wanted:
        subprocess.run([*pip, "-d", str(folder), name], check=False)
    return sorted(folder.glob("*.whl"))


def content(wheel: Wheel) -> dict[str, tuple[str, str, int | None, int]]:
    """Give what is in a wheel, by ``RECORD``, without the files that change with its build tag."""
    modes = {member.name: member.permissions for member in wheel.members}
    changing = {f"{wheel.dist_info}/{name}" for name in ("WHEEL", "RECORD")}
    return {
        row.path: (row.hash_algorithm, row.hash, row.size, modes[row.path])
        for row in wheel.record
        if row.path not in changing
    }


def packed_again(wheel: Wheel, folder: Path) -> list[str]:
    """Unpack and pack a wheel, and say what differs."""
    unpack_wheel(wheel.path, folder / "tree")
    again = open_wheel(pack_wheel(folder / "tree", folder, build=None, timestamp=TIME).written.path)
    differing = dict(content(wheel).items() ^ content(again).items())
    problems = [f"packed: {path} differs" for path in differing]
    if again.filename.tags != wheel.info.tags or again.filename.stem != wheel.filename.stem:
        problems.append(f"packed: it is named {again.path.name}")
    return problems


def tagged_again(wheel: Wheel, folder: Path) -> list[str]:
    """Give a wheel a build tag and take it away, twice, and say what differs."""
    digests = []
    last = wheel
    for build in ("7", wheel.filename.build_tag, "7", wheel.filename.build_tag):
        plan = plan_retagging(last, TagChange(build=build))
        written = write_retagged(plan, folder, timestamp=TIME)
        last = open_wheel(written.path)
        digests.append(written.sha256)
    problems = [
        f"tags: {path} differs" for path in dict(content(wheel).items() ^ content(last).items())
    ]
    if last.path.name != wheel.path.name or digests[:2] != digests[2:]:
        problems.append("tags: other bytes, or another name, the second time")
    return problems


def main() -> int:
    """Print what differs and what was found."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    wheels = fetch(folder)
    bad, found = 0, Counter[str]()
    for path in wheels:
        verified = verify_wheel(path)
        with tempfile.TemporaryDirectory(dir=folder) as name:
            problems = packed_again(verified.wheel, Path(name))
            problems += tagged_again(verified.wheel, Path(name))
        findings = lint_wheel(verified.wheel)
        found.update(finding.rule for finding in findings)
        bad += bool(problems)
        for text in (*problems, *findings):
            print(f"{path.name}: {text}", flush=True)
    size = sum(path.stat().st_size for path in wheels)
    print(
        f"{len(wheels)} wheels, {size / 1e6:.0f} MB: {bad} round trips failed; found {dict(found)}"
    )
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
