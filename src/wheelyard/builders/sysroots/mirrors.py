"""Debian's mirrors, as apt's configuration or the user names them; none is known here.

Formats: ``sources.list(5)``, both of them. A source counts when it has binary packages of a suite
that is Debian's; other archives that name their suites so fail later, at their signature.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from debian.deb822 import Deb822

from wheelyard.builders.sysroots.suites import base_suite
from wheelyard.errors import HostError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

APT = Path("/etc/apt")
_LINE = re.compile(r"deb\s+(?:\[(?P<options>[^]]*)\]\s+)?(?P<url>\S+)\s+(?P<suite>\S+)(?P<rest>.*)")
_SCHEMES = ("http", "https", "file")


@dataclass(frozen=True, kw_only=True, slots=True)
class Mirror:
    """A place with packages.

    Attributes:
        url: ends in ``/``; suites are at ``dists/`` below it.
        suite: the one that it was configured for, without ``-security`` and the like.
        security: it has security updates (``<suite>-security``) and nothing else.
        components: ``("main",)``.
        keyrings: files with the keys that may sign; none for Debian's archive keyring.
        keys: such keys themselves, armoured.
    """

    url: str
    suite: str
    security: bool = False
    components: tuple[str, ...] = ("main",)
    keyrings: tuple[Path, ...] = ()
    keys: str = ""


def host_mirrors(folder: Path = APT) -> tuple[Mirror, ...]:
    """Read the mirrors of apt's configuration.

    Raises:
        HostError: there is none of Debian's, or a file can't be read.
    """
    files = [folder / "sources.list", *sorted((folder / "sources.list.d").glob("*"))]
    mirrors = tuple(
        dict.fromkeys(mirror for file in files if file.is_file() for mirror in _read(file))
    )
    if not any(not mirror.security for mirror in mirrors):
        raise HostError(
            f"No mirror of Debian is configured in {folder}: "
            "name one in the configuration, as apt's sources.list has it."
        )
    return mirrors


def named_mirrors(texts: Iterable[str]) -> tuple[Mirror, ...]:
    """Read what the user names: lines of ``sources.list``, files of apt's, or plain URLs.

    A plain URL is a mirror with the component ``main``; one whose last part contains
    ``security`` has security updates.

    Raises:
        UsageError: something else, or no mirror among them; all of them at once.
        HostError: a file can't be read.
    """
    mirrors: list[Mirror] = []
    problems: list[str] = []
    for text in texts:
        found = _named(text)
        mirrors += found
        if not found:
            problems.append(f"{text!r} names no mirror of Debian")
    if problems:
        raise UsageError(
            "\n  ".join(("The mirrors are not understood:", *problems))
            + "\nWrite a URL, a line of sources.list or the path of such a file."
        )
    return tuple(dict.fromkeys(mirrors))


def _named(text: str) -> tuple[Mirror, ...]:
    if text.startswith("deb "):
        return tuple(parse_list(text))
    if urlsplit(text).scheme in _SCHEMES:
        url = _with_slash(text)
        return (Mirror(url=url, suite="stable", security="security" in url.split("/")[-2]),)
    return tuple(_read(Path(text).expanduser()))


def _read(file: Path) -> Iterator[Mirror]:
    parse = {".sources": parse_sources, ".list": parse_list}.get(file.suffix)
    if parse is None:
        return
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise HostError(f"{file} can't be read: {error}. Name a mirror yourself.") from error
    yield from parse(text)


def parse_list(text: str) -> Iterator[Mirror]:
    """Read the one-line format: ``deb [signed-by=KEYRING] URL SUITE COMPONENT…``."""
    for line in text.splitlines():
        match = _LINE.match(line.partition("#")[0].strip())
        if match:
            options = dict(
                option.partition("=")[::2] for option in (match["options"] or "").split()
            )
            yield from _mirrors(
                {
                    "URIs": match["url"],
                    "Suites": match["suite"],
                    "Components": match["rest"],
                    "Signed-By": options.get("signed-by", "").replace(",", " "),
                }
            )


def parse_sources(text: str) -> Iterator[Mirror]:
    """Read the format of fields (deb822)."""
    for fields in Deb822.iter_paragraphs(text):
        enabled = fields.get("Enabled", "yes").lower() not in ("no", "false", "0", "off")
        if enabled and "deb" in fields.get("Types", "").split():
            yield from _mirrors(fields)


def _mirrors(fields: Mapping[str, str]) -> Iterator[Mirror]:
    components = tuple(fields.get("Components", "").split())
    signed_by = fields.get("Signed-By", "")
    armoured = "BEGIN PGP" in signed_by
    files = () if armoured else (word for word in signed_by.split() if word.startswith("/"))
    keyrings = tuple(map(Path, files))
    for url in fields.get("URIs", "").split():
        for suite in fields.get("Suites", "").split():
            base = base_suite(suite)
            if base and "main" in components and urlsplit(url).scheme in _SCHEMES:
                yield Mirror(
                    url=_with_slash(url),
                    suite=base,
                    security=suite.endswith(("-security", "/updates")),
                    components=components,
                    keyrings=keyrings,
                    keys=_dearmoured(signed_by) if armoured else "",
                )


def _dearmoured(field: str) -> str:
    """Undo deb822's indentation; a dot stands for an empty line."""
    lines = (line.strip() for line in field.strip().splitlines())
    return "\n".join("" if line == "." else line for line in lines) + "\n"


def _with_slash(url: str) -> str:
    return url.rstrip("/") + "/"
