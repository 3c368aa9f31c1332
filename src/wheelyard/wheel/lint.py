"""What is legal in a wheel and yet most often a mistake of its build.

=================  ===========================================================================
rule               broken by
=================  ===========================================================================
empty              nothing to install
bytecode           compiled Python, which fits one version and hides its source's changes
stray-tests        tests that become a package of everybody's: ``tests/``, ``test_x.py``
top-level-name     a name that is any project's: ``docs``, ``src``, ``setup.py``
top-level-file     a file among the packages that can't be imported
top-level-folder   a folder among the packages with nothing to import in it
top-level-init     ``__init__.py`` outside any package
top-level-library  a library for linking among the packages; it belongs into one, or ``.data``
native-any         native code in a wheel that is tagged for any platform
no-licence         no licence file
no-description     no long description
upload-descriptor  data descriptors, which PyPI's uploads refuse
upload-licence     a ``License-File`` that isn't there: refused as well, from metadata 2.4 on
upload-ratio       content of more than 50 times its compressed size, above 64 MiB: the same
=================  ===========================================================================
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from wheelyard.wheel.findings import Finding
from wheelyard.wheel.member_rules import Limits, limit_findings
from wheelyard.wheel.names import normalize_name
from wheelyard.wheel.summary import LIBRARY, summarize

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wheelyard.wheel.reader import Wheel

RULES = (
    "empty",
    "bytecode",
    "stray-tests",
    "top-level-name",
    "top-level-file",
    "top-level-folder",
    "top-level-init",
    "top-level-library",
    "native-any",
    "no-licence",
    "no-description",
    "upload-descriptor",
    "upload-licence",
    "upload-ratio",
)
WARNINGS = (
    "direct-url",
    "egg-info",
    "entry-point-form",
    "mode-bits",
    "pth-file",
    "tag-mismatch",
    "wheel-version-newer",
    "windows-name",
)
"""What the reader warns of (:mod:`.member_rules`, :mod:`.content_rules`)."""
_TESTS = re.compile(r"tests?")
_TEST_MODULES = re.compile(r"tests?|conftest|test_\w+|\w+_test")  # a package may be for testing
_ANYBODYS = frozenset(
    {
        "benchmark",
        "benchmarks",
        "bin",
        "build",
        "data",
        "dist",
        "doc",
        "docs",
        "example",
        "examples",
        "include",
        "lib",
        "noxfile",
        "scripts",
        "setup",
        "src",
        "tools",
    }
)
_SOURCE = (".py", ".pyi")
_UPLOADS = Limits(ratio=50)
_LICENCES_SINCE = (2, 4)
_BYTECODE = (".pyc", ".pyo")


def lint_wheel(wheel: Wheel) -> tuple[Finding, ...]:
    """Return what a wheel's maker should look at, with the reader's warnings, sorted."""
    summary = summarize(wheel)
    names = [member.name for member in wheel.members if not member.is_folder]
    placed = _placed(names, wheel.dist_info)
    findings = [*wheel.warnings, *top_level_findings(placed, wheel.filename.name)]
    if all(name.startswith(f"{wheel.dist_info}/") for name in names):
        findings.append(Finding("empty", "it installs nothing but its metadata"))
    bytecode = sorted(name for name in names if name.endswith(_BYTECODE))
    if bytecode:
        detail = f"compiled Python, {len(bytecode)} of it; leave that to the installer"
        findings.append(Finding("bytecode", detail, bytecode[0]))
    if summary.native and {tag.platform for tag in wheel.info.tags} == {"any"}:
        detail = "native code, and the tags say any platform; build it as a platform wheel"
        findings.append(Finding("native-any", detail, summary.native[0]))
    if not summary.licences:
        detail = "no licence file; name it in the project's license-files"
        findings.append(Finding("no-licence", detail, wheel.dist_info))
    if not wheel.metadata.description.strip():
        detail = "no long description; name a readme in the project's settings"
        findings.append(Finding("no-description", detail, f"{wheel.dist_info}/METADATA"))
    findings += _upload_findings(wheel)
    return tuple(sorted(findings))


def _upload_findings(wheel: Wheel) -> list[Finding]:
    """Return what PyPI refuses of what installers take (Warehouse, 2026-08)."""
    findings = [
        replace(found, rule="upload-ratio")
        for found in limit_findings(wheel.members, _UPLOADS)
        if found.rule == "limit-ratio"
    ]
    described = [member.name for member in wheel.members if member.described]
    if described:
        detail = f"PyPI refuses data descriptors, {len(described)} of them; pack it again"
        findings.append(Finding("upload-descriptor", detail, described[0]))
    if _metadata_version(wheel) >= _LICENCES_SINCE:
        names = {member.name for member in wheel.members}
        files = [
            f"{wheel.dist_info}/licenses/{name}" for name in wheel.metadata.all("License-File")
        ]
        detail = "METADATA names it and it isn't there, so PyPI refuses the wheel"
        findings += [Finding("upload-licence", detail, name) for name in files if name not in names]
    return findings


def _metadata_version(wheel: Wheel) -> tuple[int, ...]:
    said = "".join(wheel.metadata.all("Metadata-Version")[:1]).split(".")
    return tuple(int(part) for part in said if part.isdecimal())


def top_level_findings(names: Iterable[str], project: str = "") -> list[Finding]:
    """Return what doesn't belong among the packages.

    Args:
        names: files as they lie in ``site-packages``, without those of the wheel's metadata.
        project: its normalised name, which is its own however common.
    """
    tops: dict[str, list[str]] = {}
    for name in names:
        top, slash, rest = name.partition("/")
        tops.setdefault(top, []).extend([rest] if slash else [])
    findings = []
    for top, inside in sorted(tops.items()):
        module = top.partition(".")[0]
        broken = _judge_folder(inside) if inside else _judge_file(top, module)
        if broken is None and normalize_name(module) != project:
            broken = _judge_module(module, _TESTS if inside else _TEST_MODULES)
        if broken:
            findings.append(Finding(*broken, top))
    return findings


def _judge_file(name: str, module: str) -> tuple[str, str] | None:
    """Return the rule that a file at the top level breaks, and why."""
    if name == "__init__.py":
        return "top-level-init", "it makes a package of site-packages; put it into the project's"
    if LIBRARY.search(name):
        if module.startswith("lib") or not name.endswith((".so", ".pyd")):
            return "top-level-library", "a library, no module; put it into the package or .data"
    elif not name.endswith((*_SOURCE, *_BYTECODE, ".pth")):
        return "top-level-file", "it lies among all projects' packages; put it into the project's"
    return None


def _judge_folder(inside: Iterable[str]) -> tuple[str, str] | None:
    if any(name.endswith(_SOURCE) or LIBRARY.search(name) for name in inside):
        return None
    return "top-level-folder", "it holds nothing to import; put it into the package or .data"


def _judge_module(module: str, tests: re.Pattern[str]) -> tuple[str, str] | None:
    if tests.fullmatch(module):
        return "stray-tests", "tests at the top level clash with other projects'; leave them out"
    if module in _ANYBODYS:
        return "top-level-name", "other projects may have it as well; leave it out or rename it"
    return None


def _placed(names: Iterable[str], dist_info: str) -> list[str]:
    """Return the files that come to lie among the packages, as they do."""
    data = f"{dist_info[: -len('.dist-info')]}.data/"
    found = []
    for name in names:
        if name.startswith((f"{data}purelib/", f"{data}platlib/")):
            found.append(name[len(f"{data}purelib/") :])
        elif not name.startswith((data, f"{dist_info}/")):
            found.append(name)
    return found
