from __future__ import annotations

import sys
from pathlib import Path

import pytest

from wheelyard.errors import HostError, UsageError
from wheelyard.installer import Destination
from wheelyard.installer.environment import prepared, query_interpreter

PYTHON = Path(sys.executable)
VERSION = f"python{sys.version_info.major}.{sys.version_info.minor}"


def test_virtualenv_is_made_with_its_own_interpreter(tmp_path: Path) -> None:
    with prepared(Destination("venv", tmp_path / "env"), PYTHON) as environment:
        layout = environment.layout
    assert environment.interpreter.in_venv
    assert layout.python == str(tmp_path / "env" / "bin" / "python")
    assert layout.purelib == layout.platlib == f"lib/{VERSION}/site-packages"
    assert layout.headers == f"include/site/{VERSION}"
    assert (layout.scripts, layout.data) == ("bin", "")
    assert not (tmp_path / "env" / layout.purelib / "pip").exists()
    assert not list((tmp_path / "env").glob(".wheelyard*"))


@pytest.mark.parametrize("wanted", [True, False])
def test_system_site_packages_are_shared_on_request(*, wanted: bool, tmp_path: Path) -> None:
    with prepared(Destination("venv", tmp_path / "env", wanted), PYTHON):
        pass
    config = (tmp_path / "env" / "pyvenv.cfg").read_text()
    assert f"include-system-site-packages = {str(wanted).lower()}" in config


def test_target_holds_the_modules_itself(tmp_path: Path) -> None:
    with prepared(Destination("target", tmp_path / "lib"), PYTHON) as environment:
        layout = environment.layout
    assert (layout.purelib, layout.platlib, layout.data) == ("", "", "")
    assert (layout.scripts, layout.headers) == ("bin", "include")


def test_prefix_has_the_interpreters_folders_below_it(tmp_path: Path) -> None:
    with prepared(Destination("prefix", tmp_path / "usr"), PYTHON) as environment:
        layout = environment.layout
    assert layout.purelib == f"lib/{VERSION}/site-packages"
    assert layout.headers == f"include/{VERSION}"


@pytest.mark.parametrize("kind", ["venv", "target", "prefix"])
def test_what_was_made_is_removed_when_the_installation_fails(kind: str, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), prepared(Destination(kind, tmp_path / "new"), PYTHON):
        raise KeyboardInterrupt
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", ["target", "prefix"])
def test_what_was_there_stays_when_the_installation_fails(kind: str, tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    with pytest.raises(KeyboardInterrupt), prepared(Destination(kind, tmp_path), PYTHON):
        raise KeyboardInterrupt
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_virtualenv_left_by_a_killed_installation_is_made_again(tmp_path: Path) -> None:
    env = tmp_path / "env"
    env.mkdir()
    (env / ".wheelyard-unfinished").touch()
    (env / "half").touch()
    with prepared(Destination("venv", env), PYTHON):
        pass
    assert not (env / "half").exists()
    assert (env / "bin" / "python").exists()


def test_folder_that_is_no_virtualenv_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()
    with (
        pytest.raises(UsageError, match="neither empty nor a virtualenv"),
        prepared(Destination("venv", tmp_path), PYTHON),
    ):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


@pytest.mark.parametrize("text", ["#!/bin/sh\nexit 3\n", "#!/bin/sh\necho hello\n"])
def test_program_that_is_no_python_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "python").write_text(text)
    (tmp_path / "python").chmod(0o755)
    with pytest.raises(HostError, match="does not answer as a Python interpreter"):
        query_interpreter(tmp_path / "python")
    with pytest.raises(HostError):
        query_interpreter(tmp_path / "gone")
