from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from wheelyard.cli import ledger
from wheelyard.cli.ledger import Ledger

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

OPTIONS = Namespace(run=None, index_url="https://someone:command-secret@index.example/")


def remembered(tmp_path: Path, *inputs: Path) -> Path:
    folder = tmp_path / "store" / "runs"
    book = Ledger(folder, OPTIONS)
    book.watch(inputs)
    book.remember((), "said")
    return folder


def test_nothing_of_the_environment_and_the_command_is_kept_but_a_digest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "environment-secret")
    folder = tmp_path / "store" / "runs"
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    remembered(tmp_path)
    (file,) = folder.iterdir()
    assert "secret" not in file.read_text() + file.name
    assert folder.stat().st_mode & 0o777 == 0o700
    assert Ledger(folder, OPTIONS).recall() == "said"
    monkeypatch.setenv("TOKEN", "another")
    assert Ledger(folder, OPTIONS).recall() is None


def test_dangling_link_hides_no_change_beside_it(tmp_path: Path) -> None:
    links = tmp_path / "links"
    links.mkdir()
    (links / "dangling").symlink_to("nowhere")
    folder = remembered(tmp_path, links)
    assert Ledger(folder, OPTIONS).recall() == "said"
    (links / "new.whl").touch()
    assert Ledger(folder, OPTIONS).recall() is None


def test_change_of_what_a_link_leads_to_is_a_change(tmp_path: Path) -> None:
    links = tmp_path / "links"
    links.mkdir()
    (tmp_path / "a.whl").touch()
    (links / "a.whl").symlink_to(tmp_path / "a.whl")
    folder = remembered(tmp_path, links)
    (tmp_path / "a.whl").write_text("more")
    assert Ledger(folder, OPTIONS).recall() is None


def test_changed_program_runs_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "wheelyard" / "cli"
    copy.mkdir(parents=True)
    monkeypatch.setattr(ledger, "__file__", str(copy / "ledger.py"))
    (copy / "ledger.py").write_text("one")
    folder = remembered(tmp_path)
    (copy / "__pycache__").mkdir()
    assert Ledger(folder, OPTIONS).recall() == "said"
    (copy / "ledger.py").write_text("another")
    assert Ledger(folder, OPTIONS).recall() is None
