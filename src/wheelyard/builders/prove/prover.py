"""Proves wheels of the store under a target's interpreter; what was proved once stays known."""

from __future__ import annotations

import io
import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from wheelyard.builders.prove.bay import Bay
from wheelyard.builders.prove.modules import modules_of
from wheelyard.builders.prove.runner import hopeless, make_runner
from wheelyard.builders.prove.verdict import is_lasting, verdict
from wheelyard.errors import HostError, ResolutionError, UsageError
from wheelyard.plans.proof import (
    Failed,
    Passed,
    Proof,
    Subject,
    Unproved,
    proof_as_dict,
    proof_from_dict,
)
from wheelyard.targets.detect import THIS
from wheelyard.wheel.reader import open_wheel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from wheelyard.builders.pep517 import Bench
    from wheelyard.plans.step import Artifact
    from wheelyard.targets.target import Target

_KIND = "proofs"
_VERSION = 4
"""Raised when proofs come to mean something else."""
_SECONDS = 600  # for one wheel; emulation is slow
_NO_MODULE = "it brings no module that could be imported"


class Prover:
    """Imports what was built, and remembers what came of it.

    A proof is remembered by all that it depends on and that is known without asking anybody: the
    wheel and those that it needs, the target's Python and machine, the packages of the sysroot and
    the digest of the one that it was built with.
    """

    def __init__(self, bench: Bench, *, jobs: int, seconds: int = _SECONDS) -> None:
        """Take what building takes.

        ``jobs`` wheels are imported at once, each in at most so many ``seconds``.
        """
        self._bench = bench
        self._store = bench.artifacts.store
        self._jobs = jobs
        self._seconds = seconds

    def __call__(
        self, target: Target, subjects: Iterable[Subject], note: Callable[[str], None]
    ) -> Mapping[str, Proof]:
        """Give the proof of each subject by its wheel's digest.

        Raises:
            VerificationError: a mirror's content isn't what it should be.
        """
        proofs: dict[str, Proof] = {}
        waiting: list[Subject] = []
        for subject in subjects:
            known = self._known(target, subject)
            if known is None:
                waiting.append(subject)
            else:
                proofs[subject.wheel.sha256] = known
        if waiting:
            proofs |= self._proved(target, waiting, note)
        return proofs

    def _known(self, target: Target, subject: Subject) -> Proof | None:
        record = self._store.lookup(_KIND, self._key(target, subject))
        try:
            return None if record is None else proof_from_dict(record)
        except (KeyError, TypeError):  # garbled: proved anew
            return None

    def _key(self, target: Target, subject: Subject) -> str:
        machine, libc = target.machine, target.libc
        content = {
            "version": _VERSION,
            "python": asdict(target.python),
            "machine": [machine.arch, machine.float_abi, libc.family, target.name == THIS],
            "wheel": subject.wheel.sha256,
            "installed": sorted(one.sha256 for one in subject.installed),
            "packages": subject.packages,
            "built_with": subject.built_with,
            "test": subject.test,
        }
        return self._store.key_of(json.dumps(content, sort_keys=True))

    def _proved(
        self, target: Target, subjects: Sequence[Subject], note: Callable[[str], None]
    ) -> dict[str, Proof]:
        reason = hopeless(target)
        if not reason:
            many = "a wheel" if len(subjects) == 1 else f"{len(subjects)} wheels"
            note(f"proving {many} for {target.name}")
            packages = sorted({names for one in subjects for names in one.packages})
            try:
                runner = make_runner(target, packages, self._bench)
            except (HostError, ResolutionError, UsageError) as error:
                reason = f"{target.name} has no interpreter here: {error}"
        if reason:
            return {one.wheel.sha256: Unproved(reason=reason) for one in subjects}
        with self._store.scratch() as scratch:
            return dict(self._prove_all(target, subjects, Bay(scratch, runner, self._bench)))

    def _prove_all(
        self, target: Target, subjects: Sequence[Subject], bay: Bay
    ) -> Iterator[tuple[str, Proof]]:
        trees = bay.install(one.installed for one in subjects)
        wheels: dict[int, dict[str, Any]] = {}
        for number, one in enumerate(subjects):
            folder = trees.folders.get(one.installed)
            modules = self._modules(target, one) if folder else ()
            if modules:
                wheels[number] = {"id": number, "path": [str(folder)], "modules": modules}
            else:
                reason = trees.refused.get(one.installed, _NO_MODULE)
                yield one.wheel.sha256, Unproved(reason=reason)
        for number, proof, lasting in self._driven(wheels, subjects, bay):
            one = subjects[number]
            tried: Proof = proof
            if isinstance(proof, Passed) and one.test:
                tried = _tested(proof, *bay.test(one.test, trees.folders[one.installed]))
            if lasting:
                self._store.record(_KIND, self._key(target, one), proof_as_dict(tried))
            yield one.wheel.sha256, tried

    def _modules(self, target: Target, subject: Subject) -> tuple[str, ...]:
        with self._store.scratch() as scratch:
            wheel = open_wheel(self._bench.artifacts.place(subject.wheel, scratch))
            return modules_of(
                subject.modules,
                subject.native,
                target.python,
                lambda name: io.BytesIO(wheel.read(name)),
            )

    def _driven(
        self, wheels: dict[int, dict[str, Any]], subjects: Sequence[Subject], bay: Bay
    ) -> Iterator[tuple[int, Proof, bool]]:
        """Run the driver until all wheels are done with, also when it is ended before its time.

        Gives numbers of subjects, proofs, and whether these are worth remembering.
        """
        while wheels:
            task = {"jobs": self._jobs, "seconds": self._seconds, "wheels": list(wheels.values())}
            drive = bay.drive(task)
            runner = f"{bay.runner.name}, Python {drive.python}"
            results = {one["id"]: one for one in drive.results if one["id"] in wheels}
            for result in results.values():
                del wheels[result["id"]]
                brought = self._brought(subjects[result["id"]].installed)
                yield (
                    result["id"],
                    verdict(result, brought, runner, bay.moved),
                    is_lasting(result),
                )
            if not results:
                yield from ((number, Unproved(reason=drive.trouble), False) for number in wheels)
                return

    def _brought(self, wheels: Iterable[Artifact]) -> frozenset[str]:
        facts = self._bench.artifacts.facts
        return frozenset(name for one in wheels for name in facts(one).modules)


def _tested(proof: Passed, status: int, tail: tuple[str, ...]) -> Proof:
    if status == 0:
        return replace(proof, tail=tail)
    error = tail[-1] if tail else f"they ended with status {status}"
    return Failed(module="", error=error, tail=tail, runner=proof.runner, seconds=proof.seconds)
