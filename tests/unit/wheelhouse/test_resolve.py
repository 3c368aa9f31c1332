from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.plans.world import ARM, X86, ask
from tests.unit.wheelhouse.reports import pin

from wheelyard.plans.release import File
from wheelyard.plans.request import FormatControl, PackageSettings, Request, WheelType
from wheelyard.plans.resolution import Resolution
from wheelyard.wheel.names import normalize_name
from wheelyard.wheelhouse.lock import render_lines
from wheelyard.wheelhouse.resolve import question_for, resolution_key, with_digests

if TYPE_CHECKING:
    from pathlib import Path

LIB, OTHER = normalize_name("lib"), normalize_name("other")
REQUEST = Request(lines=ask("lib==1.0\nlib==2.0\npure:other").lines, targets=(X86, ARM))


def test_settings_give_types_and_preferences_for_the_target_they_name() -> None:
    packages = (
        PackageSettings(name=LIB, type=WheelType.PURE, prefer="1.0"),
        PackageSettings(name=LIB, target=ARM.name, type=WheelType.CROSSENV),
        PackageSettings(name=normalize_name("added"), type=WheelType.ABI3),
    )
    request = replace(REQUEST, packages=packages)
    here, there = question_for(request, X86), question_for(request, ARM)
    assert [str(line.type) for line in here.lines] == ["pure", "pure", "pure"]
    assert [str(line.type) for line in there.lines] == ["crossenv", "crossenv", "pure"]
    assert here.prefer == there.prefer == {LIB: "1.0"}
    assert here.types["added"] is WheelType.ABI3  # type: ignore[index]
    assert there.environment["platform_machine"] == "aarch64"


CHANGES: dict[str, dict[str, Any]] = {
    "lines": {"lines": REQUEST.lines[:1]},
    "hashes": {"lines": ask(f"lib==1.0 --hash=sha256:{'a' * 64}").lines},
    "constraints": {"constraints": REQUEST.lines[:1]},
    "formats": {"formats": FormatControl(no_binary=("lib",))},
    "packages": {"packages": (PackageSettings(name=LIB, prefer="1.0"),)},
    "prereleases": {"prereleases": True},
    "add": {"add": False},
}


@pytest.mark.parametrize("name", CHANGES)
def test_resolution_is_made_anew_when_anything_asked_for_changes(name: str) -> None:
    changed = replace(REQUEST, **CHANGES[name])
    assert resolution_key(changed, X86, {}) != resolution_key(REQUEST, X86, {})


def test_resolution_belongs_to_a_target_and_to_the_indexes_and_locks_asked() -> None:
    keys = {
        resolution_key(REQUEST, target, {"index": index, "locked": locked})
        for target in (X86, ARM)
        for index in ("one", "two")
        for locked in ({}, {"lib": [{"sha256": "a"}]})
    }
    assert len(keys) == 8
    again = resolution_key(REQUEST, X86, {"index": "one", "locked": {}})
    assert again in keys


def test_file_of_this_machine_is_known_by_what_it_holds_now(tmp_path: Path) -> None:
    path = tmp_path / "lib 1-py3-none-any.whl"
    path.write_bytes(b"one")
    local = File(filename=path.name, url=path.as_uri())
    remote = File(filename="x.tar.gz", url="https://x.example/x.tar.gz")
    resolution = Resolution(
        target=X86.name, pins=(replace(pin(), wheel=local, sdist=remote), pin("other"))
    )
    first = with_digests(resolution).pins
    path.write_bytes(b"two")
    second = with_digests(resolution).pins
    assert [pins[0].wheel and pins[0].wheel.sha256 for pins in (first, second)] == [
        hashlib.sha256(content).hexdigest() for content in (b"one", b"two")
    ]
    assert (first[0].sdist, first[1].wheel) == (remote, None)


def test_file_with_a_digest_that_is_not_allowed_or_gone_is_left_for_its_step(
    tmp_path: Path,
) -> None:
    path = tmp_path / "lib.whl"
    path.touch()
    barred = File(filename=path.name, url=path.as_uri(), hashes=("a" * 64,))
    gone = File(filename="gone", url=(tmp_path / "gone").as_uri())
    resolution = Resolution(target=X86.name, pins=(replace(pin(), wheel=barred, sdist=gone),))
    assert with_digests(resolution) == resolution


def test_lines_are_written_for_uv_as_pep_508() -> None:
    text = (
        "pure:Lib[b,a]==1.0 ; python_version < '3.9'\n"
        "other>=1,<2\n"
        "x @ https://x.example/x.zip ; os_name == 'posix'\n"
    )
    assert render_lines(ask(text).lines) == (
        'lib[a,b]==1.0 ; python_version < "3.9"\n'
        "other<2,>=1\n"
        'x @ https://x.example/x.zip ; os_name == "posix"\n'
    )
    hashed = f"other==1 --hash=sha256:{'a' * 64}\n"
    assert render_lines(ask(hashed).lines) == hashed
