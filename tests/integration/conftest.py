"""A small index of our own making, and the command line run as its users run it."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tarfile
from typing import TYPE_CHECKING, NamedTuple

import pytest

from wheelyard.wheel import file_from_bytes, parse_wheel_filename, write_wheel

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., "Done"]

# A backend inside the source, so that building it needs no index (PEP 517, backend-path).
BACKEND = """
import hashlib, base64, os, zipfile, time
NAME, VERSION = {name!r}, {version!r}
def get_requires_for_build_wheel(config_settings=None):
    return []
def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    {extra}
    base = f"{{NAME}}-{{VERSION}}"
    files = {{
        f"{{NAME}}/__init__.py": f"version = {{VERSION!r}}\\n",
        f"{{base}}.dist-info/METADATA": f"Metadata-Version: 2.1\\nName: {{NAME}}\\nVersion: {{VERSION}}\\n",
        f"{{base}}.dist-info/WHEEL": "Wheel-Version: 1.0\\nGenerator: own\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    }}
    rows = []
    for path, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        rows.append(f"{{path}},sha256={{digest}},{{len(text.encode())}}")
    rows.append(f"{{base}}.dist-info/RECORD,,")
    files[f"{{base}}.dist-info/RECORD"] = "\\n".join(rows) + "\\n"
    target = os.path.join(wheel_directory, base + "-py3-none-any.whl")
    with zipfile.ZipFile(target, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return os.path.basename(target)
"""  # noqa: E501
PYPROJECT = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'


class Done(NamedTuple):
    """How a command ended."""

    status: int
    out: str
    err: str


def make_wheel(
    folder: Path, filename: str, requires: tuple[str, ...] = (), *, size: int = 20_000
) -> Path:
    """Write a small wheel that imports, with some incompressible ballast."""
    parsed = parse_wheel_filename(filename)
    base = f"{parsed.distribution}-{parsed.version}.dist-info"
    lines = [f"Name: {parsed.distribution}", f"Version: {parsed.version}"]
    lines += [f"Requires-Dist: {one}" for one in requires]
    metadata = "\n".join(["Metadata-Version: 2.1", *lines, ""])
    pure = "true" if filename.endswith("-any.whl") else "false"
    tags = "".join(f"Tag: {tag}\n" for tag in parsed.tags)
    wheel = f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: {pure}\n{tags}"
    module = parsed.distribution.lower()
    ballast = random.Random(filename).randbytes(size)  # noqa: S311 - the same each time
    files = (
        file_from_bytes(f"{module}/__init__.py", f"version = {parsed.version!r}\n".encode()),
        file_from_bytes(f"{module}/ballast.bin", ballast),
        file_from_bytes(f"{base}/METADATA", metadata.encode()),
        file_from_bytes(f"{base}/WHEEL", wheel.encode()),
    )
    return write_wheel(folder, parsed, files, timestamp=0).path


def make_sdist(folder: Path, name: str, version: str, *, extra: str = "pass") -> Path:
    """Write a source distribution that builds by itself; ``extra`` runs during its build."""
    source = folder / f"{name}-{version}"
    source.mkdir()
    (source / "backend.py").write_text(BACKEND.format(name=name, version=version, extra=extra))
    (source / "pyproject.toml").write_text(PYPROJECT)
    metadata = f"Metadata-Version: 2.2\nName: {name}\nVersion: {version}\n"
    (source / "PKG-INFO").write_text(metadata)
    archive = folder / f"{name}-{version}.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(source, source.name)
    return archive


@pytest.fixture(scope="session")
def links(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A find-links folder: pure and platform wheels, two sources, a second version."""
    folder = tmp_path_factory.mktemp("links")
    make_wheel(folder, "alpha-1.0-py3-none-any.whl", ("beta>=2",))
    make_wheel(folder, "beta-2.0-py3-none-any.whl")
    make_wheel(folder, "beta-3.0-py3-none-any.whl", ("gamma; sys_platform == 'linux'",))
    make_wheel(folder, "gamma-1.5-py2.py3-none-any.whl")
    for machine in ("x86_64", "aarch64"):
        make_wheel(folder, f"native-1.0-cp311-cp311-manylinux_2_17_{machine}.whl")
        make_wheel(folder, f"native-1.0-cp312-cp312-manylinux_2_17_{machine}.whl")
        make_wheel(folder, f"native-1.0-cp313-cp313-manylinux_2_17_{machine}.whl")
    make_sdist(folder, "sourced", "1.0")
    make_sdist(folder, "stubborn", "1.0", extra="raise SystemExit('error: flux.h not found')")
    return folder


@pytest.fixture
def run(tmp_path: Path, links: Path) -> Run:
    """Run a command of Wheelyard in an empty folder, with no index but the links."""

    def command(*arguments: str | Path, **more: str) -> Done:
        environ = plain_environ() | {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(links)} | more
        environ.setdefault("WHEELYARD_STORE", str(tmp_path / "store"))
        done = subprocess.run(
            [sys.executable, "-m", "wheelyard", *map(str, arguments)],
            cwd=tmp_path, env=environ, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return Done(done.returncode, done.stdout, done.stderr)

    return command


def plain_environ() -> dict[str, str]:
    """The environment without what its owner has set for pip, uv and us."""
    mine = ("PIP_", "UV_", "WHEELYARD_")
    return {key: text for key, text in os.environ.items() if not key.startswith(mine)}
