from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.unit.repair.objects import AARCH64, ARM, MUSL, X86_64, importing, needing, versioned

from wheelyard.repair.honest import honest_platforms, honest_tags, machine_of, untrue
from wheelyard.targets.catalog import find_target
from wheelyard.targets.target import Libc, Machine
from wheelyard.wheel.tags import parse_tag

if TYPE_CHECKING:
    from wheelyard.repair.elf import SharedObject


def platforms(*objects: SharedObject, built_for: Libc | None = None) -> tuple[str, ...]:
    machine = machine_of(objects)
    assert machine is not None
    return honest_platforms(objects, machine, built_for).platforms


@pytest.mark.parametrize(
    ("floor", "names"),
    [
        ("2.5", ("manylinux_2_5_x86_64", "manylinux1_x86_64")),
        ("2.14", ("manylinux_2_14_x86_64",)),
        ("2.17", ("manylinux_2_17_x86_64", "manylinux2014_x86_64")),
        ("2.99", ("manylinux_2_99_x86_64",)),
    ],
)
def test_the_floor_is_the_level_and_old_levels_have_their_alias(
    floor: str, names: tuple[str, ...]
) -> None:
    assert platforms(versioned(X86_64, ("libc.so.6", f"GLIBC_{floor}"))) == names


def test_no_level_is_below_the_first_of_its_architecture() -> None:
    old = versioned(ARM, ("libc.so.6", "GLIBC_2.4"))
    assert platforms(old)[0] == "manylinux_2_17_armv7l"


def test_a_newer_symbol_of_a_library_raises_the_level() -> None:
    newer = versioned(
        needing(X86_64, "libstdc++.so.6"),
        ("libc.so.6", "GLIBC_2.17"), ("libstdc++.so.6", "GLIBCXX_3.4.29"),
    )  # fmt: skip
    assert platforms(newer) == ("manylinux_2_34_x86_64",)


def test_a_library_of_the_distribution_is_for_that_alone() -> None:
    machine = machine_of([AARCH64])
    assert machine is not None
    found = honest_platforms([needing(AARCH64, "libffi.so.8")], machine)
    assert (found.platforms, found.reasons) == (
        ("linux_aarch64",),
        ("x/y.so needs libffi.so.8",),
    )


@pytest.mark.parametrize(
    ("isa", "name"),
    [("armv7-a", "linux_armv7l"), ("armv6", "linux_armv6l"), ("armv5te", "linux_armv5tel")],
)
def test_soft_floats_get_no_tag_that_means_hard_ones(isa: str, name: str) -> None:
    soft = versioned(ARM, ("libc.so.6", "GLIBC_2.4"))
    assert platforms(replace(soft, code=replace(ARM.code, float_abi="soft", isa=isa))) == (name,)


def test_more_than_the_first_instruction_set_gets_no_tag_of_many_machines() -> None:
    assert platforms(replace(X86_64, code=replace(X86_64.code, isa="x86-64-v2"))) == (
        "linux_x86_64",
    )


def test_musl_tells_its_level_by_what_it_was_built_for_and_by_its_functions() -> None:
    assert platforms(MUSL) == ("musllinux_1_1_aarch64",)
    assert platforms(MUSL, built_for=Libc("musl", (1, 2))) == ("musllinux_1_2_aarch64",)
    newer = replace(MUSL, symbols=replace(MUSL.symbols, musl_1_2=("gettid",)))
    assert platforms(newer) == ("musllinux_1_2_aarch64",)
    assert platforms(needing(MUSL, "libffi.so.8")) == ("linux_aarch64",)


def test_what_needs_no_c_library_is_of_the_one_it_was_built_for() -> None:
    bare = replace(MUSL, links=replace(MUSL.links, needed=()))
    assert platforms(bare) == ("manylinux_2_17_aarch64", "manylinux2014_aarch64")
    assert platforms(bare, built_for=Libc("musl", (1, 2))) == ("musllinux_1_2_aarch64",)


def test_two_c_libraries_or_two_machines_are_no_platform() -> None:
    assert platforms(AARCH64, MUSL) == ("linux_aarch64",)
    assert machine_of([AARCH64, X86_64]) is None


def test_what_a_linker_keeps_of_arm_is_less_than_what_the_tags_say() -> None:
    vague = replace(ARM, path="x/z.so", code=replace(ARM.code, isa="armv6"))
    both = machine_of([ARM, vague])
    assert both is not None
    assert (both.arch, both.float_abi) == ("armv7l", "hard")
    tagged = machine_of([vague], parse_tag("cp311-cp311-manylinux_2_17_armv7l"))
    assert tagged is not None
    assert tagged.arch == "armv7l"


def test_a_32_bit_system_on_a_64_bit_arm_takes_the_tags_of_armv7() -> None:
    machine = Machine("armv8l", "aarch64", "hard", "armv7-a")
    assert honest_platforms([ARM], machine).platforms == ("manylinux_2_26_armv7l",)


def test_the_platform_is_replaced_and_nothing_else() -> None:
    target = find_target("manylinux_2_28_aarch64", "3.11")
    tags = parse_tag("cp311-cp311-linux_aarch64")
    found = honest_tags(
        tags, [AARCH64], ("manylinux_2_17_aarch64", "manylinux2014_aarch64"), target
    )
    assert [str(tag) for tag in found] == [
        "cp311-cp311-manylinux2014_aarch64",
        "cp311-cp311-manylinux_2_17_aarch64",
    ]


@pytest.mark.parametrize(
    ("symbol", "tag"),
    [
        ("PyList_New", "cp37-abi3-p"),
        ("PyModule_AddType", "cp310-abi3-p"),
        ("_PyUnicode_Ready", "cp311-cp311-p"),
    ],
)
def test_a_claim_of_the_stable_abi_is_corrected_to_what_the_files_keep(
    symbol: str, tag: str
) -> None:
    target = find_target("manylinux_2_28_aarch64", "3.11")
    one = importing(AARCH64, "PyList_New", symbol)
    (found,) = honest_tags(parse_tag("cp37-abi3-linux_aarch64"), [one], ("p",), target)
    assert str(found) == tag


@pytest.mark.parametrize(
    ("tag", "sentence"),
    [
        ("cp311-cp311-manylinux_2_17_aarch64", ""),
        ("cp311-cp311-linux_aarch64", ""),
        (
            "cp311-cp311-manylinux_2_5_aarch64",
            "manylinux_2_5_aarch64: x/y.so needs glibc 2.17",
        ),
        ("cp311-cp311-linux_x86_64", "linux_x86_64: x/y.so is not for x86_64"),
        (
            "cp311-cp311-musllinux_1_2_aarch64",
            "musllinux_1_2_aarch64: x/y.so is linked with glibc",
        ),
        ("py3-none-any", "any: x/y.so runs on one machine alone"),
        (
            "cp37-abi3-manylinux_2_17_aarch64",
            "x/y.so needs PyModule_AddType: in the stable ABI since 3.10, and the tag says 3.7",
        ),
    ],
)
def test_each_platform_of_a_name_is_held_against_the_files(tag: str, sentence: str) -> None:
    one = importing(AARCH64, "PyModule_AddType")
    assert untrue(parse_tag(tag), [one]) == ((sentence,) if sentence else ())
    assert untrue(parse_tag(tag), []) == ()


def test_soft_floats_break_what_a_level_promises() -> None:
    soft = replace(
        versioned(ARM, ("libc.so.6", "GLIBC_2.4")), code=replace(ARM.code, float_abi="soft")
    )
    (sentence,) = untrue(parse_tag("cp311-cp311-manylinux_2_17_armv7l"), [soft])
    assert "soft floats" in sentence
    assert untrue(parse_tag("cp311-cp311-linux_armv7l"), [soft]) == ()
