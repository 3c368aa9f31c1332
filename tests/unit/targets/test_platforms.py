from __future__ import annotations

from wheelyard.targets.platform_tag import PlatformTag, parse_platform
from wheelyard.targets.platforms import platform_tags
from wheelyard.targets.target import Libc, Machine


def tags(
    arch: str, libc: str, version: tuple[int, int], float_abi: str | None = None
) -> tuple[str, ...]:
    return platform_tags(Machine(arch, arch, float_abi, arch), Libc(libc, version))


def test_x86_64_goes_down_to_the_first_manylinux_with_every_alias() -> None:
    accepted = tags("x86_64", "glibc", (2, 18))
    assert accepted[:4] == (
        "linux_x86_64",
        "manylinux_2_18_x86_64",
        "manylinux_2_17_x86_64",
        "manylinux2014_x86_64",
    )
    assert accepted[-2:] == ("manylinux_2_5_x86_64", "manylinux1_x86_64")
    assert "manylinux2010_x86_64" in accepted


def test_aarch64_goes_down_to_manylinux2014() -> None:
    assert tags("aarch64", "glibc", (2, 18)) == (
        "linux_aarch64",
        "manylinux_2_18_aarch64",
        "manylinux_2_17_aarch64",
        "manylinux2014_aarch64",
    )


def test_glibc_older_than_any_manylinux_leaves_the_linux_tag() -> None:
    assert tags("ppc64le", "glibc", (2, 15)) == ("linux_ppc64le",)


def test_soft_float_armv7_accepts_no_manylinux() -> None:
    assert tags("armv7l", "glibc", (2, 19), "soft") == ("linux_armv7l",)
    assert "manylinux_2_19_armv7l" in tags("armv7l", "glibc", (2, 19), "hard")


def test_32_bit_system_on_a_64_bit_arm_kernel_takes_armv7_as_well() -> None:
    accepted = tags("armv8l", "glibc", (2, 17), "hard")
    assert accepted == (
        "linux_armv8l",
        "linux_armv7l",
        "manylinux_2_17_armv8l",
        "manylinux2014_armv8l",
        "manylinux_2_17_armv7l",
        "manylinux2014_armv7l",
    )


def test_architectures_without_manylinux_have_the_linux_tag_alone() -> None:
    for arch in ("armv6l", "armv5tel", "ppc", "i586"):
        assert tags(arch, "glibc", (2, 36)) == (f"linux_{arch}",)


def test_musl_goes_down_to_musllinux_1_0_on_any_architecture() -> None:
    assert tags("armv6l", "musl", (1, 2)) == (
        "linux_armv6l",
        "musllinux_1_2_armv6l",
        "musllinux_1_1_armv6l",
        "musllinux_1_0_armv6l",
    )


def test_platform_tags_are_understood() -> None:
    assert parse_platform("any") == PlatformTag(None)
    assert parse_platform("linux_armv7l") == PlatformTag("Linux", "armv7l")
    assert parse_platform("manylinux2010_i686") == PlatformTag(
        "Linux", "i686", Libc("glibc", (2, 12))
    )
    assert parse_platform("musllinux_1_2_x86_64") == PlatformTag(
        "Linux", "x86_64", Libc("musl", (1, 2))
    )
    assert parse_platform("win_amd64") == parse_platform("win32") == PlatformTag("Windows")
    assert parse_platform("macosx_11_0_arm64") == PlatformTag("macOS")
    assert parse_platform("wasi_0_2") == PlatformTag("'wasi_0_2'")
