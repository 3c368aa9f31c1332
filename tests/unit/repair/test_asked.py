from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.unit.repair.objects import AARCH64, importing

from wheelyard.repair.asked import Content, broken_claims, is_for_both, remarks_on
from wheelyard.repair.universal import Unread
from wheelyard.wheel.retag import TagChange, change_tag_set

if TYPE_CHECKING:
    from wheelyard.repair.elf import SharedObject

PURE = "py3-none-any"
COMPILED = "cp311-cp311-linux_aarch64"
UNIVERSAL = TagChange(python="py2.py3", abi="none", platform="any")
LIMITED = TagChange(python="cp311", abi="abi3")


def extension(name: str, *needs: str) -> SharedObject:
    one = replace(importing(AARCH64, *needs), path=name)
    return replace(one, symbols=replace(one.symbols, modules=("y",)))


def broken(
    change: TagChange, tags: str = PURE, *objects: SharedObject, requires: str = ""
) -> tuple[str, ...]:
    content = Content(objects=objects, requires_python=requires)
    return broken_claims(change, change_tag_set(tags, change), content)


def test_pure_wheel_that_any_python_may_run_is_universal() -> None:
    assert broken(UNIVERSAL) == ()
    assert broken(UNIVERSAL, requires=">=2.7, !=3.0.*, !=3.1.*") == ()


def test_wheel_with_compiled_parts_is_not_universal() -> None:
    (why,) = broken(UNIVERSAL, COMPILED, extension("x/y.abi3.so"))
    assert why == "any: x/y.abi3.so runs on one machine alone"


@pytest.mark.parametrize(
    ("tag", "requires", "excluded"),
    [
        ("py2.py3", ">=3.6", "py2"),
        ("py2.py3", "<3", "py3"),
        ("py2.py3", "==2.7.*", "py3"),
        ("py37", ">=3.9", "py37"),
        ("py37", ">=3.7.5", ""),
        ("cp39", "!=3.9.*", "cp39"),
        ("py3", "~=3.12", ""),
        ("py3", "nonsense", ""),
    ],
)
def test_tag_of_a_python_that_requires_python_excludes_is_broken(
    tag: str, requires: str, excluded: str
) -> None:
    found = broken(TagChange(python=tag), requires=requires)
    sentence = f"its Requires-Python, {requires}, leaves no Python that {excluded} stands for"
    assert found == ((sentence,) if excluded else ())


def test_tag_of_another_python_than_it_was_compiled_for_is_broken() -> None:
    one = extension("x/y.cpython-311-aarch64-linux-gnu.so")
    for tag in ("cp310", "py3", "cp31"):
        expected = (f"{tag} can't load what is compiled for cp311",)
        assert broken(TagChange(python=tag), COMPILED, one) == expected
    assert broken(TagChange(python="cp311"), COMPILED, one) == ()
    assert broken(TagChange(python="cp313"), "cp313-cp313t-linux_aarch64", one) == ()
    stable = "cp311-abi3-linux_aarch64"
    assert broken(TagChange(python="cp312"), stable, extension("x/y.abi3.so")) == ()
    (why,) = broken(TagChange(python="py3"), stable, extension("x/y.abi3.so"))
    assert why == "py3 can't load what is compiled for abi3"


def test_limited_api_is_kept_by_extensions_of_the_stable_abi() -> None:
    assert broken(LIMITED, COMPILED, extension("x/y.abi3.so", "PyList_New")) == ()
    assert broken(LIMITED, COMPILED, extension("x/y.so", "PyModule_AddType")) == ()


def test_limited_api_without_an_extension_module_is_broken() -> None:
    expected = ("it holds no extension module, and so nothing for the stable ABI",)
    assert broken(LIMITED) == expected
    library = replace(AARCH64, path="x/libz.so.1")
    assert broken(LIMITED, "py3-none-linux_aarch64", library) == expected


def test_limited_api_names_every_file_and_symbol_beyond_it() -> None:
    named = extension("x/a.cpython-311-aarch64-linux-gnu.so")
    other = extension("x/b.abi3.so", "_PyUnicode_Ready", "PyType_GetModuleByDef", "PyList_New")
    said = [why.partition(":")[0] for why in broken(LIMITED, COMPILED, named, other)]
    assert said == [
        "x/a.cpython-311-aarch64-linux-gnu.so is for one Python alone, by its name",
        "x/b.abi3.so needs _PyUnicode_Ready, which no stable ABI has",
        "x/b.abi3.so needs PyType_GetModuleByDef",
    ]


def test_platform_is_held_to_machine_and_c_library() -> None:
    one = extension("x/y.so")
    assert broken(TagChange(platform="manylinux_2_17_aarch64"), COMPILED, one) == ()
    (machine,) = broken(TagChange(platform="linux_armv7l"), COMPILED, one)
    assert machine == "linux_armv7l: x/y.so is not for armv7l"
    newer = replace(one, symbols=replace(one.symbols, versions=(("libc.so.6", "GLIBC_2.34"),)))
    (floor,) = broken(TagChange(platform="manylinux_2_28_aarch64"), COMPILED, newer)
    assert floor == "manylinux_2_28_aarch64: x/y.so needs glibc 2.34"


def test_source_that_one_python_can_not_read_breaks_the_claim_unless_it_is_left_alone() -> None:
    why = "Python 2.7 can't read line 1: f'{x}'"
    unread = tuple(
        Unread(path=f"x/{name}.py", why=why, left_alone=name == "apart")
        for name in ("apart", "core")
    )
    content = Content(objects=(), requires_python="", unread=unread)
    assert broken_claims(UNIVERSAL, "py2.py3-none-any", content) == (f"x/core.py: {why}",)
    (told,) = remarks_on(UNIVERSAL, "py2.py3-none-any", content)
    assert told == f"x/apart.py: {why}; whatever imports it does so under a condition"


@pytest.mark.parametrize(
    ("tag", "both"),
    [("py2.py3", True), ("cp27.py37", True), ("py3", False), ("py27", False), (None, False)],
)
def test_tags_for_both_pythons_are_told_from_others(tag: str | None, *, both: bool) -> None:
    assert is_for_both(TagChange(python=tag)) is both


def test_build_number_claims_nothing() -> None:
    assert broken(TagChange(build="2"), "cp39-abi3-any", extension("x/y.cpython-311.so")) == ()


@pytest.mark.parametrize(
    ("change", "objects", "told"),
    [
        (TagChange(platform="linux_armv7l"), (), True),
        (TagChange(platform="linux_armv7l"), (AARCH64,), False),
        (TagChange(platform="any"), (), False),
        (TagChange(python="py37"), (), False),
    ],
)
def test_platform_of_a_pure_wheel_is_worth_a_word(
    change: TagChange, objects: tuple[SharedObject, ...], *, told: bool
) -> None:
    content = Content(objects=objects, requires_python="")
    found = remarks_on(change, change_tag_set(PURE, change), content)
    sentence = "it is pure and would run anywhere; it is tagged for linux_armv7l, as was asked for"
    assert found == ((sentence,) if told else ())
