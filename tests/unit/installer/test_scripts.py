from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from wheelyard.errors import UsageError
from wheelyard.installer.scripts import entry_point_script, first_line, rewrite_script
from wheelyard.wheel import EntryPoint

if TYPE_CHECKING:
    from pathlib import Path


def test_short_path_stands_in_the_first_line() -> None:
    assert first_line("/env/bin/python") == b"#!/env/bin/python\n"


@pytest.mark.parametrize("folder", ["with blank", "x" * 130, "ümlaut and blank"])
def test_script_runs_from_a_folder_that_a_first_line_cannot_hold(
    folder: str, tmp_path: Path
) -> None:
    (tmp_path / folder).mkdir()
    python = tmp_path / folder / "python"
    python.symlink_to(sys.executable)
    script = tmp_path / folder / "tool"
    script.write_bytes(first_line(str(python)) + b"import sys; print(sys.argv[1:])\n")
    script.chmod(0o755)
    done = subprocess.run([script, "a b", "$HOME"], capture_output=True, text=True, check=True)
    assert done.stdout == "['a b', '$HOME']\n"


@pytest.mark.parametrize("letter", ['"', "'", "\\", "$", "`", "\n"])
def test_path_that_a_shell_would_read_otherwise_is_refused(letter: str) -> None:
    with pytest.raises(UsageError, match="cannot name this interpreter"):
        first_line(f"/env{letter}/bin/python")


def test_entry_point_calls_its_function_through_its_class() -> None:
    entry = EntryPoint("console_scripts", "tool", "pkg.mod", "Class.main")
    text = entry_point_script(entry, "/p").decode()
    assert "from pkg.mod import Class\n" in text
    assert "sys.exit(Class.main())" in text


def test_placeholder_line_is_replaced_and_the_rest_kept() -> None:
    assert rewrite_script(b"#!pythonw -u\nprint()\n", "/p") == b"#!/p\nprint()\n"
