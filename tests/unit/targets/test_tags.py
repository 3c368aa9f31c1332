from __future__ import annotations

from wheelyard.targets.catalog import find_target
from wheelyard.targets.tags import supported_tags, tag_ranks
from wheelyard.wheel.tags import Tag


def texts(name: str, python: str) -> list[str]:
    return [str(tag) for tag in supported_tags(find_target(name, python))]


def test_own_abi_comes_first_and_the_oldest_pure_tag_last() -> None:
    tags = texts("dsm-7.2-armv7", "3.11")
    assert tags[0] == "cp311-cp311-linux_armv7l"
    assert tags[-1] == "py30-none-any"


def test_order_is_own_abi_stable_abi_none_older_stable_abis_any_python() -> None:
    tags = texts("raspbian-12-armv6l", "3.9")
    assert tags[:6] == [
        "cp39-cp39-linux_armv6l",
        "cp39-abi3-linux_armv6l",
        "cp39-none-linux_armv6l",
        "cp38-abi3-linux_armv6l",
        "cp37-abi3-linux_armv6l",
        "cp36-abi3-linux_armv6l",
    ]
    assert tags[10:14] == [
        "py39-none-linux_armv6l",
        "py3-none-linux_armv6l",
        "py38-none-linux_armv6l",
        "py37-none-linux_armv6l",
    ]
    assert tags[-13:-9] == [
        "py30-none-linux_armv6l",
        "cp39-none-any",
        "py39-none-any",
        "py3-none-any",
    ]


def test_free_threaded_python_loads_abi3t_and_never_abi3() -> None:
    abis = {tag.abi for tag in supported_tags(find_target("manylinux_2_28_x86_64", "3.15t"))}
    assert abis == {"cp315t", "abi3t", "none"}


def test_wheel_for_both_stable_abis_fits_both_builds() -> None:
    both = {Tag("cp315", abi, "manylinux_2_28_x86_64") for abi in ("abi3", "abi3t")}
    for python in ("3.15", "3.15t"):
        ranks = tag_ranks(find_target("manylinux_2_28_x86_64", python))
        assert len(both & ranks.keys()) == 1


def test_wheel_for_a_newer_stable_abi_does_not_fit() -> None:
    assert Tag("cp312", "abi3", "linux_aarch64") not in tag_ranks(
        find_target("debian-12-arm64", "3.11")
    )


def test_tags_of_a_target_are_computed_once() -> None:
    target = find_target("debian-12-arm64", None)
    assert supported_tags(target) is supported_tags(find_target("debian-12-arm64", None))
