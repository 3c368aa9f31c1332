"""What of an egg or an installer a wheel has, as it is or changed, and what it leaves out."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wheelyard.wheel.convert.source import ABOUT, ROOT, OldFile, content
from wheelyard.wheel.entry_points import parse_entry_points
from wheelyard.wheel.summary import LIBRARY
from wheelyard.wheel.writer import file_from_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wheelyard.wheel.convert.source import Source
    from wheelyard.wheel.writer import WheelFile

_BYTECODE = (".pyc", ".pyo")
_SMALL = 1 << 20  # bytes; no script that a person wrote has more
_STUB_LIMIT = 1 << 12
_CONVERTED = ("PKG-INFO", "requires.txt")
_ZIPPED = "wheels are never run zipped"
_ANEW = "the wheel has its own"
_UNUSED = {
    "dependency_links.txt": "installers follow no links of a project's",
    "eager_resources.txt": _ZIPPED,
    "native_libs.txt": _ZIPPED,
    "not-zip-safe": _ZIPPED,
    "zip-safe": _ZIPPED,
    "installed-files.txt": "RECORD lists the files",
    "SOURCES.txt": "RECORD lists the files",
    **dict.fromkeys(("METADATA", "WHEEL", "RECORD", "RECORD.jws", "RECORD.p7s"), _ANEW),
    **dict.fromkeys(("INSTALLER", "REQUESTED", "direct_url.json"), "it is of an installation"),
}
"""Files that tell of a project and aren't in a wheel, each with the reason."""
_STUB = re.compile(r"def __bootstrap__\(\):\s*\n(?:[ \t][^\n]*\n)+__bootstrap__\(\)\s*")
_SHEBANG = re.compile(
    rb"#!(?:[^\r\n]*[\\/ \t])?python(?P<kind>w?)[0-9.]*(?:\.exe)?\"?"
    rb"(?P<options>[ \t][^\r\n]*)?(?=[\r\n]|\Z)"
)
_WRAPPERS = ("", ".exe", "-script.py", "-script.pyw", ".exe.manifest")


@dataclass(frozen=True)
class LeftOut:
    """A file that the wheel doesn't have, and why."""

    path: str
    reason: str


@dataclass(frozen=True)
class Content:
    """The files of a wheel besides those of ``.dist-info`` that every wheel has.

    ``bytecode_only`` tells whether there are modules without their source.
    """

    files: tuple[OldFile, ...]
    left_out: tuple[LeftOut, ...]
    bytecode_only: bool


def choose_content(source: Source) -> Content:
    """Decide which files become part of the wheel.

    Raises:
        InvalidEntryPointsError: ``entry_points.txt`` is malformed or dangerous.
    """
    left_out = {
        **_unused(source.files),
        **_wrappers(source),
        **_stubs(source.files),
        **_bytecode(source.files),
    }
    gone = {*left_out, *((ABOUT, name) for name in _CONVERTED)}
    kept = [old for old in source.files if (old.scheme, old.file.path) not in gone]
    return Content(
        files=tuple(_as_script(old) if old.scheme == "scripts" else old for old in kept),
        left_out=tuple(
            LeftOut("/".join(filter(None, key)), left_out[key]) for key in sorted(left_out)
        ),
        bytecode_only=any(old.scheme == ROOT and old.file.path.endswith(_BYTECODE) for old in kept),
    )


_Left = dict[tuple[str, str], str]  # scheme and path: the reason


def _unused(files: Iterable[OldFile]) -> _Left:
    return {
        (ABOUT, old.file.path): _UNUSED[old.file.path]
        for old in files
        if old.scheme == ABOUT and old.file.path in _UNUSED
    }


def _wrappers(source: Source) -> _Left:
    """Return the programs that setuptools put into an installer for entry points."""
    scripts = (one for one in parse_entry_points(source.read("entry_points.txt")) if one.is_script)
    written = {f"{one.name}{ending}" for one in scripts for ending in _WRAPPERS}
    return {
        ("scripts", old.file.path): "whoever installs the wheel writes it for the entry point"
        for old in source.files
        if old.scheme == "scripts" and old.file.path in written
    }


def _stubs(files: Iterable[OldFile]) -> _Left:
    """Return the modules that do nothing but load the extension module of the same name."""
    modules = {old.file.path: old.file for old in files if old.scheme == ROOT}
    beside = ((path, modules.get(f"{_module(path)}.py")) for path in _libraries(modules))
    return {
        (ROOT, stub.path): f"it only loads {path}, which is imported without it"
        for path, stub in beside
        if stub is not None and _loads(stub, path.rpartition("/")[2])
    }


def _loads(stub: WheelFile, library: str) -> bool:
    if stub.size > _STUB_LIMIT:
        return False
    text = content(stub).decode("latin-1")
    return _STUB.fullmatch(text) is not None and repr(library) in text


def _bytecode(files: Iterable[OldFile]) -> _Left:
    """Return compiled Python that nobody needs: its source is there, or it is never read."""
    paths = {old.file.path for old in files if old.scheme == ROOT}
    with_source = {path[: -len(".py")] for path in paths if path.endswith(".py")}
    with_source |= {_module(path) for path in _libraries(paths)}
    return {
        (ROOT, path): "compiled Python; whoever installs the wheel makes it"
        for path in paths
        if path.endswith(_BYTECODE)
        and ("__pycache__" in path.split("/") or path.rpartition(".")[0] in with_source)
    }


def _libraries(paths: Iterable[str]) -> Iterator[str]:
    return (path for path in paths if LIBRARY.search(path))


def _module(path: str) -> str:
    """Return an extension module's path without what comes after its own name."""
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}{name.partition('.')[0]}"


def _as_script(old: OldFile) -> OldFile:
    """Let the Python be filled in where the script is installed (PEP 427, ``#!python``)."""
    file = replace(old.file, executable=True)
    if file.size <= _SMALL:
        data = content(file)
        found = _SHEBANG.match(data)
        if found:
            line = b"#!python" + found["kind"] + (found["options"] or b"")
            file = file_from_bytes(file.path, line + data[found.end() :], executable=True)
    return OldFile(old.scheme, file)
