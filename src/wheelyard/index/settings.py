"""Which indexes to ask, and how: decided from the caller's arguments and pip's and uv's settings.

For each setting on its own, the first of these that has it wins:

1. Wheelyard's own arguments and configuration;
2. the environment: uv's variables (``SSL_CERT_FILE`` among them), pip's, ``REQUESTS_CA_BUNDLE``;
3. ``uv.toml``, the user's before the system's;
4. ``pip.conf``: the file in ``PIP_CONFIG_FILE``, then the environment's, the user's, the system's.

A more specific list replaces a less specific one; nothing is merged, so that what is asked can be
read in one place. Of several indexes the additional ones come first, in their order, and the
default one last, as uv has it; only the first that knows a project is asked for its files, so that
a stranger cannot offer a newer version of a private project elsewhere (dependency confusion).
``merge_indexes`` (uv's ``unsafe-*`` strategies) takes the files of all.

No keyring is asked. Passwords come from URLs, uv's ``UV_INDEX_<NAME>_*`` variables or ``.netrc``.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urljoin

from wheelyard.errors import HostError, UsageError
from wheelyard.index.layers import ConfigFile, Layer
from wheelyard.index.location import Location, is_secure, parse_location
from wheelyard.index.pip_settings import pip_environment, pip_file, pip_places
from wheelyard.index.uv_settings import uv_environment, uv_file, uv_places

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_TIMEOUT = 30.0  # seconds for a connection, and between two packets
_RETRIES = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Transport:
    """How to talk to a server.

    Attributes:
        certificate: a file of certificates to trust instead of the usual ones.
        client_certificate: a file with our key and certificate.
        timeout: seconds for a connection, and between two packets.
        retries: further attempts after a reset connection, a time-out, 429 or 5xx.
        trusted_hosts: ``name`` or ``name:port``; certificates aren't checked there.
        proxy: for every server; None for what the environment says.
    """

    certificate: str | None = None
    client_certificate: str | None = None
    timeout: float = _TIMEOUT
    retries: int = _RETRIES
    trusted_hosts: tuple[str, ...] = ()
    proxy: str | None = field(default=None, repr=False)  # it may hold a password


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexSettings:
    """Where to look for files.

    Attributes:
        indexes: in the order in which they are asked; each URL ends in ``/``.
        find_links: folders, and pages of links; always looked at.
        merge_indexes: take the files of all indexes instead of the first that has the project.
    """

    indexes: tuple[Location, ...] = ()
    find_links: tuple[Location, ...] = ()
    merge_indexes: bool = False
    transport: Transport = Transport()


def load_settings(arguments: Layer | None = None) -> IndexSettings:
    """Decide on the settings of this process: its environment, its user's files, its folder.

    Raises:
        HostError: a configuration file can't be read.
        UsageError: values that can't be, all of them at once.
    """
    files = config_files(os.environ, Path.home())
    return read_settings(os.environ, files, arguments=arguments, folder=Path.cwd())


def config_files(environ: Mapping[str, str], home: Path) -> tuple[ConfigFile, ...]:
    """Read those of uv's and pip's configuration files that exist, the most specific first.

    Raises:
        HostError: one of them can't be read.
    """
    places = config_places(environ, home)
    return tuple(_read(kind, path) for kind, path in places if path.is_file())


def config_places(
    environ: Mapping[str, str], home: Path
) -> tuple[tuple[Literal["pip", "uv"], Path], ...]:
    """Say where configuration files may be, the most specific first, whether they exist or not."""
    user = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
    folders = (environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(os.pathsep)
    system = [Path(folder) for folder in folders if folder]
    return (
        *(("uv", path) for path in uv_places(environ, user, system)),
        *(("pip", path) for path in pip_places(environ, user, system, home)),
    )


def _read(kind: Literal["pip", "uv"], path: Path) -> ConfigFile:
    try:
        return ConfigFile(kind=kind, path=path, text=path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise HostError(f"{path} can't be read: {error}. Correct it or move it away.") from error


def read_settings(
    environ: Mapping[str, str],
    files: Sequence[ConfigFile],
    *,
    arguments: Layer | None = None,
    folder: Path,
) -> IndexSettings:
    """Decide on the settings; nothing is read here.

    Args:
        environ: the environment's variables.
        files: the configuration files that exist, the most specific first
            (``config_files`` finds them).
        arguments: Wheelyard's own settings.
        folder: where relative paths start.

    Raises:
        UsageError: values that can't be, all of them at once.
    """
    problems: list[str] = []
    layers = [arguments or Layer(), *_outside_layers(environ, files, problems)]
    merged = Layer()
    for layer in reversed(layers):
        merged.update(layer)
    settings = _settings(merged, folder)
    problems += _insecure(settings)
    if problems:
        raise UsageError("The index settings don't work:\n  " + "\n  ".join(problems))
    return settings


def _outside_layers(
    environ: Mapping[str, str], files: Sequence[ConfigFile], problems: list[str]
) -> Iterator[Layer]:
    """What others were told, the most specific first."""
    yield uv_environment(environ, problems)
    yield pip_environment(environ, problems)
    bundle = environ.get("REQUESTS_CA_BUNDLE") or environ.get("CURL_CA_BUNDLE")
    if bundle:
        yield Layer(certificate=bundle)
    for file in files:
        yield uv_file(file, environ, problems) if file.kind == "uv" else pip_file(file, problems)


def _settings(merged: Layer, folder: Path) -> IndexSettings:
    urls: list[str] = []
    if not merged.get("no_index"):
        urls = [*merged.get("extra_indexes", ()), merged.get("default_index") or default_index()]
    indexes = (parse_location(url, folder) for url in urls)
    return IndexSettings(
        indexes=tuple(dict.fromkeys(_with_slash(index) for index in indexes)),
        find_links=tuple(parse_location(text, folder) for text in merged.get("find_links", ())),
        merge_indexes=merged.get("merge_indexes", False),
        transport=Transport(
            certificate=merged.get("certificate"),
            client_certificate=merged.get("client_certificate"),
            timeout=merged.get("timeout", _TIMEOUT),
            retries=merged.get("retries", _RETRIES),
            trusted_hosts=tuple(host.lower() for host in merged.get("trusted_hosts", ())),
            proxy=merged.get("proxy"),
        ),
    )


def default_index() -> str:
    """The public index, for when nothing is configured; distlib knows its address, not we.

    distlib's constant is the address of another of the index's services; the simple repository
    is at ``/simple/`` beside it.
    """
    from distlib.index import DEFAULT_INDEX  # type: ignore[import-untyped]  # noqa: PLC0415

    return urljoin(str(DEFAULT_INDEX), "/simple/")


def _with_slash(location: Location) -> Location:
    return Location(url=location.url.rstrip("/") + "/", credentials=location.credentials)


def _insecure(settings: IndexSettings) -> list[str]:
    hosts = settings.transport.trusted_hosts
    return [
        f"{location.url} is not encrypted, so anyone in between can change what it says: "
        "use https, or name its host as trusted-host"
        for location in (*settings.indexes, *settings.find_links)
        if not is_secure(location.url, hosts)
    ]
