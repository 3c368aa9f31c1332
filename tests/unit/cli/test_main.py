from __future__ import annotations

import json
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from wheelyard import __version__
from wheelyard.cli import main
from wheelyard.cli.request import with_links
from wheelyard.plans.request import Origin
from wheelyard.plans.requirements_file import RequirementSet


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run where no configuration lies, with a store of our own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WHEELYARD_STORE", str(tmp_path / "store"))


def failed(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = main(arguments)
    return code, capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("frobnicate",),
        ("build", "--frobnicate"),
        ("build", "-j", "x"),
        ("build", "-j", "0"),
        ("build", "--build-timeout", "-1"),
        ("build", "--build-memory", "-1"),
        ("build", "--python", "3"),
        ("lock", "--python", "three"),
    ],
)
def test_wrong_arguments_are_exit_code_2(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage: wheelyard" in capsys.readouterr().err


def test_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"wheelyard {__version__}\n"


@pytest.mark.parametrize("command", ["build", "install", "verify", "lock", "target"])
def test_every_command_has_help(capsys: pytest.CaptureFixture[str], command: str) -> None:
    with pytest.raises(SystemExit) as caught:
        main([command, "--help"])
    assert caught.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: wheelyard {command}")


def test_nothing_to_build_says_what_to_name(capsys: pytest.CaptureFixture[str]) -> None:
    code, said = failed(capsys, "build")
    assert (code, said.startswith("error: nothing to build")) == (2, True)


def test_requirements_with_errors_name_file_and_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "list.txt").write_text("six\n=x\n-r missing.txt\n")
    code, said = failed(capsys, "build", "-r", "list.txt")
    assert code == 2
    assert "2 problems in the requirements" in said
    assert "list.txt:2: " in said
    assert "list.txt:3: cannot read missing.txt" in said


def test_configuration_with_errors_names_each(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "wheelyard.toml").write_text("requirement = 1\n[targets.x]\nuze = 1\n")
    code, said = failed(capsys, "build")
    assert code == 2
    assert "did you mean 'requirements'?" in said
    assert "targets.x.uze" in said


def test_unknown_target_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    code, said = failed(capsys, "build", "six", "-t", "debain-12-arm64")
    assert code == 2
    assert "debian-12-arm64" in said


def test_error_is_json_where_json_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", "--json", "six=1"]) == 2
    said = json.loads(capsys.readouterr().out)
    assert said["exit_code"] == 2
    assert "not a requirement" in said["error"]


def test_what_is_no_wheelhouse_is_a_usage_error(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert failed(capsys, "verify", str(tmp_path))[0] == 2
    assert failed(capsys, "verify", str(tmp_path / "missing"))[0] == 2


def test_worst_of_several_decides_the_exit_code(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "a-1-py3-none-any.whl").write_bytes(b"damaged")
    code, said = failed(capsys, "verify", str(tmp_path), str(tmp_path / "a-1-py3-none-any.whl"))
    assert code == 5
    assert said.count("error: ") == 2


@pytest.mark.parametrize("text", ["", "  "])
def test_empty_requirement_is_a_usage_error(capsys: pytest.CaptureFixture[str], text: str) -> None:
    code, said = failed(capsys, "build", text)
    assert (code, said.startswith("error: an empty requirement")) == (2, True)


def test_missing_folder_of_links_is_an_error_with_its_place(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "list.txt").write_text("six\n-f gone\n")
    code, said = failed(capsys, "build", "-r", "list.txt")
    assert code == 2
    assert said == "error: list.txt:2: --find-links gone: no such file or folder\n"
    code, said = failed(capsys, "build", "six", "-f", "gone")
    assert said == "error: command line: --find-links gone: no such file or folder\n"


def test_folder_of_links_is_looked_for_beside_its_file_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "beside").mkdir()
    (tmp_path / "here").mkdir()
    origin = Origin(file="sub/list.txt", line=1)
    monkeypatch.chdir(tmp_path)
    links = ("../beside", "here", "https://x.example/links")
    found = RequirementSet(
        options=tuple(("--find-links", link) for link in links), option_origins=(origin,) * 3
    )
    places = [value for _, value in with_links(found).options]
    assert places == ["beside", "here", "https://x.example/links"]


def ending(error: BaseException, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """What a run comes to in which ``error`` is raised somewhere below."""

    def run(_: object) -> int:
        raise error

    monkeypatch.setattr("wheelyard.cli.verify.run", run)
    return main(["verify", "folder", *arguments])


def test_error_of_the_system_is_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ending(OSError(28, "No space left on device", "/x"), monkeypatch) == 6
    said = capsys.readouterr().err
    assert said.startswith("error: /x: No space left on device; make room")
    assert said.count("\n") == 1


def test_unforeseen_error_is_one_line_and_asks_to_be_reported(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ending(ValueError("odd\nindeed"), monkeypatch, "--json") == 1
    said = capsys.readouterr()
    assert said.err.startswith("error: internal error, please report it: ValueError: odd indeed")
    assert said.err.count("\n") == 1
    assert json.loads(said.out)["exit_code"] == 1
    monkeypatch.setenv("WHEELYARD_DEBUG", "1")
    assert ending(ValueError("odd"), monkeypatch) == 1
    assert "Traceback" in capsys.readouterr().err


def test_interrupt_is_one_line_and_a_second_one_says_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = signal.getsignal(signal.SIGINT)
    try:
        assert ending(KeyboardInterrupt(), monkeypatch) == 130
        assert signal.getsignal(signal.SIGINT) == signal.SIG_DFL
    finally:
        signal.signal(signal.SIGINT, before)
    assert capsys.readouterr().err == "interrupted; nothing is half-written\n"


def test_request_to_end_is_an_interrupt_of_any_command(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(_: object) -> int:
        assert signal.getsignal(signal.SIGTERM) != signal.SIG_DFL
        signal.raise_signal(signal.SIGTERM)
        return 0

    monkeypatch.setattr("wheelyard.cli.verify.run", run)
    before = signal.getsignal(signal.SIGINT)
    try:
        assert main(["verify", "folder"]) == 130
    finally:
        signal.signal(signal.SIGINT, before)
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    assert capsys.readouterr().err == "interrupted; nothing is half-written\n"


def test_command_runs_in_any_thread(tmp_path: Path) -> None:
    missing = ["verify", str(tmp_path / "missing")]
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(main, missing).result() == 2


@pytest.mark.parametrize("arguments", [["--version"], ["target", "list"]])
def test_full_disk_behind_the_output_is_an_error(arguments: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "wheelyard", *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 6
    assert done.stderr.startswith("error: No space left on device; make room")
    assert done.stderr.count("\n") == 1


def test_doctor_fails_only_for_what_was_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = ("--store", str(tmp_path / "store"))
    assert main(["doctor", *store]) == 0
    shown = capsys.readouterr().out
    assert "musllinux_1_2_aarch64" in shown
    assert "no sysroot with musl" in shown
    assert main(["doctor", "-t", "this", "-t", "musllinux_1_2_aarch64", "--json", *store]) == 6
    said = json.loads(capsys.readouterr().out)
    assert [one["prove"] for one in said["targets"]] == [True, False]
    assert said["machine"]["store"] == str(tmp_path / "store")
