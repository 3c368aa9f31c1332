"""Sources with compiled parts, built here for another machine and imported by its own Python."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from wheelyard.builders.cross.native import python_packages
from wheelyard.builders.sysroots import open_debian
from wheelyard.cli import main
from wheelyard.index.settings import load_settings
from wheelyard.installer import Compatibility, Destination, InstallRequest, Options, install
from wheelyard.store.store import Store
from wheelyard.targets.catalog import find_target
from wheelyard.targets.detect import detect_this
from wheelyard.targets.explain import explain
from wheelyard.targets.tags import tag_ranks

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.network

TARGET = "debian-12-arm64"
LINES = "markupsafe==3.0.3\nmsgpack==1.1.2\ncffi==2.0.0\npsutil==7.2.2\n"
MODULES = "markupsafe._speedups, msgpack._cmsgpack, _cffi_backend, psutil"
FLOORED = "manylinux_2_17_aarch64"


@pytest.fixture(scope="module")
def store(request: pytest.FixtureRequest) -> Path:
    assert request.config.cache is not None
    return request.config.cache.mkdir("cross-store")


@pytest.fixture(scope="module")
def out(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cross")
    (folder / "requirements-crossenv.txt").write_text(LINES)
    options = ["--store", str(store), "-o", str(folder / "out"), "--no-deps", "--python", "3.11"]
    requirements = str(folder / "requirements-crossenv.txt")
    status = main(["build", "-q", "-r", requirements, "-t", TARGET, "-t", FLOORED, *options])
    assert status == 4, "one wheel needs a library that not every machine of a level has"
    return folder / "out"


def test_the_targets_own_python_imports_what_was_built_here(
    store: Path, out: Path, tmp_path: Path
) -> None:
    target = find_target(TARGET, None)
    compatibility = Compatibility(
        frozenset(tag_ranks(target)), lambda name: explain(name, target).reason
    )
    place = Destination("target", tmp_path / "lib")
    options = Options(compile_bytecode=False)
    python = tmp_path / "python"
    with Store(store) as opened, open_debian(opened, load_settings()) as provider:
        sysroot = provider(target, (*python_packages(target), "libffi-dev"))
        emulator = provider.fetch_tool("qemu-user-static", detect_this().machine)
    interpreter = sysroot.root / "usr/bin/python3.11"
    python.write_text(
        f"#!/bin/sh\nexec {emulator}/usr/bin/qemu-aarch64-static -L {sysroot.root} "
        f'{interpreter} "$@"\n'
    )
    python.chmod(0o755)
    request = InstallRequest(
        out / TARGET, place, python, tmp_path / "cache", compatibility, options=options
    )
    install(request)
    code = f"import sys; sys.path.insert(0, {str(place.path)!r}); import platform, {MODULES}; "
    done = subprocess.run(
        [python, "-c", code + "print(platform.machine())"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("aarch64\n", "")


def test_no_symbol_asks_for_more_than_the_floor(out: Path, tmp_path: Path) -> None:
    """With readelf, which is not what the audit reads with."""
    wheels = [path for path in (out / FLOORED).glob("*.whl") if "aarch64" in path.name]
    assert len(wheels) == 3
    for wheel in wheels:
        subprocess.run(["python3", "-m", "zipfile", "-e", wheel, tmp_path / wheel.stem], check=True)
    for path in tmp_path.rglob("*.so"):
        listed = subprocess.run(
            ["readelf", "--version-info", "--wide", path],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        versions = {
            tuple(map(int, word.removeprefix("GLIBC_").split(".")))
            for word in listed.split()
            if word.startswith("GLIBC_2")
        }
        assert versions
        assert max(versions) <= (2, 17)


def test_a_library_that_a_level_does_not_have_is_named(out: Path) -> None:
    manifest = json.loads((out / FLOORED / "manifest.json").read_text())
    (failure,) = manifest["failures"]
    assert failure["name"] == "cffi"
    assert "libffi.so.8" in failure["cause"]
    assert {wheel["origin"] for wheel in manifest["wheels"]} == {"cross"}
