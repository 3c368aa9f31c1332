"""``entry_points.txt``: the scripts and plug-ins a project offers (entry points specification)."""

from __future__ import annotations

import configparser
import re
from dataclasses import dataclass

from wheelyard.errors import VerificationError

SCRIPT_GROUPS = ("console_scripts", "gui_scripts")
"""The groups whose names become files: here a bad name or value is an attack."""

_NAME = re.compile(r"[\w.-]+")
_IDENTIFIERS = r"[^\W\d]\w*(?:\.[^\W\d]\w*)*"
_VALUE = re.compile(
    rf"(?P<module>{_IDENTIFIERS})\s*(?::\s*(?P<attr>{_IDENTIFIERS})\s*)?"
    r"(?:\[(?P<extras>[^\]]*)\]\s*)?"
)


class InvalidEntryPointsError(VerificationError):
    """An ``entry_points.txt`` that is malformed or dangerous; the message names every line."""


@dataclass(frozen=True, order=True)
class EntryPoint:
    """One line: ``name = module:attr [extras]`` in a group; ``attr`` is ``""`` for a module."""

    group: str
    name: str
    module: str
    attr: str
    extras: tuple[str, ...] = ()

    @property
    def is_script(self) -> bool:
        """Whether installing it writes a program."""
        return self.group in SCRIPT_GROUPS


class _Parser(configparser.RawConfigParser):
    def optionxform(self, optionstr: str) -> str:
        """Keep the case: names of programs have one."""
        return optionstr


def parse_entry_points(data: bytes | str) -> tuple[EntryPoint, ...]:
    r"""Read ``entry_points.txt``, sorted.

    A script's name must be ``[\w.-]+`` and its value an object reference with a function in it, as
    one becomes a file's name and the other code. Other groups' odd names and values, which real
    projects have, are left out here and returned by :func:`odd_entry_points`.

    Raises:
        InvalidEntryPointsError: no UTF-8, no INI, a doubled name, scripts against this, or what
            other readers take for scripts.
    """
    text = _decode(data)
    lines = _lines(text)
    found, issues = [], []
    for group, name, value in lines:
        parsed = _parse(group, name, value)
        if parsed is not None and (parsed.attr or not parsed.is_script):
            found.append(parsed)
        elif group in SCRIPT_GROUPS:
            issues.append(f"[{group}] {name!r} = {value!r}")
    if not issues:
        scripts = {(name, value) for group, name, value in lines if group in SCRIPT_GROUPS}
        others = sorted(scripts ^ _read_plainly(text))
        issues = [f"{name!r} = {value!r} is one for some readers only" for name, value in others]
    if issues:
        raise InvalidEntryPointsError(
            "entry_points.txt: a script must be name = module:function, the name of letters, "
            f"digits and _.- only: {'; '.join(issues)}"
        )
    return tuple(sorted(found))


def odd_entry_points(data: bytes | str) -> tuple[str, ...]:
    """Return the lines outside the script groups that are against the specification."""
    return tuple(
        f"[{group}] {name} = {value}"
        for group, name, value in _lines(_decode(data))
        if group not in SCRIPT_GROUPS and _parse(group, name, value) is None
    )


def _decode(data: bytes | str) -> str:
    try:
        return data.decode("utf-8") if isinstance(data, bytes) else data
    except UnicodeDecodeError as error:
        raise InvalidEntryPointsError(
            f"entry_points.txt: it is not UTF-8 (byte {error.start})"
        ) from None


def _read_plainly(text: str) -> set[tuple[str, str]]:
    """Return the names and values of scripts for readers that know neither ``;`` nor indents.

    The standard library's is such a one (:mod:`importlib.metadata`), and so is pip.
    """
    found = set()
    group = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            group = line.strip("[]").strip()
        elif group in SCRIPT_GROUPS and "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found.add((name.strip(), value.strip()))
    return found


def _lines(text: str) -> list[tuple[str, str, str]]:
    parser = _Parser(delimiters=("=",), strict=True, default_section="")
    try:
        parser.read_string(text)
    except configparser.Error as error:
        raise InvalidEntryPointsError(f"entry_points.txt: {' '.join(str(error).split())}") from None
    return [
        (group, name, value) for group in parser.sections() for name, value in parser.items(group)
    ]


def _parse(group: str, name: str, value: str) -> EntryPoint | None:
    found = _VALUE.fullmatch(value)
    if found is None or not _NAME.fullmatch(name) or not name.strip("."):
        return None
    extras = tuple(extra.strip() for extra in (found["extras"] or "").split(",") if extra.strip())
    return EntryPoint(group, name, found["module"], found["attr"] or "", extras)
