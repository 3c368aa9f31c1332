from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from wheelyard.builders.compiled_parts import has_compiled_parts
from wheelyard.builders.cross.compiler import translate
from wheelyard.builders.cross.host import host_of
from wheelyard.builders.cross.native import native_packages, python_packages
from wheelyard.builders.cross.sysconfigdata import cross_variables, render
from wheelyard.builders.cross.view import make_view
from wheelyard.errors import UsageError
from wheelyard.targets.catalog import find_target
from wheelyard.wheel.names import normalize_name

if TYPE_CHECKING:
    from pathlib import Path


def write(file: Path, text: str = "") -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


class TestTranslate:
    def test_folders_of_the_build_machine_are_dropped_in_every_spelling(self) -> None:
        given = ["-I/usr/include/x", "-L", "/usr/lib", "-isystem", "/opt/py/include", "-Isrc"]
        assert translate(given, ["/home/py"]) == ["-Isrc"]
        assert translate(["-I/home/py/include", "-I/home/pyother"], ["/home/py"]) == [
            "-I/home/pyother"
        ]

    def test_folders_of_the_sysroot_are_asked_of_the_view(self) -> None:
        moved = [("/root/usr/include/arm", "/view"), ("/root/usr/include", "/view")]
        given = ["-I/root/usr/include/libxml2", "-I/root/usr/include/arm/ffi", "-I", "/elsewhere"]
        assert translate(given, [], moved) == ["-I/view/libxml2", "-I/view/ffi", "-I", "/elsewhere"]

    def test_flags_that_the_compiler_refuses_or_that_fit_this_machine_alone_are_dropped(
        self,
    ) -> None:
        given = ["-O2", "-march=native", "-specs=/x", "-Wl,-Bsymbolic-functions", "-c", "a.c"]
        assert translate(given, []) == ["-O2", "-c", "a.c"]

    def test_gcc_gets_its_own_flags(self) -> None:
        given = ["-Wl,-Bsymbolic-functions", "-fuse-ld=gold", "-march=armv8-a+crypto", "-ftree-ter"]
        machine = ["-march=native", "--target=arm-linux", "-I/usr/include", "-c", "a.c"]
        assert translate([*given, *machine], [], zig=False) == [*given, "-c", "a.c"]


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("manylinux_2_17_aarch64", "aarch64-linux-gnu.2.17"),
        ("debian-12-armhf", "arm-linux-gnueabihf.2.36"),
        ("musllinux_1_2_x86_64", "x86_64-linux-musl"),
        ("debian-12-i386", "x86-linux-gnu.2.36"),
    ],
)
def test_the_compiler_is_told_the_floor_of_the_c_library(target: str, expected: str) -> None:
    assert host_of(find_target(target, "3.11")).zig_target == expected


def test_a_target_without_a_compiler_is_refused_by_name() -> None:
    with pytest.raises(UsageError, match=r"dsm-6\.2\.4-hi3535: no toolchain for armv7l with soft"):
        host_of(find_target("dsm-6.2.4-hi3535", "3.11"))


def test_the_variables_are_the_hosts() -> None:
    host = host_of(find_target("debian-12-armhf", "3.11"))
    own = {"CC": "gcc -pthread", "py_version_short": "3.11", "SIZEOF_VOID_P": 8}
    found = cross_variables(own, host, "/i", "/l")
    assert (found["CC"], found["SIZEOF_VOID_P"], found["py_version_short"]) == ("cc", 4, "3.11")
    assert found["EXT_SUFFIX"] == ".cpython-311-arm-linux-gnueabihf.so"
    namespace: dict[str, object] = {}
    exec(render(found), namespace)  # noqa: S102 - it is a module's text
    assert namespace["build_time_vars"] == found


def test_the_view_holds_headers_and_libraries_but_not_the_c_librarys(tmp_path: Path) -> None:
    root = tmp_path / "root"
    for name in ("stdio.h", "sys/types.h", "sys/acl.h", "python3.11/Python.h", "ffi.h"):
        write(root / "usr/include" / name)
    write(root / "usr/include/arm-linux/python3.11/pyconfig.h")
    for name in ("libc.so.6", "libm.so", "libffi.so.8", "libz.a", "crt1.o", "libstdc++.so.6"):
        write(root / "usr/lib/arm-linux" / name)
    view = tmp_path / "view"
    view.mkdir()
    make_view(root, "arm-linux", frozenset({"stdio.h", "sys/types.h"}), view)
    assert not (view / "include/stdio.h").exists()
    assert not (view / "include/sys/types.h").exists()
    for name in ("sys/acl.h", "python3.11/Python.h", "ffi.h", "arm-linux/python3.11/pyconfig.h"):
        assert (view / "include" / name).is_file(), name
    assert sorted(path.name for path in (view / "lib").iterdir()) == ["libffi.so.8", "libz.a"]


def test_packages_are_known_by_the_exact_name() -> None:
    assert native_packages(normalize_name("PyYAML")) == ("libyaml-dev",)
    assert native_packages(normalize_name("pyyaml-extra")) == ()
    assert "libpython3.11-dev" in python_packages(find_target("debian-12-arm64", "3.11"))


def test_compiled_parts_are_seen_outside_of_tests(tmp_path: Path) -> None:
    write(tmp_path / "pkg/a.py")
    write(tmp_path / "tests/data.c")
    assert not has_compiled_parts(tmp_path)
    write(tmp_path / "pkg/fast.pyx")
    assert has_compiled_parts(tmp_path)
