"""Every command that takes a wheel refuses it by the rule that it breaks, and changes nothing."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from tests.hostile.cases import REFUSED
from tests.unit.installer.houses import tree

from wheelyard.cli import main
from wheelyard.errors import VerificationError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hostile.case import Case

COMMANDS = {
    "verify": ("verify", "WHEEL"),
    "check": ("check", "WHEEL"),
    "unpack": ("unpack", "WHEEL", "-d", "new"),
    "tags": ("tags", "WHEEL", "--build", "7", "--remove"),
    "install": ("install", "WHEEL", "--target", "new", "--store", "store", "--python", "PYTHON"),
    "audit": ("audit", "WHEEL"),
    "repair": ("repair", "WHEEL", "-t", "debian-12-arm64", "-o", "new"),
    "unsign": ("unsign", "WHEEL"),
    "info": ("info", "WHEEL"),
}
NAMED = {case.rule: case for case in REFUSED if not case.strict and "_64" not in case.name}
# What shows only where content is read; these commands read none, and write none.
OPENING = {"info", "unsign"}
READING = {"crc", "deflate", "record-hash", "size"}
CASES = [
    (command, case)
    for case in NAMED.values()
    for command in COMMANDS
    if not (command in OPENING and case.rule in READING)
]


@pytest.mark.parametrize(
    ("command", "case"), CASES, ids=[f"{command}-{case.id}" for command, case in CASES]
)
def test_hostile_wheel_is_refused_by_its_rule(
    command: str,
    case: Case,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / case.name).write_bytes(case.content(str(tmp_path / "outside")))
    before = tree(tmp_path)
    words = {"WHEEL": case.name, "PYTHON": sys.executable}
    code = main([words.get(word, word) for word in COMMANDS[command]])
    said = "".join(capsys.readouterr())
    assert code == VerificationError.exit_code, said
    assert f"[{case.rule}]" in said
    assert said.replace("\n", "").isprintable()
    after = tree(tmp_path)
    assert {path: after[path] for path in after if not (tmp_path / path).is_dir()} == before
