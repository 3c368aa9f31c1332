from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from wheelyard.errors import HostError, UsageError
from wheelyard.targets.detect import detect_interpreter, detect_this, parse_libc, target_from_facts
from wheelyard.targets.isa import isa_of
from wheelyard.targets.target import Distro, Kernel, Libc, Machine

ARM_HARD, ARM_SOFT = 0x05000400, 0x05000200


def arm_header(flags: int) -> str:
    """The first 64 bytes of a little-endian 32-bit ELF file: only e_machine and e_flags count."""
    header = bytearray(64)
    header[18:20] = (40).to_bytes(2, "little")
    header[36:40] = flags.to_bytes(4, "little")
    return header.hex()


def facts(**changes: Any) -> dict[str, Any]:
    """What an ARMv7 NAS would say."""
    nas = {
        "implementation": "cpython",
        "version_info": [3, 11, 7, "final", 0],
        "free_threaded": False,
        "debug": False,
        "ext_suffix": ".cpython-311-arm-linux-gnueabihf.so",
        "platform": "linux-armv7l",
        "pointer_bits": 32,
        "python_version": "3.11.7",
        "uname": "armv7l",
        "kernel": {"release": "3.10.108", "version": "#42962 SMP"},
        "libc": "glibc 2.20-2014.11",
        "elf_header": arm_header(ARM_HARD),
        "os_release": "",
        "synology": 'majorversion="7"\nproductversion="7.2.1"\nos_name="DSM"\n',
        "cpuinfo": "half thumb fastmult vfp edsp neon vfpv3 tls",
    }
    return {**nas, **changes}


def test_nas_is_recognised() -> None:
    target = target_from_facts(facts(), "nas")
    assert target.machine == Machine("armv7l", "armv7l", "hard", "armv7-a")
    assert target.libc == Libc("glibc", (2, 20))
    assert target.distro == Distro("dsm", "7.2.1")
    assert target.kernel == Kernel("3.10.108", "#42962 SMP")
    assert target.python.abi == "cp311"


def test_soft_float_is_read_from_the_interpreters_header() -> None:
    assert target_from_facts(facts(elf_header=arm_header(ARM_SOFT)), "nas").machine.float_abi == (
        "soft"
    )


@pytest.mark.parametrize(
    ("kernel_arch", "arch"), [("aarch64", "armv8l"), ("x86_64", "i686"), ("armv7l", "armv7l")]
)
def test_32_bit_system_on_a_64_bit_kernel_keeps_both_names(kernel_arch: str, arch: str) -> None:
    changed = facts(platform=f"linux-{kernel_arch}", uname=kernel_arch)
    machine = target_from_facts(changed, "pi").machine
    assert (machine.arch, machine.uname) == (arch, kernel_arch)


def test_free_threaded_debug_build_has_both_letters() -> None:
    changed = facts(free_threaded=True, debug=True, version_info=[3, 14, 0, "final", 0])
    assert target_from_facts(changed, "x").python.abi == "cp314td"


def test_distribution_comes_from_os_release() -> None:
    release = 'PRETTY_NAME="Alpine"\nID=alpine\nVERSION_ID=3.20.1\n'
    assert target_from_facts(facts(synology="", os_release=release), "x").distro == Distro(
        "alpine", "3.20.1"
    )
    assert target_from_facts(facts(synology="", os_release=""), "x").distro is None


def test_musls_own_words_are_read() -> None:
    assert parse_libc("musl libc (aarch64)\nVersion 1.2.4\nDynamic Program Loader\n") == Libc(
        "musl", (1, 2)
    )


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"libc": ""}, "neither glibc nor musl"),
        ({"implementation": "pypy"}, r"pypy 3\.11"),
        ({"version_info": [3, 8, 1, "final", 0]}, r"cpython 3\.8"),
        ({"platform": "macosx-14-arm64"}, "made for Linux"),
    ],
)
def test_machine_that_is_not_supported_is_refused(change: dict[str, Any], why: str) -> None:
    with pytest.raises(HostError, match=why):
        target_from_facts(facts(**change), "x")


def test_text_that_is_no_fingerprint_is_refused() -> None:
    with pytest.raises(UsageError, match="not a fingerprint"):
        target_from_facts({}, "x")


def test_program_that_is_no_python_is_a_fact_about_this_machine(tmp_path: Path) -> None:
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\necho 'no luck today' >&2\nexit 3\n")
    program.chmod(0o755)
    with pytest.raises(HostError, match="no luck today"):
        detect_interpreter(program)
    with pytest.raises(HostError, match="can't tell what it is"):
        detect_interpreter(tmp_path / "absent")


def test_processor_level_is_the_highest_whose_features_are_all_there() -> None:
    v2 = {"cx16", "lahf_lm", "popcnt", "pni", "sse4_1", "sse4_2", "ssse3"}
    assert isa_of("x86_64", v2 - {"popcnt"}) == "x86-64-v1"
    assert isa_of("x86_64", v2 | {"avx"}) == "x86-64-v2"
    assert isa_of("riscv64", v2) == "riscv64"


def test_the_running_interpreter_looks_the_same_from_outside() -> None:
    assert detect_interpreter(Path(sys.executable)) == detect_this()
