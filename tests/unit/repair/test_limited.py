from __future__ import annotations

from tests.unit.repair.objects import AARCH64, importing

from wheelyard.repair.limited import broken_claim, claimed, stable_abi_of
from wheelyard.wheel.tags import parse_tag


def test_the_oldest_python_with_all_symbols_is_found_and_what_it_brought() -> None:
    found = stable_abi_of([importing(AARCH64, "PyList_New", "PyModule_AddType", "_Py_NoneStruct")])
    assert (found.since, found.newest, found.unstable) == ((3, 10), ("PyModule_AddType",), ())


def test_a_symbol_of_no_stable_abi_is_named_with_its_file() -> None:
    one = importing(AARCH64, "PyUnicode_AsUTF8AndSize", "_PyUnicode_Ready")
    assert stable_abi_of([one]).unstable == (("x/y.so", "_PyUnicode_Ready"),)
    (sentence,) = broken_claim(parse_tag("cp313-abi3-linux_aarch64"), [one])
    assert sentence == "x/y.so needs _PyUnicode_Ready, which no stable ABI has"


def test_only_abi3_claims_the_stable_abi() -> None:
    one = importing(AARCH64, "_PyUnicode_Ready")
    assert claimed(parse_tag("cp38.cp37-abi3-any")) == (3, 7)
    assert claimed(parse_tag("cp311-cp311-any")) is None
    assert broken_claim(parse_tag("cp311-cp311-linux_aarch64"), [one]) == ()
