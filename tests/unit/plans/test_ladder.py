from __future__ import annotations

import pytest
from tests.unit.plans.world import ARM, X86, file, sha, wheel

from wheelyard.plans.ladder import Choice, best_wheel, choose, ground_of, supports_python
from wheelyard.plans.release import File, releases
from wheelyard.plans.request import FormatControl, WheelType
from wheelyard.targets.tags import tag_ranks
from wheelyard.wheel.names import normalize_name

NAME = normalize_name("lib")
PURE = wheel("lib", "1.0")
ABI3 = wheel("lib", "1.0", "cp39-abi3-manylinux_2_17_x86_64")
OWN = wheel("lib", "1.0", "cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64")
NEWER_LIBC = wheel("lib", "1.0", "cp311-cp311-manylinux_2_39_x86_64")
SDIST = file("lib-1.0.tar.gz")
ZIP = file("lib-1.0.zip")


def chosen(
    *files: File,
    kind: WheelType = WheelType.AUTO,
    formats: FormatControl | None = None,
    hashes: tuple[str, ...] = (),
) -> Choice:
    (release,) = releases(NAME, files)
    return choose(NAME, release, kind, hashes, ground_of(X86, formats or FormatControl()))


@pytest.mark.parametrize(
    ("files", "best"),
    [
        ((PURE, ABI3, OWN), OWN),
        ((PURE, ABI3), ABI3),
        ((PURE, NEWER_LIBC), PURE),
        ((NEWER_LIBC,), None),
        (
            (PURE, wheel("lib", "1.0-2", "py3-none-any"), wheel("lib", "1.0-10", "py3-none-any")),
            wheel("lib", "1.0-10", "py3-none-any"),
        ),
        ((wheel("lib", "1.0-x1", "py3-none-any"), PURE), PURE),
        ((file("lib.whl"),), None),
    ],
)
def test_best_wheel_has_the_best_tag_then_the_highest_build_number(
    files: tuple[File, ...], best: File | None
) -> None:
    assert best_wheel(list(files), WheelType.AUTO, tag_ranks(X86)) == best


def test_order_of_files_on_the_index_does_not_matter() -> None:
    files = [PURE, ABI3, OWN]
    assert best_wheel(files, WheelType.AUTO, tag_ranks(X86)) == best_wheel(
        files[::-1], WheelType.AUTO, tag_ranks(X86)
    )


def test_published_wheel_is_taken_before_a_build() -> None:
    assert chosen(SDIST, PURE) == Choice(wheel=PURE, sdist=SDIST, refused="")


def test_without_a_wheel_that_fits_the_source_is_taken_and_the_sentence_says_why() -> None:
    choice = chosen(SDIST, NEWER_LIBC)
    assert (choice.wheel, choice.sdist) == (None, SDIST)
    assert choice.refused == (
        "none of its 1 wheels fits manylinux_2_28_x86_64; they are for cp311 manylinux_2_39_x86_64"
    )


def test_long_lists_of_platforms_are_shortened() -> None:
    wheels = [wheel("lib", "1.0", f"cp3{minor}-cp3{minor}-win32") for minor in range(12, 20)]
    assert chosen(*wheels).refused.endswith("cp317 win32 and 2 more")


def test_source_alone_says_that_no_wheel_is_published() -> None:
    assert chosen(SDIST).refused == "no wheel of it is published"


def test_pure_takes_none_but_pure_wheels() -> None:
    assert chosen(PURE, OWN, kind=WheelType.PURE).wheel == PURE
    choice = chosen(OWN, SDIST, kind=WheelType.PURE)
    assert (choice.wheel, choice.sdist) == (None, SDIST)
    assert choice.refused == "none of its wheels is pure (none-any)"


@pytest.mark.parametrize("kind", [WheelType.CROSSENV, WheelType.ABI3, WheelType.CROSS])
def test_types_that_are_always_built_take_no_wheel(kind: WheelType) -> None:
    choice = chosen(OWN, SDIST, kind=kind)
    assert (choice.wheel, choice.sdist) == (None, SDIST)
    assert choice.refused == f"type {kind} is always built from source"


def test_only_binary_overrides_the_type() -> None:
    formats = FormatControl(only_binary=("lib",))
    assert chosen(OWN, SDIST, kind=WheelType.CROSSENV, formats=formats).wheel == OWN


def test_no_binary_asks_for_the_source() -> None:
    for words in (("lib",), ("LIB",), (":all:",)):
        choice = chosen(OWN, SDIST, formats=FormatControl(no_binary=words))
        assert (choice.wheel, choice.sdist) == (None, SDIST)
        assert choice.refused == "--no-binary asks for a build from source"


def test_only_binary_takes_no_source() -> None:
    choice = chosen(NEWER_LIBC, SDIST, formats=FormatControl(only_binary=(":all:",)))
    assert not choice.usable


def test_project_that_is_named_is_an_exception_from_all() -> None:
    formats = FormatControl(no_binary=("Lib",), only_binary=(":all:",))
    assert chosen(OWN, SDIST, formats=formats).sdist == SDIST
    assert not formats.forbids_sources(NAME)
    assert formats.forbids_sources(normalize_name("other"))


def test_common_archive_is_preferred_among_sources() -> None:
    assert chosen(ZIP, SDIST).sdist == SDIST


def test_python_that_is_not_supported_is_said() -> None:
    other = file("lib-1.0-py3-none-any.whl", requires_python=">=3.12")
    assert chosen(other).refused == "its files ask for Python >=3.12, not 3.11.0"
    source = file("lib-1.0.tar.gz", requires_python="<3.9")
    assert chosen(source).refused == "its files ask for Python <3.9, not 3.11.0"


@pytest.mark.parametrize(
    ("requires", "holds"),
    [("", True), (">=3.8", True), (">=3.12", False), (">=3.6.*", True), ("nonsense", True)],
)
def test_requires_python_that_cannot_be_read_is_taken_to_hold(requires: str, holds: bool) -> None:  # noqa: FBT001
    assert supports_python(requires, "3.11.2") is holds


def test_file_whose_digest_the_index_does_not_name_carries_what_is_allowed() -> None:
    bare = File(filename=PURE.filename, url=PURE.url)
    choice = chosen(bare, hashes=("a" * 64,))
    assert choice.wheel is not None
    assert choice.wheel.hashes == ("a" * 64,)


def test_digest_that_is_not_allowed_bars_the_file() -> None:
    choice = chosen(OWN, PURE, hashes=(sha(PURE.filename),))
    assert choice.wheel == PURE


def test_choice_differs_by_target() -> None:
    arm = wheel("lib", "1.0", "cp311-cp311-manylinux_2_17_aarch64")
    (release,) = releases(NAME, (OWN, arm))
    grounds = [ground_of(target, FormatControl()) for target in (X86, ARM)]
    assert [choose(NAME, release, WheelType.AUTO, (), g).wheel for g in grounds] == [OWN, arm]


@pytest.mark.parametrize(
    ("name", "filename", "version"),
    [
        ("lib", "lib-1.0-py3-none-any.whl", "1.0"),
        ("lib", "lib-1.0_1-py3-none-any.whl", "1.0.post1"),
        ("lib", "libs-1.0-py3-none-any.whl", None),
        ("lib", "lib-1.0-py3-none.whl", None),
        ("lib", "lib-latest.tar.gz", None),
        ("lib", "lib-1.0.exe", None),
        ("my-lib", "my-lib-1.0-2.tar.gz", "1.0.post2"),
        ("my-lib", "My.Lib-1.0.tar.xz", "1.0"),
        ("lib", "lib-extra-1.0.zip", None),
    ],
)
def test_version_is_read_off_the_name_of_a_file(
    name: str, filename: str, version: str | None
) -> None:
    found = releases(normalize_name(name), (file(filename),))
    assert [str(release.version) for release in found] == ([version] if version else [])


def test_release_is_withdrawn_when_all_its_files_are() -> None:
    half = (wheel("lib", "1.0", yanked=True), SDIST)
    assert not releases(NAME, half)[0].yanked
    assert releases(NAME, half[:1])[0].yanked
