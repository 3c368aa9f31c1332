r"""Make ``src/wheelyard/targets/data/dsm.toml`` from spksrc's list of toolchains.

    python tools/generate_dsm_targets.py tools/spksrc_toolchains.tsv \
        > src/wheelyard/targets/data/dsm.toml

The list is tab-separated with a header line; it holds the facts in the Makefiles of spksrc's
``toolchain/``. Wanted columns: name, tcversion, os, triplet, glibc, kernel, TC_ARCH.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

HEADER = """\
# Made by tools/generate_dsm_targets.py from the toolchains of spksrc; don't edit.
# A target is named <system>-<version>-<architecture or model>. `also` are models that have no
# toolchain of their own and use this one. libc is glibc's version; machine and float as in
# machines.toml.

toolchains = [
"""

# By the first word of the toolchain's triplet.
MACHINES = {
    "aarch64": "aarch64",
    "arm": "armv7l",
    "i686": "i686",
    "powerpc": "ppc",
    "x86_64": "x86_64",
}
# These two ARM architectures are soft float. All others are hard: where the toolchain's triplet or
# archive doesn't say so, spksrc's flags do.
SOFT_FLOAT = {"88f6281": "armv5tel", "hi3535": "armv7l"}


def main() -> None:
    """Print the catalogue's file for the list that is named as the only argument."""
    with Path(sys.argv[1]).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    sys.stdout.write(render(rows))


def render(rows: list[dict[str, str]]) -> str:
    """Give the whole file, sorted by name."""
    own = {_name(row, _architecture(row)) for row in rows}
    lines = sorted(_line(row, own) for row in rows)
    return HEADER + "".join(f"  {line},\n" for line in lines) + "]\n"


def _line(row: dict[str, str], own: set[str]) -> str:
    models = [model for model in row["TC_ARCH"].split() if _name(row, model) not in own]
    fields = {
        "system": row["os"].lower(),
        "version": row["tcversion"],
        "arch": _architecture(row),
        **_machine(row),
        "libc": row["glibc"],
        "kernel": row["kernel"],
    }
    pairs = [f'{key} = "{value}"' for key, value in fields.items()]
    if models:
        quoted = ", ".join(f'"{model}"' for model in models)
        pairs.append(f"also = [{quoted}]")
    return f"{{ {', '.join(pairs)} }}"


def _machine(row: dict[str, str]) -> dict[str, str]:
    soft = SOFT_FLOAT.get(_architecture(row))
    if soft:
        return {"machine": soft, "float": "soft"}
    machine = {"machine": MACHINES[row["triplet"].partition("-")[0]]}
    if row["triplet"].endswith("gnuspe"):
        return {**machine, "float": "spe", "isa": "e500v2"}
    return machine


def _name(row: dict[str, str], architecture: str) -> str:
    return f"{row['os'].lower()}-{row['tcversion']}-{architecture}"


def _architecture(row: dict[str, str]) -> str:
    """``88f6281-6.1`` is the architecture and the version, joined."""
    return row["name"].removesuffix(f"-{row['tcversion']}")


if __name__ == "__main__":
    main()
