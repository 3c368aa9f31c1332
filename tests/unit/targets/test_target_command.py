from __future__ import annotations

import argparse
import json

import pytest

from wheelyard.cli.target import configure, run
from wheelyard.errors import UsageError


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    parser = argparse.ArgumentParser()
    configure(parser)
    assert run(parser.parse_args(words)) == 0
    return capsys.readouterr().out


def test_list_groups_machines_by_system(capsys: pytest.CaptureFixture[str]) -> None:
    lines = said(capsys, "list", "debian-1").splitlines()
    assert [line.split()[0] for line in lines] == ["debian-11", "debian-12", "debian-13"]
    assert "riscv64" in lines[2]
    assert json.loads(said(capsys, "list", "srm-1.3-a", "--json")) == [
        "srm-1.3-aarch64",
        "srm-1.3-armv7",
    ]


def test_list_of_nothing_is_empty(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "list", "amiga").strip() == ""


def test_show_describes_a_target(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "show", "dsm-6.2.4-hi3535", "--python", "3.11")
    assert "armv7l, soft float, armv7-a; uname -m says armv7l" in text
    assert "glibc 2.19" in text
    assert "dsm 6.2.4, kernel 3.4.35" in text
    value = json.loads(said(capsys, "show", "debian-12-arm64", "--json"))
    assert value["tags"][0] == "cp311-cp311-linux_aarch64"
    assert value["markers"]["python_full_version"] == "3.11.2"


def test_show_lists_every_tag(capsys: pytest.CaptureFixture[str]) -> None:
    lines = said(capsys, "show", "debian-12-arm64", "--tags").splitlines()
    assert (lines[0], lines[-1]) == ("cp311-cp311-linux_aarch64", "py30-none-any")


def test_detect_describes_this_machine(capsys: pytest.CaptureFixture[str]) -> None:
    shown = said(capsys, "show", "this")
    assert said(capsys, "detect") == shown
    assert shown.startswith("target    this\n")


def test_explain_says_why_and_what_would_fit(capsys: pytest.CaptureFixture[str]) -> None:
    command = ("explain", "some/folder/a-1-cp311-cp311-win32.whl", "-t", "debian-12-arm64")
    reason, remedy = said(capsys, *command).splitlines()
    assert "it is for Windows" in reason
    assert remedy.startswith("Take a wheel for cp311")
    value = json.loads(said(capsys, *command, "--json"))
    assert (value["fits"], value["tag"], value["reason"]) == (False, None, reason)


def test_unknown_target_is_an_error_of_use(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UsageError, match="Did you mean"):
        said(capsys, "show", "debian-12-arm6")
