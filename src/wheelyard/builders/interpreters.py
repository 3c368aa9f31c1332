"""The interpreters that builds run under: this machine's, else Debian's, made to run here."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from uv import find_uv_bin

from wheelyard.builders.sysroots.relocate import relocate
from wheelyard.builders.sysroots.states import MissingSuiteError
from wheelyard.builders.sysroots.suites import architecture_of, suite_with
from wheelyard.builders.sysroots.sysroot import Tree
from wheelyard.builders.tools import kept_tool
from wheelyard.errors import HostError, UsageError
from wheelyard.targets.detect import detect_interpreter, detect_this
from wheelyard.targets.pythons import make_python

if TYPE_CHECKING:
    from wheelyard.builders.sysroots import PackageProvider, Sysroot
    from wheelyard.store.store import Store
    from wheelyard.targets.target import Target


@dataclass(frozen=True, kw_only=True, slots=True)
class Interpreter:
    """An interpreter that runs here, and the target that what it builds runs on."""

    executable: Path
    target: Target


class Interpreters:
    """Finds interpreters by version; one that this machine lacks is a distribution's, as data."""

    def __init__(self, packages: PackageProvider, store: Store) -> None:
        self._packages = packages
        self._store = store
        self._known: dict[str, Interpreter] = {}

    def __call__(self, version: str) -> Interpreter:
        """Find an interpreter of a version (``"3.11"``, ``"3.11.7"``, ``"3.13t"``).

        Raises:
            HostError: When there is none.
        """
        if version not in self._known:
            found = own_interpreter(version) or self._fetched(version)
            self._known[version] = self._known[found.target.python.full_version] = found
        return self._known[version]

    def _fetched(self, version: str) -> Interpreter:
        threads = "t" if version.endswith("t") else ""
        short = ".".join(version.rstrip("t").split(".")[:2]) + threads
        try:
            executable = self._distributions(short)
        except (UsageError, MissingSuiteError):
            executable = self._standalone(version, short)
        return Interpreter(executable=executable, target=detect_interpreter(executable))

    def _distributions(self, short: str) -> Path:
        suite = suite_with(short)
        packages = (f"python{short}-minimal", f"libpython{short}-stdlib", "libc6")
        here = architecture_of(detect_this().machine)
        tree = self._packages.tree(Tree(suite=suite, architecture=here, packages=packages))
        return self._placed(tree, f"python{short}")

    def _standalone(self, version: str, short: str) -> Path:
        """Give an interpreter that runs here as it is; a sysroot for this machine has one."""
        this = detect_this()
        own = replace(
            this, name="this machine", python=make_python(version, this.machine, this.libc)
        )
        try:
            sysroot = self._packages(own, ())
        except (UsageError, HostError) as error:
            raise HostError(
                f"no Python {version} on this machine, and a build for it needs one: install it, "
                f"for example with: uv python install {version} ({error})"
            ) from error
        return sysroot.root / f"usr/bin/python{short}"

    def _placed(self, tree: Sysroot, name: str) -> Path:
        """Put an interpreter beside its library, where it looks for it."""

        def make(made: Path, _: Path) -> None:
            usr = made / "usr"
            (usr / "bin").mkdir(parents=True)
            for folder in ("lib", "share"):
                (usr / folder).symlink_to(tree.root / "usr" / folder)
            relocate(tree.root / "usr" / "bin" / name, tree, usr / "bin" / name)

        return kept_tool(self._store, f"{name}-{tree.digest}", make) / "usr" / "bin" / name


@functools.cache
def own_interpreter(version: str) -> Interpreter | None:
    """Find an interpreter of this machine by its version, the running one first; None: none."""
    this = detect_this()
    if version in {_short(this), this.python.full_version}:
        return Interpreter(executable=Path(sys.executable), target=this)
    command = (find_uv_bin(), "python", "find", "--no-project", "--no-config", version)
    # pyenv's shims refuse to run a version that isn't chosen, and uv then stops looking.
    environ = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "PYENV_VERSION": version.rstrip("t")}
    found = subprocess.run(command, capture_output=True, text=True, check=False, env=environ)
    if found.returncode != 0:
        return None
    executable = Path(found.stdout.strip())
    return Interpreter(executable=executable, target=detect_interpreter(executable))


def _short(target: Target) -> str:
    suffix = "t" if target.python.free_threaded else ""
    return ".".join(map(str, target.python.version)) + suffix
