"""Where an installation goes: the interpreter, its folders, and a virtualenv made if missing."""

from __future__ import annotations

import json
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wheelyard.errors import HostError, UsageError
from wheelyard.installer.claim import claimed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

# Runs under the interpreter asked for; -I keeps the user's settings out, site must stay on, as it
# is what finds the virtualenv.
_QUERY = """
import importlib.util, json, os, sys, sysconfig
names = sysconfig.get_scheme_names()
scheme = "venv" if "venv" in names and sys.prefix != sys.base_prefix else "posix_prefix"
prefix = {"base": "/p", "platbase": "/p", "installed_base": "/p", "installed_platbase": "/p"}
print(json.dumps({
    "executable": sys.executable,
    "release": list(sys.version_info[:3]),
    "in_venv": sys.prefix != sys.base_prefix,
    "cache_tag": sys.implementation.cache_tag or "",
    "magic": importlib.util.MAGIC_NUMBER.hex(),
    "paths": sysconfig.get_paths(scheme, {k: v for k, v in prefix.items()}),
}))
"""


@dataclass(frozen=True)
class Destination:
    """Where to install; ``kind`` is ``venv``, ``target`` or ``prefix``.

    A ``venv`` is made if missing. A ``target`` is a folder to be put on ``sys.path`` or shipped; a
    ``prefix`` gets ``bin``, ``lib/pythonX.Y`` and so on below it.
    """

    kind: str
    path: Path
    system_site_packages: bool = False


@dataclass(frozen=True)
class Interpreter:
    """A Python, as itself tells: ``paths`` are its folders below ``/p``, by sysconfig's names.

    ``cache_tag`` and ``magic`` (hexadecimal) say which bytecode it reads.
    """

    executable: str
    release: tuple[int, ...]
    in_venv: bool
    cache_tag: str
    magic: str
    paths: Mapping[str, str]


@dataclass(frozen=True)
class Layout:
    """The folders of one environment, relative to ``prefix``, ``""`` being itself (PEP 427).

    ``python`` is what scripts run under. Each project's headers go into a folder of its name
    below ``headers``.
    """

    prefix: Path
    python: str
    purelib: str
    platlib: str
    headers: str
    scripts: str
    data: str

    def is_own(self, path: str) -> bool:
        """Whether ``path`` is a part of the virtualenv itself, which no wheel may replace."""
        start = (f"{self.scripts}/python", f"{self.scripts}/activate", f"{self.scripts}/Activate")
        return path == "pyvenv.cfg" or path.startswith(start)


@dataclass(frozen=True)
class Environment:
    """A place ready to be installed into."""

    layout: Layout
    interpreter: Interpreter


def query_interpreter(python: Path) -> Interpreter:
    """Ask an interpreter for what an installation must know of it.

    Raises:
        HostError: it is not there, does not run, or is older than Python 3.9.
    """
    try:
        done = subprocess.run(
            [python, "-I", "-c", _QUERY], capture_output=True, text=True, check=True
        )
        answer = json.loads(done.stdout)
    except (OSError, subprocess.CalledProcessError, ValueError) as error:
        raise HostError(
            f"{python}: it does not answer as a Python interpreter ({error}); name another one "
            "with --python"
        ) from error
    return Interpreter(**{**answer, "release": tuple(answer["release"])})


@contextmanager
def prepared(destination: Destination, python: Path) -> Iterator[Environment]:
    """Yield the environment; one made for it is removed again when the block fails.

    Other installations into it wait until the block is over.

    Args:
        destination: where to.
        python: an absolute path; the interpreter of a new virtualenv, a target or a prefix. An
            existing virtualenv has its own.

    Raises:
        HostError: the interpreter or the folder cannot be used.
        UsageError: the folder holds something else than a virtualenv.
    """
    in_venv = destination.kind == "venv"
    own = destination.path / "bin" / "python" if in_venv else python
    with claimed(destination.path) as is_empty:
        if in_venv and is_empty:
            _make_venv(destination, python)
        elif in_venv and not (destination.path / "pyvenv.cfg").is_file():
            raise UsageError(
                f"{destination.path}: it is neither empty nor a virtualenv; name another folder"
            )
        interpreter = query_interpreter(own)
        yield Environment(_layout(destination, interpreter), interpreter)


def _make_venv(destination: Destination, python: Path) -> None:
    command = [str(python), "-I", "-m", "venv", "--without-pip"]
    command += ["--system-site-packages"] if destination.system_site_packages else []
    done = subprocess.run([*command, destination.path], capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["it gave no reason"])[-1]
        raise HostError(
            f"{python}: it cannot make a virtualenv ({reason}); install its venv module "
            "(python3-venv on Debian), or use --target"
        )


def _layout(destination: Destination, interpreter: Interpreter) -> Layout:
    """Bring the folders into one form: real paths below the real prefix."""
    prefix = destination.path.resolve()
    if destination.kind == "target":
        return Layout(prefix, interpreter.executable, "", "", "include", "bin", "")
    paths = {
        name: (prefix / path[len("/p/") :]).resolve().relative_to(prefix).as_posix()
        for name, path in interpreter.paths.items()
        if path.startswith("/p/")
    }
    headers = "include/site/python{}.{}".format(*interpreter.release)
    return Layout(
        prefix=prefix,
        python=str(destination.path.absolute() / "bin" / "python")
        if destination.kind == "venv"
        else interpreter.executable,
        purelib=paths["purelib"],
        platlib=paths["platlib"],
        headers=headers if destination.kind == "venv" else paths["include"],
        scripts=paths["scripts"],
        data="",
    )
