"""A build that attacks: the network, the time and memory limits, the processes it leaves."""

from __future__ import annotations

import json
import os
import socket
import tarfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.integration.conftest import make_sdist

from wheelyard.builders.isolation import Isolation, detect_isolation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.conftest import Run


# A container that forbids user namespaces has neither; there, only the network is kept away.
LOCKED = pytest.mark.skipif(
    detect_isolation() not in {Isolation.BUBBLEWRAP, Isolation.NAMESPACES},
    reason="neither bubblewrap nor mounts of a namespace's own can be had on this machine",
)


@pytest.fixture
def listener() -> Iterator[tuple[int, list[str]]]:
    """A server on loopback that notes every connection."""
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(0.1)
    heard: list[str] = []
    closing = threading.Event()

    def listen() -> None:
        while not closing.is_set():
            try:
                connection, address = server.accept()
            except TimeoutError:
                continue
            connection.close()
            heard.append(address[0])

    thread = threading.Thread(target=listen)
    thread.start()
    yield server.getsockname()[1], heard
    closing.set()
    thread.join()
    server.close()


def attack(folder: Path, code: str) -> Path:
    links = folder / "attack"
    links.mkdir()
    make_sdist(links, "attacker", "1.0", extra=code)
    return links


def test_a_build_can_not_reach_the_network(
    run: Run, tmp_path: Path, listener: tuple[int, list[str]]
) -> None:
    port, heard = listener
    links = attack(tmp_path, f"import socket; socket.create_connection(('127.0.0.1', {port}), 5)")
    done = run("build", "attacker", "--no-deps", "-f", links, "-o", "out")
    assert done.status == 4
    assert heard == []
    manifest = json.loads((tmp_path / "out" / "this" / "manifest.json").read_text())
    assert "OSError" in manifest["failures"][0]["cause"] or "refused" in str(manifest["failures"])


def test_the_same_build_passes_when_it_does_not_attack(run: Run, tmp_path: Path) -> None:
    links = attack(tmp_path, "import socket; socket.socket().close()")
    assert run("build", "attacker", "--no-deps", "-f", links, "-o", "out").status == 0


WRITES = """
import os, pathlib, sys, tempfile
beside = pathlib.Path(sys.argv[-1]).parent  # where other builds exchange files with their backends
for place in (*PLACES, beside / "wheelyard-attack"):
    try:
        pathlib.Path(place).write_text("attacked")
    except OSError:
        continue
    raise SystemExit(f"wrote to {place}")
for folder in (tempfile.gettempdir(), "."):
    pathlib.Path(folder, "mine").write_text("may be")
"""


@LOCKED
def test_a_build_writes_to_its_own_folders_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "store" / "tools").mkdir(parents=True)
    targets = [tmp_path, tmp_path / "store", tmp_path / "store" / "tools", Path.home(), "/tmp"]  # noqa: S108
    places = [f"{folder}/wheelyard-attack" for folder in targets]
    places += [f"/proc/{os.getpid()}/comm", "/dev/wheelyard-attack/x", "/sys/kernel/x"]
    code = f"PLACES = {places!r}" + WRITES
    links = attack(tmp_path, f"exec({code!r})")
    done = run("build", "attacker", "--no-deps", "-f", links, "-o", "out")
    assert done.status == 0, done.err
    assert not list(tmp_path.rglob("wheelyard-attack"))


UNLOCKS = """
import ctypes, os, subprocess
MS_REMOUNT, MS_BIND = 32, 4096
libc = ctypes.CDLL(None, use_errno=True)
if libc.mount(None, b"/", None, MS_REMOUNT | MS_BIND, None) == 0:
    raise SystemExit("the root may be written again")
again = ["unshare", "--user", "--map-root-user", "--mount", "mount", "-o", "remount,bind,rw", "/"]
if subprocess.run(again, check=False).returncode == 0:
    raise SystemExit("the root may be written again in a namespace of its own")
for setting in ("sys/kernel/core_pattern", "sysrq-trigger", "self/oom_score_adj"):
    try:
        open(f"/proc/{setting}", "r+").close()
    except OSError:
        continue
    raise SystemExit(f"/proc/{setting} may be written")
if os.path.exists(f"/proc/{PID}/environ"):
    raise SystemExit("other processes are seen")
"""


@LOCKED
def test_a_build_does_not_unlock_what_is_locked(run: Run, tmp_path: Path) -> None:
    code = f"PID = {os.getpid()}" + UNLOCKS
    links = attack(tmp_path, f"exec({code!r})")
    done = run("build", "attacker", "--no-deps", "-f", links, "-o", "out")
    assert done.status == 0, done.err


@pytest.mark.parametrize("place", ["link", "other/../real"])
def test_a_store_may_be_named_by_any_path(run: Run, tmp_path: Path, place: str) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "link").symlink_to("real")
    links = attack(tmp_path, "open('mine', 'w').close()")
    done = run("build", "attacker", "--no-deps", "-f", links, "--store", tmp_path / place)
    assert done.status == 0, done.err


def test_a_build_that_does_not_end_is_ended(run: Run, tmp_path: Path) -> None:
    links = attack(tmp_path, "time.sleep(600)")
    done = run("build", "attacker", "--no-deps", "-f", links, "--build-timeout", "3")
    assert done.status == 4
    assert "stopped after 3 s" in done.err


def test_a_build_that_wants_too_much_memory_is_refused_it(run: Run, tmp_path: Path) -> None:
    links = attack(tmp_path, "hoard = bytearray(3 << 30)")
    done = run("build", "attacker", "--no-deps", "-f", links, "--build-memory", "1024")
    assert done.status == 4
    assert "MemoryError" in done.err
    assert "give it more memory" in done.err


def test_fetching_crates_runs_nothing_of_the_source(run: Run, tmp_path: Path) -> None:
    links = tmp_path / "attack"
    links.mkdir()
    archive = make_sdist(links, "attacker", "1.0")
    source = links / "attacker-1.0"
    mark = tmp_path / "ran"
    (source / "Cargo.toml").write_text('[package]\nname = "a"\nversion = "1.0.0"\n')
    (source / "src").mkdir()
    (source / "src" / "lib.rs").write_text("")
    (source / ".cargo").mkdir()
    (source / ".cargo" / "config.toml").write_text('[build]\nrustc = "./evil.sh"\n')
    (source / "evil.sh").write_text(f'#!/bin/sh\ntouch {mark}\nexec rustc "$@"\n')
    (source / "evil.sh").chmod(0o755)
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(source, source.name)
    done = run("build", "attacker", "--no-deps", "-f", links, "-o", "out")
    assert done.status == 0, done.err
    assert not mark.exists()
