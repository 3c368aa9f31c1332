"""From arguments, the environment and configuration files to an open workshop."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from wheelyard.builders.processes import ProcessLimits
from wheelyard.builders.sysroots import Standalone, Sysroots, find_sources, open_debian
from wheelyard.cli.options import epoch, store_folder
from wheelyard.executors.schedule import Limits
from wheelyard.index.client import IndexClient
from wheelyard.index.folder import listing
from wheelyard.index.location import local_path
from wheelyard.index.settings import IndexSettings, config_places, load_settings
from wheelyard.wheelhouse.workshop import Means, Workshop

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from wheelyard.cli.request import ReadRequest
    from wheelyard.index.layers import Layer

_DOWNLOADS = 8


@contextmanager
def open_workshop(
    options: argparse.Namespace, read: ReadRequest, note: Callable[[str], None]
) -> Iterator[Workshop]:
    """Open a workshop and close it, whatever happens; children end and scratch folders go.

    ``note`` is told what takes long before and between builds, a sentence now and then.
    """
    store = store_folder(options.store)
    settings = index_settings(options, read.index_options)
    client = IndexClient(settings, store / "http", offline=options.offline)
    means = Means(
        store=store,
        client=client,
        sysroots=lambda opened: Sysroots(
            opened,
            lambda: open_debian(
                opened,
                settings,
                sources=find_sources(read.mirrors),
                offline=options.offline,
                note=note,
            ),
            Standalone(opened, offline=options.offline, note=note),
            own=read.sysroots,
            note=note,
        ),
        own_sysroots=frozenset(read.sysroots),
        identity=identity_of(settings),
        locked=read.locked,
        limits=Limits(downloads=_DOWNLOADS, builds=max(1, options.jobs)),
        process_limits=ProcessLimits(seconds=options.build_timeout, memory=options.build_memory),
        epoch=epoch(),
    )
    try:
        with Workshop(means, read.build_constraints) as workshop, _swept_folder(workshop):
            yield workshop
    finally:
        client.close()


@contextmanager
def _swept_folder(workshop: Workshop) -> Iterator[None]:
    """Let temporary files lie where they are swept.

    Libraries put theirs into the process's temporary folder, where a kill would leave them.
    """
    usual = tempfile.tempdir
    try:
        with workshop.store.scratch() as temporary:
            tempfile.tempdir = str(temporary)
            yield
    finally:
        tempfile.tempdir = usual


def inputs_of(options: argparse.Namespace, read: ReadRequest) -> Iterator[Path]:
    """Name every file and folder that decides on a build, those that might come to be as well."""
    yield from map(Path, read.files)
    yield from read.sysroots.values()
    yield from (Path(one) for _, one in read.request.toolchains if "/" in one)
    yield from (path for _, path in config_places(os.environ, Path.home()))
    settings = index_settings(options, read.index_options)
    for location in (*settings.indexes, *settings.find_links):
        folder = local_path(location.url)
        if folder is not None:
            yield folder


def index_settings(
    options: argparse.Namespace, from_files: tuple[tuple[str, str], ...]
) -> IndexSettings:
    """Decide which indexes to ask: arguments first, then requirements files, then the rest."""
    layer = _layer(options, from_files)
    return load_settings(layer)


def _layer(options: argparse.Namespace, from_files: tuple[tuple[str, str], ...]) -> Layer:
    layer: Layer = {}
    default = options.index_url or _last(from_files, "--index-url")
    if default:
        layer["default_index"] = default
    extra = (*options.extra_index_url, *_all(from_files, "--extra-index-url"))
    if extra:
        layer["extra_indexes"] = extra
    links = (*options.find_links, *_all(from_files, "--find-links"))
    if links:
        layer["find_links"] = links
    if options.no_index or ("--no-index", "") in from_files:
        layer["no_index"] = True
    if options.merge_indexes:
        layer["merge_indexes"] = True
    hosts = _all(from_files, "--trusted-host")
    if hosts:
        layer["trusted_hosts"] = hosts
    return layer


def _all(pairs: tuple[tuple[str, str], ...], name: str) -> tuple[str, ...]:
    return tuple(value for option, value in pairs if option == name)


def _last(pairs: tuple[tuple[str, str], ...], name: str) -> str:
    return next(reversed(_all(pairs, name)), "")


def identity_of(settings: IndexSettings) -> str:
    """Name what the settings look at, without credentials; local folders by what lies in them."""
    parts = [location.url for location in settings.indexes]
    parts.append(str(settings.merge_indexes))
    for location in settings.find_links:
        folder = local_path(location.url)
        parts.append(location.url)
        if folder is not None and folder.is_dir():
            parts += (f"{name} {size}" for name, size in listing(folder))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
