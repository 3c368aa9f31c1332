from __future__ import annotations

from pathlib import Path

from tests.hostile.cases import REFUSED, WARNED

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "hostile-wheels.md"


def test_every_case_is_on_the_page_with_its_rule() -> None:
    lines = PAGE.read_text("utf-8").splitlines()
    cases = [case for case in (*REFUSED, *WARNED) if not case.strict]
    rows = [f"| {case.does} | `{case.rule}` |" for case in cases]
    assert [row for row in rows if not any(line.startswith(row) for line in lines)] == []
    assert f"These {len(cases) - len(WARNED)} are wrong" in PAGE.read_text("utf-8")


def test_cases_have_names_and_sentences_of_their_own() -> None:
    for values in ([case.id for case in REFUSED], [case.does for case in REFUSED]):
        assert len(set(values)) == len(values)
    assert len(REFUSED) >= 80
