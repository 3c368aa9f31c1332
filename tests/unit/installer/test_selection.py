from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from wheelyard.errors import HostError, ResolutionError, VerificationError
from wheelyard.installer import (
    Candidate,
    Compatibility,
    Reader,
    Rules,
    Selected,
    Wanted,
    check_python,
    select,
)
from wheelyard.wheel import (
    Finding,
    InvalidWheelError,
    Sha256,
    WheelFilename,
    normalize_name,
    parse_requirement,
    parse_tag,
    parse_wheel_filename,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

TAGS = ("cp311-cp311-linux_x86_64", "cp311-abi3-linux_x86_64", "py3-none-any", "py2-none-any")
RANKS = {tag: rank for rank, text in enumerate(TAGS[:3]) for tag in parse_tag(text)}


def explain(filename: WheelFilename) -> str:
    return f"{filename} was looked at."


def candidate(name: str, *hashes: str, folder: str = ".") -> Candidate:
    return Candidate(Path(folder, name), parse_wheel_filename(name), tuple(map(Sha256, hashes)))


def wanted(text: str, *hashes: str) -> Wanted:
    if text.endswith(".whl"):
        name = parse_wheel_filename(Path(text).name).name
        return Wanted(name, text, hashes=tuple(map(Sha256, hashes)), path=Path(text))
    asked = parse_requirement(text)
    return Wanted(asked.name, text, asked.specifiers, tuple(map(Sha256, hashes)))


def chosen(
    asked: str | list[Wanted],
    *names: str | Candidate,
    force: bool = False,
    requires: Mapping[str, str] | None = None,
) -> tuple[Selected, ...]:
    """Choose among wheels whose SHA-256 is their name's and which require what is said."""
    rules = Rules(Compatibility(RANKS, explain, (3, 11, 2)), force=force, places="the folder")
    reader = Reader(
        lambda path: Sha256(path.name), lambda path: (requires or {}).get(path.name, "")
    )
    there = [candidate(name) if isinstance(name, str) else name for name in names]
    return select([wanted(asked)] if isinstance(asked, str) else asked, there, rules, reader)


def name_of(asked: str | list[Wanted], *names: str, **more: object) -> str:
    (one,) = chosen(asked, *names, **more)  # type: ignore[arg-type]
    return one.path.name


def refused(kind: type[Exception], asked: str | list[Wanted], *names: str | Candidate) -> str:
    with pytest.raises(kind) as caught:
        chosen(asked, *names)
    return str(caught.value)


ONE, TWO, EARLY = (f"tool-{version}-py3-none-any.whl" for version in ("1.9", "1.10", "2.0rc1"))
NATIVE = "tool-1.9-cp311-cp311-linux_x86_64.whl"
STABLE = "tool-1.9-cp311-abi3-linux_x86_64.whl"
FOREIGN = "tool-3.0-cp39-cp39-linux_armv7l.whl"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("tool", TWO),
        ("Tool", TWO),
        ("tool<1.10", NATIVE),
        ("tool==1.9.0", NATIVE),
        ("tool!=1.10", NATIVE),
        ("tool~=1.9", TWO),
        ("tool>=2.0rc1", EARLY),
        ("tool>1.10", EARLY),
    ],
)
def test_highest_version_that_fits_is_chosen_and_of_it_the_best_tag(
    asked: str, expected: str
) -> None:
    assert name_of(asked, ONE, EARLY, FOREIGN, TWO, STABLE, NATIVE, "other-9-py3-none-any.whl") == (
        expected
    )


def test_fewer_tags_and_then_a_higher_build_number_win() -> None:
    first, second = "tool-1-1-py3-none-any.whl", "tool-1-10-py3-none-any.whl"
    assert name_of("tool", "tool-1-py2.py3-none-any.whl", "tool-1-py3-none-any.whl").endswith(
        "-1-py3-none-any.whl"
    )
    assert name_of("tool", second, first, "tool-1-py3-none-any.whl") == second


def test_reason_says_why_and_of_how_many() -> None:
    (one,) = chosen("tool<2", ONE, TWO, FOREIGN)
    assert one == Selected(
        path=Path(TWO),
        sha256=Sha256(TWO),
        asked=("tool<2",),
        fits=True,
        reason=f"{TWO} was looked at. It is the best of 2 wheels.",
    )


def test_everything_asked_of_a_project_holds_for_one_wheel() -> None:
    (one,) = chosen([wanted("tool"), wanted("tool<1.10"), wanted("Tool>1")], ONE, TWO)
    assert (one.path.name, one.asked) == (ONE, ("tool", "tool<1.10", "Tool>1"))


def test_a_version_for_another_python_gives_way() -> None:
    requires = {TWO: ">=3.12", ONE: ">=3.8"}
    assert name_of("tool", ONE, TWO, requires=requires) == ONE
    assert name_of("tool", ONE, TWO, requires={TWO: "<3", ONE: "<3"}, force=True) == TWO
    with pytest.raises(HostError, match=r"no wheel is for this Python.*1\.10.*requires Python <3"):
        chosen("tool", ONE, TWO, requires={TWO: "<3", ONE: "<3"})


def test_a_version_unknown_to_pep_440_is_taken_where_none_is_asked_for() -> None:
    old = "tool-2004d-py3-none-any.whl"
    assert name_of("tool", old) == old
    assert name_of("tool", old, ONE) == ONE
    assert "no version is accepted" in refused(ResolutionError, "tool>=0", old)


def test_what_is_missing_is_told_with_what_there_is() -> None:
    assert (
        refused(ResolutionError, "gone>1", ONE) == "gone>1: there is no wheel of gone in the folder"
    )
    text = refused(ResolutionError, "tool>5", ONE, TWO)
    assert text == f"tool>5: no version is accepted of those there are: {ONE}, {TWO}"


def test_what_does_not_fit_is_told_with_the_reason() -> None:
    text = refused(HostError, "tool", FOREIGN)
    assert text.startswith("tool: no wheel fits; install all the same with --force")
    assert f"{FOREIGN} was looked at." in text


def test_force_takes_what_does_not_fit_only_where_nothing_does() -> None:
    (one,) = chosen("tool", FOREIGN, force=True)
    assert (one.path.name, one.fits) == (FOREIGN, False)
    assert name_of("tool", FOREIGN, ONE, force=True) == ONE
    other = FOREIGN.replace("armv7l", "aarch64")
    with pytest.raises(HostError, match="name one of these by its path"):
        chosen("tool", FOREIGN, other, force=True)


def test_a_wheel_named_by_its_path_is_the_only_one_meant() -> None:
    path = f"elsewhere/{EARLY}"
    assert chosen([wanted(path), wanted("tool")], ONE, TWO)[0].path == Path(path)
    assert "no version is accepted" in refused(
        ResolutionError, [wanted(path), wanted("tool<2a1")], ONE
    )
    assert "are of one project; name one of them" in refused(
        ResolutionError, [wanted(ONE), wanted(TWO)]
    )
    assert len(chosen([wanted(ONE), wanted(f"./x/../{ONE}")])) == 1


def test_a_hash_that_is_asked_for_decides() -> None:
    assert name_of([wanted("tool", ONE)], ONE, TWO) == ONE
    text = refused(VerificationError, [wanted("tool", "other")], ONE)
    assert text == f"tool: no wheel has a hash that is asked for; {ONE} has sha256 {ONE}"
    both = [wanted("tool", ONE, TWO), wanted("tool", TWO)]
    assert name_of(both, ONE, TWO) == TWO


def test_every_wheel_of_a_wheelhouse_has_its_hash_also_one_that_is_not_chosen() -> None:
    good, bad = candidate(TWO, TWO), candidate(ONE, "other")
    text = refused(VerificationError, "tool", good, bad)
    assert text == f"{ONE}: its sha256 is {ONE}, listed is other; copy the wheelhouse again"
    with pytest.raises(VerificationError):
        chosen("tool", good, bad, force=True)


def test_everything_that_is_wrong_is_told_and_the_gravest_decides() -> None:
    asked = [wanted("gone"), wanted("tool")]
    text = refused(ResolutionError, asked, FOREIGN)
    assert text.startswith("Nothing is installed, for several reasons:\ngone: ")
    assert "\ntool: no wheel fits" in text
    refused(VerificationError, [*asked, wanted("more", "x")], FOREIGN, "more-1-py3-none-any.whl")


def test_a_broken_wheel_among_several_is_not_passed_over() -> None:
    def requires(path: Path) -> str:
        raise InvalidWheelError(path.name, (Finding("zip-end", "it is no zip file"),))

    rules = Rules(Compatibility(RANKS, explain, (3, 11)))
    reader = Reader(lambda path: Sha256(path.name), requires)
    with pytest.raises(InvalidWheelError, match=r"(?s)1\.10.*zip-end"):
        select([wanted("tool")], [candidate(ONE), candidate(TWO)], rules, reader)


def test_wheels_for_another_python_are_all_named_or_taken_with_a_warning() -> None:
    required = [("a.whl", ">=3.12"), ("b.whl", ""), ("c.whl", "<3")]
    with pytest.raises(HostError, match=r"(?s)a\.whl: it requires Python >=3\.12.*c\.whl"):
        check_python(required, (3, 11))
    taken = check_python(required, (3, 11), force=True)
    assert [(wheel, finding.rule) for wheel, finding in taken] == [
        ("a.whl", "requires-python"),
        ("c.whl", "requires-python"),
    ]


def test_projects_come_in_the_order_asked() -> None:
    names = ("b-1-py3-none-any.whl", "a-1-py3-none-any.whl")
    found = chosen([wanted("b"), wanted("a")], *sorted(names))
    assert [normalize_name(one.path.name[0]) for one in found] == ["b", "a"]
