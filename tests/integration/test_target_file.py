"""A device says what it is, and wheels are made for it from what it said."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from wheelyard.builders.cross.native import python_packages
from wheelyard.builders.sysroots import open_debian
from wheelyard.builders.tools import fetch_tool
from wheelyard.cli import main
from wheelyard.index.settings import load_settings
from wheelyard.store.store import Store
from wheelyard.targets.catalog import find_target

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.network


def test_wheels_are_made_for_a_machine_that_ran_the_script(
    request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The device's Python is emulated; its kernel and its files are this machine's."""
    assert request.config.cache is not None
    store = request.config.cache.mkdir("cross-store")
    assert main(["target", "detect", "--script"]) == 0
    script = tmp_path / "fingerprint.py"
    script.write_text(capsys.readouterr().out)
    target = find_target("debian-12-arm64", None)
    with Store(store) as opened, open_debian(opened, load_settings()) as provider:
        root = provider(target, python_packages(target)).root
        tools = fetch_tool("qemu-user-static", provider)
    command: list[str | Path] = [
        tools / "usr/bin/qemu-aarch64-static",
        "-L",
        root,
        root / "usr/bin/python3.11",
    ]
    device = tmp_path / "board.json"
    device.write_bytes(subprocess.run([*command, script], capture_output=True, check=True).stdout)

    facts = json.loads(device.read_text())
    assert facts["ext_suffix"] == ".cpython-311-aarch64-linux-gnu.so"
    assert facts["soabi"] == "cpython-311-aarch64-linux-gnu"
    assert facts["libc"] == "glibc 2.36"
    assert "libc.so.6" in facts["sonames"]
    places = ["--store", str(store), "-o", str(tmp_path / "out")]
    asked = ["build", "-q", "markupsafe==3.0.3", "--no-binary", "markupsafe", "-t", str(device)]
    assert main([*asked, *places]) == 0
    manifest = json.loads((tmp_path / "out/board/manifest.json").read_text())
    assert manifest["target"]["machine"]["arch"] == "aarch64"
    (wheel,) = manifest["wheels"]
    assert wheel["origin"] == "cross"
    assert wheel["proof"]["outcome"] == "passed"
