from __future__ import annotations

import pytest

from wheelyard.errors import UsageError
from wheelyard.targets.pythons import make_python, platform_triplet
from wheelyard.targets.target import Libc, Machine

GLIBC, MUSL = Libc("glibc", (2, 36)), Libc("musl", (1, 2))
ARM64 = Machine("aarch64", "aarch64", None, "armv8-a")


def machine(arch: str, float_abi: str | None = None) -> Machine:
    return Machine(arch, arch, float_abi, arch)


def test_version_without_patch_is_the_oldest_release_of_its_series() -> None:
    python = make_python("3.11", ARM64, GLIBC)
    assert (python.version, python.full_version, python.abi) == ((3, 11), "3.11.0", "cp311")
    assert python.ext_suffix == ".cpython-311-aarch64-linux-gnu.so"


def test_free_threaded_python_has_its_own_abi_and_suffix() -> None:
    python = make_python("3.13.1t", ARM64, MUSL)
    assert (python.full_version, python.free_threaded, python.abi) == ("3.13.1", True, "cp313t")
    assert python.ext_suffix == ".cpython-313t-aarch64-linux-musl.so"


def test_release_candidate_is_a_version() -> None:
    assert make_python("3.15.0rc2", ARM64, GLIBC).full_version == "3.15.0rc2"


@pytest.mark.parametrize("spelling", ["3", "311", "cp311", "3.x", "2.7", "", "3.11.2.1"])
def test_what_is_no_version_is_refused_with_examples(spelling: str) -> None:
    with pytest.raises(UsageError, match=r"not understood: write 3\.11"):
        make_python(spelling, ARM64, GLIBC)


@pytest.mark.parametrize(("spelling", "why"), [("3.8", "too old"), ("3.12t", "does not exist")])
def test_python_that_cannot_be_is_refused(spelling: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        make_python(spelling, ARM64, GLIBC)


@pytest.mark.parametrize(
    ("of", "libc", "triplet"),
    [
        (machine("x86_64"), GLIBC, "x86_64-linux-gnu"),
        (machine("i686"), GLIBC, "i386-linux-gnu"),
        (machine("i686"), MUSL, "i386-linux-musl"),
        (machine("armv7l", "hard"), GLIBC, "arm-linux-gnueabihf"),
        (machine("armv7l", "soft"), GLIBC, "arm-linux-gnueabi"),
        (machine("armv8l", "hard"), GLIBC, "arm-linux-gnueabihf"),
        (machine("armv6l", "hard"), MUSL, "arm-linux-musleabihf"),
        (machine("armv5tel", "soft"), GLIBC, "arm-linux-gnueabi"),
        (machine("ppc", "spe"), GLIBC, "powerpc-linux-gnuspe"),
        (machine("ppc64le"), GLIBC, "powerpc64le-linux-gnu"),
        (machine("riscv64"), GLIBC, "riscv64-linux-gnu"),
    ],
)
def test_triplet_is_debians_multiarch_triplet(of: Machine, libc: Libc, triplet: str) -> None:
    assert platform_triplet(of, libc) == triplet
