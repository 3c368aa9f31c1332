from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.unit.repair.objects import AARCH64, MUSL, needing, versioned

from wheelyard.repair.graft import Edit, GraftError, Library, plan_grafts
from wheelyard.targets.catalog import find_target

if TYPE_CHECKING:
    from wheelyard.repair.elf import SharedObject

NAS = find_target("dsm-7.2-aarch64", "3.11")
FFI = replace(AARCH64, path="libffi.so.8")


def library(content: SharedObject, place: str) -> Library:
    return Library(place=f"usr/lib/{place}", sha256="0123abcd" + "0" * 56, content=content)


def nothing(_: str) -> Library | None:
    return None


LIBRARIES = {
    "libffi.so.8": library(FFI, "libffi.so.8.1.2"),
    "libxml2.so.2": library(
        needing(replace(AARCH64, path="libxml2.so.2"), "libz.so.1", "liblzma.so.5"), "libxml2.so.2"
    ),
    "libz.so.1": library(replace(AARCH64, path="libz.so.1"), "libz.so.1.2.13"),
    "liblzma.so.5": library(replace(AARCH64, path="liblzma.so.5"), "liblzma.so.5"),
}


def test_a_library_is_brought_under_a_name_of_its_own() -> None:
    grafting = plan_grafts([needing(AARCH64, "libffi.so.8")], NAS, "x.libs", LIBRARIES.get)
    name = "libffi-0123abcd.so.8.1.2"
    assert [one.own_name for one in grafting.libraries] == [name]
    assert grafting.edits == (
        Edit(path=f"x.libs/{name}", soname=name, renamed=(), search=()),
        Edit(
            path="x/y.so",
            soname="",
            renamed=(("libffi.so.8", name),),
            search=("$ORIGIN/../x.libs",),
        ),
    )


def test_what_a_library_needs_comes_with_it_once() -> None:
    user = needing(AARCH64, "libxml2.so.2", "libz.so.1")
    grafting = plan_grafts([user], NAS, "x.libs", LIBRARIES.get)
    assert [one.name for one in grafting.libraries] == ["libxml2.so.2", "libz.so.1", "liblzma.so.5"]
    copy = grafting.edits[0]
    assert copy.renamed == (
        ("libz.so.1", "libz-0123abcd.so.1.2.13"),
        ("liblzma.so.5", "liblzma-0123abcd.so.5"),
    )
    assert copy.search == ("$ORIGIN",)


def test_on_debian_itself_and_for_a_level_that_has_it_a_library_stays() -> None:
    debian = find_target("debian-12-arm64", None)
    assert plan_grafts([needing(AARCH64, "libffi.so.8")], debian, "x.libs", nothing).edits == ()
    level = find_target("manylinux_2_28_aarch64", "3.11")
    assert plan_grafts([needing(AARCH64, "libz.so.1")], level, "x.libs", nothing).edits == ()


def test_what_the_wheel_brings_already_stays() -> None:
    user = needing(AARCH64, "libffi-1.so.8")
    brought = replace(AARCH64, path="x.libs/libffi-1.so.8")
    assert plan_grafts([user, brought], NAS, "x.libs", nothing).edits == ()


def test_every_reason_against_is_named() -> None:
    newer = replace(versioned(FFI, ("libc.so.6", "GLIBC_2.38")), path="libnew.so.1")
    libraries = {"libnew.so.1": library(newer, "libnew.so.1")}
    user = needing(AARCH64, "libnew.so.1", "libgone.so.2")
    with pytest.raises(GraftError) as caught:
        plan_grafts([user], NAS, "x.libs", libraries.get)
    assert str(caught.value) == (
        "libnew.so.1 can't be grafted: the sysroot's needs glibc 2.38, "
        "and dsm-7.2-aarch64 has glibc 2.36; libgone.so.2 is not in the sysroot either"
    )


def test_a_library_of_another_c_library_is_refused() -> None:
    musl = find_target("musllinux_1_2_aarch64", "3.11")
    with pytest.raises(GraftError, match="linked with glibc, and musllinux_1_2_aarch64 has musl"):
        plan_grafts([needing(MUSL, "libffi.so.8")], musl, "x.libs", LIBRARIES.get)


def test_neither_the_c_library_nor_the_interpreter_is_brought() -> None:
    user = needing(AARCH64, "libpython3.11.so.1.0", "ld-linux-aarch64.so.1")
    assert plan_grafts([user], NAS, "x.libs", nothing).libraries == ()


def test_paths_of_the_build_machine_go_and_others_stay() -> None:
    search = ("/build/lib", "$ORIGIN/lib")
    odd = replace(AARCH64, links=replace(AARCH64.links, search=search))
    (edit,) = plan_grafts([odd], NAS, "x.libs", nothing).edits
    assert edit == Edit(path="x/y.so", soname="", renamed=(), search=("$ORIGIN/lib",))


@pytest.mark.parametrize(
    ("path", "way"),
    [
        ("y.so", "$ORIGIN/x.libs"),
        ("a/b/y.so", "$ORIGIN/../../x.libs"),
        ("x-1.0.data/platlib/a/y.so", "$ORIGIN/../x.libs"),
    ],
)
def test_the_way_to_the_libraries_is_that_after_installation(path: str, way: str) -> None:
    user = replace(needing(AARCH64, "libffi.so.8"), path=path)
    assert plan_grafts([user], NAS, "x.libs", LIBRARIES.get).edits[-1].search == (way,)


def test_a_program_whose_place_is_not_known_is_refused() -> None:
    user = replace(needing(AARCH64, "libffi.so.8"), path="x-1.0.data/scripts/tool")
    with pytest.raises(GraftError, match="where it goes is not known"):
        plan_grafts([user], NAS, "x.libs", LIBRARIES.get)
