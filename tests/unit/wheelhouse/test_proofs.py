from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.unit.wheelhouse.reports import bad, built, good, pin, report

from wheelyard.plans.plan import CROSS
from wheelyard.plans.proof import Failed, Passed, Proof, Unproved, proof_as_dict, proof_from_dict
from wheelyard.plans.request import PackageSettings, ProofLevel, Request
from wheelyard.plans.step import BuildSettings, Cross
from wheelyard.targets.catalog import find_target
from wheelyard.wheel.names import Sha256, normalize_name
from wheelyard.wheelhouse.manifest import manifest_of
from wheelyard.wheelhouse.proofs import subjects_of, with_proofs

if TYPE_CHECKING:
    from wheelyard.wheelhouse.report import GoodCell

PASSED = Passed(modules=("a", "a._c"), runner="qemu-aarch64 7.2, Python 3.11.2", seconds=1.5)
FAILED = Failed(
    module="a._c", error="ImportError: no", tail=("Traceback", "no"), runner="native", seconds=2.0
)
UNPROVED = Unproved(reason="there is no sysroot with musl to import it in")
DEBIAN = find_target("debian-12-arm64", None)
LEVEL = find_target("manylinux_2_28_aarch64", "3.11")


def cell(name: str, *requires: str, native: tuple[str, ...] = (), chosen: bool = True) -> GoodCell:
    """A cross-built wheel with compiled parts."""
    one = built(replace(pin(name), chosen=chosen))
    cross = Cross(host="{}", native=("python3.11", *native), sysroot="d" * 64)
    step = replace(one.step, kind=CROSS, build=BuildSettings(python="3", machine="", cross=cross))
    artifact = replace(one.artifact, sha256=Sha256(name.ljust(64, "0")))
    facts = replace(one.facts, native=(f"{name}/_c.so",), modules=(name,), requires_dist=requires)
    return replace(one, step=step, done=replace(one.done, artifact=artifact), facts=facts)


def request(prove: ProofLevel = ProofLevel.IMPORT, *packages: PackageSettings) -> Request:
    return Request(lines=(), targets=(DEBIAN,), packages=packages, prove=prove)


def test_only_what_was_built_here_with_compiled_parts_is_proved() -> None:
    published = good(pin("published"), native=("published/_c.so",))
    found = subjects_of(report(published, built(pin("pure")), cell("a")), request())
    assert [one.modules for one in found] == [("a",)]
    assert len(found[0].installed) == 1


def test_a_proof_depends_on_what_a_wheel_needs_however_far() -> None:
    cells = (
        cell("a", "b>=1", "e; extra == 'more'", "not a requirement !"),
        cell("b", "c", "a"), cell("c"), cell("d"), cell("e"),
    )  # fmt: skip
    subject = subjects_of(report(*cells), request())[0]
    assert [one.sha256.rstrip("0") for one in subject.installed] == ["a", "b", "c", "e"]


def test_of_several_versions_the_chosen_one_is_what_others_need() -> None:
    second = replace(cell("a", chosen=False), pin=replace(pin("a", "2.0"), chosen=False))
    second = replace(
        second, done=replace(second.done, artifact=replace(second.artifact, filename="a-2.whl"))
    )
    chosen, other, user = subjects_of(report(cell("a"), second, cell("b", "a")), request())
    assert [one.filename[:3] for one in chosen.installed] == ["a-1"]
    assert [one.filename[:3] for one in other.installed] == ["a-2"]
    assert [one.filename[:3] for one in user.installed] == ["a-1", "b-1"]


def test_native_packages_are_there_only_where_the_target_has_them() -> None:
    cells = report(cell("a", "b"), cell("b", native=("libffi-dev",)))
    own, _ = subjects_of(replace(cells, target=DEBIAN), request())
    foreign, _ = subjects_of(replace(cells, target=LEVEL), request())
    assert own.packages == (("python3.11",), ("python3.11", "libffi-dev"))
    assert foreign.packages == ()


@pytest.mark.parametrize(
    ("prove", "own", "expected"),
    [
        (ProofLevel.IMPORT, None, [""]),
        (ProofLevel.TESTS, None, ["python -m a.tests"]),
        (ProofLevel.NONE, None, []),
        (ProofLevel.NONE, ProofLevel.TESTS, ["python -m a.tests"]),
        (ProofLevel.TESTS, ProofLevel.NONE, []),
    ],
)
def test_a_packages_own_level_wins(
    prove: ProofLevel, own: ProofLevel | None, expected: list[str]
) -> None:
    settings = PackageSettings(
        name=normalize_name("a"), prove=own, test_command="python -m a.tests"
    )
    found = subjects_of(report(cell("a")), request(prove, settings))
    assert [one.test for one in found] == expected


def test_what_failed_is_no_wheel_and_what_needed_it_is_told_of() -> None:
    before = report(cell("a"), cell("b", "a"), bad(pin("c")))
    after = with_proofs(before, {"a".ljust(64, "0"): FAILED, "b".ljust(64, "0"): PASSED})
    assert [one.pin.name for one in after.good] == ["b"]
    assert [one.pin.name for one in after.bad] == ["a", "c"]
    assert after.exit_code == 4
    assert after.bad[0].cause == (
        f"it was built, but on {before.target.name} a._c can't be imported: ImportError: no "
        "(native)"
    )
    assert after.bad[0].tail == FAILED.tail
    assert any("b 1.0 asks for a" in note for note in after.notes)


@pytest.mark.parametrize("proof", [PASSED, UNPROVED])
def test_the_manifest_tells_of_a_proof(proof: Proof) -> None:
    before = report(cell("a"), good(pin("b")))
    manifest = manifest_of(with_proofs(before, {"a".ljust(64, "0"): proof}))
    told, nothing = (wheel["proof"] for wheel in manifest["wheels"])
    assert told["outcome"] in {"passed", "unproved"}
    assert nothing is None


@pytest.mark.parametrize("proof", [PASSED, FAILED, UNPROVED])
def test_proofs_are_read_back(proof: Proof) -> None:
    assert proof_from_dict(proof_as_dict(proof)) == proof
