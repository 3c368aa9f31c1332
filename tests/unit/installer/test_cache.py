from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.unit.wheel.making import make_wheel

from wheelyard.errors import VerificationError
from wheelyard.installer.bytecode import bytecode_folder, cached_bytecode
from wheelyard.installer.cache import cached_wheel
from wheelyard.installer.environment import Interpreter, query_interpreter
from wheelyard.wheel import Sha256

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "some/__init__.py": b"answer = 42\n",
    "some/broken.py": b"print 'Python 2'\n",
    "some-1.0.data/scripts/tool": b"#!python\nprint()\n",
    "some-1.0.data/scripts/binary": b"\x7fELF",
}


@pytest.fixture(scope="module")
def interpreter() -> Interpreter:
    from pathlib import Path

    return query_interpreter(Path(sys.executable))


def test_entry_holds_the_content_and_what_the_wheel_says(tmp_path: Path) -> None:
    written = make_wheel(tmp_path, "some", "1.0", FILES)
    entry = cached_wheel(tmp_path / "cache", written.path, written.sha256)
    assert (entry.content / "some/__init__.py").read_bytes() == b"answer = 42\n"
    assert entry.dist_info == "some-1.0.dist-info"
    assert [file.path for file in entry.files if file.script] == ["some-1.0.data/scripts/tool"]
    assert os.access(entry.content / "some-1.0.data/scripts/binary", os.X_OK)


def test_second_use_needs_no_wheel(tmp_path: Path) -> None:
    written = make_wheel(tmp_path, "some", "1.0", FILES)
    first = cached_wheel(tmp_path / "cache", written.path, written.sha256)
    written.path.unlink()
    assert cached_wheel(tmp_path / "cache", written.path, written.sha256) == first


@pytest.mark.parametrize("damage", ["edited", "removed", "same-size"])
def test_touched_entry_is_made_again(damage: str, tmp_path: Path) -> None:
    written = make_wheel(tmp_path, "some", "1.0", FILES)
    entry = cached_wheel(tmp_path / "cache", written.path, written.sha256)
    file = entry.content / "some/__init__.py"
    if damage == "removed":
        file.unlink()
    else:
        file.write_bytes(b"answer = 43\n" if damage == "same-size" else b"evil")
    again = cached_wheel(tmp_path / "cache", written.path, written.sha256)
    assert (again.content / "some/__init__.py").read_bytes() == b"answer = 42\n"
    assert len(list(entry.folder.parent.iterdir())) == 1


def test_wheel_with_another_digest_is_not_kept(tmp_path: Path) -> None:
    written = make_wheel(tmp_path, "some", "1.0", FILES)
    with pytest.raises(VerificationError, match="changed while it was read"):
        cached_wheel(tmp_path / "cache", written.path, Sha256("0" * 64))
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]


def test_several_processes_make_one_entry(tmp_path: Path) -> None:
    written = make_wheel(tmp_path, "some", "1.0", {f"some/{i}.py": b"" for i in range(200)})
    script = (
        "import pathlib, sys; from wheelyard.installer.cache import cached_wheel\n"
        "entry = cached_wheel(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3])\n"
        "assert len(entry.files) == 203"
    )
    arguments = map(str, (tmp_path / "cache", written.path, written.sha256))
    command = [sys.executable, "-c", script, *arguments]
    processes = [subprocess.Popen(command) for _ in range(4)]
    assert [process.wait(60) for process in processes] == [0, 0, 0, 0]
    entries = (tmp_path / "cache" / "wheels-2" / written.sha256[:2]).iterdir()
    assert [path.name for path in entries] == [written.sha256]


def test_bytecode_is_made_once_and_without_what_does_not_compile(
    tmp_path: Path, interpreter: Interpreter
) -> None:
    written = make_wheel(tmp_path, "some", "1.0", FILES)
    entry = cached_wheel(tmp_path / "cache", written.path, written.sha256)
    (files,) = cached_bytecode([entry], interpreter)
    names = [file.path for file in files]
    assert names == [f"some/__pycache__/__init__.{interpreter.cache_tag}.pyc"]
    assert cached_bytecode([entry], interpreter) == (files,)


def test_touched_bytecode_is_made_again(tmp_path: Path, interpreter: Interpreter) -> None:
    written = make_wheel(tmp_path, "some", "1.0", FILES)
    entry = cached_wheel(tmp_path / "cache", written.path, written.sha256)
    (files,) = cached_bytecode([entry], interpreter)
    path = bytecode_folder(entry, interpreter) / files[0].path
    good = path.read_bytes()
    path.write_bytes(b"evil")
    cached_bytecode([entry], interpreter)
    assert path.read_bytes() == good
