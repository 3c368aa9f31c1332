from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from wheelyard.cli.build import configure
from wheelyard.cli.request import read_request
from wheelyard.errors import UsageError
from wheelyard.targets.catalog import find_target
from wheelyard.targets.detect import detect_this, fingerprint_script
from wheelyard.targets.file import is_target_file, read_target

if TYPE_CHECKING:
    from pathlib import Path


def test_what_the_script_prints_is_a_target(tmp_path: Path) -> None:
    script = [sys.executable, "-I", "-c", fingerprint_script()]
    said = subprocess.run(script, capture_output=True, check=True).stdout
    file = tmp_path / "board.json"
    file.write_bytes(said)
    assert read_target(file) == replace(detect_this(), name="board")
    facts = json.loads(said)
    assert facts["soabi"]
    assert facts["sonames"] == sorted(facts["sonames"])


def test_what_detect_prints_is_a_target_under_the_name_of_its_file(tmp_path: Path) -> None:
    nas = find_target("dsm-7.2-armv7", "3.11")
    file = tmp_path / "nas-1.json"
    file.write_text(json.dumps({**nas.as_dict(), "tags": [], "markers": {}}))
    assert find_target(str(file), None) == replace(nas, name="nas-1")
    assert find_target(str(file), "3.12").python.version == (3, 12)


def test_a_path_is_told_from_a_name() -> None:
    assert is_target_file("nas.json")
    assert is_target_file(f".{os.sep}nas")
    assert not is_target_file("debian-12-arm64")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "it is not JSON"),
        ("[]", "it does not describe a target"),
        ("{}", "KeyError('python')"),
        ('{"python": 1, "machine": {}, "libc": {}}', "not the description of a target"),
        ('{"version_info": [3, 11]}', "not a fingerprint"),
        ('{"version_info": 3, "ext_suffix": 1, "platform": 2}', "not a fingerprint"),
    ],
)
def test_what_is_no_target_is_refused_with_its_file(
    tmp_path: Path, content: str, words: str
) -> None:
    file = tmp_path / "nas.json"
    file.write_text(content)
    with pytest.raises(UsageError) as caught:
        read_target(file)
    assert str(file) in str(caught.value)
    assert words in str(caught.value)


@pytest.mark.parametrize("name", ["this.json", "a b.json"])
def test_a_file_that_can_name_no_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="rename the file"):
        read_target(tmp_path / name)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="can't be read"):
        read_target(tmp_path / "nas.json")


def test_a_configuration_names_a_file_beside_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    described = find_target("dsm-7.2-armv7", "3.11").as_dict()
    (folder / "nas.json").write_text(json.dumps(described))
    (folder / "list.txt").write_text("six\n")
    (folder / "wheelyard.toml").write_text(
        'requirements = ["list.txt"]\n[targets.attic]\nuse = "nas.json"\n'
    )
    monkeypatch.chdir(tmp_path)
    parser = argparse.ArgumentParser()
    configure(parser)
    read = read_request(parser.parse_args(["--config", "project/wheelyard.toml"]))
    assert [target.name for target in read.request.targets] == ["attic"]
    assert read.request.targets[0].machine.arch == "armv7l"
    assert "project/nas.json" in read.files, "a change of it is a change of the run"
