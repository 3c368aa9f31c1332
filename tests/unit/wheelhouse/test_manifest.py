from __future__ import annotations

import json
from dataclasses import replace

import pytest
from tests.unit.wheelhouse.reports import bad, built, good, pin, report

from wheelyard.plans.request import WheelType
from wheelyard.wheelhouse.manifest import (
    manifest_of,
    render_manifest,
    scrubbed,
    without_credentials,
)

CELLS = (
    good(pin("b", kind=WheelType.PURE)),
    built(pin("a"), url="https://user:secret@x.example/a-1.0.tar.gz"),
    good(replace(pin("b", "0.9"), chosen=False)),
    bad(pin("c"), "cloning https://user:secret@x.example/c failed"),
)
MANIFEST = manifest_of(report(*CELLS, notes=("see https://user:secret@x.example/",)))


def test_manifest_is_the_same_bytes_each_time_and_json() -> None:
    content = render_manifest(MANIFEST)
    assert content == render_manifest(manifest_of(report(*CELLS, notes=tuple(MANIFEST["notes"]))))
    assert json.loads(content)["wheels"] == MANIFEST["wheels"]
    assert content.endswith(b"}\n")


def test_manifest_holds_no_credentials() -> None:
    assert b"secret" not in render_manifest(MANIFEST)
    assert b"https://x.example/c" in render_manifest(MANIFEST)


def test_manifest_of_a_path_that_is_no_text_is_json_all_the_same() -> None:
    cell = good(replace(pin(), needed_by=("caf\udce9.txt:1",)))
    content = render_manifest(manifest_of(report(cell)))
    assert json.loads(content)["wheels"][0]["needed_by"] == ["caf\udce9.txt:1"]


@pytest.mark.parametrize(
    ("url", "filename", "expected"),
    [
        (
            "git+https://u:p@x.example/r@c0ffee#subdirectory=py",
            "r-c0ffee.tar",
            {
                "url": "https://x.example/r",
                "vcs_info": {"vcs": "git", "commit_id": "c0ffee"},
                "subdirectory": "py",
            },
        ),
        (
            "https://x.example/a-1.0.tar.gz",
            "a-1.0.tar.gz",
            {
                "url": "https://x.example/a-1.0.tar.gz",
                "archive_info": {"hashes": {"sha256": "c" * 64}},
            },
        ),
        (
            "file:///work/a%20b-1.0.tar.gz",
            "a b-1.0.tar.gz",
            {
                "url": "file:///work/a%20b-1.0.tar.gz",
                "archive_info": {"hashes": {"sha256": "c" * 64}},
            },
        ),
        ("file:///work/a", "a.tar", {"url": "file:///work/a", "dir_info": {}}),
    ],
)
def test_direct_address_is_told_as_pep_610_says(
    url: str, filename: str, expected: dict[str, object]
) -> None:
    direct = replace(pin("a"), direct=True)
    cell = built(direct, url=url, filename=filename, sha256="c" * 64)
    assert manifest_of(report(cell))["wheels"][0]["direct_url"] == expected


def test_wheel_from_an_index_has_no_direct_address() -> None:
    assert manifest_of(report(good()))["wheels"][0]["direct_url"] is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://u:p@x.example:80/a?b#c", "https://x.example:80/a?b#c"),
        ("https://x.example/a@b", "https://x.example/a@b"),
        ("git+ssh://git@x.example/a@b", "git+ssh://x.example/a@b"),
        ("file:///a", "file:///a"),
    ],
)
def test_credentials_are_taken_off_a_url(url: str, expected: str) -> None:
    assert without_credentials(url) == expected


def test_credentials_are_taken_out_of_a_text() -> None:
    text = "fatal: 'https://u:p@x.example/r@v1' and mail@x.example and https://y.example/a@b"
    assert scrubbed(text) == text.replace("u:p@", "")
