"""Eggs, as files and as folders (setuptools, "The Internal Structure of Python Eggs")."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from wheelyard.errors import UsageError
from wheelyard.wheel.convert.source import ABOUT, ROOT, OldFile, Source, read_members
from wheelyard.wheel.findings import InvalidWheelError
from wheelyard.wheel.member_rules import clash_findings, name_findings
from wheelyard.wheel.writer import files_from_folder

if TYPE_CHECKING:
    from pathlib import Path

    from wheelyard.wheel.writer import WheelFile

_NAME = re.compile(
    r"(?P<name>[^-]+)(?:-(?P<version>[^-]+)"
    r"(?:-py(?P<python>[0-9]\.[0-9]+)(?:-(?P<platform>[A-Za-z0-9._-]+))?)?)?\.egg"
)
_INFO, _SCRIPTS = "EGG-INFO/", "EGG-INFO/scripts/"


def read_egg(path: Path) -> Source:
    """Read an egg, whether it is a zip file or a folder.

    Raises:
        UsageError: its name is no egg's, it has no metadata, or a folder holds links.
        InvalidWheelError: it holds every rule broken.
        HostError: the file cannot be read.
    """
    found = _NAME.fullmatch(path.absolute().name)
    if found is None:
        raise UsageError(
            f"{path} is no egg's name: it must be name-version-pyX.Y[-platform].egg, which tells "
            "what it runs on; give it the name that it had"
        )
    files = _read_folder(path) if path.is_dir() else read_members(path, script=True)
    if not any(file.path.startswith(_INFO) for file in files):
        raise UsageError(f"{path}: it holds no {_INFO[:-1]}, so it is no egg")
    named = found.groupdict("")
    return Source(
        path=path,
        files=tuple(map(_placed, files)),
        name=named["name"],
        version=named["version"],
        python=named["python"],
        platform=named["platform"],
        extensions=bool(named["platform"]),
        remarks=(),
    )


def _read_folder(path: Path) -> tuple[WheelFile, ...]:
    files = files_from_folder(path)
    names = [file.path for file in files]
    findings = name_findings(names) + clash_findings(names)
    if findings:
        raise InvalidWheelError(path.name, tuple(sorted(findings)))
    return files


def _placed(file: WheelFile) -> OldFile:
    for start, scheme in ((_SCRIPTS, "scripts"), (_INFO, ABOUT)):
        if file.path.startswith(start):
            return OldFile(scheme, replace(file, path=file.path[len(start) :]))
    return OldFile(ROOT, file)
