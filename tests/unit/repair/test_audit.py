from __future__ import annotations

import io
import sys
from dataclasses import replace
from pathlib import Path

import markupsafe._speedups
import pytest
from tests.unit.repair.objects import AARCH64, ARM, MUSL, X86_64, needing, versioned

from wheelyard.errors import VerificationError
from wheelyard.repair.audit import foreign_libraries, objections, remarks
from wheelyard.repair.elf import SharedObject, read_shared_object
from wheelyard.targets.catalog import find_target
from wheelyard.targets.detect import detect_this


def test_a_fitting_object_meets_no_objection() -> None:
    assert objections([ARM], find_target("debian-12-armhf", None)) == ()


def test_another_machine_is_named() -> None:
    assert objections([ARM], find_target("debian-12-arm64", None)) == ("x/y.so is not for aarch64",)


def test_soft_floats_are_refused_on_hard_float_though_both_say_armv7l() -> None:
    soft = replace(
        versioned(ARM, ("libc.so.6", "GLIBC_2.4")), code=replace(ARM.code, float_abi="soft")
    )
    (sentence,) = objections([soft], find_target("dsm-7.2-armv7", "3.11"))
    assert sentence == "x/y.so has soft floats, dsm-7.2-armv7 has hard ones"
    assert objections([soft], find_target("dsm-6.2.4-hi3535", "3.11")) == ()


def test_a_floor_above_the_targets_is_refused() -> None:
    too_new = versioned(ARM, ("libc.so.6", "GLIBC_2.38"))
    (sentence,) = objections([too_new], find_target("debian-12-armhf", None))
    assert sentence == "x/y.so needs glibc 2.38, debian-12-armhf has glibc 2.36"


def test_a_library_is_fine_where_it_is_the_distributions_own_and_nowhere_else() -> None:
    needs = needing(ARM, "libffi.so.8")
    assert foreign_libraries(needs) == ("libffi.so.8",)
    assert objections([needs], find_target("debian-12-armhf", None)) == ()
    (sentence,) = objections([needs], find_target("dsm-7.2-armv7", "3.11"))
    assert "libffi.so.8" in sentence


def test_another_debians_libraries_are_not_the_targets() -> None:
    needs = needing(ARM, "libffi.so.8")
    assert objections([needs], find_target("debian-12-armhf", "3.11")) == ()
    (sentence,) = objections([needs], find_target("debian-11-armhf", "3.11"))
    assert "libffi.so.8" in sentence


def test_a_real_library_is_read() -> None:
    maps = Path("/proc/self/maps").read_text("utf-8").splitlines()
    path = next(line.split()[-1] for line in maps if "libc.so.6" in line)
    with Path(path).open("rb") as stream:
        found = read_shared_object("libc.so.6", stream)
    assert found.code.bits == (64 if sys.maxsize > 2**32 else 32)
    assert objections([found], detect_this()) == ()
    assert SharedObject.from_dict(found.as_dict()) == found


def test_what_is_no_shared_object_is_refused() -> None:
    with pytest.raises(VerificationError):
        read_shared_object("x.so", io.BytesIO(b"\x7fELF and then nothing"))


def test_an_object_without_sections_does_not_pass_for_one_that_needs_nothing() -> None:
    content = bytearray(Path(markupsafe._speedups.__file__).read_bytes())
    content[60:62] = bytes(2)  # e_shnum
    with pytest.raises(VerificationError, match=r"x\.so was stripped of its sections"):
        read_shared_object("x.so", io.BytesIO(bytes(content)))


def test_an_instruction_set_that_a_target_lacks_is_named() -> None:
    newer = replace(X86_64, code=replace(X86_64.code, isa="x86-64-v3"))
    (sentence,) = objections([newer], find_target("manylinux_2_28_x86_64", "3.11"))
    assert sentence == "x/y.so is compiled for x86-64-v3, manylinux_2_28_x86_64 has x86-64-v1"
    assert objections([newer], find_target("almalinux-10-x86_64", "3.12")) == ()


def test_armv7_code_is_not_for_armv6() -> None:
    (sentence,) = objections(
        [versioned(ARM, ("libc.so.6", "GLIBC_2.4"))], find_target("raspbian-12-armv6l", "3.11")
    )
    assert sentence == "x/y.so is compiled for armv7-a, raspbian-12-armv6l has armv6"


def test_the_c_libraries_are_not_mixed() -> None:
    (sentence,) = objections([AARCH64], find_target("musllinux_1_2_aarch64", "3.11"))
    assert sentence == "x/y.so is linked with glibc, musllinux_1_2_aarch64 has musl 1.2"
    (sentence,) = objections([MUSL], find_target("debian-12-arm64", None))
    assert sentence == "x/y.so is linked with musl, debian-12-arm64 has glibc 2.36"


def test_functions_of_a_later_musl_are_named() -> None:
    newer = replace(MUSL, symbols=replace(MUSL.symbols, musl_1_2=("qsort_r",)))
    (sentence,) = objections([newer], find_target("musllinux_1_1_aarch64", "3.11"))
    assert sentence == "x/y.so needs musl 1.2 for qsort_r, musllinux_1_1_aarch64 has musl 1.1"
    assert objections([newer], find_target("musllinux_1_2_aarch64", "3.11")) == ()


def test_an_extension_takes_the_interpreter_as_it_is() -> None:
    linked = needing(AARCH64, "libpython3.11.so.1.0")
    (sentence,) = objections([linked], find_target("debian-12-arm64", None))
    assert "x/y.so is linked with libpython3.11.so.1.0" in sentence


@pytest.mark.parametrize("version", ["GLIBC_PRIVATE", "GLIBC_ABI_DT_RELR"])
def test_what_a_c_library_need_not_have_is_named(version: str) -> None:
    odd = versioned(AARCH64, ("libc.so.6", version))
    (sentence,) = objections([odd], find_target("manylinux_2_28_aarch64", "3.11"))
    assert version in sentence


def test_a_level_has_the_libraries_of_its_policy_and_no_newer_symbols() -> None:
    target = find_target("manylinux_2_17_x86_64", "3.11")
    plain = needing(X86_64, "libstdc++.so.6", "libz.so.1")
    old = versioned(plain, ("libstdc++.so.6", "GLIBCXX_3.4.19"), ("libz.so.1", "ZLIB_1.2.5.2"))
    assert objections([old], target) == ()
    new = versioned(plain, ("libstdc++.so.6", "GLIBCXX_3.4.29"), ("libz.so.1", "ZLIB_1.2.9"))
    assert objections([new], target) == (
        "x/y.so needs GLIBCXX_3.4.29 of libstdc++.so.6, which manylinux_2_17_x86_64 may not have",
        "x/y.so needs ZLIB_1.2.9 of libz.so.1, which manylinux_2_17_x86_64 may not have",
    )


def test_what_the_wheel_brings_itself_is_not_missing() -> None:
    brought = replace(AARCH64, path="x.libs/libffi-0123abcd.so.8")
    user = needing(AARCH64, "libffi-0123abcd.so.8")
    assert objections([user, brought], find_target("dsm-7.2-aarch64", "3.11")) == ()


def test_paths_of_the_build_machine_and_text_relocations_are_remarked() -> None:
    odd = replace(
        AARCH64,
        code=replace(AARCH64.code, text_relocations=True),
        links=replace(AARCH64.links, search=("$ORIGIN/../x.libs", "/build/lib")),
    )
    first, second = remarks([odd])
    assert "/build/lib" in first
    assert "text relocations" in second
    assert remarks([AARCH64]) == ()
