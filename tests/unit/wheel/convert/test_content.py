from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.unit.wheel.convert.eggs import STUB

from wheelyard.wheel import InvalidEntryPointsError, file_from_bytes
from wheelyard.wheel.convert.content import Content, choose_content
from wheelyard.wheel.convert.source import ABOUT, ROOT, OldFile, Source, content

if TYPE_CHECKING:
    from collections.abc import Mapping

SCRIPT = b"import some\n"


def choose(
    scheme: str, files: Mapping[str, bytes], about: Mapping[str, bytes] | None = None
) -> Content:
    placed = [
        OldFile(place, file_from_bytes(path, data))
        for place, some in ((scheme, files), (ABOUT, about or {}))
        for path, data in some.items()
    ]
    path = Path("some.egg")
    return choose_content(Source(path, tuple(placed), "", "", "", "", extensions=False, remarks=()))


def kept(decided: Content, scheme: str = ROOT) -> set[str]:
    return {old.file.path for old in decided.files if old.scheme == scheme}


def test_a_stub_is_left_out_where_its_extension_is_imported_without_it() -> None:
    stub = STUB.format(library="_fast.cpython-38-x86_64-linux-gnu.so").encode()
    files = {
        "some/_fast.cpython-38-x86_64-linux-gnu.so": b"",
        "some/_fast.py": stub,
        "some/_fast.pyc": b"",
    }
    decided = choose(ROOT, files)
    assert kept(decided) == {"some/_fast.cpython-38-x86_64-linux-gnu.so"}
    assert decided.left_out[0].path == "some/_fast.py"
    assert not decided.bytecode_only


@pytest.mark.parametrize(
    ("library", "text"),
    [
        ("_fast.so", STUB.format(library="other.so")),
        ("_fast.so", STUB.format(library="_fast.so") + "more = 1\n"),
        ("_fast.so", "answer = '_fast.so'\n"),
        ("dl-_fast.so", STUB.format(library="dl-_fast.so")),
    ],
    ids=["of another library", "with more in it", "no stub", "library that needs it"],
)
def test_what_is_no_mere_stub_stays(library: str, text: str) -> None:
    files = {f"some/{library}": b"", "some/_fast.py": text.encode()}
    assert kept(choose(ROOT, files)) == files.keys()


def test_the_stub_of_current_setuptools_is_known() -> None:
    stub = (
        b"def __bootstrap__():\r\n    import importlib.resources as irs, importlib.util\r\n"
        b"    with irs.as_file(irs.files(__name__).joinpath('_fast.so')) as __file__:\r\n"
        b"        pass\r\n__bootstrap__()\r\n"
    )
    assert kept(choose(ROOT, {"_fast.so": b"", "_fast.py": stub})) == {"_fast.so"}


def test_bytecode_is_left_out_where_its_source_is_there() -> None:
    files = {
        "some/a.py": b"",
        "some/a.pyc": b"",
        "some/a.pyo": b"",
        "some/__pycache__/a.cpython-38.pyc": b"",
        "some/__pycache__/gone.cpython-38.pyc": b"",
    }
    decided = choose(ROOT, files)
    assert kept(decided) == {"some/a.py"}
    assert not decided.bytecode_only


def test_bytecode_without_source_stays() -> None:
    decided = choose(ROOT, {"some/__init__.pyc": b"", "some/a.py": b"", "some/a.pyc": b""})
    assert kept(decided) == {"some/__init__.pyc", "some/a.py"}
    assert decided.bytecode_only


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"#!/usr/bin/env python\n", b"#!python\n"),
        (b"#!/opt/py/bin/python3.8 -E -s\r\n", b"#!python -E -s\r\n"),
        (b'#!"C:\\Program Files\\Python27\\pythonw.exe"\n', b"#!pythonw\n"),
        (b"#!python", b"#!python"),
        (b"#!/bin/sh\n", b"#!/bin/sh\n"),
        (b"#!/usr/bin/ipython\n", b"#!/usr/bin/ipython\n"),
        (b"#!/usr/bin/python-config\n", b"#!/usr/bin/python-config\n"),
        (b"\x7fELF", b"\x7fELF"),
    ],
)
def test_scripts_are_for_the_python_that_they_are_installed_for(
    line: bytes, expected: bytes
) -> None:
    rest = b"" if line == b"#!python" else SCRIPT
    (old,) = choose("scripts", {"go": line + rest}).files
    assert (content(old.file), old.file.size) == (expected + rest, len(expected + rest))
    assert old.file.executable


def test_programs_of_entry_points_are_left_to_the_installer() -> None:
    names = ("go", "go.exe", "go-script.py", "go.exe.manifest", "gone", "go.sh")
    points = {"entry_points.txt": b"[console_scripts]\ngo = some:main\n[other]\ngone = some:x\n"}
    decided = choose("scripts", dict.fromkeys(names, b""), points)
    assert kept(decided, "scripts") == {"gone", "go.sh"}
    assert kept(decided, ABOUT) == {"entry_points.txt"}


def test_metadata_that_a_wheel_has_no_use_for_is_left_out() -> None:
    useful = ("entry_points.txt", "top_level.txt", "licenses/LICENSE", "own.json")
    useless = ("SOURCES.txt", "zip-safe", "not-zip-safe", "native_libs.txt", "RECORD", "WHEEL")
    files = dict.fromkeys((*useful, *useless, "PKG-INFO", "requires.txt"), b"")
    decided = choose(ABOUT, files)
    assert kept(decided, ABOUT) == {*useful}
    assert {one.path for one in decided.left_out} == {f"egg-info/{name}" for name in useless}


def test_a_script_with_a_dangerous_name_is_refused() -> None:
    points = {"entry_points.txt": b"[console_scripts]\n../x = some:main\n"}
    with pytest.raises(InvalidEntryPointsError, match=r"\.\./x"):
        choose(ABOUT, points)
