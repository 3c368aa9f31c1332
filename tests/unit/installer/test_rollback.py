from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.unit.installer.houses import make_house, request, tree

from wheelyard.errors import HostError
from wheelyard.installer import Destination, install, transaction

if TYPE_CHECKING:
    from pathlib import Path

OLD = {"tool/__init__.py": b"old", "tool/gone.py": b"", "tool-1.data/scripts/run": b"#!python\n"}
NEW = {"tool/__init__.py": b"new", "tool/more.py": b"", "tool-2.data/scripts/run": b"#!python\n"}


def upgrade(folder: Path) -> None:
    """What every test here interrupts; both houses and the environment are in ``folder``."""
    install(request(folder / "new", Destination("target", folder / "lib")))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    old = make_house(tmp_path / "old", ("tool", "1", OLD), ("stays", "1", None))
    make_house(tmp_path / "new", ("tool", "2", NEW), ("added", "1", None))
    install(request(old, Destination("target", tmp_path / "lib")))
    return tmp_path


@pytest.mark.parametrize("error", [OSError(28, "no space left"), KeyboardInterrupt()], ids=repr)
@pytest.mark.parametrize("call", ["rename", "link", "mkdir", "replace", "fsync", "scandir"])
def test_failure_of_any_call_at_any_time_restores_the_environment(
    call: str, error: BaseException, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tree(folder / "lib")
    wanted = _wanted(folder)
    shutil.copytree(folder / "lib", folder / "kept")
    real = getattr(os, call)
    for step in range(200):
        calls: list[object] = []

        def failing(
            *arguments: object, _calls: list[object] = calls, _step: int = step, **keywords: object
        ) -> object:
            _calls.append(arguments)
            if len(_calls) == _step + 1:
                raise error
            return real(*arguments, **keywords)

        with monkeypatch.context() as patched, contextlib.suppress(HostError, KeyboardInterrupt):
            patched.setattr(os, call, failing)
            upgrade(folder)
        if call == "scandir":  # also what cleans up uses it: the next installation ends that
            transaction.undo(folder / "lib")
        after = tree(folder / "lib")
        if len(calls) <= step:  # it is not called so often: the installation was undisturbed
            break
        assert after in (before, wanted), f"{call} {step}"
        if after == wanted:  # the failure did not matter, as when a folder was there already
            shutil.rmtree(folder / "lib")
            shutil.copytree(folder / "kept", folder / "lib")
    assert step > 0
    assert after == wanted


def _wanted(folder: Path) -> dict[str, bytes | str]:
    shutil.copytree(folder, folder / "wanted")
    upgrade(folder / "wanted")
    return tree(folder / "wanted" / "lib")


_KILLED = """
import os, pathlib, signal, sys
from tests.unit.installer.test_rollback import upgrade
name, step = sys.argv[2], int(sys.argv[3])
real, calls = getattr(os, name), []
def dying(*arguments, **keywords):
    calls.append(1)
    if len(calls) > step:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*arguments, **keywords)
setattr(os, name, dying)
upgrade(pathlib.Path(sys.argv[1]))
"""


@pytest.mark.parametrize("call", ["rename", "link"])
@pytest.mark.parametrize("step", [0, 1, 2, 4, 8, 12])
def test_killed_installation_is_completed_by_the_next_one(
    call: str, step: int, folder: Path
) -> None:
    shutil.copytree(folder, folder / "wanted", symlinks=True)
    upgrade(folder / "wanted")
    command = [sys.executable, "-c", _KILLED, str(folder), call, str(step)]
    killed = subprocess.run(command, check=False)
    assert killed.returncode in {-9, 0}
    upgrade(folder)
    after, wanted = tree(folder / "lib"), tree(folder / "wanted/lib")
    assert after == wanted


def test_new_environment_is_removed_when_its_installation_fails(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fsync(_: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", fsync)
        with pytest.raises(KeyboardInterrupt):
            install(request(folder / "new", Destination("venv", folder / "env")))
    assert not (folder / "env").exists()
