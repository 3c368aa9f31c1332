"""Write the reference pages that are made from the code: the commands' help, the JSON Schema.

Run it when the command line or the configuration changes; a test compares.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from wheelyard.cli import COMMANDS
from wheelyard.plans.config import SCHEMA

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"
INTRODUCTION = """\
# Commands

Exit codes: 0 done; 1 internal error; 2 usage or configuration; 3 resolution; 4 some wheels failed
(the rest is written); 5 verification or security; 6 this machine lacks something (a tool, disk
space, a reachable index). 130 after an interrupt or SIGTERM.

`WHEELYARD_STORE` names the store where `--store` doesn't; `WHEELPATH`, folders of wheels for
`install`; `WHEELYARD_SIGN_KEY`, the key that `build` and `sign` sign with, whose passphrase
`WHEELYARD_SIGN_PASSPHRASE` may hold; `SOURCE_DATE_EPOCH`, the time that is written into wheels.
"""


def pages() -> dict[Path, str]:
    """Give each page's place and text."""
    parts = [INTRODUCTION]
    parts += [f"## `wheelyard {name}`\n\n```\n{help_of(name)}```\n" for name in COMMANDS]
    schema = json.dumps(SCHEMA, indent=2, default=dict) + "\n"
    return {
        REFERENCE / "commands.md": "\n".join(parts),
        REFERENCE / "wheelyard.schema.json": schema,
    }


def help_of(name: str) -> str:
    """Give a command's help; argparse wraps at COLUMNS."""
    command = (sys.executable, "-m", "wheelyard", name, "--help")
    environ = {**os.environ, "COLUMNS": "96", "NO_COLOR": "1"}
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environ).stdout


if __name__ == "__main__":
    for place, text in pages().items():
        place.write_text(text, "utf-8")
        print(place.name, file=sys.stderr)
