from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.unit.wheel.making import make_wheel

from wheelyard.errors import HostError, UsageError
from wheelyard.wheel import file_sha256, open_wheel, unpack_wheel, verify_wheel

if TYPE_CHECKING:
    from pathlib import Path


def test_opened_wheel_tells_what_it_is(tmp_path: Path) -> None:
    entry_points = b"[console_scripts]\ntool = some:main\n"
    info = "some-1.0.dist-info"
    path = make_wheel(
        tmp_path, "some", "1.0", {"some.py": b"x", f"{info}/entry_points.txt": entry_points}
    ).path
    wheel = open_wheel(path)
    assert wheel.filename.name == "some"
    assert wheel.dist_info == info
    assert wheel.metadata.version == "1.0"
    assert wheel.info.root_is_purelib
    assert [entry.name for entry in wheel.entry_points] == ["tool"]
    assert wheel.read("some.py") == b"x"
    assert not wheel.warnings
    with pytest.raises(KeyError):
        wheel.read("gone.py")


def test_digest_and_size_are_the_files_own(tmp_path: Path) -> None:
    written = make_wheel(tmp_path, "some", "1.0")
    verified = verify_wheel(written.path)
    assert (verified.sha256, verified.size) == (written.sha256, written.size)
    assert file_sha256(written.path) == written.sha256


def test_large_member_is_streamed_in_pieces(tmp_path: Path) -> None:
    content = b"".join(i.to_bytes(4, "big") for i in range(1_000_000))
    wheel = open_wheel(make_wheel(tmp_path, "some", "1.0", {"big": content}).path)
    chunks = list(wheel.chunks(wheel.members[0]))
    assert b"".join(chunks) == content
    assert max(map(len, chunks)) <= 1 << 20


def test_unpacks_with_modes_whatever_the_umask(tmp_path: Path) -> None:
    files = {"a/run.sh": b"#!/bin/sh\n", "a/b.py": b""}
    path = make_wheel(tmp_path, "some", "1.0", files).path
    script = "import os, sys, pathlib; from wheelyard.wheel import unpack_wheel; os.umask(0o077); "
    script += "unpack_wheel(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))"
    subprocess.run([sys.executable, "-c", script, path, tmp_path / "out"], check=True)
    assert (tmp_path / "out/a/run.sh").stat().st_mode == 0o100755
    assert (tmp_path / "out/a/b.py").stat().st_mode == 0o100644


def test_existing_folder_is_not_unpacked_into(tmp_path: Path) -> None:
    path = make_wheel(tmp_path, "some", "1.0").path
    (tmp_path / "out").symlink_to(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="exists already"):
        unpack_wheel(path, tmp_path / "out")


def test_missing_file_names_itself(tmp_path: Path) -> None:
    with pytest.raises(HostError, match=r"gone-1-py3-none-any\.whl: it cannot be read"):
        open_wheel(tmp_path / "gone-1-py3-none-any.whl")


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    pipe, folder = tmp_path / "a-1-py3-none-any.whl", tmp_path / "b-1-py3-none-any.whl"
    os.mkfifo(pipe)
    folder.mkdir()
    for path in (pipe, folder):
        with pytest.raises(HostError, match="it is no file"):
            verify_wheel(path)
