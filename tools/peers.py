"""What installers do with a wheel, each in a folder of its own that is looked at before and after.

A tool may write into its destination; whatever else of the folder is another afterwards, it wrote
outside. Those that are written in Python run as their command lines do, in a fork of this process.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import multiprocessing
import os
import resource
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import uv
from installer.__main__ import _main as installer_main

from wheelyard.cli import main as wheelyard_main
from wheelyard.wheel import parse_wheel_filename

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_SECONDS = 60
_MEMORY = 8 << 30  # bytes of addresses, most of which nobody uses
_KILLED = 137
_LOCKS = {".lock"}  # what a tool itself leaves in a folder that it is told to install into


class Outcome(StrEnum):
    """What a tool did."""

    REFUSED = "refuses"
    TAKEN = "takes it"
    OUTSIDE = "**writes outside**"
    HALF = "refuses, and leaves a part of it"
    ENDLESS = "is killed after a minute"


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A folder for one run: the wheel, where it is to go, and what must stay as it is."""

    root: Path
    name: str

    @property
    def wheel(self) -> Path:
        """The wheel."""
        return self.root / "wheels" / self.name

    @property
    def out(self) -> Path:
        """Where it may be installed."""
        return self.root / "a" / "b" / "c" / "out"

    @property
    def unpacked(self) -> Path:
        """Where it may be unpacked, which the wheel's name says."""
        return self.out.parent / parse_wheel_filename(self.name).stem

    @property
    def outside(self) -> Path:
        """What an absolute path in a wheel leads to."""
        return self.root / "outside"

    @property
    def home(self) -> Path:
        """The user's folder, in which tools keep notes of their own."""
        return self.root / "home"

    @property
    def scratch(self) -> Path:
        """Temporary files, deep enough that nobody climbs out of the root from there."""
        return self.root / "tmp" / "d" / "e"


def try_with(tool: Callable[[Place], int], name: str, content: Callable[[str], bytes]) -> Outcome:
    """Run a tool on a wheel that is made for the folder it runs in."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        place = Place(root=Path(folder).resolve(), name=name)
        folders = (place.wheel.parent, place.out.parent, place.outside, place.scratch, place.home)
        for path in folders:
            path.mkdir(parents=True)
        for victim in (place.out.parent / "victim", place.outside / "victim"):
            victim.write_text("mine")
            victim.chmod(0o600)
        place.wheel.write_bytes(content(str(place.outside)))
        before = _look(place)
        code = tool(place)
        outcome = _judge(place, code, escaped=_look(place) != before)
        # What is nested too deep for Python to remove.
        subprocess.run(["rm", "-rf", place.out, place.scratch, place.unpacked], check=True)
    return outcome


def _judge(place: Place, code: int, *, escaped: bool) -> Outcome:
    if escaped:
        return Outcome.OUTSIDE
    if code == _KILLED:
        return Outcome.ENDLESS
    if not code:
        return Outcome.TAKEN
    folders = (place.out, place.unpacked)
    names = {name for folder in folders for _, _, files in os.walk(folder) for name in files}
    return Outcome.HALF if names - _LOCKS else Outcome.REFUSED


def _look(place: Place) -> Mapping[str, tuple[int, bytes]]:
    """Give all that isn't the destination: modes, and the content of files."""
    found = {}
    own = {place.out, place.unpacked, place.home}
    for folder, folders, files in os.walk(place.root):
        folders[:] = [name for name in folders if Path(folder, name) not in own]
        for name in (*folders, *files):
            path = Path(folder, name)
            content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
            found[str(path)] = (path.lstat().st_mode, content)
    return found


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


def _start(place: Place, *command: str | Path) -> int:
    """Run a program and give its exit code."""
    variables = {
        "PATH": os.environ["PATH"],
        "HOME": str(place.home),
        "TMPDIR": str(place.scratch),
        "PIP_CONFIG_FILE": os.devnull,
    }
    try:
        done = subprocess.run(
            command,
            env=variables,
            cwd=place.out.parent,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
            preexec_fn=_limit,
        )
    except subprocess.TimeoutExpired:
        return _KILLED
    return done.returncode


def _fork(place: Place, call: Callable[[], object]) -> int:
    """Run a command line's function in a fork and give its exit code."""
    process = multiprocessing.get_context("fork").Process(target=_called, args=(place, call))
    process.start()
    process.join(_SECONDS)
    if process.is_alive():
        process.kill()
        process.join()
        return _KILLED
    return process.exitcode or 0


def _called(place: Place, call: Callable[[], object]) -> None:
    _limit()
    os.chdir(place.out.parent)
    tempfile.tempdir = str(place.scratch)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            code = call()
        except SystemExit as error:
            code = error.code
        except BaseException:  # noqa: BLE001 - whatever ends it, it did not take the wheel
            code = 1
    os._exit(int(code) if isinstance(code, int) else bool(code))


def _wheelyard(place: Place) -> int:
    """Verify, unpack and install it, each of which must refuse it."""
    target = ("--target", str(place.out), "--store", str(place.scratch), "--no-compile")
    lines = (
        ("verify", str(place.wheel)),
        ("unpack", str(place.wheel), "-d", str(place.out.parent)),
        ("install", str(place.wheel), "--force", *target),
    )
    codes = {_fork(place, partial(wheelyard_main, words)) for words in lines}
    subprocess.run(["rm", "-rf", place.scratch], check=True)  # the cache, which it may write
    place.scratch.mkdir()
    return 0 if 0 in codes else max(codes)


def _pip(place: Place) -> int:
    options = ("--no-deps", "--no-index", "--no-compile", "--no-cache-dir", "--target", place.out)
    pip = (sys.executable, "-I", "-m", "pip", "--disable-pip-version-check", "install")
    return _start(place, *pip, *options, place.wheel)


def _uv(place: Place) -> int:
    options = ("--no-deps", "--no-index", "--offline", "--no-cache", "--no-config")
    where = ("--target", place.out, "--python", sys.executable)
    return _start(place, uv.find_uv_bin(), "pip", "install", *options, *where, place.wheel)


def _installer(place: Place) -> int:
    words = ("--destdir", str(place.out), "--prefix", "/usr", "--no-compile-bytecode")
    return _fork(place, lambda: installer_main((*words, str(place.wheel))))


def _unpack(place: Place) -> int:
    words = ["wheel", "unpack", "--dest", str(place.out.parent), str(place.wheel)]

    def call() -> object:
        sys.argv = words
        return importlib.import_module("wheel._commands").main()

    return _fork(place, call)


PEERS: Mapping[str, Callable[[Place], int]] = {
    "Wheelyard": _wheelyard,
    "pip": _pip,
    "uv": _uv,
    "installer": _installer,
    "wheel unpack": _unpack,
}


def versions() -> str:
    """Give what is run, and by which Python."""
    names = ("pip", "uv", "installer", "wheel")
    python = sysconfig.get_python_version()
    return ", ".join(f"{name} {version(name)}" for name in names) + f", on Python {python}"
