"""What pip was told about indexes: ``PIP_*`` variables and ``pip.conf``. Pure."""

from __future__ import annotations

import configparser
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from wheelyard.index.layers import (
    ConfigFile,
    Layer,
    Option,
    boolean,
    count,
    make_layer,
    seconds,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_OPTIONS = {
    "index-url": Option(key="default_index"),
    "extra-index-url": Option(key="extra_indexes", understand=words),
    "find-links": Option(key="find_links", understand=words),
    "no-index": Option(key="no_index", understand=boolean),
    "cert": Option(key="certificate"),
    "client-cert": Option(key="client_certificate"),
    "timeout": Option(key="timeout", understand=seconds),
    "default-timeout": Option(key="timeout", understand=seconds),
    "retries": Option(key="retries", understand=count),
    "trusted-host": Option(key="trusted_hosts", understand=words),
    "proxy": Option(key="proxy"),
}
# The section of the command that does what we do comes after, so before, the one for all.
_SECTIONS = ("global", "download")
_PREFIX = "PIP_"


def pip_environment(environ: Mapping[str, str], problems: list[str]) -> Layer:
    """Understand ``PIP_INDEX_URL``, ``PIP_EXTRA_INDEX_URL`` and the like."""
    found = (
        (name, name.removeprefix(_PREFIX).lower().replace("_", "-"), value)
        for name, value in environ.items()
        if name.startswith(_PREFIX)
    )
    return make_layer(found, _OPTIONS, problems)


def pip_file(file: ConfigFile, problems: list[str]) -> Layer:
    """Understand a ``pip.conf``."""
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(file.text)
    except configparser.Error as error:
        # Only the first line: the others quote the file, which may hold passwords.
        problems.append(f"{file.path} is no pip configuration: {str(error).splitlines()[0]}")
        return Layer()
    return make_layer(_in_sections(parser, file.path), _OPTIONS, problems)


def _in_sections(
    parser: configparser.RawConfigParser, path: Path
) -> Iterator[tuple[str, str, str]]:
    for section in _SECTIONS:
        if parser.has_section(section):
            for name, value in parser.items(section):
                yield f"{path}, [{section}] {name}", name.lower().replace("_", "-"), value.strip()


def pip_places(
    environ: Mapping[str, str], user: Path, system: Sequence[Path], home: Path
) -> Iterator[Path]:
    """Where ``pip.conf`` may be, the most specific first.

    ``PIP_CONFIG_FILE`` comes before all others; as the null device it switches them off.
    """
    chosen = environ.get("PIP_CONFIG_FILE", "")
    if chosen == os.devnull:
        return
    if chosen:
        yield Path(chosen)
    yield Path(sys.prefix) / "pip.conf"
    yield user / "pip/pip.conf"
    yield home / ".pip/pip.conf"
    yield Path("/etc/pip.conf")
    yield from (folder / "pip/pip.conf" for folder in system)
