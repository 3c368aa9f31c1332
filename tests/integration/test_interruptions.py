"""Builds that are killed, interrupted, or run out of disk: nothing half-written, nothing lost."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.integration.conftest import make_sdist, make_wheel, plain_environ

# How often a build is killed; CONTRIBUTING says how to have more.
KILLS = int(os.environ.get("WHEELYARD_TEST_KILLS", "12"))
ASKED = ("-t", "this", "-t", "manylinux_2_28_aarch64", "-q")


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "wheelyard", *map(str, arguments)]


def environ(folder: Path) -> dict[str, str]:
    return plain_environ() | {
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(folder / "links"),
        "WHEELYARD_STORE": str(folder / "store"),
    }


def make_links(folder: Path) -> tuple[str, ...]:
    links = folder / "links"
    links.mkdir()
    for number in range(8):
        make_wheel(links, f"pure{number}-1.0-py3-none-any.whl", size=300_000)
    for number in range(3):
        make_sdist(links, f"sourced{number}", "1.0", extra="time.sleep(0.1)")
    return (*(f"pure{n}" for n in range(8)), *(f"sourced{n}" for n in range(3)))


def descendants(folder: Path) -> list[str]:
    """Command lines of processes that still work in a folder."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if str(folder / "store") in line:
            found.append(line)
    return found


def leftovers(folder: Path) -> list[str]:
    """What a finished build must not leave beside the wheelhouses and in the store."""
    beside = [path.name for path in (folder / "out").iterdir() if path.name.startswith(".")]
    scratch = [path.name for path in (folder / "store" / "scratch").iterdir()]
    partial = folder / "store" / "partial"
    begun = [path.name for path in partial.rglob("*")] if partial.exists() else []
    return [name for name in (*beside, *scratch, *begun) if name != ".gate"]


def test_after_a_kill_at_any_moment_the_next_build_is_whole(tmp_path: Path) -> None:
    wanted = make_links(tmp_path)
    build = command("build", *wanted, *ASKED, "-o", tmp_path / "out")
    env = environ(tmp_path)
    begun = time.monotonic()
    subprocess.run(build, env=env, check=True)
    duration = time.monotonic() - begun
    expected = {path.name for path in (tmp_path / "out" / "this").iterdir()}
    moments = random.Random(20)  # noqa: S311 - the same moments each time
    for _ in range(KILLS):
        shutil.rmtree(tmp_path / "store")
        if moments.random() < 0.5:  # with and without an older wheelhouse
            shutil.rmtree(tmp_path / "out")
        child = subprocess.Popen(build, env=env, stderr=subprocess.DEVNULL)
        time.sleep(moments.uniform(0.0, duration))
        child.send_signal(signal.SIGKILL)
        child.wait()
        subprocess.run(build, env=env, check=True)
        assert leftovers(tmp_path) == []
        assert {path.name for path in (tmp_path / "out" / "this").iterdir()} == expected
        verify = command("verify", "-q", *(tmp_path / "out").glob("*/"))
        subprocess.run(verify, check=True)
    assert descendants(tmp_path) == []


def test_an_interrupt_stops_the_children_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    (tmp_path / "links").mkdir()
    make_sdist(tmp_path / "links", "endless", "1.0", extra="time.sleep(600)")
    build = command("build", "endless", "-v", "-o", tmp_path / "out")
    child = subprocess.Popen(
        build, env=environ(tmp_path), stderr=subprocess.PIPE, text=True, start_new_session=True,
        # A shell's background job, as tests may be, ignores interrupts, and so would its children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )  # fmt: skip
    assert child.stderr is not None
    for line in child.stderr:
        if line.startswith("pep517 endless"):
            break
    while not any("build_wheel" in line for line in descendants(tmp_path)):
        time.sleep(0.05)
    child.send_signal(signal.SIGINT)
    said = child.stderr.read()
    child.stderr.close()
    assert child.wait(timeout=30) == 130
    assert "interrupted" in said
    assert descendants(tmp_path) == []
    assert [path.name for path in (tmp_path / "store" / "scratch").iterdir()] == [".gate"]
    assert not (tmp_path / "out").exists()


def test_two_builds_at_once_share_a_store(tmp_path: Path) -> None:
    wanted = make_links(tmp_path)
    builds = [
        subprocess.Popen(
            command("build", *wanted, *ASKED, "-o", tmp_path / f"out{number}"),
            env=environ(tmp_path),
        )
        for number in range(2)
    ]
    assert [build.wait() for build in builds] == [0, 0]
    houses = [tmp_path / f"out{number}" / "this" for number in range(2)]
    assert subprocess.run(command("verify", "-q", *houses), check=False).returncode == 0
    one, two = ((house / "requirements.txt").read_bytes() for house in houses)
    assert one == two


FULL = """
import os, subprocess, sys
folder, size = sys.argv[1], sys.argv[2]
subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", folder], check=True)
build = sys.argv[3:]
first = subprocess.run([*build, "pure0", "-o", folder + "/out"]).returncode
second = subprocess.run([*build, *(f"pure{n}" for n in range(8)), "-o", folder + "/out"])
left = sorted(os.listdir(folder + "/out"))
verified = subprocess.run([sys.executable, "-m", "wheelyard", "verify", folder + "/out/this"])
print(first, second.returncode, verified.returncode, left, flush=True)
"""


def in_own_mounts(*arguments: str | Path) -> list[str]:
    """Run in a mount namespace of its own, where a user may mount a small file system."""
    return ["unshare", "--user", "--map-root-user", "--mount", "--", *map(str, arguments)]


def test_a_full_disk_is_an_error_and_the_old_wheelhouse_is_whole(tmp_path: Path) -> None:
    make_links(tmp_path)
    (tmp_path / "small").mkdir()
    build = command("build", *ASKED[:2], "-q")
    arguments: tuple[str | Path, ...] = ("-c", FULL, tmp_path / "small", "900", *build)
    done = subprocess.run(
        in_own_mounts(sys.executable, *arguments),
        env=environ(tmp_path), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "0 6 0 ['report.html', 'this']", done.stderr
    assert "no space left" in done.stderr


def test_a_full_disk_below_the_store_is_an_error_too(tmp_path: Path) -> None:
    make_links(tmp_path)
    store = tmp_path / "small"
    store.mkdir()
    script = (
        "import subprocess, sys\n"
        'subprocess.run(["mount", "-t", "tmpfs", "-o", "size=900k", "tmpfs", sys.argv[1]])\n'
        "sys.exit(subprocess.run(sys.argv[2:]).returncode)\n"
    )
    wanted = tuple(f"pure{number}" for number in range(8))
    build = command("build", *wanted, "-q", "-o", tmp_path / "out")
    done = subprocess.run(
        in_own_mounts(sys.executable, "-c", script, store, *build),
        env=environ(tmp_path) | {"WHEELYARD_STORE": str(store)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 6, done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_nothing_of_a_build_outlives_a_kill(tmp_path: Path) -> None:
    (tmp_path / "links").mkdir()
    make_sdist(tmp_path / "links", "endless", "1.0", extra="time.sleep(600)")
    build = command("build", "endless", "-q", "-o", tmp_path / "out")
    child = subprocess.Popen(build, env=environ(tmp_path))
    while not any("build_wheel" in line for line in descendants(tmp_path)):
        time.sleep(0.05)
    child.send_signal(signal.SIGKILL)
    child.wait()
    ends = time.monotonic() + 20
    while descendants(tmp_path) and time.monotonic() < ends:
        time.sleep(0.05)
    assert descendants(tmp_path) == []


def test_a_request_to_end_is_an_interrupt(tmp_path: Path) -> None:
    (tmp_path / "links").mkdir()
    make_sdist(tmp_path / "links", "endless", "1.0", extra="time.sleep(600)")
    build = command("build", "endless", "-q", "-o", tmp_path / "out")
    child = subprocess.Popen(build, env=environ(tmp_path), stderr=subprocess.PIPE)
    while not any("build_wheel" in line for line in descendants(tmp_path)):
        time.sleep(0.05)
    child.terminate()
    _, said = child.communicate(timeout=30)
    assert child.returncode == 130
    assert b"interrupted" in said
    assert descendants(tmp_path) == []
    assert [path.name for path in (tmp_path / "store" / "scratch").iterdir()] == [".gate"]


def test_a_request_to_end_leaves_nothing_of_a_wheel_that_is_written(tmp_path: Path) -> None:
    folder, wheel = tmp_path / "big-1.0", "big-1.0-py3-none-any.whl"
    unpack = command("unpack", make_wheel(tmp_path, wheel), "-d", tmp_path)
    subprocess.run(unpack, stdout=subprocess.DEVNULL, check=True)
    for number in range(64):
        (folder / "big" / f"{number}.bin").write_bytes(random.Random(number).randbytes(1 << 20))  # noqa: S311 - the same each time
    (tmp_path / "out").mkdir()
    pack = command("pack", folder, "-d", tmp_path / "out")
    child = subprocess.Popen(pack, env=plain_environ(), stderr=subprocess.PIPE)
    while not list((tmp_path / "out").iterdir()):
        time.sleep(0.005)
    child.terminate()
    _, said = child.communicate(timeout=30)
    assert (child.returncode, said) == (130, b"interrupted; nothing is half-written\n")
    assert list((tmp_path / "out").iterdir()) == []
