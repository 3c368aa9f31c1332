"""What the build systems are given to read about the host."""

from __future__ import annotations

import configparser
import subprocess
from pathlib import Path

import pytest

from wheelyard.builders.cross.autoconf import config_site
from wheelyard.builders.cross.compiler import translate
from wheelyard.builders.cross.host import host_of
from wheelyard.builders.cross.meson import cross_file
from wheelyard.builders.cross.rust import Rust, rust_triple
from wheelyard.errors import UsageError
from wheelyard.targets.catalog import find_target

ARM = host_of(find_target("debian-12-arm64", "3.11"))
I386 = host_of(find_target("debian-12-i386", "3.11"))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("-march=armv8-a", ["-mcpu=generic+v8a"]),
        ("-march=armv8.2-a+fp16+nosve", ["-mcpu=generic+v8_2a+fullfp16"]),
        ("-march=armv8-a+crc+crypto", ["-mcpu=generic+v8a+crc+aes+sha2"]),
        ("-march=armv7-a", []),
        ("-march=x86-64-v3", ["-march=x86_64_v3"]),
        ("--target=aarch64-unknown-linux-gnu", []),
        ("-fno-tree-dominator-opts", []),
    ],
)
def test_processors_are_named_as_the_compiler_names_them(given: str, expected: list[str]) -> None:
    assert translate([given], []) == expected


def test_a_target_that_a_build_names_is_the_wrappers_to_name() -> None:
    assert translate(["-target", "aarch64-linux-gnu", "-c"], []) == ["-c"]


def test_meson_is_told_of_the_host_in_its_own_words() -> None:
    file = configparser.ConfigParser()
    file.read_string(cross_file(I386, Path("/tools")))
    assert dict(file["host_machine"])["cpu_family"] == "'x86'"
    assert file["binaries"]["c"] == "'/tools/cc'"
    assert file["binaries"]["python"] == "'/tools/host-python'"
    assert file["properties"]["longdouble_format"] == "'INTEL_EXTENDED_12_BYTES_LE'"
    assert file["properties"]["needs_exe_wrapper"] == "true"


@pytest.mark.parametrize(
    ("before", "host"), [("", "i686-linux-gnu yes"), ("host_alias=mine", "mine ")]
)
def test_configure_scripts_read_the_host_unless_they_are_told_one(
    tmp_path: Path, before: str, host: str
) -> None:
    site = tmp_path / "config.site"
    site.write_text(config_site(I386, "x86_64-linux-gnu"))
    script = f'{before}\n. "{site}"\necho "$host_alias $cross_compiling"'
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == f"{host}\n"


def test_cargo_is_told_the_host_and_links_for_this_machine_too() -> None:
    triple = rust_triple(find_target("debian-12-arm64", None))
    rust = Rust(programs=Path("/rust/bin"), triple=triple, digest="0")
    environ = rust.environ(ARM, Path("/data"), Path("/tools"))
    assert environ["CARGO_BUILD_TARGET"] == "aarch64-unknown-linux-gnu"
    assert environ["CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER"] == "/tools/cc"
    assert environ["CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER"] == "/tools/build-cc"
    assert environ["PYO3_CROSS_PYTHON_VERSION"] == "3.11"


def test_rust_without_a_standard_library_is_refused() -> None:
    with pytest.raises(UsageError, match="no standard library of Rust for aarch64 with musl"):
        rust_triple(find_target("musllinux_1_2_aarch64", "3.11"))
