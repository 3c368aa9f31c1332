from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from wheelyard.errors import HostError
from wheelyard.index.pages import KeptPage, PageStore, freshness

if TYPE_CHECKING:
    from pathlib import Path

URL = "https://index.example/simple/lxml/"
PAGE = KeptPage(
    url=URL,
    status=200,
    content_type="text/html",
    etag='"1"',
    last_modified="",
    fresh_until=1.5,
    body=b"\n\x00page\n",
)


def test_page_comes_back_as_it_was(tmp_path: Path) -> None:
    store = PageStore(tmp_path / "pages")
    assert store.load(URL) is None
    store.keep(URL, PAGE)
    newer = replace(PAGE, status=404, body=b"")
    store.keep(f"{URL}other", newer)
    assert store.load(URL) == PAGE
    assert store.load(f"{URL}other") == newer


def test_damaged_page_counts_as_none(tmp_path: Path) -> None:
    store = PageStore(tmp_path)
    store.keep(URL, PAGE)
    (path,) = tmp_path.iterdir()
    for content in (b"", b"{}", b"not json\nbody", b"[1]\n"):
        path.write_bytes(content)
        assert store.load(URL) is None


def test_folder_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(HostError, match="page cache"):
        PageStore(tmp_path / "file" / "pages").keep(URL, PAGE)


def test_conditions_are_those_that_the_server_gave() -> None:
    assert PAGE.conditions() == {"If-None-Match": '"1"'}
    assert replace(PAGE, etag="").conditions() == {}


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0.0),
        ({"Cache-Control": "max-age=600, public"}, 600.0),
        ({"Cache-Control": "public, Max-Age=600", "Age": "100"}, 500.0),
        ({"Cache-Control": "max-age=10", "Age": "100"}, 0.0),
        ({"Cache-Control": "s-maxage=10"}, 0.0),
        ({"Cache-Control": "max-age=600, no-cache"}, 0.0),
        ({"Cache-Control": "no-store, max-age=600"}, 0.0),
        ({"Cache-Control": "max-age=600", "Age": "soon"}, 600.0),
    ],
)
def test_only_what_the_server_says_makes_a_page_fresh(
    headers: dict[str, str], seconds: float
) -> None:
    assert freshness(headers) == seconds
