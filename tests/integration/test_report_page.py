"""The report as a person sees it: in a browser, without a network."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page
    from tests.integration.conftest import Run

_QUIET = ("--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")
_WIDTHS = {"wide": 1280, "phone": 390}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium, or the one that playwright has."""
    system = shutil.which("chromium") or shutil.which("google-chrome")
    root = ("--no-sandbox",) if os.geteuid() == 0 else ()
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=system, args=[*_QUIET, *root])
        yield started
        started.close()


@pytest.fixture
def report(run: Run, tmp_path: Path) -> Path:
    done = run(
        "build", "alpha==1.0", "native", "sourced", "stubborn", "-o", "out",
        "-t", "this", "-t", "manylinux_2_28_aarch64",
    )  # fmt: skip
    assert done.status == 4
    return tmp_path / "out" / "report.html"


def open_page(browser: Browser, report: Path, width: int = 1280) -> tuple[Page, list[str]]:
    page = browser.new_page(viewport={"width": width, "height": 900})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(report.as_uri())
    return page, asked


def test_the_matrix_shows_each_outcome_in_its_colour(browser: Browser, report: Path) -> None:
    page, asked = open_page(browser, report)
    rows = page.locator("#matrix tbody tr")
    assert rows.count() == 6
    cells = {row.split("\n")[0]: row for row in rows.all_inner_texts()}
    assert cells["stubborn 1.0"].count("failed") == 2
    colours = {
        state: page.locator(f"#matrix td.{state}").first.evaluate("e => getComputedStyle(e).color")
        for state in ("published", "built", "failed")
    }
    assert len(set(colours.values())) == 3
    assert asked == [report.as_uri()], "the page fetches something"
    page.close()


def test_a_wheel_tells_its_reason_size_hash_tags_time_and_log(
    browser: Browser, report: Path
) -> None:
    page, _ = open_page(browser, report)
    data = json.loads((report.parent / "this" / "manifest.json").read_text())
    sourced = next(wheel for wheel in data["wheels"] if wheel["name"] == "sourced")
    page.locator("#matrix a[href='#this-sourced-1.0']").click()
    story = page.locator("details[id='this-sourced-1.0']")
    story.locator("summary").click()
    text = story.inner_text()
    for fact in (sourced["reason"], sourced["sha256"], "py3-none-any", "Time", sourced["log"]):
        assert fact in text
    page.close()


def test_a_failure_shows_its_cause_and_log_tail_at_once(browser: Browser, report: Path) -> None:
    page, _ = open_page(browser, report)
    story = page.locator("details[id='this-stubborn-1.0']")
    assert "error: flux.h not found" in story.inner_text()
    assert story.locator("pre").is_visible()
    page.close()


@pytest.mark.parametrize("width", _WIDTHS.values(), ids=_WIDTHS)
def test_nothing_sticks_out_at_any_width(
    browser: Browser, report: Path, width: int, tmp_path: Path
) -> None:
    page, _ = open_page(browser, report, width)
    shot = tmp_path / "report.png"
    page.screenshot(path=shot, full_page=True)
    assert shot.stat().st_size > 10_000
    overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert overflow <= 0
    page.close()
