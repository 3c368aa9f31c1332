from __future__ import annotations

import pytest

from wheelyard.builders.sysroots.suites import (
    architecture_of,
    base_suite,
    distribution_of,
    library_suite,
    multiarch_of,
    not_needed,
    suite_of,
)
from wheelyard.errors import UsageError
from wheelyard.targets.catalog import find_target
from wheelyard.targets.pythons import platform_triplet
from wheelyard.targets.target import Libc, Machine

GLIBC = Libc("glibc", (2, 36))


@pytest.mark.parametrize(
    ("python", "suite"),
    [
        ("3.9", "bullseye"),
        ("3.11.2", "bookworm"),
        ("3.12", "noble"),
        ("3.13", "trixie"),
        ("3.14", "sid"),
    ],
)
def test_a_suite_is_chosen_by_its_python(python: str, suite: str) -> None:
    assert suite_of(find_target("manylinux_2_17_x86_64", python)) == suite


def test_a_python_that_no_suite_has_is_refused() -> None:
    target = find_target("debian-12-arm64", "3.10")
    with pytest.raises(UsageError, match=r"debian-12-arm64: no suite .* 3\.10, only 3\.9, 3\.11"):
        suite_of(target)


@pytest.mark.parametrize(
    ("arch", "floats", "debian"),
    [
        ("aarch64", None, "arm64"),
        ("armv7l", "hard", "armhf"),
        ("armv8l", "hard", "armhf"),
        ("armv6l", "hard", "armhf"),
        ("armv7l", "soft", "armel"),
        ("armv5tel", "soft", "armel"),
        ("i686", None, "i386"),
        ("ppc64le", None, "ppc64el"),
        ("x86_64", None, "amd64"),
    ],
)
def test_architectures_have_debians_names(arch: str, floats: str | None, debian: str) -> None:
    machine = Machine(arch, arch, floats, "")
    assert architecture_of(machine) == debian
    assert multiarch_of(debian) == platform_triplet(machine, GLIBC)


def test_an_architecture_that_debian_lacks_is_refused() -> None:
    with pytest.raises(UsageError, match=r"no packages for ppc with spe floats"):
        architecture_of(Machine("ppc", "ppc", "spe", ""))


def test_suites_of_other_distributions_are_told_apart() -> None:
    assert base_suite("trixie-security") == base_suite("trixie/updates") == "trixie"
    assert base_suite("noble-proposed") == "noble"
    assert base_suite("nodistro") is None
    origins = [distribution_of(suite).origin for suite in ("trixie-security", "noble-updates")]
    assert origins == ["Debian", "Ubuntu"]


def test_what_a_program_loads_is_needed() -> None:
    assert not not_needed() & {"libc6", "tzdata", "ca-certificates", "linux-libc-dev"}


@pytest.mark.parametrize(
    ("target", "suite"),
    [
        ("manylinux_2_17_x86_64", "bullseye"),
        ("manylinux_2_36_aarch64", "bookworm"),
        ("manylinux_2_39_aarch64", "bookworm"),
        ("manylinux_2_28_ppc64le", "bookworm"),
        ("musllinux_1_2_aarch64", ""),
    ],
)
def test_libraries_to_graft_are_of_the_newest_suite_that_is_not_newer_than_the_target(
    target: str, suite: str
) -> None:
    assert library_suite(find_target(target, "3.11")) == suite
