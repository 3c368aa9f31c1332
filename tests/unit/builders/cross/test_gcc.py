from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from wheelyard.builders.cross.gcc import Gcc, _has_libc, debians_gcc, find_prefix, gcc_digest
from wheelyard.builders.sysroots import Sysroot
from wheelyard.errors import UsageError
from wheelyard.targets.catalog import find_target

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from wheelyard.builders.sysroots import Tree
    from wheelyard.targets.target import Target

ARM = find_target("debian-12-arm64", "3.11")


class Packages:
    """Packages of which nothing is there but their names."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.asked: list[object] = []
        self.left: Collection[str] = ()

    def tree(self, wanted: Tree) -> Sysroot:
        assert wanted.dependencies
        self.asked = [wanted.suite, wanted.architecture, *wanted.packages]
        self.left = wanted.without
        return Sysroot(root=self.root, multiarch="x86_64-linux-gnu", digest="d" * 64)

    def __call__(self, target: Target, packages: tuple[str, ...]) -> Sysroot:
        raise NotImplementedError


@pytest.fixture
def packages(tmp_path: Path) -> Packages:
    return Packages(tmp_path)


@pytest.mark.parametrize(
    ("target", "python", "suite", "triple"),
    [
        ("debian-12-arm64", "3.11", "bookworm", "aarch64-linux-gnu"),
        ("debian-13-ppc64el", "3.13", "trixie", "powerpc64le-linux-gnu"),
        ("debian-12-i386", "3.9", "bullseye", "i686-linux-gnu"),
        ("debian-12-armhf", "3.11", "bookworm", "arm-linux-gnueabihf"),
    ],
)
def test_debians_gcc_is_of_the_suite_of_the_sysroot(
    packages: Packages, target: str, python: str, suite: str, triple: str
) -> None:
    debians_gcc(find_target(target, python), packages)
    assert packages.asked[0] == suite
    assert packages.asked[2:] == [f"gcc-{triple}", f"g++-{triple}"]


def test_the_c_library_is_the_sysroots_and_not_the_compilers(packages: Packages) -> None:
    debians_gcc(ARM, packages)
    assert {"libc6-dev-arm64-cross", "libc6-arm64-cross"} <= set(packages.left)


@pytest.mark.parametrize("target", ["raspbian-12-armv6l", "musllinux_1_2_aarch64"])
def test_what_debians_gcc_does_not_compile_for_is_refused(packages: Packages, target: str) -> None:
    with pytest.raises(UsageError, match=f"{target}: Debian's gcc does not compile for"):
        debians_gcc(find_target(target, "3.11"), packages)


def test_a_toolchain_is_part_of_the_key_by_its_digest(packages: Packages, tmp_path: Path) -> None:
    one, other = (tmp_path / name / "toolchain" for name in ("here", "there"))
    compiler(one / "bin/aarch64-linux-gnu-gcc")
    shutil.copytree(one, other)
    assert gcc_digest("", ARM, packages) == ""
    assert gcc_digest("gcc", ARM, packages) == "d" * 64
    assert gcc_digest(str(one), ARM, packages) == gcc_digest(str(other), ARM, packages)
    (other / "lib").mkdir()
    assert gcc_digest(str(one), ARM, packages) != gcc_digest(str(other), ARM, packages)


def test_a_vendors_compiler_is_found_by_its_prefix(tmp_path: Path) -> None:
    compiler(tmp_path / "bin/aarch64-unknown-linux-gnu-gcc")
    compiler(tmp_path / "bin/x86_64-pc-linux-gnu-gcc")
    prefix = f"{tmp_path}/bin/aarch64-unknown-linux-gnu-"
    assert find_prefix(tmp_path, ARM) == prefix
    tools = Gcc(prefix=prefix, sysroot=tmp_path / "root").tools()
    assert tools["c++"] == [f"{prefix}g++", f"--sysroot={tmp_path}/root"]
    assert tools["ar"] == [f"{prefix}ar"]


def test_a_folder_without_a_compiler_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"debian-12-arm64: one compiler bin/<prefix>-gcc .* none"):
        find_prefix(tmp_path, ARM)
    for name in ("a-gcc", "b-gcc"):
        compiler(tmp_path / "bin" / name)
    with pytest.raises(UsageError, match=r"found is a-gcc, b-gcc\. Name the folder"):
        find_prefix(tmp_path, ARM)


def compiler(place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("#!/bin/sh\n")
    place.chmod(0o755)


@pytest.mark.parametrize(("said", "own"), [("/", False), ("", False), ("{here}", True)])
def test_the_build_machines_c_library_is_not_the_compilers(
    tmp_path: Path, said: str, *, own: bool
) -> None:
    header = tmp_path / "usr/include/stdlib.h"
    header.parent.mkdir(parents=True)
    header.touch()
    compiler(tmp_path / "gcc")
    (tmp_path / "gcc").write_text(f"#!/bin/sh\necho {said.format(here=tmp_path)}\n")
    assert _has_libc(f"{tmp_path}/") is own
