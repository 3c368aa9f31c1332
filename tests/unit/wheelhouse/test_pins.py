"""The files that other tools read, against the readers and writers that these stand on."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import tomli_w
from packaging.pylock import Pylock
from tests.unit.wheelhouse.reports import built, good, pin, report

from wheelyard.plans.request import WheelType
from wheelyard.plans.requirements_file import load_requirements
from wheelyard.wheel import InvalidVersionError
from wheelyard.wheelhouse.manifest import manifest_of
from wheelyard.wheelhouse.pins import render_pylock, render_requirements, requirements_files

if TYPE_CHECKING:
    from collections.abc import Mapping

MANIFEST = manifest_of(
    report(
        good(pin("b", kind=WheelType.PURE)),
        built(pin("a"), url="https://x.example/a-1.0.tar.gz"),
        good(replace(pin("b", "0.9"), chosen=False)),
    )
)


def test_requirements_pin_the_chosen_wheels_by_hash_sorted() -> None:
    assert render_requirements(MANIFEST["wheels"]) == (
        f"a==1.0 --hash=sha256:{'a' * 64}\nb==1.0 --hash=sha256:{'a' * 64}\n"
    )


def test_requirements_stand_by_type_as_well_and_are_read_back() -> None:
    files = requirements_files(MANIFEST)
    assert set(files) == {"requirements.txt", "requirements-auto.txt", "requirements-pure.txt"}
    found = load_requirements(("requirements-pure.txt",), files.__getitem__, {})
    assert [(line.pinned, line.type) for line in found.lines] == [("1.0", WheelType.PURE)]


def test_empty_wheelhouse_has_empty_requirements_and_a_lock() -> None:
    empty = manifest_of(report())
    assert requirements_files(empty) == {"requirements.txt": ""}
    assert Pylock.from_dict(tomllib.loads(render_pylock(empty))).packages == []


def test_lock_is_valid_and_names_the_chosen_wheels_by_path() -> None:
    lock = Pylock.from_dict(tomllib.loads(render_pylock(MANIFEST)))
    lock.validate()
    assert [(str(one.name), str(one.version)) for one in lock.packages] == [
        ("b", "1.0"),
        ("a", "1.0"),
    ]
    (wheel,) = lock.packages[0].wheels or ()
    assert (wheel.path, wheel.hashes) == ("b-1.0-py3-none-any.whl", {"sha256": "a" * 64})


@pytest.mark.parametrize(
    "odd", ["", 'a "b"\\c', "tab\t, \x00\x1f\x7f\r\n", "caf\u00e9 \U0001f600 \u2028"]
)
def test_lock_is_written_as_a_writer_of_toml_does(odd: str) -> None:
    text = render_pylock(manifest_of(report(built(pin("a"), url=odd, filename=odd))))
    assert text == tomli_w.dumps(tomllib.loads(text))
    assert tomllib.loads(text)["packages"][0]["tool"]["wheelyard"]["source"]["url"] == odd


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"version": "x y"}, InvalidVersionError),
        ({"size": "10"}, TypeError),
        ({"origin": None}, TypeError),
        ({"source": {}}, KeyError),
    ],
)
def test_what_is_garbled_is_no_lock(change: Mapping[str, Any], error: type[Exception]) -> None:
    (wheel, *_) = MANIFEST["wheels"]
    with pytest.raises(error):
        render_pylock({"wheels": [{**wheel, **change}]})
