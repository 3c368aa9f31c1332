from __future__ import annotations

import pytest

from wheelyard.wheel import EntryPoint, InvalidEntryPointsError, parse_entry_points


def test_scripts_and_plugins_are_read_with_case_kept() -> None:
    text = """
    # a comment
    [console_scripts]
    Tool-1.x = pkg.mod:Class.main [extra1, extra2]
    [plugins]
    only = pkg
    """.replace("    ", "")
    assert parse_entry_points(text) == (
        EntryPoint("console_scripts", "Tool-1.x", "pkg.mod", "Class.main", ("extra1", "extra2")),
        EntryPoint("plugins", "only", "pkg", ""),
    )


def test_odd_plugin_of_a_real_project_is_left_out() -> None:
    assert parse_entry_points("[x]\nname with blank = pkg:f\nfine = pkg:f\n") == (
        EntryPoint("x", "fine", "pkg", "f"),
    )


@pytest.mark.parametrize("name", ["../x", "/x", "a b", "..", ".", "a/b", "a\\b", "a;b"])
def test_script_with_a_name_that_leaves_its_folder_is_refused(name: str) -> None:
    with pytest.raises(InvalidEntryPointsError):
        parse_entry_points(f"[console_scripts]\n{name} = pkg:main\n")


@pytest.mark.parametrize("value", ["pkg", "pkg:", ":f", "pkg:f()", "1pkg:f", "pkg:f;g", "a-b:f"])
def test_script_whose_value_is_no_function_is_refused(value: str) -> None:
    with pytest.raises(InvalidEntryPointsError):
        parse_entry_points(f"[gui_scripts]\nx = {value}\n")


@pytest.mark.parametrize("text", ["x = y:z\n", "[a\n", "[a]\nx = y:z\nx = y:z\n", "[a]\nonly\n"])
def test_what_is_no_ini_file_is_refused(text: str) -> None:
    with pytest.raises(InvalidEntryPointsError):
        parse_entry_points(text)


def test_text_that_is_indented_as_a_whole_is_read() -> None:
    found = parse_entry_points("\n    [console_scripts]\n    tool = some:main\n    # no more\n")
    assert [(entry.name, entry.module, entry.attr) for entry in found] == [("tool", "some", "main")]


def test_comments_of_either_kind_are_left_out() -> None:
    text = "; scripts\n[console_scripts]\n; the tool\n# = it\ntool = some:main\n[x]\n;a = b\n"
    assert [entry.name for entry in parse_entry_points(text)] == ["tool"]
