"""Sources with compiled parts, built here for another machine and imported by its own Python."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest
from tests.integration.conftest import make_sdist
from tests.unit.installer.houses import chosen

from wheelyard.builders.cross.native import python_packages
from wheelyard.builders.sysroots import open_debian
from wheelyard.builders.tools import fetch_tool
from wheelyard.cli import main
from wheelyard.index.settings import load_settings
from wheelyard.installer import Compatibility, Destination, InstallRequest, Options, install
from wheelyard.store.store import Store
from wheelyard.targets.catalog import find_target
from wheelyard.targets.explain import explain
from wheelyard.targets.tags import tag_ranks
from wheelyard.wheel import parse_wheel_filename

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.conftest import Run

pytestmark = pytest.mark.network

TARGET = "debian-12-arm64"
LINES = "markupsafe==3.0.3\nmsgpack==1.1.2\ncffi==2.0.0\npsutil==7.2.2\n"
MODULES = {
    "markupsafe": "markupsafe._speedups",
    "msgpack": "msgpack._cmsgpack",
    "cffi": "_cffi_backend",
    "psutil": "psutil._psutil_linux",
}
FLOORED = "manylinux_2_17_aarch64"
NAS = "dsm-7.2-aarch64"


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
    status = main(["build", "-q", "-r", requirements, "-t", TARGET, "-t", FLOORED, "-t", NAS,
                   *options])  # fmt: skip
    assert status == 0
    return folder / "out"


@pytest.fixture(scope="module")
def emulated(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The targets' own Python, run by an emulator."""
    python = tmp_path_factory.mktemp("emulated") / "python"
    target = find_target(TARGET, None)
    with Store(store) as opened, open_debian(opened, load_settings()) as provider:
        sysroot = provider(target, (*python_packages(target), "libffi-dev"))
        emulator = fetch_tool("qemu-user-static", provider)
    interpreter = sysroot.root / "usr/bin/python3.11"
    python.write_text(
        f"#!/bin/sh\nexec {emulator}/usr/bin/qemu-aarch64-static -L {sysroot.root} "
        f'{interpreter} "$@"\n'
    )
    python.chmod(0o755)
    return python


def run_installed(name: str, out: Path, python: Path, folder: Path, code: str) -> tuple[str, str]:
    """Install a target's wheelhouse and run code there."""
    target = find_target(name, "3.11")
    compatibility = Compatibility(
        tag_ranks(target), lambda wheel: explain(wheel, target).reason, target.python.release
    )
    wheels = chosen(out / name, compatibility=compatibility)
    place = Destination("target", folder / "lib")
    options = Options(compile_bytecode=False)
    install(InstallRequest(wheels, place, python, folder / "cache", options))
    done = subprocess.run(
        [python, "-c", f"import sys; sys.path.insert(0, {str(place.path)!r}); {code}"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stdout, done.stderr


def test_the_targets_own_python_imports_what_was_built_here(out: Path) -> None:
    for name in (TARGET, FLOORED, NAS):
        manifest = json.loads((out / name / "manifest.json").read_text())
        proofs = {wheel["name"]: wheel["proof"] for wheel in manifest["wheels"]}
        assert {proof["outcome"] for proof in proofs.values()} == {"passed"}
        assert {proof["runner"].split()[0] for proof in proofs.values()} == {"qemu-aarch64"}
        for project, module in MODULES.items():
            assert project not in proofs or module in proofs[project]["modules"]


def test_a_library_that_a_machine_lacks_is_brought_and_used(
    out: Path, emulated: Path, tmp_path: Path
) -> None:
    manifest = json.loads((out / NAS / "manifest.json").read_text())
    (cffi,) = (wheel for wheel in manifest["wheels"] if wheel["name"] == "cffi")
    ((name, place, floor),) = ((one["name"], one["from"], one["floor"]) for one in cffi["grafted"])
    assert place.startswith("usr/lib/aarch64-linux-gnu/libffi.so.8")
    assert tuple(map(int, floor.split("."))) <= find_target(NAS, "3.11").libc.version
    code = f"import _cffi_backend; print('cffi.libs/{name}' in open('/proc/self/maps').read())"
    assert run_installed(NAS, out, emulated, tmp_path, code) == ("True\n", "")


def test_each_wheel_has_the_tag_that_it_keeps(out: Path) -> None:
    tags = {name: wheels(out / name) for name in (TARGET, FLOORED, NAS)}
    level = "manylinux2014_aarch64.manylinux_2_17_aarch64"
    assert tags[FLOORED] == {
        "cffi": f"cp311-cp311-{level}",
        "markupsafe": f"cp311-cp311-{level}",
        "msgpack": f"cp311-cp311-{level}",
        "psutil": f"cp36-abi3-{level}",
    }
    assert tags[TARGET]["cffi"] == "cp311-cp311-linux_aarch64", "Debian's own libffi is used"
    assert tags[NAS]["cffi"].startswith("cp311-cp311-manylinux_2_")


def wheels(folder: Path) -> dict[str, str]:
    names = (parse_wheel_filename(path.name) for path in folder.glob("*.whl"))
    return {name.name: name.tag_set for name in names}


def test_no_symbol_asks_for_more_than_the_floor(out: Path, tmp_path: Path) -> None:
    """With readelf, which is not what the audit reads with."""
    for wheel in (out / FLOORED).glob("*.whl"):
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


def test_a_library_for_an_old_level_comes_from_an_old_debian(out: Path) -> None:
    manifest = json.loads((out / FLOORED / "manifest.json").read_text())
    (cffi,) = (wheel for wheel in manifest["wheels"] if wheel["name"] == "cffi")
    (grafted,) = cffi["grafted"]
    assert grafted["from"].startswith("usr/lib/aarch64-linux-gnu/libffi.so.7")
    assert tuple(map(int, grafted["floor"].split("."))) <= (2, 17)
    assert {wheel["origin"] for wheel in manifest["wheels"]} == {"cross"}


def test_a_store_that_compilers_can_not_name_is_told_of(run: Run, tmp_path: Path) -> None:
    links = tmp_path / "links"
    links.mkdir()
    make_sdist(links, "speedy", "1.0")
    (tmp_path / "requirements-crossenv.txt").write_text("speedy\n")
    places = ("-f", links, "--no-index", "--store", tmp_path / "it's here", "-o", "out")
    done = run("build", "-r", "requirements-crossenv.txt", "-t", "debian-12-arm64", *places)
    assert done.status == 4
    assert "don't take quotes or backslashes in a path" in done.err
