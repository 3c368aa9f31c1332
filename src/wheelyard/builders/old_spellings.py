"""Dependencies in a spelling that a backend no longer reads, so that it leaves them out unsaid."""

from __future__ import annotations

import configparser
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


def left_out(project: Path, requires_dist: Iterable[str]) -> tuple[str, ...]:
    """Say which dependencies in ``setup.cfg`` are not in the metadata.

    Until 0.30, ``bdist_wheel`` took ``requires-dist`` of ``[metadata]``, as distutils2 had it, in
    the place of what ``setup.py`` says; nothing reads it since.

    Args:
        project: the source.
        requires_dist: the metadata's dependencies.

    Returns:
        A sentence, or nothing.
    """
    kept = [_parsed(text) for text in requires_dist]
    missing = [text for text in _listed(project / "setup.cfg") if _parsed(text) not in kept]
    if not missing:
        return ()
    named = ", ".join(missing)
    sentence = f"setup.cfg asks for {named} with requires-dist, which its backend leaves out"
    return (f"{sentence}: write that as install_requires",)


def _listed(file: Path) -> Iterator[str]:
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, configparser.Error):
        return  # what can't be read, the backend has said
    for key, value in parser.items("metadata") if parser.has_section("metadata") else ():
        if key.replace("_", "-") == "requires-dist":
            yield from filter(None, (line.strip() for line in value.splitlines()))


def _parsed(text: str) -> Requirement | str:
    try:
        return Requirement(text)
    except InvalidRequirement:
        return text
