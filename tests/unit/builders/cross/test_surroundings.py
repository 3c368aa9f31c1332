"""What a build finds around itself: scripts, the shim, other wheels' headers, moved programs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.unit.wheel.making import make_wheel

from wheelyard.builders.cross import shim
from wheelyard.builders.cross.headers import put_headers, with_headers
from wheelyard.builders.cross.toolchain import write_config_scripts, write_host_python
from wheelyard.builders.sysroots import Sysroot
from wheelyard.builders.sysroots.relocate import relocate
from wheelyard.plans.release import File
from wheelyard.wheel import open_wheel

MULTIARCH = "aarch64-linux-gnu"


def test_config_scripts_of_the_sysroot_answer_for_the_view(tmp_path: Path) -> None:
    programs, tools = tmp_path / "root/usr/bin", tmp_path / "tools"
    programs.mkdir(parents=True)
    tools.mkdir()
    answer = f"-I/usr/include/libxml2 -L/usr/lib/{MULTIARCH}"
    (programs / "xml2-config").write_text(f'#!/bin/sh\ntest "$1" = --ok && echo "{answer}"\n')
    (programs / f"{MULTIARCH}-curl-config").write_text("#!/bin/sh\nexit 3\n")
    (programs / "binary-config").write_bytes(b"\x7fELF")
    write_config_scripts(tools, tmp_path / "root", Path("/view"), MULTIARCH)
    said = subprocess.run(
        [tools / "xml2-config", "--ok"], capture_output=True, text=True, check=True
    )
    assert said.stdout == "-I/view/include/libxml2 -L/view/lib\n"
    assert subprocess.run([tools / "curl-config"], check=False).returncode == 3
    assert not (tools / "binary-config").exists()


@pytest.fixture
def shimmed(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "sitecustomize.py").write_text(Path(shim.__file__).read_text())
    host = '{"machine": "aarch64", "multiarch": "aarch64-linux-gnu", "include": "/view"}'
    (tmp_path / "host.json").write_text(host)
    return {
        "WHEELYARD_CROSS": str(tmp_path / "host.json"),
        "PYTHONPATH": str(tmp_path),
        "_PYTHON_SYSCONFIGDATA_NAME": "",
        "_PYTHON_HOST_PLATFORM": "linux-aarch64",
    }


def test_meson_stays_native_and_the_python_that_it_asks_does_not(
    tmp_path: Path, shimmed: dict[str, str]
) -> None:
    del shimmed["_PYTHON_SYSCONFIGDATA_NAME"]
    code = "import os, sys; print(os.uname().machine, 'WHEELYARD_CROSS' in os.environ)\n"
    for name in ("meson", "other"):
        (tmp_path / name).write_text(code)
    host_python = tmp_path / "host-python"
    write_host_python(
        host_python, Path(sys.executable), {**shimmed, "_PYTHON_SYSCONFIGDATA_NAME": ""}
    )
    environ = {**os.environ, **shimmed}
    said = [
        subprocess.run(command, env=given, capture_output=True, text=True, check=True).stdout
        for command, given in (
            ([sys.executable, str(tmp_path / "meson")], environ),
            ([sys.executable, str(tmp_path / "other")], environ),
            ([str(host_python), str(tmp_path / "other")], dict(os.environ)),
        )
    ]
    assert said == [f"{os.uname().machine} False\n", "aarch64 True\n", "aarch64 True\n"]


def test_the_hosts_headers_take_the_place_of_this_machines(tmp_path: Path) -> None:
    header = "numpy/_core/include/numpy/_numpyconfig.h"
    files = {header: b"host", "numpy/__init__.py": b"host"}
    made = make_wheel(tmp_path, "numpy", "2.0", files)
    site, cache = tmp_path / "site", tmp_path / "cached.h"
    cache.write_text("this machine")
    (site / header).parent.mkdir(parents=True)
    (site / header).hardlink_to(cache)
    put_headers(open_wheel(made.path), site)
    assert (site / header).read_text() == "host"
    assert cache.read_text() == "this machine"
    assert not (site / "numpy/__init__.py").exists()


def test_only_wheels_with_headers_that_differ_are_wanted_for_the_host() -> None:
    names = ("numpy-2.0-cp311-cp311-linux_x86_64.whl", "cython-3.0-py3-none-any.whl")
    assert with_headers(File(filename=name, url="", sha256="0") for name in names) == (
        "numpy==2.0",
    )


def test_a_program_runs_with_the_libraries_of_its_tree(tmp_path: Path) -> None:
    place = tmp_path / "true"
    program = Path("/bin/true").resolve()
    tree = Sysroot(root=Path("/"), multiarch=f"{os.uname().machine}-linux-gnu", digest="0")
    relocate(program, tree, place)
    subprocess.run([place], check=True)
    said = subprocess.run(["readelf", "-d", place], capture_output=True, text=True, check=True)
    assert "(RPATH)" in said.stdout
