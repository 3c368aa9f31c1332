from __future__ import annotations

import pytest

from wheelyard.errors import UsageError
from wheelyard.targets.catalog import default_python, find_target, target_names
from wheelyard.targets.detect import detect_this
from wheelyard.targets.target import Distro, Kernel, Libc, Machine


def test_every_named_target_can_be_made() -> None:
    names = target_names()
    assert len(names) == len(set(names)) > 600
    assert all(find_target(name, "3.12").name == name for name in names)


def test_a_default_python_makes_a_target_without_asking() -> None:
    with_default = [name for name in target_names() if default_python(name)]
    assert all(find_target(name, None).python.full_version for name in with_default)
    assert default_python("nonsense") is None


@pytest.mark.parametrize(
    ("name", "libc"),
    [
        ("manylinux_2_28_aarch64", Libc("glibc", (2, 28))),
        ("manylinux2014_armv7l", Libc("glibc", (2, 17))),
        ("manylinux1_i686", Libc("glibc", (2, 5))),
        ("musllinux_1_2_riscv64", Libc("musl", (1, 2))),
        ("debian-13-riscv64", Libc("glibc", (2, 41))),
        ("ubuntu-26.04-arm64", Libc("glibc", (2, 43))),
        ("rocky-8-x86_64", Libc("glibc", (2, 28))),
        ("alpine-3.23-armhf", Libc("musl", (1, 2))),
    ],
)
def test_a_target_has_its_c_library(name: str, libc: Libc) -> None:
    assert find_target(name, "3.12").libc == libc


def test_each_suite_asks_for_the_processor_it_was_compiled_for() -> None:
    isas = [find_target(f"rhel-{v}-x86_64", "3.12").machine.isa for v in ("8", "9", "10")]
    assert isas == ["x86-64-v1", "x86-64-v2", "x86-64-v3"]


def test_dsm_targets_know_float_abi_kernel_and_libc() -> None:
    hi3535 = find_target("dsm-6.2.4-hi3535", "3.11")
    assert hi3535.machine == Machine("armv7l", "armv7l", "soft", "armv7-a")
    assert (hi3535.libc, hi3535.kernel) == (Libc("glibc", (2, 19)), Kernel("3.4.35"))
    assert hi3535.distro == Distro("dsm", "6.2.4")
    assert find_target("dsm-7.2-armv7", "3.11").machine.float_abi == "hard"
    assert find_target("dsm-6.2.4-88f6281", "3.11").machine.arch == "armv5tel"
    assert find_target("dsm-6.2.4-qoriq", "3.11").machine.float_abi == "spe"


def test_dsm_model_without_a_toolchain_takes_its_familys() -> None:
    model, family = (find_target(f"dsm-7.2-{arch}", "3.11") for arch in ("icelaked", "x64"))
    assert (model.machine, model.libc) == (family.machine, family.libc)


def test_model_with_its_own_toolchain_keeps_it() -> None:
    assert find_target("dsm-7.2-rtd1619b", "3.11").kernel == Kernel("5.10.55")


def test_series_without_patch_takes_the_systems_known_patch() -> None:
    assert find_target("debian-12-arm64", "3.11").python.full_version == "3.11.2"
    assert find_target("debian-12-arm64", "3.12").python.full_version == "3.12.0"
    assert find_target("debian-13-arm64", "3.13t").python.full_version == "3.13.0"


def test_system_without_a_usable_python_asks_for_one() -> None:
    with pytest.raises(UsageError, match=r"ubuntu-20\.04-arm64 has no Python of its own"):
        find_target("ubuntu-20.04-arm64", None)


def test_wrong_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"Did you mean .*debian-12-armhf"):
        find_target("debian-12-armf", None)
    with pytest.raises(UsageError, match="`wheelyard target list`"):
        find_target("amiga", None)


def test_this_is_the_running_interpreter_or_another_python_on_its_machine() -> None:
    this = find_target("this", None)
    assert this == detect_this()
    series = "{}.{}".format(*this.python.version)
    assert find_target("this", series) == this
    other = find_target("this", "3.14t")
    assert (other.machine, other.python.abi) == (this.machine, "cp314t")
