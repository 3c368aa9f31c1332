"""Proves wheels of the store under a target's interpreter; what was proved once stays known."""

from __future__ import annotations

import io
import json
import os
import shlex
from dataclasses import dataclass, replace
from importlib import resources
from typing import TYPE_CHECKING, Any

from wheelyard.builders.isolation import wrap
from wheelyard.builders.processes import TimeLimitError
from wheelyard.builders.prove.modules import modules_of
from wheelyard.builders.prove.runner import make_runner, why_not
from wheelyard.builders.prove.site import install_into
from wheelyard.builders.prove.verdict import is_lasting, replaced, verdict
from wheelyard.builders.remedies import cause_of, tail_of
from wheelyard.errors import HostError, ResolutionError, UsageError, VerificationError
from wheelyard.plans.proof import (
    Failed,
    Passed,
    Proof,
    Subject,
    Unproved,
    proof_as_dict,
    proof_from_dict,
)
from wheelyard.wheel.reader import open_wheel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from wheelyard.builders.pep517 import Bench
    from wheelyard.builders.prove.runner import Runner
    from wheelyard.plans.step import Artifact
    from wheelyard.targets.target import Target

_KIND = "proofs"
_VERSION = 1
"""Raised when proofs come to mean something else."""
_SECONDS = 600  # for one wheel; emulation is slow
_FLAGS = ("-s", "-S", "-B")  # no user's packages, no packages beside the interpreter, no bytecode
_PATH = "/usr/local/bin:/usr/bin:/bin"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Bay:
    """Where the wheels of one target are proved."""

    scratch: Path
    runner: Runner
    trees: Mapping[tuple[Artifact, ...], Path]

    @property
    def moved(self) -> Mapping[str, str]:
        """Folders whose names are new each time or another on each machine."""
        root = {str(self.runner.root): ""} if self.runner.root else {}
        return {str(self.scratch): "/proof", **root}


class Prover:
    """Imports what was built, and remembers what came of it.

    A proof is remembered by all that it depends on and that is known without asking anybody: the
    wheel and those that it needs, the target, the packages of the sysroot and the digest of the
    one that it was built with.
    """

    def __init__(self, bench: Bench, jobs: int) -> None:
        """Take what building takes; ``jobs`` wheels are imported at once."""
        self._bench = bench
        self._store = bench.artifacts.store
        self._jobs = jobs

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
        described = {k: v for k, v in target.as_dict().items() if k not in ("kernel", "rename")}
        content = {
            "version": _VERSION,
            "target": described,
            "wheel": subject.wheel.sha256,
            "needed": sorted(one.sha256 for one in subject.needed),
            "packages": subject.packages,
            "built_with": subject.built_with,
            "test": subject.test,
        }
        return self._store.key_of(json.dumps(content, sort_keys=True))

    def _proved(
        self, target: Target, subjects: Sequence[Subject], note: Callable[[str], None]
    ) -> dict[str, Proof]:
        reason = why_not(target)
        packages = tuple(sorted({name for one in subjects for name in one.packages}))
        if not reason:
            many = "a wheel" if len(subjects) == 1 else f"{len(subjects)} wheels"
            note(f"proving {many} for {target.name}")
            try:
                runner = make_runner(target, packages, self._bench)
            except (HostError, ResolutionError, UsageError) as error:
                reason = f"{target.name} has no interpreter here: {error}"
        if reason:
            return {one.wheel.sha256: Unproved(reason=reason) for one in subjects}
        with self._store.scratch() as scratch:
            bay = _Bay(scratch=scratch, runner=runner, trees={})
            return dict(self._prove_all(target, subjects, bay))

    def _prove_all(
        self, target: Target, subjects: Sequence[Subject], bay: _Bay
    ) -> Iterator[tuple[str, Proof]]:
        trees, refused = self._install(subjects, bay.scratch)
        bay = replace(bay, trees=trees)
        wheels: list[dict[str, Any]] = []
        for number, one in enumerate(subjects):
            modules = self._modules(target, one) if one.installed in trees else ()
            if modules:
                path = [str(trees[one.installed])]
                wheels.append({"id": number, "path": path, "modules": modules})
            else:
                reason = refused.get(one.installed, "it brings no module that could be imported")
                yield one.wheel.sha256, Unproved(reason=reason)
        for number, proof, lasting in self._driven(wheels, subjects, bay):
            subject = subjects[number]
            if isinstance(proof, Passed) and subject.test:
                proof, lasting = self._tested(subject, proof, bay)  # noqa: PLW2901
            if lasting:
                key = self._key(target, subject)
                self._store.record(_KIND, key, proof_as_dict(proof))
            yield subject.wheel.sha256, proof

    def _install(
        self, subjects: Iterable[Subject], scratch: Path
    ) -> tuple[dict[tuple[Artifact, ...], Path], dict[tuple[Artifact, ...], str]]:
        """Install each set of wheels once; give their folders, and why some could not be."""
        trees: dict[tuple[Artifact, ...], Path] = {}
        refused: dict[tuple[Artifact, ...], str] = {}
        for number, wheels in enumerate(dict.fromkeys(one.installed for one in subjects)):
            folder = scratch / f"site-{number}"
            try:
                install_into(folder, wheels, self._bench.artifacts, scratch)
                trees[wheels] = folder
            except VerificationError as error:
                refused[wheels] = f"the wheels can't be installed together: {error}"
        return trees, refused

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
        self, wheels: Sequence[Mapping[str, Any]], subjects: Sequence[Subject], bay: _Bay
    ) -> Iterator[tuple[int, Proof, bool]]:
        """Run the driver until all wheels are done with; also after what ended it before its time.

        Gives numbers of subjects, proofs, and whether these are worth remembering.
        """
        rest = {wheel["id"]: wheel for wheel in wheels}
        while rest:
            results, trouble = self._drive(list(rest.values()), bay)
            for result in results:
                del rest[result["id"]]
                brought = self._brought(subjects[result["id"]].installed)
                name = f"{bay.runner.name}, Python {result['python']}"
                proof = verdict(result, brought, name, bay.moved)
                yield result["id"], proof, is_lasting(result)
            if not results:
                for number in rest:
                    yield number, Unproved(reason=trouble), False
                return

    def _drive(
        self, wheels: Sequence[Mapping[str, Any]], bay: _Bay
    ) -> tuple[list[dict[str, Any]], str]:
        """Run the driver once; give its results, and what it said last."""
        asked, answer = bay.scratch / "asked.json", bay.scratch / "answer"
        script = bay.scratch / "driver.py"
        driver = resources.files(__package__).joinpath("driver.py").read_text("utf-8")
        script.write_text(driver, "utf-8")
        task = {"jobs": self._jobs, "seconds": _SECONDS, "wheels": wheels}
        asked.write_text(json.dumps(task), "utf-8")
        answer.write_bytes(b"")
        log = bay.scratch / "driver.log"
        arguments = (*_FLAGS, str(script), str(asked), str(answer))
        status = self._run((*bay.runner.command, *arguments), bay, log, {})
        lines = [json.loads(line) for line in answer.read_text("utf-8").splitlines(keepends=True)]
        python = lines[0]["python"] if lines else ""
        tail = tail_of(log.read_text("utf-8", "replace"))
        trouble = f"the target's interpreter does not run: {cause_of(tail, status)}"
        return [{**line, "python": python} for line in lines[1:]], trouble

    def _tested(self, subject: Subject, proof: Passed, bay: _Bay) -> tuple[Proof, bool]:
        """Run a package's test command; its leading ``python`` is the target's."""
        log = bay.scratch / f"tests-{subject.wheel.sha256}.log"
        _, *arguments = shlex.split(subject.test)
        tree = bay.trees[subject.installed]
        command = (*bay.runner.command, *_FLAGS, *arguments)
        status = self._run(command, bay, log, {"PYTHONPATH": str(tree)})
        tail = tail_of(replaced(log.read_text("utf-8", "replace"), bay.moved))
        if status == 0:
            return replace(proof, tail=tail), True
        failed = Failed(
            module="", error=cause_of(tail, status), tail=tail, runner=proof.runner, seconds=0.0
        )
        return failed, True

    def _run(self, command: Sequence[str], bay: _Bay, log: Path, more: Mapping[str, str]) -> int:
        """Run a command off the network, with nothing of ours in its environment."""
        home = bay.scratch / "home"
        home.mkdir(exist_ok=True)
        environ = {
            "PATH": os.environ.get("PATH", _PATH),
            "LANG": "C.UTF-8",
            "HOME": str(home),
            "TMPDIR": str(home),
            **bay.runner.environ,
            **more,
        }
        isolated = wrap(command, self._bench.isolation(), writable=(bay.scratch,))
        with log.open("ab") as stream:
            try:
                return self._bench.processes.run(isolated, folder=home, environ=environ, log=stream)
            except TimeLimitError as error:
                stream.write(f"{error}\n".encode())
                return 1

    def _brought(self, wheels: Iterable[Artifact]) -> frozenset[str]:
        facts = self._bench.artifacts.facts
        return frozenset(name for one in wheels for name in facts(one).modules)
