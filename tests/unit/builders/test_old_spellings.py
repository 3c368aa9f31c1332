from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from wheelyard.builders.old_spellings import left_out

if TYPE_CHECKING:
    from pathlib import Path

OLD = """\
[metadata]
name = lib
requires-dist =
    argparse; python_version == '2.6'
    pywin32 (>1.0); sys.platform == 'win32'
    keyring; extra == "signatures"
"""
SAID = (
    "argparse; python_version == '2.6'",
    "pywin32 (>1.0); sys.platform == 'win32'",
    'keyring; extra == "signatures"',
)


def found(tmp_path: Path, text: str, *requires: str) -> tuple[str, ...]:
    (tmp_path / "setup.cfg").write_text(text, "utf-8")
    return left_out(tmp_path, requires)


@pytest.mark.parametrize("key", ["requires-dist", "requires_dist", "Requires-Dist"])
def test_dependencies_that_a_backend_leaves_out_are_named_as_they_are_written(
    tmp_path: Path, key: str
) -> None:
    (sentence,) = found(tmp_path, OLD.replace("requires-dist", key), "six")
    assert sentence == (
        f"setup.cfg asks for {', '.join(SAID)} with requires-dist, which its backend leaves out: "
        "write that as install_requires"
    )


def test_what_the_metadata_has_in_another_spelling_is_not_left_out(tmp_path: Path) -> None:
    same = (
        'ArgParse ; python_version == "2.6"',
        'pywin32>1.0; sys_platform == "win32"',
        "keyring; extra == 'signatures'",
    )
    assert found(tmp_path, OLD, *same) == ()
    (sentence,) = found(tmp_path, OLD, "argparse", *same[1:])
    assert sentence.startswith(f"setup.cfg asks for {SAID[0]} with requires-dist")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[metadata]\nname = lib\n",
        "[other]\nrequires-dist = x\n",
        "no section",
        "\udc80[metadata",
    ],
)
def test_other_configurations_leave_nothing_out(tmp_path: Path, text: str) -> None:
    (tmp_path / "setup.cfg").write_bytes(text.encode("utf-8", "surrogateescape"))
    assert left_out(tmp_path, ()) == ()


def test_project_without_setup_cfg_leaves_nothing_out(tmp_path: Path) -> None:
    assert left_out(tmp_path, ()) == ()
