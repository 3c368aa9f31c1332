from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from wheelyard.errors import VerificationError
from wheelyard.installer.cache import CachedFile, UnpackedWheel
from wheelyard.installer.environment import Layout
from wheelyard.installer.plan import Placed, Ready, check_collisions, is_satisfied, place
from wheelyard.wheel import EntryPoint, RecordEntry, Sha256, parse_record

SITE = "lib/python3.11/site-packages"
VENV = Layout(Path("/env"), "/env/bin/python", SITE, SITE, "include/site/python3.11", "bin", "")
TARGET = Layout(Path("/t"), "/usr/bin/python", "", "", "include", "bin", "")


def file(path: str, digest: str = "sha256=abc") -> CachedFile:
    return CachedFile(path, digest, 3, 0, script=False)


def wheel(*paths: str, name: str = "some", purelib: bool = True) -> UnpackedWheel:
    info = [f"{name}-1.0.dist-info/{part}" for part in ("METADATA", "WHEEL", "RECORD")]
    return UnpackedWheel(
        folder=Path("/cache/x"),
        wheel=f"{name}-1.0-py3-none-any.whl",
        sha256=Sha256("0" * 64),
        dist_info=f"{name}-1.0.dist-info",
        requires_python="",
        root_is_purelib=purelib,
        scripts=(EntryPoint("console_scripts", "tool", "some", "main"),),
        warnings=(),
        files=tuple(file(path) for path in (*paths, *info)),
    )


def ready(each: UnpackedWheel, *, requested: bool = True) -> Ready:
    return Ready(each, "/cache/x/b", (), {}, requested=requested, direct_url="")


def paths(placed: Placed) -> set[str]:
    return {link.path for link in placed.links} | {text.path for text in placed.texts}


def text(placed: Placed, name: str) -> bytes:
    return next(each.content for each in placed.texts if each.path.endswith(name))


DATA = (
    "some/a.py",
    "some-1.0.data/purelib/pure.py",
    "some-1.0.data/platlib/plat.so",
    "some-1.0.data/scripts/run",
    "some-1.0.data/headers/some.h",
    "some-1.0.data/data/share/man/some.1",
)


def test_every_scheme_goes_to_its_folder_in_a_virtualenv() -> None:
    assert paths(place(ready(wheel(*DATA)), VENV)) >= {
        f"{SITE}/some/a.py",
        f"{SITE}/pure.py",
        f"{SITE}/plat.so",
        "bin/run",
        "bin/tool",
        "include/site/python3.11/some/some.h",
        "share/man/some.1",
        f"{SITE}/some-1.0.dist-info/INSTALLER",
        f"{SITE}/some-1.0.dist-info/REQUESTED",
    }


def test_every_scheme_goes_below_a_target() -> None:
    assert paths(place(ready(wheel(*DATA)), TARGET)) >= {
        "some/a.py", "pure.py", "plat.so", "bin/run", "bin/tool", "include/some/some.h",
        "share/man/some.1",
    }  # fmt: skip


def test_wheel_that_is_not_pure_goes_to_platlib() -> None:
    layout = replace(VENV, platlib="lib64/site-packages")
    assert "lib64/site-packages/a.so" in paths(place(ready(wheel("a.so", purelib=False)), layout))


def test_record_is_sorted_and_relative_to_its_folder() -> None:
    rows = parse_record(text(place(ready(wheel(*DATA)), VENV), "/RECORD"))
    names = [row.path for row in rows]
    assert names == sorted(names)
    assert "../../../bin/tool" in names
    assert "../../../share/man/some.1" in names
    own = next(row for row in rows if row.path.endswith("/RECORD"))
    assert (own.hash, own.size) == ("", None)


def test_bytecode_has_no_hash_in_record_and_never_hides_the_wheels_own() -> None:
    own = "some/__pycache__/a.cpython-311.pyc"
    other = "some/__pycache__/b.cpython-311.pyc"
    bytecode = (file(own, ""), file(other, ""))
    placed = place(replace(ready(wheel("some/a.py", own)), bytecode=bytecode), VENV)
    rows = {row.path: row.hash for row in parse_record(text(placed, "/RECORD"))}
    assert rows[own] == "abc"
    assert rows[other] == ""


def test_rewritten_script_is_no_link() -> None:
    each = replace(ready(wheel(*DATA)), rewritten={"some-1.0.data/scripts/run": b"#!/p\n"})
    placed = place(each, VENV)
    assert text(placed, "bin/run") == b"#!/p\n"
    assert "bin/run" not in {link.path for link in placed.links}


def test_files_that_an_installer_writes_are_not_taken_from_the_wheel() -> None:
    info = "some-1.0.dist-info"
    each = wheel(f"{info}/INSTALLER", f"{info}/direct_url.json", f"{info}/REQUESTED")
    placed = place(ready(each, requested=False), VENV)
    assert text(placed, "/INSTALLER") == b"wheelyard\n"
    assert {path.rpartition("/")[2] for path in paths(placed)} == {
        "METADATA", "WHEEL", "RECORD", "INSTALLER", "tool",
    }  # fmt: skip


def test_origin_is_written_when_it_was_a_direct_url() -> None:
    each = replace(ready(wheel()), direct_url='{"url": "https://example.invalid"}')
    assert text(place(each, VENV), "direct_url.json").startswith(b'{"url"')


def test_same_file_with_other_content_in_two_wheels_is_refused() -> None:
    first = place(ready(wheel("ns/a.py", name="one")), VENV)
    second = place(ready(wheel("ns/a.py", name="two")), VENV)
    with pytest.raises(VerificationError, match=r"bin/tool|ns/a\.py") as refused:
        check_collisions([first, replace(second, links=(second.links[0]._replace(hash="x"),))])
    assert "ns/a.py: one and two" in str(refused.value)


def test_same_file_with_the_same_content_in_two_wheels_is_fine() -> None:
    first = place(ready(wheel("ns/__init__.py", name="one")), VENV)
    second = place(ready(wheel("ns/__init__.py", name="two")), VENV)
    check_collisions([first, second])


def installed(placed: Placed) -> list[RecordEntry]:
    return [RecordEntry(link.path, "sha256", "abc", 3) for link in placed.links]


def test_same_version_and_files_are_satisfied() -> None:
    placed = place(ready(wheel("a.py")), VENV)
    others = [RecordEntry(f"{SITE}/__pycache__/a.cpython-311.pyc"), RecordEntry("bin/tool")]
    assert is_satisfied(placed, "1", [*installed(placed), *others])


def test_another_version_content_or_set_of_files_is_not_satisfied() -> None:
    placed = place(ready(wheel("a.py")), VENV)
    files = installed(placed)
    assert not is_satisfied(placed, "1.1", files)
    assert not is_satisfied(placed, "1.0", files[1:])
    assert not is_satisfied(placed, "1.0", [replace(files[0], hash="def"), *files[1:]])
    assert not is_satisfied(placed, "1.0", [*files, RecordEntry(f"{SITE}/old.py", "sha256", "x")])
