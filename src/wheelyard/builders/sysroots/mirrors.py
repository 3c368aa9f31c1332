"""Mirrors of Debian and Ubuntu, as apt's configuration or the user names them; none is known here.

Formats: ``sources.list(5)``, both of them. A source counts when it has binary packages of a suite
of these; other archives that name their suites so fail later, at their signature.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from debian.deb822 import Deb822

from wheelyard.builders.sysroots.suites import base_suite, distribution_of
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
        suite: the one that it was configured for, without ``-security`` and the like; empty for
            any.
        security: it has security updates (``<suite>-security``) and nothing else.
        components: ``("main",)``; empty for what the distribution is asked for.
        keyrings: files with the keys that may sign; none for the distribution's own keyring.
        keys: such keys themselves, armoured.
    """

    url: str
    suite: str
    security: bool = False
    components: tuple[str, ...] = ()
    keyrings: tuple[Path, ...] = ()
    keys: str = ""

    def may_have(self, suite: str) -> bool:
        """Whether a suite is of the same distribution as the one that this was configured for."""
        return not self.suite or distribution_of(self.suite) == distribution_of(suite)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sources:
    """Where packages are: mirrors, in the order in which they are asked.

    ``own_suite`` is the build machine's, as far as that is known; tools are of it.
    """

    mirrors: tuple[Mirror, ...]
    own_suite: str = "stable"


def find_sources(named: Iterable[str] = (), apt: Path = APT) -> Sources:
    """Find the mirrors of this machine: those that the user names, and apt's.

    Args:
        named: see ``named_mirrors``.
        apt: the folder of apt's configuration.

    Raises:
        UsageError, HostError: what is named is not understood; there is none at all.
    """
    users, own = named_mirrors(named), host_mirrors(apt)
    if not (users or own):
        raise HostError(no_mirror(apt))
    suites = (one.suite for one in (*own, *users) if one.suite and not one.security)
    return Sources(mirrors=beside(users, own), own_suite=next(suites, "stable"))


def host_mirrors(folder: Path = APT) -> tuple[Mirror, ...]:
    """Read the mirrors of apt's configuration; none where only other archives are configured.

    Raises:
        HostError: a file can't be read.
    """
    files = [folder / "sources.list", *sorted((folder / "sources.list.d").glob("*"))]
    mirrors = dict.fromkeys(mirror for file in files if file.is_file() for mirror in _read(file))
    return tuple(mirrors) if any(not mirror.security for mirror in mirrors) else ()


def no_mirror(folder: Path = APT) -> str:
    """Say that there is none, and what to do."""
    return (
        f"No mirror of Debian or Ubuntu is configured in {folder}: name one with --mirror, or in "
        "[sysroot] of the configuration, as apt's sources.list has it."
    )


def beside(named: Iterable[Mirror], own: Iterable[Mirror]) -> tuple[Mirror, ...]:
    """Put the user's mirrors before apt's, and in the place of those of the same suites."""
    named = tuple(named)
    suites = {mirror.suite for mirror in named}
    return tuple(dict.fromkeys((*named, *(one for one in own if one.suite not in suites))))


def named_mirrors(texts: Iterable[str]) -> tuple[Mirror, ...]:
    """Read what the user names: lines of ``sources.list``, files of apt's, or plain URLs.

    A plain URL is asked for any suite, with its distribution's usual components; one whose last
    part contains ``security`` has security updates.

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
            problems.append(f"{text!r} names no mirror of Debian or Ubuntu")
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
        return (Mirror(url=url, suite="", security="security" in url.split("/")[-2]),)
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
