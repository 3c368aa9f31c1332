from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.plans.world import (
    ARM,
    X86,
    DictRepository,
    ask,
    file,
    pins,
    resolved,
    sha,
    wheel,
)

from wheelyard.plans.conflicts import ConflictError, MissingVersionsError, WrongHashError
from wheelyard.plans.request import WheelType
from wheelyard.plans.resolver import resolve
from wheelyard.wheel.names import normalize_name

WEB = DictRepository(
    published={
        "web": (wheel("web", "1.0"), wheel("web", "2.0"), wheel("web", "3.0rc1")),
        "text": (wheel("text", "1.0"), wheel("text", "1.5"), wheel("text", "2.0")),
        "tls": (wheel("tls", "4.0"),),
        "old": (wheel("old", "1.0", yanked=True), wheel("old", "0.9")),
        "gone": (wheel("gone", "1.0", yanked=True),),
        "fresh": (wheel("fresh", "0.1a1"),),
    },
    depends={
        "web 2.0": ("text<2", "tls; extra == 'tls'", "text>=1.5; extra == 'all'"),
        "web 1.0": ("text",),
        "web 3.0rc1": ("text>=2",),
    },
)


def test_newest_version_is_taken_and_missing_dependencies_are_added_with_who_needs_them() -> None:
    found = resolve(ask("web"), WEB)
    assert pins(found) == ["text 1.5", "web 2.0"]
    assert found.added == ("text",)
    assert [pin.needed_by for pin in found.pins] == [("web 2.0",), ("list.txt:1",)]


def test_pins_hold() -> None:
    assert resolved("web==1.0\ntext==1.0", WEB) == ["text 1.0", "web 1.0"]


def test_pin_of_a_dependency_beats_the_newest() -> None:
    assert resolved("web\ntext==1.0", WEB) == ["text 1.0", "web 2.0"]


def test_search_goes_back_where_the_newest_does_not_fit() -> None:
    assert resolved("web\ntext>=2", WEB) == ["text 2.0", "web 1.0"]


def test_without_adding_the_list_stands_as_it_is() -> None:
    assert resolved("web\ntext==2.0", WEB, add=False) == ["text 2.0", "web 2.0"]


def test_extras_bring_what_they_add() -> None:
    found = resolve(ask("web[tls]"), WEB)
    assert pins(found) == ["text 1.5", "tls 4.0", "web 2.0"]
    assert found.pins[1].needed_by == ("web 2.0",)
    assert found.pins[2].needed_by == ("list.txt:1",)


def test_extras_of_several_lines_count_together() -> None:
    assert resolved("web[tls]\nweb[all]>=1", WEB) == ["text 1.5", "tls 4.0", "web 2.0"]


def test_extra_keeps_to_the_version_of_the_plain_project() -> None:
    assert resolved("web[tls]\nweb==1.0", WEB) == ["text 2.0", "web 1.0"]


def test_constraints_hold_for_what_is_listed_and_for_what_is_added() -> None:
    assert resolved("web", WEB, constraints="text<1.5\nunused==9") == ["text 1.0", "web 2.0"]
    assert resolved("web[tls]", WEB, constraints="web<2") == ["text 2.0", "web 1.0"]


def test_constraint_with_a_false_marker_does_not_hold() -> None:
    assert resolved("web", WEB, constraints="text<1 ; sys_platform == 'win32'") == [
        "text 1.5",
        "web 2.0",
    ]


def test_conflict_names_both_sides() -> None:
    with pytest.raises(ConflictError) as caught:
        resolve(ask("web==2.0\ntext==2.0"), WEB)
    assert set(caught.value.causes) == {"list.txt:2 wants text==2.0", "web 2.0 wants text<2"}
    assert "no set of versions fits manylinux_2_28_x86_64" in str(caught.value)


def test_conflict_with_a_constraint_names_it() -> None:
    with pytest.raises(ConflictError) as caught:
        resolve(ask("web==2.0", constraints="text>=2"), WEB)
    assert "the constraints want text>=2" in caught.value.causes


def test_conflicts_of_a_list_that_stands_are_all_named() -> None:
    with pytest.raises(ConflictError) as caught:
        resolve(ask("web<2\nweb>=2\ntext>1.5\ntext<1.5"), WEB, add=False)
    assert len(caught.value.causes) == 4


def test_missing_projects_and_versions_are_all_named_at_once() -> None:
    with pytest.raises(MissingVersionsError) as caught:
        resolve(ask("web==9\nnowhere\ngone\ntext>1", constraints="text==1.0"), WEB)
    assert caught.value.problems == (
        (
            f"list.txt:1: web==9: no such version for {X86.name}; the newest on the index are "
            "3.0rc1, 2.0, 1.0"
        ),
        "list.txt:2: nowhere: the index has no files of this project",
        (
            "list.txt:3: gone: what fits was withdrawn (yanked); "
            "pin it with == to take it all the same"
        ),
        "list.txt:4: text>1: the constraints want text==1.0",
    )


def test_withdrawn_versions_are_taken_only_where_they_are_pinned() -> None:
    assert resolved("old", WEB) == ["old 0.9"]
    assert resolved("old==1.0", WEB) == ["old 1.0"]
    with pytest.raises(MissingVersionsError):
        resolved("old==1.*", WEB)


def test_prereleases_are_taken_where_asked_for_or_where_there_is_nothing_else() -> None:
    assert resolved("web>=3.0rc1", WEB) == ["text 2.0", "web 3.0rc1"]
    assert resolved("web\n--pre", WEB) == ["text 2.0", "web 3.0rc1"]
    assert resolved("fresh", WEB) == ["fresh 0.1a1"]


def test_an_older_wheel_is_taken_before_a_newer_source_where_that_is_preferred() -> None:
    world = DictRepository(published={"app": (wheel("app", "1.0"), file("app-2.0.tar.gz"))})
    assert resolved("app", world) == ["app 2.0"]
    assert resolved("app\n--prefer-binary", world) == ["app 1.0"]


def test_markers_are_evaluated_for_the_target() -> None:
    text = "text ; platform_machine == 'aarch64'\ntls ; python_version < '3.11'"
    assert pins(resolve(ask(text, ARM), WEB)) == ["text 2.0"]
    assert pins(resolve(ask(text, X86), WEB)) == []


def test_markers_of_dependencies_are_evaluated_for_the_target() -> None:
    world = DictRepository(
        published={**WEB.published, "app": (wheel("app", "1"),)},
        depends={"app 1": ("tls; platform_machine == 'aarch64'",)},
    )
    assert pins(resolve(ask("app", ARM), world)) == ["app 1", "tls 4.0"]
    assert pins(resolve(ask("app", X86), world)) == ["app 1"]


def test_version_that_asks_for_another_python_is_passed_over_for_one_that_fits() -> None:
    world = DictRepository(
        published={
            "new": (
                file("new-1.0-py3-none-any.whl", requires_python=">=3.8"),
                file("new-2.0-py3-none-any.whl", requires_python=">=3.12"),
            )
        }
    )
    assert resolved("new", world) == ["new 1.0"]


def test_pin_that_asks_for_another_python_is_kept_for_the_report_to_say_why() -> None:
    world = DictRepository(
        published={"new": (file("new-2.0-py3-none-any.whl", requires_python=">=3.12"),)}
    )
    (pin,) = resolve(ask("new==2.0"), world).pins
    assert (pin.wheel, pin.sdist) == (None, None)
    assert pin.refused == "its files ask for Python >=3.12, not 3.11.0"


def test_two_versions_of_one_project_are_both_pinned_and_the_highest_is_chosen() -> None:
    found = resolve(ask("text==1.0\ntext==1.5\ntext>=1"), WEB)
    assert [(pin.version, pin.chosen) for pin in found.pins] == [("1.0", False), ("1.5", True)]
    assert found.notes == (
        "text is listed at 1.0, 1.5: all are built, the consolidated requirements take 1.5",
    )


def test_configuration_prefers_one_of_several_versions() -> None:
    found = resolve(ask("text==1.0\ntext==1.5", prefer={"text": "1.0.0"}), WEB)
    assert [(pin.version, pin.chosen) for pin in found.pins] == [("1.0", True), ("1.5", False)]


def test_preferred_version_that_is_not_listed_changes_nothing() -> None:
    found = resolve(ask("text==1.0", prefer={"text": "1.5"}), WEB)
    assert [(pin.version, pin.chosen) for pin in found.pins] == [("1.0", True)]


def test_two_spellings_of_one_version_are_one() -> None:
    found = resolve(ask("text==1.0\ntext==1.0.0"), WEB)
    assert [(pin.version, pin.chosen) for pin in found.pins] == [("1.0", True)]
    assert found.notes == ()


def test_each_of_two_versions_has_its_own_type_url_and_hashes() -> None:
    one, two = wheel("text", "1.0"), file("text-1.5.tar.gz")
    world = DictRepository(published={"text": (one, two)})
    text = (
        f"pure:text==1.0 --hash=sha256:{one.sha256}\n"
        f"crossenv:text==1.5 --hash=sha256:{two.sha256}\n"
        f"https://x.example/text-2.0-py3-none-any.whl#sha256={'c' * 64}"
    )
    found = resolve(ask(text), world).pins
    assert [(pin.version, str(pin.type), pin.direct) for pin in found] == [
        ("1.0", "pure", False),
        ("1.5", "crossenv", False),
        ("2.0", "auto", True),
    ]
    assert [pin.chosen for pin in found] == [False, False, True]
    assert [pin.needed_by for pin in found] == [
        ("list.txt:1",),
        ("list.txt:2",),
        ("list.txt:3",),
    ]


def test_explicit_type_beats_none_wherever_it_stands() -> None:
    for text in ("crossenv:text\ntext>=1", "text>=1\ncrossenv:text"):
        assert resolve(ask(text), WEB).pins[0].type is WheelType.CROSSENV


def test_type_from_the_configuration_holds_for_added_projects_too() -> None:
    question = replace(ask("web"), types={normalize_name("text"): WheelType.CROSSENV})
    types = {pin.name: pin.type for pin in resolve(question, WEB).pins}
    assert types == {"text": WheelType.CROSSENV, "web": WheelType.AUTO}


def test_only_files_with_a_hash_that_is_allowed_are_taken() -> None:
    built = wheel("text", "2.0", "cp311-cp311-manylinux_2_17_x86_64")
    world = DictRepository(published={"text": (wheel("text", "2.0"), built)})
    assert resolve(ask("text==2.0"), world).pins[0].wheel == built
    allowed = f"text==2.0 --hash=sha256:{sha('text-2.0-py3-none-any.whl')}"
    assert resolve(ask(allowed), world).pins[0].wheel == wheel("text", "2.0")


def test_hash_of_a_constraint_counts() -> None:
    built = wheel("text", "2.0", "cp311-cp311-manylinux_2_17_x86_64")
    world = DictRepository(published={"text": (wheel("text", "2.0"), built)})
    held = f"text==2.0 --hash=sha256:{sha('text-2.0-py3-none-any.whl')}"
    assert resolve(ask("text", constraints=held), world).pins[0].wheel == wheel("text", "2.0")


def test_several_lines_allow_only_the_hashes_that_all_of_them_allow() -> None:
    right, wrong = sha("text-2.0-py3-none-any.whl"), "b" * 64
    both = f"text==2.0 --hash=sha256:{right} --hash=sha256:{wrong}\ntext==2.0 --hash=sha256:{wrong}"
    with pytest.raises(WrongHashError, match=r"list\.txt:1: text==2\.0: sha256:bbb"):
        resolve(ask(both), WEB)
    apart = f"text==2.0 --hash=sha256:{right}\ntext==2.0 --hash=sha256:{wrong}"
    with pytest.raises(ConflictError, match=r"list\.txt:2 allows other hashes of text"):
        resolve(ask(apart), WEB)


def test_hash_that_no_file_has_is_a_matter_of_security() -> None:
    with pytest.raises(WrongHashError, match="tampered") as caught:
        resolve(ask(f"text==2.0 --hash=sha256:{'b' * 64}"), WEB)
    assert caught.value.exit_code == 5


def test_direct_url_is_the_only_version_of_its_project() -> None:
    url = "https://x.example/text-1.9%2Blocal-py3-none-any.whl"
    found = resolve(ask(f"web\n{url}"), WEB)
    assert pins(found) == ["text 1.9+local", "web 2.0"]
    wheel_file = found.pins[0].wheel
    assert wheel_file is not None
    assert wheel_file.filename == "text-1.9+local-py3-none-any.whl"
    assert found.pins[0].direct


def test_direct_url_of_a_prerelease_is_taken() -> None:
    assert resolved("https://x.example/text-3.0a1-py3-none-any.whl", WEB) == ["text 3.0a1"]


def test_version_of_an_archive_without_one_in_its_name_is_read_from_its_metadata() -> None:
    found = resolve(ask("text @ https://x.example/main.zip"), WEB)
    assert pins(found) == ["text 7.0"]


def test_direct_url_that_others_exclude_is_a_conflict() -> None:
    with pytest.raises(ConflictError) as caught:
        resolve(ask("web==2.0\nhttps://x.example/text-2.5-py3-none-any.whl"), WEB)
    assert "web 2.0 wants text<2" in caught.value.causes


def test_constraint_holds_for_a_direct_url() -> None:
    with pytest.raises(MissingVersionsError, match=r"none-any\.whl is version 2\.5"):
        resolved("https://x.example/text-2.5-py3-none-any.whl", WEB, constraints="text<2")


def test_any_of_several_hashes_fits_a_direct_url() -> None:
    text = (
        f"https://x.example/t-1-py3-none-any.whl --hash=sha256:{'a' * 64} --hash=sha256:{'b' * 64}"
    )
    chosen = resolve(ask(text), WEB).pins[0].wheel
    assert chosen is not None
    assert (chosen.sha256, chosen.hashes) == ("", ("a" * 64, "b" * 64))


def test_unreadable_metadata_is_noted_and_adds_nothing() -> None:
    world = DictRepository(published=WEB.published, unreadable=frozenset({"web 2.0"}))
    found = resolve(ask("web"), world)
    assert pins(found) == ["web 2.0"]
    assert found.notes == (
        "web 2.0: no dependencies were added, for they are unknown: its setup.py fails",
    )


def test_dependencies_that_cannot_be_read_or_are_urls_are_noted() -> None:
    world = DictRepository(
        published=WEB.published,
        depends={"web 2.0": ("=nonsense", "tls; os_name ~= 'a'", "text @ https://x.example/t.zip")},
    )
    found = resolve(ask("web"), world)
    assert pins(found) == ["text 2.0", "web 2.0"]
    assert found.notes == (
        "web 2.0: left out a dependency that can't be read: =nonsense",
        "web 2.0: left out a dependency that can't be read: tls; os_name ~= 'a'",
        "web 2.0 wants text from a URL; an index's was taken",
    )


def test_metadata_is_read_from_a_wheel_even_where_the_source_is_built() -> None:
    world = DictRepository(published={"text": (file("text-1.0.tar.gz"), wheel("text", "1.0"))})
    resolve(ask("text\n--no-binary text"), world)
    assert world.read == ["text-1.0-py3-none-any.whl"]


def test_files_of_other_projects_on_a_page_are_left_alone() -> None:
    world = DictRepository(published={"text": (wheel("text", "1.0"), wheel("tex", "9.0"))})
    assert resolved("text", world) == ["text 1.0"]


def test_resolution_survives_json() -> None:
    import json

    found = resolve(ask("web[tls]\ntext==1.0\ntext==1.5"), WEB)
    assert type(found).from_dict(json.loads(json.dumps(found.as_dict()))) == found


def test_errors_survive_pickle() -> None:
    import pickle

    for error in (MissingVersionsError(("a",)), ConflictError("t", ("a",)), WrongHashError(("a",))):
        assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301
