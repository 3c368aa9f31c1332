from __future__ import annotations

from dataclasses import replace

import pytest

from wheelyard.builders.survey import Mirrors, Survey
from wheelyard.targets.catalog import find_target
from wheelyard.wheelhouse.doctor import Ability, ability, version_of

HERE = Survey(
    arch="x86_64",
    isolation="unshare",
    compiler="/usr/bin/cc",
    rust="",
    pythons={"3.11": "/usr/bin/python3.11", "3.9": "", "3.12": ""},
    mirrors=Mirrors(
        places=("http://mirror.example/debian/",),
        architectures={"bookworm": ("all", "amd64", "arm64", "i386"), "bullseye": ("arm64",)},
    ),
    kept=("qemu-aarch64-static", "zig"),
    free=10**10,
)


def judged(name: str, here: Survey = HERE, python: str = "3.11") -> Ability:
    return ability(find_target(name, python), here)


def test_everything_at_hand_is_able() -> None:
    assert judged("debian-12-arm64") == Ability(
        target="debian-12-arm64", build=True, prove=True, missing=()
    )


def test_what_would_be_fetched_is_no_obstacle() -> None:
    new = replace(HERE, kept=(), mirrors=Mirrors(places=("http://mirror.example/debian/",)))
    one = judged("debian-11-arm64", new, "3.9")
    assert (one.build, one.prove, one.missing) == (True, True, ())
    assert [text.split()[0:2] for text in one.fetched] == [
        ["the", "compiler"], ["Python", "3.9"], ["the", "lists"], ["an", "emulator"],
    ]  # fmt: skip


def test_machines_of_this_architecture_need_no_emulator() -> None:
    assert judged("manylinux_2_28_x86_64").fetched == ()


@pytest.mark.parametrize(
    ("name", "python", "words"),
    [
        ("debian-12-arm64", "3.10", "no suite of Debian or Ubuntu has Python 3.10"),
        ("manylinux_2_31_riscv64", "3.11", "bookworm has no packages for riscv64"),
        ("manylinux_2_28_ppc64", "3.11", "no toolchain for ppc64"),
    ],
)
def test_what_can_not_be_built_says_what_is_missing(name: str, python: str, words: str) -> None:
    one = judged(name, python=python)
    assert (one.build, one.prove) == (False, False)
    assert words in "; ".join(one.missing)
    assert one.fetched == ()


def test_without_a_mirror_nothing_is_built_for_another_machine() -> None:
    bare = replace(HERE, mirrors=Mirrors(places=(), problem="name one"))
    assert judged("debian-12-arm64", bare).missing == ("no sysroot: name one",)
    this = ability(find_target("this", None), replace(bare, pythons={version_here(): "/python"}))
    assert (this.build, this.prove) == (True, True)


def version_here() -> str:
    return version_of(find_target("this", None))


def test_musl_is_built_for_and_not_proved() -> None:
    one = judged("musllinux_1_2_aarch64")
    assert (one.build, one.prove) == (True, False)
    assert one.missing == ("to prove: there is no sysroot with musl to import it in",)


def test_this_machine_needs_an_interpreter_and_a_compiler() -> None:
    this = find_target("this", None)
    one = ability(this, replace(HERE, compiler="", pythons={}))
    assert not one.build
    assert len(one.missing) == 2
