"""Whose sysroot a target gets: the folder of the user, a distribution's, a standalone Python's."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from wheelyard.builders.sysroots.layers import layered
from wheelyard.builders.sysroots.states import MissingSuiteError
from wheelyard.builders.sysroots.suites import architecture_of, library_suite
from wheelyard.builders.sysroots.sysroot import PathProvider, Tree
from wheelyard.errors import HostError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from wheelyard.builders.sysroots.standalone import Standalone
    from wheelyard.builders.sysroots.sysroot import PackageProvider, Sysroot
    from wheelyard.store.store import Store
    from wheelyard.targets.target import Target


class Sysroots:
    """All providers as one, for any thread; what a target gets stays the same while it lives."""

    def __init__(
        self,
        store: Store,
        open_packages: Callable[[], PackageProvider],
        standalone: Standalone,
        *,
        own: Mapping[str, Path],
        note: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Take the providers.

        Args:
            store: keeps what is made.
            open_packages: looks for a distribution's mirrors, once, when they are first needed.
            standalone: has Pythons that no distribution has.
            own: the folders that the user has, by targets' names.
            note: is told what goes on.
        """
        self._store = store
        self._open_packages = open_packages
        self._standalone = standalone
        self._own = {name: PathProvider(folder) for name, folder in own.items()}
        self._note = note
        self._fallen: dict[tuple[str, str], UsageError | HostError] = {}
        self._lock = threading.RLock()

    @cached_property
    def _packages(self) -> PackageProvider:
        return self._open_packages()

    def __call__(self, target: Target, packages: tuple[str, ...]) -> Sysroot:
        """Give the sysroot of the first provider that has one.

        Raises:
            UsageError: The user's folder lacks something; or nobody has one, with every reason.
            ResolutionError, VerificationError, HostError: As ``DebianProvider``.
        """
        with self._lock:
            if target.name in self._own:
                return self._own[target.name](target, packages)
            if target.libc.family != "glibc":
                return self._foreign(target, packages)
            try:
                return self._packages(target, packages)
            except (UsageError, MissingSuiteError) as error:
                return self._instead(target, packages, error)

    def _foreign(self, target: Target, packages: tuple[str, ...]) -> Sysroot:
        """Give a Python of the target's own C library, else the headers of Debian's.

        The headers say the same of every machine of an architecture, but for what an extension
        module seldom asks.
        """
        python = self._tried(target)
        if not isinstance(python, Exception):
            return python
        try:
            headers = self._packages(target, packages)
        except (UsageError, MissingSuiteError) as error:
            raise UsageError(f"{target.name}: {error} {_stop(python)}") from error
        told = f"with the headers of glibc's Python, since there is none of {target.libc.family}'s"
        return replace(headers, notes=(*headers.notes, told))

    def _instead(
        self, target: Target, packages: tuple[str, ...], error: UsageError | MissingSuiteError
    ) -> Sysroot:
        python = self._tried(target)
        if isinstance(python, Exception):
            raise UsageError(f"{_stop(error)} And {_stop(python)}") from error
        libraries = _libraries(target, packages)
        if not libraries:
            return python
        architecture = architecture_of(target.machine)
        trees = (
            self._packages.tree(Tree(suite=suite, architecture=architecture, packages=tuple(names)))
            for suite, names in libraries.items()
        )
        return layered((python, *trees), self._store)

    def _tried(self, target: Target) -> Sysroot | UsageError | HostError:
        """Give the standalone Python of a target, or why there is none; asked for once."""
        key = (str(target.python), str((target.machine, target.libc)))
        if key not in self._fallen:
            try:
                return self._standalone(target)
            except (UsageError, HostError) as error:
                self._note(f"No standalone Python: {error}")
                self._fallen[key] = error
        return self._fallen[key]

    def tree(self, wanted: Tree) -> Sysroot:
        """Give a tree of packages; see ``DebianProvider``."""
        with self._lock:
            return self._packages.tree(wanted)


def _libraries(target: Target, packages: Iterable[str]) -> dict[str, list[str]]:
    """Give what is wanted besides Python, by the suite that it is taken from."""
    version = ".".join(map(str, target.python.version))
    found: dict[str, list[str]] = {}
    for package in packages:
        name, _, suite = package.partition("/")
        if not name.startswith((f"python{version}", f"libpython{version}")):
            found.setdefault(suite or library_suite(target), []).append(name)
    return found


def _stop(error: Exception) -> str:
    return f"{str(error).rstrip('.')}."
