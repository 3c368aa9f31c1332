from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from tests.unit.plans.world import ARM
from tests.unit.wheelhouse.reports import bad, built, good, pin, report

from wheelyard.web.report import readable_size, render_page, rows_of
from wheelyard.wheelhouse.manifest import manifest_of

HERE = manifest_of(report(good(pin("b")), built(pin("a")), bad(pin("c"))))
THERE = manifest_of(replace(report(good(pin("b")), good(pin("a", "2.0"))), target=ARM))


class Elements(HTMLParser):
    """Gathers the names of elements, and the addresses that a page refers to."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self.links: list[str] = []
        self.places: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        values = dict(attrs)
        self.links += [values[key] or "" for key in ("href", "src") if key in values]
        self.places += [values["id"] or ""] if "id" in values else []


def elements(page: str) -> Elements:
    found = Elements()
    found.feed(page)
    return found


def test_targets_stand_side_by_side_a_row_for_each_version() -> None:
    rows = rows_of((HERE, THERE))
    assert [(row.name, row.version) for row in rows] == [
        ("a", "1.0"),
        ("a", "2.0"),
        ("b", "1.0"),
        ("c", "1.0"),
    ]
    assert [[cell is not None for cell in row.cells] for row in rows] == [
        [True, False],
        [False, True],
        [True, True],
        [True, False],
    ]


def test_who_needs_a_row_is_named_once() -> None:
    assert rows_of((HERE, THERE))[2].needed_by == ("list.txt:1",)


def test_nothing_has_no_rows() -> None:
    assert rows_of(()) == ()
    assert rows_of((manifest_of(report()),)) == ()


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (1536, "1.5 kB"),
        (2_500_000, "2.5 MB"),
        (3_000_000_000, "3.0 GB"),
        (5_000_000_000_000, "5000.0 GB"),
    ],
)
def test_size_is_readable(size: int, text: str) -> None:
    assert readable_size(size) == text


def test_page_tells_every_outcome_and_needs_no_network() -> None:
    page = render_page((HERE, THERE))
    found = elements(page)
    assert not {"script", "link", "img", "iframe"} & set(found.names)
    assert all(link.startswith("#") for link in found.links)
    assert {link.removeprefix("#") for link in found.links} <= set(found.places)
    for text in ("no header", "install it", "built it", "sha256", "manylinux_2_28_aarch64"):
        assert text in page


def test_what_a_build_says_is_text_and_never_markup() -> None:
    hostile = "<script>alert(1)</script>"
    cells = (
        bad(pin("c"), hostile),
        good(replace(pin("d"), needed_by=(hostile,)), warnings=(hostile,)),
    )
    page = render_page((manifest_of(report(*cells, notes=(hostile,))),))
    assert "script" not in elements(page).names
    assert page.count("&lt;script&gt;") >= 4


def test_empty_wheelhouse_has_a_page() -> None:
    assert "0 wheels" in render_page((manifest_of(report()),))


def test_page_is_the_same_each_time() -> None:
    assert render_page((HERE, THERE)) == render_page((HERE, THERE))
