"""Our tags beside those of packaging, pip and uv, and on real interpreters."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import packaging
import packaging._manylinux
import packaging._musllinux
import pytest
from packaging.markers import default_environment
from packaging.tags import compatible_tags, cpython_tags, sys_tags
from uv import find_uv_bin

from wheelyard.targets.catalog import find_target, target_names
from wheelyard.targets.detect import detect_interpreter, detect_this
from wheelyard.targets.explain import explain
from wheelyard.targets.markers import marker_environment
from wheelyard.targets.platforms import compatible_archs, platform_tags
from wheelyard.targets.tags import supported_tags
from wheelyard.wheel.filename import parse_wheel_filename

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wheelyard.targets.target import Libc, Machine, Target

SOURCES = Path(__file__).parents[2] / "src"


def texts(target: Target) -> list[str]:
    return [str(tag) for tag in supported_tags(target)]


def output(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


# The running interpreter


def test_tags_of_this_machine_are_packagings() -> None:
    assert texts(detect_this()) == [str(tag) for tag in sys_tags()]


def test_markers_of_this_machine_are_packagings() -> None:
    assert marker_environment(detect_this()) == default_environment()


def test_tags_of_this_machine_are_pips() -> None:
    shown = output(sys.executable, "-m", "pip", "debug", "--verbose")
    listed = shown.partition("Compatible tags:")[2].splitlines()[1:]
    assert texts(detect_this()) == [line.strip() for line in listed if line.startswith("  ")]


# Other interpreters

PROBE = """
import json, sys
sys.path[:0] = sys.argv[1:]
from wheelyard.targets.detect import detect_this
from wheelyard.targets import explain, target
from wheelyard.targets.markers import marker_environment
from wheelyard.targets.tags import supported_tags
from packaging.markers import default_environment
from packaging.tags import sys_tags
this = detect_this()
print(json.dumps({
    "target": this.as_dict(),
    "ours": [[str(tag) for tag in supported_tags(this)], marker_environment(this)],
    "theirs": [[str(tag) for tag in sys_tags()], default_environment()],
}))
"""


def find_python(version: str) -> Path | None:
    """An interpreter of a version: uv's, one on PATH, or pyenv's (whose shims uv can't ask)."""
    uv = subprocess.run(
        [find_uv_bin(), "python", "find", "--no-python-downloads", version],
        capture_output=True,
        text=True,
        check=False,
    )
    if uv.returncode == 0:
        return Path(uv.stdout.strip())
    if shutil.which("pyenv"):
        pyenv = subprocess.run(
            ["pyenv", "prefix", version], capture_output=True, text=True, check=False
        )
        found = Path(pyenv.stdout.strip(), "bin", "python3")
        return found if pyenv.returncode == 0 and found.exists() else None
    return None


def assert_agrees_with_packaging(interpreter: Path) -> None:
    site = Path(packaging.__file__).parents[1]
    said: dict[str, Any] = json.loads(output(interpreter, "-c", PROBE, SOURCES, site))
    assert said["ours"] == said["theirs"]
    assert json.loads(json.dumps(detect_interpreter(interpreter).as_dict())) == said["target"]


def test_python_3_9_knows_its_own_tags() -> None:
    interpreter = find_python("3.9")
    if interpreter is None:
        pytest.fail(
            "No Python 3.9 here, the oldest that targets run: `uv python install 3.9` gets one."
        )
    assert_agrees_with_packaging(interpreter)


@pytest.mark.parametrize("version", ["3.12", "3.13", "3.14", "3.14t"])
def test_newer_python_knows_its_own_tags(version: str) -> None:
    interpreter = find_python(version)
    if interpreter is None:
        pytest.skip(f"no Python {version} here")
    assert_agrees_with_packaging(interpreter)


# Foreign targets


def packagings_platforms(
    monkeypatch: pytest.MonkeyPatch, machine: Machine, libc: Libc
) -> Iterator[str]:
    """Give what packaging would say there; it asks the running machine, so its answers are set."""
    glibc = libc.version if libc.family == "glibc" else (-1, -1)
    musl = libc.version if libc.family == "musl" else None
    for name, value in (
        ("_get_glibc_version", glibc),
        ("_is_linux_armhf", machine.float_abi == "hard"),
        ("_is_linux_i686", machine.arch == "i686"),
    ):
        monkeypatch.setattr(packaging._manylinux, name, lambda *_, value=value: value)
    known = packaging._musllinux._MuslVersion(*musl) if musl else None
    monkeypatch.setattr(packaging._musllinux, "_get_musl_version", lambda _: known)
    archs = list(compatible_archs(machine.arch))
    yield from (f"linux_{arch}" for arch in archs)
    yield from packaging._manylinux.platform_tags(archs)
    yield from packaging._musllinux.platform_tags(archs)


def test_platform_tags_of_every_known_target_are_packagings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    targets = [find_target(name, "3.12") for name in target_names()]
    for machine, libc in {(target.machine, target.libc) for target in targets}:
        expected = packagings_platforms(monkeypatch, machine, libc)
        assert platform_tags(machine, libc) == tuple(expected)


@pytest.mark.parametrize("python", ["3.9", "3.11", "3.13", "3.13t", "3.15", "3.15t"])
@pytest.mark.parametrize("name", ["dsm-7.2-armv7", "manylinux_2_28_aarch64", "alpine-3.20-x86_64"])
def test_tags_of_a_foreign_target_are_packagings(name: str, python: str) -> None:
    target = find_target(name, python)
    version, abi = target.python.version, target.python.abi
    platforms = platform_tags(target.machine, target.libc)
    interpreter = f"cp{version[0]}{version[1]}"
    expected = [
        *cpython_tags(version, [abi], platforms),
        *compatible_tags(version, interpreter, platforms),
    ]
    assert texts(target) == [str(tag) for tag in expected]


# uv says only which wheel it takes: each project has a pure 1.0 and a 2.0 with the tag in question.

PYTHONS = (
    "cp311-cp311",
    "cp311-none",
    "cp310-cp310",
    "cp312-cp312",
    "cp38-abi3",
    "cp311-abi3",
    "cp312-abi3",
    "py3-none",
    "py310-none",
    "py312-none",
)
PLATFORMS = (
    "any",
    "linux_aarch64",
    "manylinux2014_aarch64",
    "manylinux_2_28_aarch64",
    "manylinux_2_29_aarch64",
    "manylinux1_x86_64",
    "manylinux_2_17_x86_64",
    "musllinux_1_2_aarch64",
    "musllinux_1_1_x86_64",
    "musllinux_1_2_x86_64",
)


def write_wheel(folder: Path, name: str, version: str, tag: str) -> None:
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-{tag}.whl", "w") as file:
        file.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        file.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nGenerator: x\nTag: {tag}\n")
        file.writestr(f"{info}/RECORD", "")


@pytest.fixture(scope="module")
def tagged_projects(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    folder = tmp_path_factory.mktemp("wheels")
    projects = {}
    for number, (python, platform) in enumerate(product(PYTHONS, PLATFORMS)):
        name, tag = f"project{number}", f"{python}-{platform}"
        write_wheel(folder, name, "1.0", "py3-none-any")
        write_wheel(folder, name, "2.0", tag)
        projects[name] = tag
    return folder, projects


@pytest.mark.parametrize(
    ("uv_platform", "name"),
    [
        ("aarch64-manylinux_2_28", "manylinux_2_28_aarch64"),
        ("x86_64-manylinux_2_17", "manylinux_2_17_x86_64"),
        ("x86_64-unknown-linux-musl", "musllinux_1_2_x86_64"),
    ],
)
def test_uv_takes_the_wheels_that_fit(
    uv_platform: str, name: str, tagged_projects: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    folder, projects = tagged_projects
    wanted = tmp_path / "requirements.in"
    wanted.write_text("".join(f"{project}\n" for project in projects))
    options = ("--no-index", "--no-config", "--no-build", "--no-header", "--no-annotate", "--quiet")
    platform = ("--python-version", "3.11", "--python-platform", uv_platform)
    pinned = output(
        *(find_uv_bin(), "pip", "compile", *options, *platform),
        *("--find-links", folder, "--cache-dir", tmp_path / "cache", wanted),
    )
    taken = {line.partition("==")[0] for line in pinned.splitlines() if line.endswith("==2.0")}
    target = find_target(name, "3.11")
    fitting = {
        project
        for project, tag in projects.items()
        if explain(parse_wheel_filename(f"{project}-2.0-{tag}.whl"), target).fits
    }
    assert taken == fitting
    assert 0 < len(fitting) < len(projects)
