from __future__ import annotations

from typing import TYPE_CHECKING

from tests.unit.wheelhouse.reports import bad, good, pin, report, step

from wheelyard.cli.progress import Plain, unshown_failures
from wheelyard.plans.step import Failure

if TYPE_CHECKING:
    import pytest


def test_failure_that_no_step_has_shown_is_told_with_target_and_remedy() -> None:
    (text,) = unshown_failures([report(good(), bad(pin("other"), "it does not fit"))], ())
    assert text.startswith("failed: other 1.0 for manylinux_2_28_x86_64: it does not fit\n")
    assert text.endswith("  remedy: install it")


def test_failure_is_told_once_unless_it_was_to_be_quiet(
    capsys: pytest.CaptureFixture[str],
) -> None:
    failure = Failure(key=step(pin()).key, cause="no header", remedy="install it")
    for notes, untold in ((True, 0), (False, 1)):
        display = Plain(every_step=False, notes=notes)
        display.finished(step(pin()), failure)
        assert len(list(unshown_failures([report(bad(pin()))], display.shown))) == untold
        assert capsys.readouterr().err.count("no header") == 1 - untold


def test_passwords_in_addresses_are_not_told() -> None:
    (text,) = unshown_failures([report(bad(pin(), "https://u:secret@x.example/ is gone"))], ())
    assert "secret" not in text
