"""Standalone Pythons by uv; their server, which not everybody can reach, is one of ours."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from wheelyard.builders.interpreters import Interpreters
from wheelyard.builders.sysroots import Standalone, Sysroot, Sysroots
from wheelyard.builders.sysroots.standalone import standalone_name
from wheelyard.builders.sysroots.states import MissingSuiteError
from wheelyard.builders.sysroots.sysroot import Tree
from wheelyard.errors import HostError, UsageError
from wheelyard.store.store import Store
from wheelyard.targets.catalog import find_target

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wheelyard.targets.target import Target

ARM = find_target("manylinux_2_28_aarch64", "3.10")
MUSL = find_target("musllinux_1_2_aarch64", "3.10")
SYSCONFIG = b"""\
# system configuration generated and used by the sysconfig module
build_time_vars = {}
"""
RELEASES = "https://github.com/astral-sh/python-build-standalone/releases/download"
FILES = ("bin/python3.10", "include/python3.10/Python.h", "lib/python3.10/_sysconfigdata__.py")


class Packages:
    """A distribution that has libraries, but not this Python."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "usr/lib").mkdir(parents=True)
        (root / "usr/lib/libffi.so").touch()
        self.asked: list[tuple[str, ...]] = []

    def __call__(self, target: Target, packages: tuple[str, ...]) -> Sysroot:
        raise MissingSuiteError(f"no suite has it for {target.name}, nor {len(packages)} packages.")

    def tree(self, wanted: Tree) -> Sysroot:
        assert wanted.dependencies
        assert not wanted.without
        self.asked.append((wanted.suite, wanted.architecture, *wanted.packages))
        return Sysroot(
            root=self.root, multiarch="aarch64-linux-gnu", digest="d" * 64, suite=wanted.suite
        )


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    folder = tmp_path / "server" / "20990101"
    folder.mkdir(parents=True)
    known = {}
    for libc in ("gnu", "musl"):
        name = f"cpython-3.10.99+20990101-aarch64-unknown-linux-{libc}-install_only.tar.gz"
        content = archive()
        (folder / name).write_bytes(content)
        known[f"cpython-3.10.99-linux-aarch64-{libc}"] = {
            "name": "cpython", "os": "linux", "libc": libc,
            "arch": {"family": "aarch64", "variant": None},
            "major": 3, "minor": 10, "patch": 99, "prerelease": "", "variant": None,
            "url": f"{RELEASES}/20990101/{name.replace('+', '%2B')}",
            "sha256": hashlib.sha256(content).hexdigest(), "build": "20990101",
        }  # fmt: skip
    listed = tmp_path / "downloads.json"
    listed.write_text(json.dumps(known))
    monkeypatch.setenv("UV_PYTHON_DOWNLOADS_JSON_URL", listed.as_uri())

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    place = partial(Handler, directory=folder.parent)
    with ThreadingHTTPServer(("127.0.0.1", 0), place) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        monkeypatch.setenv("UV_PYTHON_INSTALL_MIRROR", f"http://127.0.0.1:{running.server_port}")
        yield
        running.shutdown()


def archive() -> bytes:
    """A Python as python-build-standalone lays it out, with next to nothing in its files."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name in FILES:
            member = tarfile.TarInfo(f"python/{name}")
            member.mode = 0o755
            content = SYSCONFIG if name.endswith(".py") else b""
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return out.getvalue()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "store") as made:
        yield made


@pytest.fixture
def packages(tmp_path: Path) -> Packages:
    return Packages(tmp_path / "packages")


@pytest.mark.usefixtures("server")
def test_a_python_that_no_suite_has_is_a_standalone_one(store: Store, packages: Packages) -> None:
    sysroots = Sysroots(store, lambda: packages, Standalone(store), own={})
    made = sysroots(ARM, ("libpython3.10-dev", "python3.10-minimal"))
    assert all((made.root / "usr" / name).is_file() for name in FILES)
    assert (made.multiarch, made.suite) == ("aarch64-linux-gnu", "")
    assert Standalone(store, offline=True)(ARM) == made, "it is kept"
    assert not packages.asked


@pytest.mark.usefixtures("server")
def test_libraries_lie_over_it(store: Store, packages: Packages) -> None:
    sysroots = Sysroots(store, lambda: packages, Standalone(store), own={})
    made = sysroots(ARM, ("libpython3.10-dev", "libffi-dev/bullseye", "zlib1g-dev"))
    assert (made.root / "usr/lib/libffi.so").is_file()
    assert (made.root / "usr/include/python3.10/Python.h").is_file()
    assert packages.asked == [("bullseye", "arm64", "libffi-dev", "zlib1g-dev")]


@pytest.mark.usefixtures("server")
def test_another_c_library_has_its_own_python(store: Store, packages: Packages) -> None:
    made = Sysroots(store, lambda: packages, Standalone(store), own={})(
        MUSL, ("libpython3.10-dev",)
    )
    assert (made.multiarch, made.suite) == ("aarch64-linux-musl", "")


def test_the_error_names_all_that_was_tried(store: Store, packages: Packages) -> None:
    sysroots = Sysroots(store, lambda: packages, Standalone(store, offline=True), own={})
    with pytest.raises(UsageError, match=r"no suite has it .* And cpython-3.10-linux-aarch64-gnu "):
        sysroots(ARM, ())


@pytest.mark.usefixtures("server")
def test_a_python_that_uv_lacks_is_told(store: Store) -> None:
    with pytest.raises(HostError, match=r"uv can't install cpython-3\.9-linux-aarch64-gnu"):
        Standalone(store)(find_target("manylinux_2_28_aarch64", "3.9"))


def test_the_users_folder_comes_first(store: Store, packages: Packages, tmp_path: Path) -> None:
    own = tmp_path / "own"
    sysroots = Sysroots(store, lambda: packages, Standalone(store), own={ARM.name: own})
    header = own / "usr/include/python3.10/Python.h"
    header.parent.mkdir(parents=True)
    with pytest.raises(UsageError, match=rf"{header} is not there: the sysroot of manylinux"):
        sysroots(ARM, ())
    header.touch()
    assert sysroots(ARM, ()).root == own


@pytest.mark.parametrize(
    ("target", "python", "name"),
    [
        ("debian-12-amd64", "3.12", "cpython-3.12-linux-x86_64-gnu"),
        ("debian-12-armhf", "3.10", "cpython-3.10-linux-armv7-gnueabihf"),
        ("debian-13-ppc64el", "3.13t", "cpython-3.13+freethreaded-linux-powerpc64le-gnu"),
        ("musllinux_1_2_x86_64", "3.11", "cpython-3.11-linux-x86_64-musl"),
    ],
)
def test_pythons_have_uvs_names(target: str, python: str, name: str) -> None:
    assert standalone_name(find_target(target, python)) == name


def test_a_machine_that_there_is_no_python_for_is_named() -> None:
    with pytest.raises(UsageError, match="python-build-standalone has no Python for armv6l"):
        standalone_name(find_target("raspbian-12-armv6l", "3.10"))


@pytest.mark.usefixtures("server")
def test_a_build_for_a_free_threaded_python_gets_no_other(store: Store, packages: Packages) -> None:
    sysroots = Sysroots(store, lambda: packages, Standalone(store), own={})
    with pytest.raises(HostError, match=r"no Python 3\.99t on this machine.*freethreaded-linux"):
        Interpreters(sysroots, store)("3.99t")


def test_what_musl_has_no_python_of_is_told(store: Store, packages: Packages) -> None:
    class Headers(Packages):
        def __call__(self, target: Target, packages: tuple[str, ...]) -> Sysroot:
            return self.tree(Tree(suite=str(target.libc), architecture="arm64", packages=packages))

    found = Headers(packages.root / "headers")
    made = Sysroots(store, lambda: found, Standalone(store, offline=True), own={})(MUSL, ())
    assert made.notes == ("with the headers of glibc's Python, since there is none of musl's",)
