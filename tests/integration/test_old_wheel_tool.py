"""The wheel tool that could sign, 0.30.0, and Wheelyard read each other's signatures."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from tests.unit.wheel.making import TIME, make_wheel
from uv import find_uv_bin

from wheelyard.cli import main
from wheelyard.wheel import open_wheel
from wheelyard.wheel.zip_editing import append_member
from wheelyard.wheel.zip_writing import pack_member

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.network

# The versions of its time that still run; a keyring that needs no desktop.
TOOL = ["wheel==0.30.0", "keyring==23.13.1", "keyrings.alt==4.2.0", "pyxdg", "setuptools==65.5"]


class OldTool:
    """The tool in an environment and a home of its own."""

    def __init__(self, folder: Path) -> None:
        uv, env = find_uv_bin(), folder / "env"
        subprocess.run([uv, "venv", "--quiet", "--python", "3.11", env], check=True)
        self._python = env / "bin" / "python"
        subprocess.run([uv, "pip", "install", "--quiet", "-p", self._python, *TOOL], check=True)
        backend = "keyrings.alt.file.PlaintextKeyring"
        self._environ = {**os.environ, "PYTHON_KEYRING_BACKEND": backend}
        for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
            (folder / name).mkdir()
            self._environ[name] = str(folder / name)

    def run(self, *words: str | Path) -> str:
        command = [self._python, "-W", "ignore", "-m", "wheel", *words]
        done = subprocess.run(command, check=True, env=self._environ, stdout=subprocess.PIPE)
        return done.stdout.decode()


@pytest.fixture(scope="module")
def tool(tmp_path_factory: pytest.TempPathFactory) -> OldTool:
    found = OldTool(tmp_path_factory.mktemp("old"))
    assert found.run("version").strip() == "wheel 0.30.0"
    return found


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("WHEELYARD_SIGN_PASSPHRASE", "correct horse")
    main(["keygen", "mine"])
    return make_wheel(tmp_path, "some", "1.0").path


def test_its_signature_is_valid_and_removed_to_the_bytes_that_were(
    tool: OldTool, wheel: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = wheel.read_bytes()
    tool.run("keygen")
    tool.run("sign", wheel)
    assert wheel.read_bytes() != before
    capsys.readouterr()
    assert main(["verify", "--json", str(wheel)]) == 5  # valid, but nobody trusts that key
    (result,) = json.loads(capsys.readouterr().out)["results"]
    signatures = result["signatures"][wheel.name]
    assert (result["content"], signatures["valid"], signatures["trusted"]) == (True, True, False)
    assert main(["unsign", str(wheel)]) == 0
    assert wheel.read_bytes() == before


def test_it_verifies_ours_and_refuses_it_for_another_wheel(
    tool: OldTool, wheel: Path, tmp_path: Path
) -> None:
    main(["sign", "--legacy-jws", str(wheel)])
    headers, _ = json.loads(tool.run("verify", wheel))
    assert [header["alg"] for header in headers] == ["Ed25519"]
    name = "some-1.0.dist-info/RECORD.jws"
    stolen = pack_member(name, open_wheel(wheel).read(name))
    other = make_wheel(
        tmp_path, "some", "1.0", {"some/__init__.py": b"other = 1\n"}, "py2-none-any"
    )
    changed = tmp_path / "changed" / other.path.name
    changed.parent.mkdir()
    with other.path.open("rb") as source, changed.open("wb") as target:
        append_member(source, target, stolen, TIME)
    with pytest.raises(subprocess.CalledProcessError):
        tool.run("verify", changed)
