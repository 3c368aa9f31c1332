"""Wheels imported by an interpreter: what loads, and everything that may go wrong with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import markupsafe._speedups
import pytest
from tests.unit.wheel.making import make_wheel

from wheelyard.builders.artifacts import Artifacts
from wheelyard.builders.interpreters import own_interpreter
from wheelyard.builders.isolation import detect_isolation
from wheelyard.builders.pep517 import Bench
from wheelyard.builders.processes import Processes, ProcessLimits
from wheelyard.builders.prove import Prover
from wheelyard.cli import main
from wheelyard.plans.proof import Failed, Passed, Proof, Subject, Unproved
from wheelyard.plans.step import Artifact
from wheelyard.store.store import Store
from wheelyard.targets.detect import detect_this

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wheelyard.builders.interpreters import Interpreter

_SPEEDUPS = Path(markupsafe._speedups.__file__ or "").read_bytes()
_SUFFIX = detect_this().python.ext_suffix
_NOISE = b"""
import os, sys, warnings
warnings.warn("old")
print("{" * 100_000)
print("not JSON", file=sys.stderr)
assert sys.stdin.read() == ""
"""
# What is imported may find the file that results are written to.
_MEDDLING = b"""
import pathlib
with pathlib.Path("../answer").open("a") as answer:
    answer.write('garbage\\n[]\\n{"id": 99, "seconds": 0, "imported": ["x"], "problems": []}\\n')
    answer.write('{"id": 0, "seconds": 0, "imported": [], "problems": []}\\n{"id": "0"}\\n')
"""
WHEELS: Mapping[str, Mapping[str, bytes]] = {
    "good": {
        "good/__init__.py": _NOISE + b"from good.sub import answer\n",
        "good/sub.py": b"from leaned import answer\n",
        "good.pth": b"import sys; sys.path.insert(0, 'seen')\n",
        f"good/_speedups{_SUFFIX}": _SPEEDUPS,
        "good/_raw_library.abi3.so": _SPEEDUPS,
        "good/_of_another.cpython-27m-vax.so": _SPEEDUPS,
    },
    "leaned": {"leaned.py": b"answer = 42\n"},
    "crashes": {"crashes.py": b"import ctypes\nctypes.string_at(0)\n"},
    "loops": {"loops.py": b"while True: pass\n"},
    "raises": {"raises.py": b"def load():\n    raise RuntimeError('no device')\nload()\n"},
    "leaves": {"leaves.py": b"raise SystemExit(0)\n"},
    "vanishes": {"vanishes.py": b"import os\nos._exit(0)\n"},
    "lacks": {"lacks/__init__.py": b"import leaned\nimport nowhere.to_be_found\n"},
    "broken": {"broken/__init__.py": b"from broken import _missing\n"},
    "newer": {"newer.py": b"import leaned.not_there\n"},
    "meddles": {"meddles.py": _MEDDLING},
    "folders": {"folders/data.txt": b"no module\n"},
}
NATIVE = ("good/_of_another.cpython-27m-vax.so", "good/_raw_library.abi3.so")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store(tmp_path_factory.mktemp("prove") / "store") as opened:
        yield opened


@pytest.fixture(scope="module")
def wheels(store: Store) -> Mapping[str, Artifact]:
    made = {}
    for name, files in WHEELS.items():
        with store.scratch() as folder:
            written = make_wheel(folder, name, "1.0", files)
            digest = store.add(written.path)
        made[name] = Artifact(filename=written.path.name, sha256=digest, size=written.size)
    return made


def subject(name: str, wheels: Mapping[str, Artifact], test: str = "") -> Subject:
    return Subject(
        wheel=wheels[name],
        installed=tuple(wheels.values()),
        modules=() if name == "folders" else (name,),
        native=(*NATIVE, f"good/_speedups{_SUFFIX}") if name == "good" else (),
        test=test,
    )


class _Nothing:
    """Stands for what proving on this machine's own Python must not ask for."""

    def __getattr__(self, name: str) -> NoReturn:
        raise AssertionError(name)

    def __call__(self, *asked: object) -> NoReturn:
        raise AssertionError(asked)


def prover(store: Store, *, seconds: int = 600, interpreter: object = None) -> Prover:
    def own(version: str) -> Interpreter:
        found = own_interpreter(version)
        assert found is not None
        return found

    nothing = _Nothing()
    bench = Bench(
        artifacts=Artifacts(store, nothing),
        processes=Processes(ProcessLimits()),
        isolation=detect_isolation,
        lock=nothing,  # type: ignore[arg-type]
        lock_for_host=nothing,  # type: ignore[arg-type]
        interpreter=interpreter or own,  # type: ignore[arg-type]
        sysroots=nothing,  # type: ignore[arg-type]
    )
    return Prover(bench, jobs=3, seconds=seconds)


@pytest.fixture(scope="module")
def notes() -> list[str]:
    return []


@pytest.fixture(scope="module")
def proofs(store: Store, wheels: Mapping[str, Artifact], notes: list[str]) -> Mapping[str, Proof]:
    asked = [subject(name, wheels) for name in WHEELS]
    found = prover(store, seconds=5)(detect_this(), asked, notes.append)
    return {name: found[wheel.sha256] for name, wheel in wheels.items()}


def test_modules_and_extension_modules_are_imported_whatever_they_print(
    proofs: Mapping[str, Proof], notes: list[str]
) -> None:
    good = proofs["good"]
    assert isinstance(good, Passed)
    assert good.modules == ("good", "good._speedups")
    assert good.runner.startswith("native, Python 3.")
    assert isinstance(proofs["leaned"], Passed)
    assert isinstance(proofs["meddles"], Passed)
    assert notes == [f"proving {len(WHEELS)} wheels for this"]


@pytest.mark.parametrize(
    ("name", "error", "told"),
    [
        ("crashes", "killed by SIGSEGV", "string_at"),
        ("loops", "it was not done after 5 s", "loops.py"),
        ("raises", "RuntimeError: no device", "in load"),
        ("leaves", "SystemExit: 0", "raise SystemExit"),
        ("vanishes", "the interpreter ended in the midst of it", ""),
        ("broken", "ImportError: cannot import name '_missing'", "from broken"),
        ("newer", "ModuleNotFoundError: No module named 'leaned.not_there'", "import leaned"),
    ],
)
def test_what_can_not_be_imported_tells_which_module_and_why(
    proofs: Mapping[str, Proof], name: str, error: str, told: str
) -> None:
    failed = proofs[name]
    assert isinstance(failed, Failed)
    assert failed.module == name
    assert failed.error.startswith(error)
    text = "\n".join(failed.tail)
    assert told in text
    assert "scratch" not in text, "the same failure reads the same each time"


def test_what_needs_a_module_of_nobodys_is_unproved(proofs: Mapping[str, Proof]) -> None:
    lacks = proofs["lacks"]
    assert lacks == Unproved(reason="lacks imports nowhere, which nothing it depends on brings")
    assert proofs["folders"] == Unproved(reason="it brings no module that could be imported")


@pytest.mark.usefixtures("proofs")
def test_what_was_proved_is_not_proved_again(store: Store, wheels: Mapping[str, Artifact]) -> None:
    asked = [subject(name, wheels) for name in WHEELS if name not in {"loops", "folders"}]
    found = prover(store, interpreter=_Nothing())(detect_this(), asked, pytest.fail)
    assert len(found) == len(asked)


def test_tests_are_run_by_the_same_interpreter(
    store: Store, wheels: Mapping[str, Artifact]
) -> None:
    code = "import good, sys; print('tested', good.answer, sys.flags.no_site, file=sys.stderr)"
    passed, failed = (
        prover(store)(detect_this(), [subject("good", wheels, test)], lambda _: None)
        for test in (f'python -c "{code}"', "python -m nowhere")
    )
    (proof,) = passed.values()
    assert isinstance(proof, Passed)
    assert proof.tail[-1] == "tested 42 1"
    (proof,) = failed.values()
    assert isinstance(proof, Failed)
    assert proof.module == ""
    assert proof.error.endswith("No module named nowhere")


def test_wheels_that_write_the_same_file_are_unproved(store: Store) -> None:
    made = []
    for name in ("one", "two"):
        with store.scratch() as folder:
            written = make_wheel(folder, name, "1.0", {"same.py": name.encode()})
            digest = store.add(written.path)
        made.append(Artifact(filename=written.path.name, sha256=digest, size=written.size))
    both = tuple(made)
    asked = Subject(wheel=both[0], installed=both, modules=("same",), native=())
    (proof,) = prover(store)(detect_this(), [asked], lambda _: None).values()
    assert isinstance(proof, Unproved)
    assert "can't be installed together" in proof.reason


_CRASH = b"""
#include <Python.h>
#include <signal.h>
PyMODINIT_FUNC PyInit_faulty(void) { raise(SIGSEGV); return NULL; }
"""


@pytest.mark.network
def test_a_cross_built_module_that_crashes_is_no_wheel(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Under emulation, and by way of the command line; no Python for musl can be had."""
    monkeypatch.setenv("UV_PYTHON_INSTALL_MIRROR", (tmp_path / "nothing").as_uri())
    assert request.config.cache is not None
    store = request.config.cache.mkdir("cross-store")
    source = tmp_path / "faulty"
    source.mkdir()
    (source / "faulty.c").write_bytes(_CRASH)
    (source / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
        '[project]\nname = "faulty"\nversion = "1"\n'
        '[tool.setuptools]\next-modules = [{name = "faulty", sources = ["faulty.c"]}]\n'
    )
    requirements = ("markupsafe==3.0.3", f"faulty @ {source.as_uri()}", "--no-binary=markupsafe")
    targets = ("-t", "debian-12-arm64", "-t", "musllinux_1_2_aarch64", "--python", "3.11")
    places = ("--store", str(store), "-o", str(tmp_path / "out"))
    status = main(["build", "--no-progress", *requirements, *targets, *places])
    assert status == 4
    assert "faulty can't be imported" in capsys.readouterr().err
    manifest = json.loads((tmp_path / "out/debian-12-arm64/manifest.json").read_text())
    (wheel,) = manifest["wheels"]
    assert wheel["proof"]["outcome"] == "passed"
    assert wheel["proof"]["modules"] == ["markupsafe", "markupsafe._speedups"]
    assert wheel["proof"]["runner"].startswith("qemu-aarch64 ")
    (failure,) = manifest["failures"]
    assert "faulty can't be imported: killed by SIGSEGV (qemu-aarch64" in failure["cause"]
    other = json.loads((tmp_path / "out/musllinux_1_2_aarch64/manifest.json").read_text())
    reasons = {one["proof"]["reason"] for one in other["wheels"]}
    where = "musllinux_1_2_aarch64 has no interpreter here: "
    assert reasons == {f"{where}there is no sysroot with musl to import it in"}
