"""Sysroots and tools from Debian's packages, unpacked as data: any architecture, any suite.

No root, no dpkg, no apt: nothing of the build machine changes. A tree is unpacked once, in a
scratch folder, and renamed to ``STORE/sysroots/<digest>``; whoever else wants it waits.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from wheelyard.builders.sysroots.archive import Archive
from wheelyard.builders.sysroots.closure import closure
from wheelyard.builders.sysroots.layers import layered
from wheelyard.builders.sysroots.mirrors import find_sources
from wheelyard.builders.sysroots.suites import (
    architecture_of,
    multiarch_of,
    not_needed,
    suite_of,
)
from wheelyard.builders.sysroots.sysroot import Sysroot, Tree
from wheelyard.builders.sysroots.unpack import finish, unpack
from wheelyard.errors import ResolutionError, VerificationError
from wheelyard.index.session import FileGoneError, HttpSession
from wheelyard.index.settings import IndexSettings
from wheelyard.store.store import hash_file, storage_errors
from wheelyard.targets.detect import detect_this

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from wheelyard.builders.sysroots.mirrors import Mirror, Sources
    from wheelyard.builders.sysroots.packages import Catalogue, Package
    from wheelyard.builders.sysroots.suites import Keyring
    from wheelyard.store.store import Store
    from wheelyard.targets.target import Target

_LAYOUT = 2
"""Raised when the same packages are unpacked in another way."""


class DebianProvider:
    """Gives sysroots of Debian's packages, and any of its packages as a tree."""

    def __init__(
        self,
        store: Store,
        session: HttpSession,
        *,
        sources: Sources,
        note: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Look nothing up yet; see ``Archive`` for the arguments."""
        self._store = store
        self._own_suite = sources.own_suite
        self._archive = Archive(
            store,
            session,
            sources.mirrors,
            note=note,
            fetch_keyring=self._fetched_keyring,
        )
        self._session = session
        self._note = note

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __call__(self, target: Target, packages: tuple[str, ...]) -> Sysroot:
        """Give the sysroot with these packages and what they depend on.

        As in apt, ``libffi-dev/bullseye`` is that suite's; such packages lie over the others.

        Raises:
            UsageError: Debian has no suite with the target's Python or not its architecture.
            ResolutionError: a package doesn't exist there.
            VerificationError: a signature or a hash is wrong.
            HostError: the mirror can't be asked, or offline and not all is kept.
        """
        suite, architecture = suite_of(target), architecture_of(target.machine)
        layers: dict[str, list[str]] = {suite: []}
        for package in packages:
            name, _, other = package.partition("/")
            layers.setdefault(other or suite, []).append(name)
        trees = [
            self.tree(Tree(suite=one, architecture=architecture, packages=tuple(names)))
            for one, names in layers.items()
        ]
        return layered(trees, self._store)

    def architectures(self, suite: str) -> tuple[str, ...]:
        """Give Debian's names of the architectures that a suite has packages for.

        Raises:
            HostError: no mirror has the suite, or offline and its release file is not kept.
            VerificationError: that file isn't signed as it should be.
        """
        return self._archive.states.of(suite)[0].release.architectures

    def tree(self, wanted: Tree) -> Sysroot:
        """Give a tree of packages by Debian's names of these.

        Raises:
            ResolutionError, VerificationError, HostError: As for a sysroot.
        """
        suite, architecture = wanted.suite or self._own_suite, wanted.architecture
        packages, without = sorted(set(wanted.packages)), sorted(wanted.without)
        state = [one.digest for one in self._archive.states.of(suite)]
        asked = [_LAYOUT, suite, architecture, packages, wanted.dependencies, without, state]
        key = self._store.key_of(json.dumps(asked))
        known = self._store.lookup("sysroots", key)
        if not known or not self._place(known["digest"]).is_dir():
            digest, notes = self._made(replace(wanted, suite=suite))
            known = {"digest": digest, "notes": notes}
            self._store.record("sysroots", key, known)
        return Sysroot(
            root=self._place(known["digest"]),
            multiarch=multiarch_of(architecture),
            digest=known["digest"],
            suite=suite,
            notes=tuple(known.get("notes", ())),
        )

    def _fetched_keyring(self, keyring: Keyring) -> Path:
        """Give the folder of a keyring, from a package of another distribution."""
        here = architecture_of(detect_this().machine)
        wanted = Tree(
            suite=keyring.suite, architecture=here, packages=(keyring.package,), dependencies=False
        )
        return self.tree(wanted).root / "usr/share/keyrings"

    def _place(self, digest: str) -> Path:
        return self._store.root.absolute() / "sysroots" / digest

    def _made(self, wanted: Tree) -> tuple[str, tuple[str, ...]]:
        """Make a tree of the newest packages that can be had; give its digest, and what it lacks.

        A mirror may have the lists of updates but not all of their files: then all are left out,
        since packages of one source must be of one version.
        """
        suite, architecture = wanted.suite, wanted.architecture
        what = f"{suite} {architecture}"
        newest = self._archive.catalogue(suite, architecture)
        try:
            digest = self._make(what, _needed(newest, wanted))
        except FileGoneError as error:
            if len(self._archive.states.of(suite)) == 1:
                raise
            released = self._archive.catalogue(suite, architecture, updates=False)
            try:
                digest = self._make(what, _needed(released, wanted))
            except (FileGoneError, ResolutionError):
                raise error from None
            text = f"{what}: without its updates, some of which are not to be had"
            self._note(text)
            return digest, (text,)
        return digest, self._archive.left_out(suite, architecture)

    def _make(self, what: str, packages: Sequence[Package]) -> str:
        digest = _digest(what, packages)
        place = self._place(digest)
        with self._store.lease(f"sysroot-{digest}"):
            if place.is_dir():
                return digest
            self._archive.fetch(packages, what)
            self._note(f"{what}: unpacking {len(packages)} packages")
            with self._store.scratch() as scratch, storage_errors(self._store.root):
                root = scratch / "root"
                root.mkdir()
                links = [
                    link
                    for package in packages
                    for link in unpack(
                        self._checked(package), f"{package.name} {package.version}", root
                    )
                ]
                finish(root, links)
                place.parent.mkdir(exist_ok=True)
                root.rename(place)
        return digest

    def _checked(self, package: Package) -> Path:
        """Hash it once more: it may have been lying there for long."""
        path = self._store.path(package.sha256)
        if hash_file(path) != package.sha256:
            raise VerificationError(
                f"{path} is not {package.name} {package.version} any more, it was changed. "
                "Remove it, and it is fetched again."
            )
        return path


class _Alone:
    """Packages without their dependencies."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def find(self, name: str) -> Package | None:
        package = self._catalogue.find(name)
        return package and replace(package, depends=())

    def names(self) -> Iterable[str]:
        return self._catalogue.names()


def _needed(catalogue: Catalogue, wanted: Tree) -> tuple[Package, ...]:
    packages = sorted(set(wanted.packages))
    if wanted.dependencies:
        return closure(packages, catalogue, without={*not_needed(), *wanted.without})
    return closure(packages, _Alone(catalogue))


def _digest(what: str, packages: Iterable[Package]) -> str:
    """Hash the suite and architecture, and names, versions and hashes of the packages."""
    files = [(package.name, package.version, package.sha256) for package in packages]
    return hashlib.sha256(json.dumps([_LAYOUT, what, files]).encode()).hexdigest()


def open_debian(
    store: Store,
    settings: IndexSettings,
    *,
    sources: Sources | None = None,
    offline: bool = False,
    note: Callable[[str], None] = lambda _: None,
) -> DebianProvider:
    """Make the provider of this machine.

    Args:
        store: keeps everything.
        settings: how to talk to servers (proxy, certificates, time-out).
        sources: where packages are; those of apt's configuration if None.
        offline: ask nobody, use what is kept.
        note: is told what goes on, a sentence now and then.
    """
    sources = sources or find_sources()
    session = HttpSession(_settings(settings, sources.mirrors), offline=offline)
    return DebianProvider(store, session, sources=sources, note=note)


def _settings(settings: IndexSettings, mirrors: Iterable[Mirror]) -> IndexSettings:
    """Allow plain HTTP to mirrors: all that comes from them is checked by signature and hash."""
    plain = {urlsplit(one.url).netloc.rpartition("@")[2] for one in mirrors if _is_plain(one)}
    hosts = tuple(sorted(host if ":" in host else f"{host}:80" for host in plain))
    transport = settings.transport
    trusted = (*transport.trusted_hosts, *(host.lower() for host in hosts))
    return IndexSettings(transport=replace(transport, trusted_hosts=trusted))


def _is_plain(mirror: Mirror) -> bool:
    return urlsplit(mirror.url).scheme == "http"
