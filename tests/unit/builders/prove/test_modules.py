from __future__ import annotations

import io
from pathlib import Path

import markupsafe._speedups
import pytest

from wheelyard.builders.prove.modules import exports, module_name, modules_of, suffixes_of
from wheelyard.targets.catalog import find_target

PYTHON = find_target("debian-12-arm64", None).python
SUFFIXES = suffixes_of(PYTHON)
SPEEDUPS = Path(markupsafe._speedups.__file__ or "").read_bytes()


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a/_c.cpython-311-aarch64-linux-gnu.so", "a._c"),
        ("_c.abi3.so", "_c"),
        ("a-1.data/platlib/a/b.so", "a.b"),
        ("a-1.data/scripts/b.so", ""),
        ("a/_c.cpython-310-aarch64-linux-gnu.so", ""),
        ("a.libs/libz-12ab.so.1", ""),
        ("a/lib-x.so", ""),
    ],
)
def test_extension_modules_are_named_by_their_path(path: str, name: str) -> None:
    assert module_name(path, SUFFIXES) == name


def test_free_threaded_interpreters_have_no_limited_modules() -> None:
    python = find_target("debian-13-arm64", "3.13t").python
    assert suffixes_of(python) == (".cpython-313t-aarch64-linux-gnu.so", ".so")


def test_symbols_are_read_from_the_shared_object() -> None:
    assert exports(io.BytesIO(SPEEDUPS), "PyInit__speedups")
    assert not exports(io.BytesIO(SPEEDUPS), "PyUnicode_New"), "it is asked for, not defined"
    assert not exports(io.BytesIO(b"no shared object"), "PyInit__speedups")


def test_top_level_names_come_first_and_plain_libraries_not_at_all() -> None:
    native = ("a/_speedups.abi3.so", "a/_raw.abi3.so", "b/_speedups.so")
    found = modules_of(("a", "__main__", "b"), native, PYTHON, lambda _: io.BytesIO(SPEEDUPS))
    assert found == ("a", "b", "a._speedups", "b._speedups")
