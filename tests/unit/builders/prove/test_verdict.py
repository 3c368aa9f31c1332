from __future__ import annotations

from typing import Any

from wheelyard.builders.prove.verdict import is_lasting, verdict
from wheelyard.plans.proof import Failed, Passed, Unproved

MOVED = {"/store/scratch/x1": "/proof"}


def result(*problems: dict[str, Any]) -> dict[str, Any]:
    return {"id": 0, "seconds": 1, "imported": ["a"], "problems": list(problems)}


def problem(kind: str, missing: str = "") -> dict[str, Any]:
    tail = ["at /store/scratch/x1/site-0/a.py"]
    return {"module": "a.b", "kind": kind, "missing": missing, "error": "it broke", "tail": tail}


def test_the_first_problem_decides() -> None:
    lacking = problem("missing", "numpy.core")
    assert isinstance(verdict(result(problem("error"), lacking), {"a"}, "native", MOVED), Failed)
    proof = verdict(result(lacking, problem("error")), {"a"}, "native", MOVED)
    assert proof == Unproved(reason="a.b imports numpy, which nothing it depends on brings")


def test_what_tests_lack_and_what_the_standard_library_lacks_does_not_count() -> None:
    lacking = {**problem("missing", "objgraph"), "module": "a.tests._b"}
    assert isinstance(verdict(result(lacking), {"a"}, "native", MOVED), Passed)
    for_windows_on_a_screen = problem("missing", "tkinter")
    assert isinstance(verdict(result(for_windows_on_a_screen), {"a"}, "native", MOVED), Passed)
    broken = {**problem("error"), "module": "a.tests._b"}
    assert isinstance(verdict(result(broken), {"a"}, "native", MOVED), Failed)


def test_where_nothing_was_imported_nothing_is_proved() -> None:
    lacking = {**result(problem("missing", "tkinter")), "imported": []}
    proof = verdict(lacking, {"a"}, "native", MOVED)
    assert proof == Unproved(reason="a.b imports tkinter, which the interpreter is without")
    of_tests = {**result({**problem("missing", "pytest"), "module": "a.tests"}), "imported": []}
    assert isinstance(verdict(of_tests, {"a"}, "native", MOVED), Unproved)


def test_a_module_that_a_wheel_should_have_brought_is_a_failure() -> None:
    proof = verdict(result(problem("missing", "a._c")), {"a"}, "native", MOVED)
    assert isinstance(proof, Failed)
    assert proof.tail == ("at /proof/site-0/a.py",)


def test_a_lack_of_time_is_not_remembered() -> None:
    assert not is_lasting(result(problem("time")))
    assert is_lasting(result(problem("crash")))
