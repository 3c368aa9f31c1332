"""Bytecode for unpacked wheels, made once by the target interpreter and kept in the cache.

A ``.pyc`` holds its source's size and modification time, which a hard link shares, so it stays
valid in every environment; the path within is put right by Python when it loads the file.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from wheelyard.errors import HostError
from wheelyard.installer.cache import CachedFile, publish, untouched

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wheelyard.installer.cache import UnpackedWheel
    from wheelyard.installer.environment import Interpreter
    from wheelyard.wheel.names import Sha256

_INDEX = "index.json"

# Runs under the target interpreter: [[content, output, [names]]…] on its standard input. A file
# that does not compile (another Python's syntax, a template) simply gets no bytecode, as with pip.
_COMPILE = """
import json, os, py_compile, sys, warnings
warnings.simplefilter("ignore")
for content, output, names in json.load(sys.stdin):
    for name in names:
        folder, _, file = name.rpartition("/")
        stem = file[:-3] + "." + sys.implementation.cache_tag + ".pyc"
        target = os.path.join(output, folder, "__pycache__", stem)
        try:
            py_compile.compile(
                os.path.join(content, name), target, name, doraise=True,
                invalidation_mode=py_compile.PycInvalidationMode.TIMESTAMP)
        except (py_compile.PyCompileError, ValueError, RecursionError):
            pass
"""


def cached_bytecode(
    wheels: Sequence[UnpackedWheel], interpreter: Interpreter
) -> tuple[tuple[CachedFile, ...], ...]:
    """Return each wheel's bytecode files below its :func:`bytecode_folder`.

    What the cache lacks, or what was touched, is compiled now in one run of the interpreter.

    Raises:
        HostError: the interpreter failed.
    """
    found = {wheel.sha256: _load(bytecode_folder(wheel, interpreter)) for wheel in wheels}
    missing = [wheel for wheel in wheels if found[wheel.sha256] is None]
    if missing:
        found.update(_compile(missing, interpreter))
    return tuple(found[wheel.sha256] or () for wheel in wheels)


def balance(wheels: Sequence[UnpackedWheel], jobs: int) -> list[list[UnpackedWheel]]:
    """Share out ``wheels`` so that each of ``jobs`` gets about as many bytes to compile."""
    batches: list[list[UnpackedWheel]] = [[] for _ in range(jobs)]
    loads = [0] * jobs
    for size, wheel in sorted(((_size(wheel), wheel) for wheel in wheels), key=lambda p: -p[0]):
        least = loads.index(min(loads))
        batches[least].append(wheel)
        loads[least] += size
    return batches


def _size(wheel: UnpackedWheel) -> int:
    return sum(file.size for file in wheel.files if file.path.endswith(".py"))


def bytecode_folder(wheel: UnpackedWheel, interpreter: Interpreter) -> Path:
    """Return where a wheel's bytecode for an interpreter is kept; it may not exist yet."""
    return wheel.folder / f"bytecode-{interpreter.cache_tag}-{interpreter.magic}"


def _compile(
    wheels: Sequence[UnpackedWheel], interpreter: Interpreter
) -> dict[Sha256, tuple[CachedFile, ...]]:
    made = {}
    with ExitStack() as stack:
        scratches = [stack.enter_context(_scratch(wheel.folder)) for wheel in wheels]
        _run(interpreter.executable, [_job(*pair) for pair in zip(wheels, scratches)])
        for wheel, scratch in zip(wheels, scratches):
            (scratch / _INDEX).write_text(json.dumps(_list_files(scratch)), "utf-8")
            folder = bytecode_folder(wheel, interpreter)
            made[wheel.sha256] = publish(scratch, folder, partial(_load, folder))
    return made


@contextmanager
def _scratch(parent: Path) -> Iterator[Path]:
    scratch = Path(tempfile.mkdtemp(dir=parent, prefix=".bytecode-"))
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _job(wheel: UnpackedWheel, output: Path) -> tuple[str, str, list[str]]:
    data = f"{wheel.dist_info[: -len('.dist-info')]}.data/"
    importable = (f"{data}purelib/", f"{data}platlib/")
    names = [
        file.path
        for file in wheel.files
        if file.path.endswith(".py")
        and (not file.path.startswith(data) or file.path.startswith(importable))
    ]
    return str(wheel.content), str(output), names


def _run(python: str, jobs: list[tuple[str, str, list[str]]]) -> None:
    done = subprocess.run(
        [python, "-I", "-S", "-c", _COMPILE],
        input=json.dumps(jobs),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["it gave no reason"])[-1]
        raise HostError(f"{python}: compiling failed ({reason}); install with --no-compile")


def _list_files(root: Path) -> list[CachedFile]:
    files = []
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        status = path.stat()
        name = path.relative_to(root).as_posix()
        files.append(CachedFile(name, "", status.st_size, status.st_mtime_ns, script=False))
    return files


def _load(folder: Path) -> tuple[CachedFile, ...] | None:
    try:
        rows = json.loads((folder / _INDEX).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    files = tuple(CachedFile(*row) for row in rows)
    return files if untouched(f"{folder}/", files) else None
