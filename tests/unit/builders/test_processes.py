from __future__ import annotations

import os
import pickle
import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from wheelyard.builders.isolation import Isolation, wrap
from wheelyard.builders.processes import Processes, ProcessLimits, TimeLimitError, limited

if TYPE_CHECKING:
    from collections.abc import Mapping

ENVIRON: Mapping[str, str] = {"PATH": os.environ["PATH"], "GREETING": "hello"}


def run(processes: Processes, folder: Path, script: str) -> tuple[int, str]:
    log = folder / "log"
    with log.open("ab") as stream:
        status = processes.run(("sh", "-c", script), folder=folder, environ=ENVIRON, log=stream)
    return status, log.read_text()


def is_running(process: int) -> bool:
    """Whether a process is there and no zombie that nobody has reaped yet."""
    try:
        text = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return text.rpartition(")")[2].split()[0] != "Z"


def until(path: Path) -> str:
    while not (path.exists() and path.read_text().endswith("\n")):
        time.sleep(0.01)
    return path.read_text().strip()


def test_output_of_both_kinds_and_the_status_are_kept(tmp_path: Path) -> None:
    script = "echo $GREETING; echo oh >&2; pwd; exit 3"
    assert run(Processes(ProcessLimits()), tmp_path, script) == (3, f"hello\noh\n{tmp_path}\n")


def test_signal_is_a_negative_status(tmp_path: Path) -> None:
    assert run(Processes(ProcessLimits()), tmp_path, "kill -9 $$")[0] == -signal.SIGKILL


def test_child_has_no_input(tmp_path: Path) -> None:
    assert run(Processes(ProcessLimits()), tmp_path, "cat; echo end") == (0, "end\n")


def test_time_limit_ends_the_whole_group(tmp_path: Path) -> None:
    script = "sleep 600 & echo $! > grandchild; wait"
    with pytest.raises(TimeLimitError, match="stopped after 1 s"):
        run(Processes(ProcessLimits(seconds=1)), tmp_path, script)
    grandchild = int((tmp_path / "grandchild").read_text())
    while is_running(grandchild):
        time.sleep(0.01)


def test_what_a_child_leaves_behind_is_ended(tmp_path: Path) -> None:
    run(Processes(ProcessLimits()), tmp_path, "sleep 600 & echo $! > grandchild")
    grandchild = int((tmp_path / "grandchild").read_text())
    while is_running(grandchild):
        time.sleep(0.01)


def test_stop_ends_what_runs_and_starts_nothing_more(tmp_path: Path) -> None:
    processes = Processes(ProcessLimits())
    statuses: list[int] = []
    script = "echo $$ > child; sleep 600"
    thread = threading.Thread(target=lambda: statuses.append(run(processes, tmp_path, script)[0]))
    thread.start()
    until(tmp_path / "child")
    processes.stop()
    thread.join()
    assert statuses == [-signal.SIGKILL]
    with pytest.raises(KeyboardInterrupt):
        run(processes, tmp_path, "true")


def test_memory_limit_stands_in_front_of_the_command(tmp_path: Path) -> None:
    assert limited(("cc", "a b"), 0)[-2:] == ("cc", "a b")
    processes = Processes(ProcessLimits(memory=512))
    assert run(processes, tmp_path, "ulimit -v") == (0, f"{512 * 1024}\n")


def test_time_limit_survives_pickle() -> None:
    error = TimeLimitError(7)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301


def test_bubblewrap_opens_no_more_than_what_is_named() -> None:
    command = wrap(("cc", "x"), Isolation.BUBBLEWRAP, writable=(Path("/a"), Path("/b c")))
    assert command[0] == "bwrap"
    assert command[-3:] == ("--", "cc", "x")
    text = " ".join(command)
    assert "--ro-bind / / " in text
    assert "--unshare-all" in text
    assert "--bind /a /a --bind /b c /b c -- cc x" in text


def test_unshare_takes_the_network_and_what_is_started() -> None:
    command = wrap(("cc", "x"), Isolation.UNSHARE, writable=())
    assert command[0] == "unshare"
    assert command[-3:] == ("--", "cc", "x")
    assert {"--net", "--kill-child"} <= set(command)


def test_without_isolation_the_command_is_as_it_was() -> None:
    assert wrap(["cc", "x"], Isolation.NONE, writable=(Path("/a"),)) == ("cc", "x")
