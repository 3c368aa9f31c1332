from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.unit.installer.houses import make_house, request

from wheelyard.errors import HostError, UsageError
from wheelyard.installer import Destination, install
from wheelyard.installer.claim import claimed

_INSTALL = """
import pathlib, sys
from tests.unit.installer.houses import request
from wheelyard.installer import Destination, install
install(request(pathlib.Path(sys.argv[1]), Destination(sys.argv[2], pathlib.Path(sys.argv[3]))))
"""
_HOLD = """
import pathlib, sys
from wheelyard.installer.claim import claimed
with claimed(pathlib.Path(sys.argv[1])) as is_empty:
    pathlib.Path(sys.argv[1], "mine").touch()
    print(is_empty, flush=True)
    if sys.stdin.readline() == "fail":
        raise SystemExit(3)
"""


@pytest.mark.parametrize("kind", ["venv", "target"])
@pytest.mark.parametrize("offset", [0.0, 0.1, 0.25])
def test_two_installations_into_one_missing_folder_are_both_whole(
    kind: str, offset: float, tmp_path: Path
) -> None:
    houses = [make_house(tmp_path / name, (name, "1", None)) for name in ("one", "two")]
    running = []
    for house in houses:
        command = [sys.executable, "-c", _INSTALL, str(house), kind, str(tmp_path / "new" / "env")]
        running.append(subprocess.Popen(command))
        time.sleep(offset)
    assert [process.wait() for process in running] == [0, 0]
    env = tmp_path / "new" / "env"
    for name in ("one", "two"):
        assert len(list(env.rglob(f"{name}/__init__.py"))) == 1
        assert len(list(env.rglob(f"{name}-1.dist-info/RECORD"))) == 1
    assert not list(env.glob(".wheelyard*"))


def _start(command: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


@pytest.mark.parametrize(("ending", "status"), [("done", 0), ("fail", 3)])
def test_who_waits_finds_the_folder_finished_or_gone(
    ending: str, status: int, tmp_path: Path
) -> None:
    folder = tmp_path / "new"
    command = [sys.executable, "-c", _HOLD, str(folder)]
    with _start(command) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "True\n"
        with _start(command) as waiter:
            holder.communicate(ending)
            assert waiter.communicate("done")[0] == f"{ending == 'fail'}\n"
    assert (holder.returncode, waiter.returncode) == (status, 0)
    assert [path.name for path in folder.iterdir()] == ["mine"]


def test_interrupt_right_behind_the_marker_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), claimed(tmp_path / "new"):
        raise KeyboardInterrupt
    assert not list(tmp_path.iterdir())


def test_lock_of_a_killed_installation_is_free(tmp_path: Path) -> None:
    (tmp_path / ".wheelyard-lock").touch()
    with claimed(tmp_path) as is_empty:
        assert is_empty
    assert not list(tmp_path.iterdir())


def test_file_in_the_place_of_the_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place in (tmp_path / "file", tmp_path / "file" / "env"):
        with pytest.raises(UsageError, match="something else than a folder"), claimed(place):
            pass


def test_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    house = make_house(tmp_path / "house", ("a", "1", None))
    with pytest.raises(HostError, match=r"/proc/x: .*name another folder"):
        install(request(house, Destination("venv", Path("/proc/x"))))
