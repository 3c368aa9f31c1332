"""The documents do what they say: their commands run, their reference is the code's."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from wheelyard.builders.sysroots.mirrors import named_mirrors
from wheelyard.cli import COMMANDS
from wheelyard.plans.config import SCHEMA, parse_config

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\(([^)#:]+)\)")


def blocks(page: str, language: str) -> list[str]:
    """Give the code blocks of a page in a language."""
    text = (ROOT / page).read_text("utf-8")
    return [code for name, code in _BLOCK.findall(text) if name == language]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder that looks like a checkout after ``make``."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    (tmp_path / ".venv").symlink_to(sys.prefix)
    return tmp_path


@pytest.mark.network
@pytest.mark.parametrize("page", ["README.md", "docs/tutorial/first-wheelhouse.md"])
def test_the_commands_of_a_page_run_as_written(page: str, checkout: Path) -> None:
    script = "\n".join(blocks(page, "sh"))
    path = f"{Path(sys.prefix) / 'bin'}:{os.environ['PATH']}"
    environ = {**os.environ, "PATH": path, "WHEELYARD_STORE": str(checkout / "store")}
    done = subprocess.run(
        ["sh", "-ec", script], cwd=checkout, env=environ, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 failed" in done.stdout


def test_the_configuration_that_is_shown_is_valid() -> None:
    (example,) = blocks("docs/how-to/configuration.md", "toml")
    config = parse_config(example, "wheelyard.toml")
    assert {choice.name for choice in config.targets} == {"nas"}


def test_the_mirrors_that_are_shown_are_valid() -> None:
    (example, *_) = blocks("docs/how-to/sysroots.md", "toml")
    url, line, _ = parse_config(example, "wheelyard.toml").mirrors
    assert [mirror.suite for mirror in named_mirrors((url, line))] == ["", "noble"]


def test_the_published_schema_is_the_one_that_is_checked() -> None:
    published = json.loads((ROOT / "docs/reference/wheelyard.schema.json").read_text("utf-8"))
    assert published == json.loads(json.dumps(SCHEMA, default=dict)), "run tools/write_reference.py"


@pytest.mark.parametrize("command", COMMANDS)
def test_the_reference_names_every_option(command: str) -> None:
    page = (ROOT / "docs/reference/commands.md").read_text("utf-8")
    section = page.partition(f"## `wheelyard {command}`")[2].partition("\n## ")[0]
    done = subprocess.run(
        [sys.executable, "-m", "wheelyard", command, "--help"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    options = re.compile(r"(?<![\w-])--[a-z-]+")
    assert set(options.findall(section)) == set(options.findall(done.stdout))


@pytest.mark.parametrize(
    "page", [*sorted(ROOT.glob("docs/**/*.md")), ROOT / "README.md"], ids=lambda page: page.name
)
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in _LINK.findall(page.read_text("utf-8")):
        assert (page.parent / link).exists(), f"{page.name}: {link}"
