from __future__ import annotations

import itertools

import pytest
from tests.unit.repair.objects import AARCH64, X86_64, needing, versioned

from wheelyard.repair.policy import glibc_policy, is_c_library, musl_policy, policy_of
from wheelyard.targets.catalog import find_target


def test_a_level_between_two_rows_has_what_the_lower_one_has() -> None:
    assert glibc_policy((2, 30), "x86_64").newest["GLIBCXX"] == (3, 4, 24)
    assert glibc_policy((2, 31), "x86_64").newest["GLIBCXX"] == (3, 4, 28)


def test_a_level_never_allows_less_than_an_older_one() -> None:
    for arch in ("x86_64", "i686", "aarch64", "armv7l", "ppc64le", "s390x", "riscv64"):
        levels = [glibc_policy((2, minor), arch) for minor in range(17, 44)]
        for older, newer in itertools.pairwise(levels):
            assert older.libraries <= newer.libraries
            assert older.named <= newer.named
            assert all(older.newest[name] <= newer.newest[name] for name in older.newest)


@pytest.mark.parametrize(
    ("version", "allowed"),
    [
        ("GLIBCXX_3.4.19", True),
        ("GLIBCXX_3.4.20", False),
        ("GLIBCXX_LDBL_3.4.10", True),
        ("CXXABI_TM_1", True),
        ("CXXABI_FLOAT128", False),
        ("CXXABI_ARM_1.3.3", True),
        ("GLIBC_2.18", False),
        ("GLIBC_PRIVATE", False),
        ("UNHEARD_OF_9", True),
    ],
)
def test_versions_of_symbols_are_compared_within_their_family(version: str, allowed: bool) -> None:  # noqa: FBT001
    one = versioned(X86_64, ("libstdc++.so.6", version))
    found = tuple(glibc_policy((2, 17), "x86_64").too_new(one))
    assert found == (() if allowed else (("libstdc++.so.6", version),))


def test_versions_of_other_libraries_are_their_own_affair() -> None:
    one = versioned(X86_64, ("libssl.so.3", "GLIBCXX_9.9"))
    assert tuple(glibc_policy((2, 17), "x86_64").too_new(one)) == ()


def test_a_library_that_is_too_old_on_the_machine_must_be_brought() -> None:
    one = needing(versioned(X86_64, ("libz.so.1", "ZLIB_1.2.9")), "libz.so.1", "libffi.so.8")
    assert glibc_policy((2, 17), "x86_64").lacking(one) == ("libz.so.1", "libffi.so.8")
    assert glibc_policy((2, 34), "x86_64").lacking(one) == ("libffi.so.8",)


def test_of_another_system_only_the_c_library_is_known() -> None:
    policy = policy_of(find_target("dsm-7.2-aarch64", "3.11"))
    one = needing(AARCH64, "libz.so.1", "libgcc_s.so.1", "libm.so.6", "ld-linux-aarch64.so.1")
    assert policy.lacking(one) == ("libz.so.1",)


def test_musl_is_one_library_by_several_names() -> None:
    assert all(map(musl_policy((1, 2)).allows, ("libc.so", "libc.musl-x86_64.so.1", "libz.so.1")))
    assert all(map(is_c_library, ("libc.so", "ld-musl-armhf.so.1", "libm.so.6", "ld64.so.2")))
    assert not is_c_library("libcrypt.so.1")
