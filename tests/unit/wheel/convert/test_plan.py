from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.wheel.convert.eggs import (
    AMD64,
    PKG_INFO,
    STUB,
    make_egg,
    make_egg_folder,
    make_installer,
    zipped,
)
from tests.unit.wheel.making import TIME

from wheelyard.errors import UsageError, VerificationError
from wheelyard.wheel import InvalidWheelError, Wheel, verify_wheel
from wheelyard.wheel.convert import plan_conversion, write_conversion

if TYPE_CHECKING:
    from pathlib import Path

ABOUT = "some-1.0-py2.7.egg-info"
NATIVE = {
    "some/_fast.pyd": b"MZ",
    "some/_fast.py": STUB.format(library="_fast.pyd").encode(),
    "some/_fast.pyc": b"",
    "EGG-INFO/native_libs.txt": b"some/_fast.pyd\n",
}


def convert(path: Path) -> Wheel:
    """Convert a file, and verify every byte and rule of the wheel."""
    out = path.parent / "out"
    out.mkdir(exist_ok=True)
    return verify_wheel(write_conversion(plan_conversion(path), out, timestamp=TIME).path).wheel


def names(wheel: Wheel) -> set[str]:
    """Return its files but those that every wheel has."""
    required = {f"{wheel.dist_info}/{name}" for name in ("METADATA", "WHEEL", "RECORD")}
    return {member.name for member in wheel.members} - required


@pytest.mark.parametrize("make", [make_egg, make_egg_folder])
def test_an_egg_becomes_a_wheel(make: type, tmp_path: Path) -> None:
    files = {
        "EGG-INFO/requires.txt": b"six\n",
        "EGG-INFO/entry_points.txt": b"[console_scripts]\ngo = some:main\n",
        "EGG-INFO/top_level.txt": b"some\n",
        "EGG-INFO/scripts/tool": b"#!/usr/bin/python3.8\n",
        "EGG-INFO/zip-safe": b"\n",
        "some/data/x.txt": b"x",
    }
    wheel = convert(make(tmp_path, files))
    assert str(wheel.filename) == "some-1.0-py38-none-any.whl"
    assert names(wheel) == {
        "some/__init__.py",
        "some/data/x.txt",
        "some-1.0.data/scripts/tool",
        "some-1.0.dist-info/entry_points.txt",
        "some-1.0.dist-info/top_level.txt",
    }
    assert wheel.metadata.requires_dist == ("six",)
    assert wheel.info.root_is_purelib
    assert wheel.read("some-1.0.data/scripts/tool") == b"#!python\n"


def test_an_egg_and_its_folder_become_the_same_bytes(tmp_path: Path) -> None:
    one = convert(make_egg(tmp_path, NATIVE, "some-1.0-py2.7-win32.egg"))
    first = one.path.read_bytes()
    (tmp_path / "some-1.0-py2.7-win32.egg").unlink()
    two = convert(make_egg_folder(tmp_path, NATIVE, "some-1.0-py2.7-win32.egg"))
    assert two.path.name == "some-1.0-cp27-cp27m-win32.whl"
    assert two.path.read_bytes() == first
    assert not two.info.root_is_purelib
    assert names(two) == {"some/__init__.py", "some/_fast.pyd"}


@pytest.mark.parametrize(
    ("name", "tag_set"),
    [
        ("some-1.0.egg", "py2.py3-none-any"),
        ("some.egg", "py2.py3-none-any"),
        ("some-1.0-py3.11.egg", "py311-none-any"),
        ("some-1.0-py3.8-macosx-10.9-x86_64.egg", "cp38-cp38-macosx_10_9_x86_64"),
        ("other-2-py2.7-linux-x86_64.egg", "cp27-cp27m.cp27mu-linux_x86_64"),
    ],
)
def test_the_name_of_an_egg_tells_what_it_runs_on(name: str, tag_set: str, tmp_path: Path) -> None:
    assert str(convert(make_egg(tmp_path, {}, name)).filename) == f"some-1.0-{tag_set}.whl"


def test_symbols_of_an_extension_tell_the_width_of_its_unicode(tmp_path: Path) -> None:
    files = {"some/_fast.so": b"\x7fELF PyUnicodeUCS4_Decode"}
    wheel = convert(make_egg(tmp_path, files, "some-1.0-py2.7-linux-x86_64.egg"))
    assert wheel.filename.tag_set == "cp27-cp27mu-linux_x86_64"


def test_modules_without_source_are_for_the_python_that_compiled_them(tmp_path: Path) -> None:
    plan = plan_conversion(make_egg(tmp_path, {"some/a.pyc": b""}))
    assert plan.filename.tag_set == "cp38-none-any"
    assert "modules without source" in plan.remarks[0]


def test_names_and_versions_are_normalised_in_the_file_name(tmp_path: Path) -> None:
    about = {"EGG-INFO/PKG-INFO": b"Name: Some.Thing-x\nVersion: 1.0-2\n"}
    wheel = convert(make_egg(tmp_path, about, "Some.Thing_x-1.0_2-py3.8.egg"))
    assert wheel.filename.stem == "some_thing_x-1.0.post2"
    assert (wheel.metadata.name, wheel.metadata.version) == ("Some.Thing-x", "1.0-2")


def test_an_egg_that_can_be_executed_is_one_nonetheless(tmp_path: Path) -> None:
    script = b"#!/bin/sh\nexec python some.egg\n"
    assert names(convert(make_egg(tmp_path, {}, script=script))) == {"some/__init__.py"}
    with pytest.raises(InvalidWheelError, match="zip-layout"):
        plan_conversion(make_egg(tmp_path, {}, script=b"MZ something else"))


def test_what_is_lost_is_said(tmp_path: Path) -> None:
    files = {
        "EGG-INFO/dependency_links.txt": b"https://e.org/x\n",
        "EGG-INFO/namespace_packages.txt": b"some\n",
        "some/x.so": b"\x7fELF",
    }
    remarks = plan_conversion(make_egg(tmp_path, files)).remarks
    assert [remark.partition(" ")[0] for remark in remarks] == [
        "dependency_links.txt",
        "some",
        "some/x.so",
    ]


def test_an_installer_becomes_a_wheel(tmp_path: Path) -> None:
    files = {
        f"PURELIB/{ABOUT}/PKG-INFO": PKG_INFO,
        f"PURELIB/{ABOUT}/entry_points.txt": b"[console_scripts]\ngo = some:main\n",
        "PURELIB/some/__init__.py": b"",
        "SCRIPTS/": b"",
        "SCRIPTS/go.exe": b"MZ",
        "SCRIPTS/tool": b"#!C:\\Python27\\python.exe\n",
        "HEADERS/Include/some/sub/x.h": b"",
        "DATA/share/x.txt": b"",
    }
    wheel = convert(make_installer(tmp_path, files))
    assert str(wheel.filename) == "some-1.0-py2.py3-none-any.whl"
    assert names(wheel) == {
        "some/__init__.py",
        "some-1.0.data/scripts/tool",
        "some-1.0.data/headers/sub/x.h",
        "some-1.0.data/data/share/x.txt",
        "some-1.0.dist-info/entry_points.txt",
    }


@pytest.mark.parametrize(
    ("name", "settings", "machine", "tag_set"),
    [
        ("some-1.0.win-amd64-py2.7.exe", "", AMD64, "cp27-cp27m-win_amd64"),
        ("renamed.exe", "target_version=3.8\n", AMD64, "cp38-cp38-win_amd64"),
        ("other-2.win32-py2.6.exe", "target_version=2.7\n", 0x14C, "cp27-cp27m-win32"),
    ],
)
def test_the_program_and_its_settings_tell_what_an_installer_is_for(
    name: str, settings: str, machine: int, tag_set: str, tmp_path: Path
) -> None:
    files = {f"PLATLIB/{ABOUT}/PKG-INFO": PKG_INFO, "PLATLIB/some.pyd": b"MZ"}
    path = make_installer(tmp_path, files, name, settings=settings, machine=machine)
    wheel = convert(path)
    assert str(wheel.filename) == f"some-1.0-{tag_set}.whl"
    assert not wheel.info.root_is_purelib


def test_an_installers_pure_part_is_apart_from_its_compiled_one(tmp_path: Path) -> None:
    files = {"PLATLIB/some.pyd": b"MZ", "PURELIB/other.py": b""}
    wheel = convert(make_installer(tmp_path, files, settings="target_version=3.8\n"))
    assert names(wheel) == {"some.pyd", "some-1.0.data/purelib/other.py"}


def test_only_what_is_compiled_asks_for_a_known_processor(tmp_path: Path) -> None:
    path = make_installer(tmp_path, {"PURELIB/some.py": b""}, machine=0x166)
    assert convert(path).filename.tag_set == "py2.py3-none-any"
    path = make_installer(tmp_path, {"PLATLIB/some.pyd": b""}, machine=0x166)
    with pytest.raises(UsageError, match="a processor that no wheel's tag names"):
        plan_conversion(path)


def test_a_library_makes_an_installer_one_for_a_platform(tmp_path: Path) -> None:
    files = {"PURELIB/some/x.dll": b"MZ"}
    wheel = convert(make_installer(tmp_path, files, "some-1.0.win32-py3.8.exe"))
    assert wheel.filename.tag_set == "py38-none-win32"


def test_metadata_may_be_a_file_or_only_settings(tmp_path: Path) -> None:
    files = {f"PURELIB/{ABOUT}": PKG_INFO, "PURELIB/some.py": b""}
    assert convert(make_installer(tmp_path, files)).metadata.all("Summary") == ("a thing",)
    settings = "description=told\nurl=https://e.org\ninstall_script=post.py\n"
    path = make_installer(tmp_path, {"PURELIB/some.py": b""}, settings=settings)
    metadata = convert(path).metadata
    assert (metadata.name, metadata.version, metadata.all("Summary")) == ("some", "1.0", ("told",))
    assert plan_conversion(path).remarks == (
        "the installer ran post.py when it was done; of a wheel, nothing is run",
    )


def test_what_is_neither_egg_nor_installer_is_told_so(tmp_path: Path) -> None:
    def refused(path: Path) -> str:
        with pytest.raises(UsageError) as error:
            plan_conversion(path)
        return str(error.value)

    assert "is not there" in refused(tmp_path / "gone.egg")
    assert "is neither an egg" in refused(tmp_path)
    (tmp_path / "some.zip").write_bytes(zipped({}))
    assert "is neither an egg" in refused(tmp_path / "some.zip")
    (tmp_path / "some.exe").write_bytes(b"MZ and no more")
    assert "there is no zip file behind it" in refused(tmp_path / "some.exe")
    (tmp_path / "x-1.0-py3.8.egg").write_bytes(zipped({"x.py": b""}))
    assert "holds no EGG-INFO" in refused(tmp_path / "x-1.0-py3.8.egg")
    assert "no egg's name" in refused(make_egg(tmp_path, {}, "some-1.0-py3.8-win32 (1).egg"))
    other = make_installer(tmp_path, {"setup/some.py": b""})
    assert "holds setup, not only PURELIB" in refused(other)
    bare = tmp_path / "bare.exe"
    bare.write_bytes(b"MZ and more".ljust(80) + zipped({"PURELIB/some.py": b""}))
    assert "no settings stand right before" in refused(bare)
    two = {f"PURELIB/{name}.egg-info": PKG_INFO for name in ("a", "b")}
    assert "several projects, PURELIB/a" in refused(make_installer(tmp_path, two))


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"EGG-INFO/PKG-INFO": b"Name: ../../x\nVersion: 1\n"}, "Name is '../../x'"),
        ({"EGG-INFO/PKG-INFO": b"Name: x\nVersion: 1/../../y\n"}, "Version is"),
        ({"EGG-INFO/entry_points.txt": b"[console_scripts]\n../x = a:b\n"}, "a script must be"),
        ({"some-1.0.data/scripts/x": b""}, "data-folder"),
        ({"other-1.0.DIST-INFO/METADATA": b""}, "data-folder"),
        ({"EGG-INFO/requires.txt": b"[x\n"}, "requires.txt, line 1"),
    ],
)
def test_what_an_egg_may_not_say_is_refused(
    files: dict[str, bytes], reason: str, tmp_path: Path
) -> None:
    path = make_egg(tmp_path, files)
    with pytest.raises(VerificationError, match=reason) as refused:
        plan_conversion(path)
    assert path.name in str(refused.value)


def test_links_in_an_eggs_folder_are_refused(tmp_path: Path) -> None:
    path = make_egg_folder(tmp_path, {})
    (path / "some/link").symlink_to("/etc")
    with pytest.raises(UsageError, match="no regular file"):
        plan_conversion(path)
