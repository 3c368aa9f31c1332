from __future__ import annotations

import csv
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).parents[3]
COMMITTED = ROOT / "src/wheelyard/targets/data/dsm.toml"
TOOLCHAINS = ROOT / "tools/spksrc_toolchains.tsv"


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    path = ROOT / "tools/generate_dsm_targets.py"
    spec = importlib.util.spec_from_file_location("generate_dsm_targets", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generator_reproduces_the_committed_file(generator: ModuleType) -> None:
    with TOOLCHAINS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert generator.render(rows) == COMMITTED.read_text("utf-8")
