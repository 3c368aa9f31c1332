from __future__ import annotations

import pytest

from wheelyard.repair.universal import Unread, unread_sources

NEW = b"async def f(): pass"
WHY = "Python 2.7 can't read line 1: async def f(): pass"


def alone(*paths: str, **sources: str) -> list[str]:
    """Give which of the new modules are left to Python 3, of a package with these as well."""
    old = {path.replace("__", "/") + ".py": text.encode() for path, text in sources.items()}
    found = unread_sources({**old, **dict.fromkeys(paths, NEW)})
    assert [(one.path, one.why) for one in found] == [(path, WHY) for path in sorted(paths)]
    return [one.path for one in found if one.left_alone]


def test_sources_that_both_read_are_no_matter() -> None:
    assert unread_sources({"x/__init__.py": b"from . import y", "x/y.py": b"print('a')"}) == ()


def test_each_python_that_can_not_read_a_source_is_named() -> None:
    sources = {"x/new.py": NEW, "x/old.py": b"x = 1\nprint 'a'", "x/same.py": b""}
    new, old = unread_sources(sources)
    assert new == Unread(path="x/new.py", why=WHY, left_alone=False)
    assert old.path == "x/old.py"
    assert old.why.startswith("Python 3 can't read line 2: Missing parentheses")


@pytest.mark.parametrize(
    "importer",
    [
        "import sys\nif sys.version_info[0] > 2: from .new import f",
        "if a: pass\nelif b: pass\nelse: import x.new",
        "def f():\n    from x import new",
        "try: from . import new\nexcept SyntaxError: pass",
        "try: from . import new\nexcept (ImportError, Exception): pass",
        "try: from . import new\nexcept: pass",
        "try: compile('a')\nexcept A: pass\nelse: from . import new",
        "class A:\n    if b:\n        from . import new",
    ],
)
def test_module_that_is_imported_under_a_condition_is_left_to_one_python(importer: str) -> None:
    assert alone("x/new.py", x__user=importer) == ["x/new.py"]


@pytest.mark.parametrize(
    "importer",
    [
        "",
        "import x",
        "from . import new",
        "from x.new import f",
        "import os, x.new as y",
        "class A:\n    from .new import f",
        "with a: import x.new",
        "try: from . import new\nexcept ImportError: pass",
        "try: pass\nfinally: import x.new",
        "import x.new\ndef f(): import x.new",
        "from .. import new",
    ],
)
def test_module_that_nothing_keeps_from_a_python_is_not(importer: str) -> None:
    assert alone("x/new.py", x__user=importer) == []


def test_modules_that_only_such_modules_import_are_left_alone_with_them() -> None:
    sources = {
        "x/__init__.py": b"if a: from . import new",
        "x/new.py": b"from x import newer\n" + NEW,
        "x/newer.py": NEW,
    }
    assert [one.left_alone for one in unread_sources(sources)] == [True, True]


def test_package_below_and_library_folder_are_known_by_their_module_names() -> None:
    guarded = "if a: import x.aio.core"
    assert alone("x/aio/__init__.py", "x/aio/core.py", x____init__=guarded) == [
        "x/aio/__init__.py",
        "x/aio/core.py",
    ]
    placed = {"x-1.data/purelib/x/new.py": NEW, "x/__init__.py": b"if a: from . import new"}
    assert [one.left_alone for one in unread_sources(placed)] == [True]
