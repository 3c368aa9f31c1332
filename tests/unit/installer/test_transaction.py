from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from tests.unit.installer.houses import tree

from wheelyard.errors import HostError
from wheelyard.installer import transaction

if TYPE_CHECKING:
    from pathlib import Path


def nothing(_: str) -> bool:
    return False


def fill(prefix: Path) -> None:
    """An old package ``a``, and in staging a new ``a``, a new ``b`` and a shared folder."""
    for path in ("lib/a/__init__.py", "lib/a/old.py", "lib/shared/other.py", "bin/a"):
        (prefix / path).parent.mkdir(parents=True, exist_ok=True)
        (prefix / path).write_text(f"old {path}")


def stage(prefix: Path) -> None:
    for path in (
        "lib/a/__init__.py",
        "lib/b/__init__.py",
        "lib/b/c/d.py",
        "lib/shared/b.py",
        "bin/a",
    ):
        target = prefix / transaction.NEW / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(f"new {path}")


OLD = ("lib/a/__init__.py", "lib/a/old.py", "bin/a")


def exchange(prefix: Path) -> None:
    with transaction.exclusive(prefix):
        stage(prefix)
        moves = transaction.plan_moves(prefix, OLD, nothing)
        assert not moves.blocked
        transaction.commit(prefix, moves, ("lib", "bin"))


def test_new_folder_is_one_rename(tmp_path: Path) -> None:
    with transaction.exclusive(tmp_path):
        stage(tmp_path)
        moves = transaction.plan_moves(tmp_path, (), nothing)
    new = transaction.NEW
    assert moves.pairs == ((f"{new}/bin", "bin"), (f"{new}/lib", "lib"))


def test_files_are_exchanged_and_empty_folders_removed(tmp_path: Path) -> None:
    fill(tmp_path)
    (tmp_path / "lib/a/gone").mkdir()
    (tmp_path / "lib/a/gone/x.py").touch()
    with transaction.exclusive(tmp_path):
        stage(tmp_path)
        moves = transaction.plan_moves(tmp_path, (*OLD, "lib/a/gone/x.py"), nothing)
        transaction.commit(tmp_path, moves, ("lib", "bin"))
    files = {path: text for path, text in tree(tmp_path).items() if text != "other"}
    assert files == {
        "lib/a/__init__.py": b"new lib/a/__init__.py",
        "lib/b/__init__.py": b"new lib/b/__init__.py",
        "lib/b/c/d.py": b"new lib/b/c/d.py",
        "lib/shared/b.py": b"new lib/shared/b.py",
        "lib/shared/other.py": b"old lib/shared/other.py",
        "bin/a": b"new bin/a",
    }
    assert not (tmp_path / "lib/a/gone").exists()


def test_file_in_the_way_blocks_and_is_named(tmp_path: Path) -> None:
    fill(tmp_path)
    with transaction.exclusive(tmp_path):
        stage(tmp_path)
        assert transaction.plan_moves(tmp_path, OLD[1:], nothing).blocked == ("lib/a/__init__.py",)
        replaced = transaction.plan_moves(tmp_path, OLD[1:], lambda _: True)
    assert not replaced.blocked
    assert "lib/a/__init__.py" in replaced.removed


def test_link_in_the_place_of_a_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "prefix").mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "prefix" / "lib").symlink_to(tmp_path / "outside")
    with transaction.exclusive(tmp_path / "prefix"):
        stage(tmp_path / "prefix")
        assert transaction.plan_moves(tmp_path / "prefix", (), nothing).blocked == ("lib",)


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
@pytest.mark.parametrize("step", range(9))
def test_failure_at_any_rename_restores_everything(
    step: int, error: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path)
    before = tree(tmp_path)
    calls = []
    real = os.rename

    def rename(source: Path, target: Path) -> None:
        calls.append(source)
        if len(calls) == step + 1:
            raise error
        real(source, target)

    monkeypatch.setattr(os, "rename", rename)
    if step < 7:
        with pytest.raises(error):
            exchange(tmp_path)
        assert tree(tmp_path) == before
    else:  # there are seven renames: this one never comes
        exchange(tmp_path)
        assert len(calls) == 7


_KILLED = """
import os, pathlib, signal, sys
from tests.unit.installer.test_transaction import exchange
step, name = int(sys.argv[2]), sys.argv[3]
real, calls = getattr(os, name), []
def dying(*arguments, **keywords):
    calls.append(1)
    if len(calls) > step:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*arguments, **keywords)
setattr(os, name, dying)
exchange(pathlib.Path(sys.argv[1]))
"""


@pytest.mark.parametrize(
    ("call", "step"), [*(("rename", step) for step in range(7)), ("replace", 0), ("fsync", 0)]
)
def test_killed_installation_is_undone_by_the_next_one(
    call: str, step: int, tmp_path: Path
) -> None:
    fill(tmp_path)
    before = tree(tmp_path)
    killed = subprocess.run([sys.executable, "-c", _KILLED, tmp_path, str(step), call], check=False)
    assert killed.returncode == -9
    assert (tmp_path / transaction.FOLDER).exists()
    with transaction.exclusive(tmp_path):
        pass
    assert tree(tmp_path) == before


def test_killed_after_the_journal_is_gone_counts_as_done(tmp_path: Path) -> None:
    fill(tmp_path)
    exchange(tmp_path)
    done = tree(tmp_path)
    (tmp_path / transaction.FOLDER / "old").mkdir(parents=True)
    (tmp_path / transaction.FOLDER / "old" / "0").touch()
    with transaction.exclusive(tmp_path):
        pass
    assert tree(tmp_path) == done


def test_second_installation_waits_for_the_first(tmp_path: Path) -> None:
    script = (
        "import pathlib, sys; from wheelyard.installer import transaction\n"
        "with transaction.exclusive(pathlib.Path(sys.argv[1])): print('in', flush=True)"
    )
    with transaction.exclusive(tmp_path):
        other = subprocess.Popen(
            [sys.executable, "-c", script, tmp_path], stdout=subprocess.PIPE, text=True
        )
        time.sleep(0.3)
        assert other.poll() is None
    assert other.communicate(timeout=20)[0] == "in\n"


def test_journal_lists_every_rename_before_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path)
    seen = []

    def rename(source: object, _: object) -> None:
        seen.append(json.loads((tmp_path / transaction.FOLDER / "journal.json").read_text()))
        raise OSError(str(source))

    monkeypatch.setattr(os, "rename", rename)
    with pytest.raises(OSError, match="lib"):
        exchange(tmp_path)
    assert len(seen[0]) == 7


@pytest.mark.parametrize(
    "text",
    ["", "{", "5", "[5]", '[["a"]]', '[["a", 1]]', '[["a", "../b"]]', '[["/a", "b"]]', b"\xff"],
)
def test_garbled_journal_is_named_with_the_way_out(text: str | bytes, tmp_path: Path) -> None:
    journal = tmp_path / transaction.FOLDER / "journal.json"
    journal.parent.mkdir()
    journal.write_bytes(text if isinstance(text, bytes) else text.encode())
    refused = pytest.raises(HostError, match=r"journal\.json: it is garbled.*--force-reinstall")
    with refused, transaction.exclusive(tmp_path):
        pass
    assert journal.exists()
