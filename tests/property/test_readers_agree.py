"""What the reader takes, the standard library and pip understand in the same way."""

from __future__ import annotations

import csv
from email.parser import HeaderParser
from importlib.metadata import EntryPoints

from hypothesis import example, given
from hypothesis import strategies as st

from wheelyard.wheel import (
    InvalidEntryPointsError,
    InvalidMetadataError,
    format_record,
    parse_entry_points,
    parse_metadata,
    parse_record,
)
from wheelyard.wheel.entry_points import SCRIPT_GROUPS
from wheelyard.wheel.member_rules import name_findings
from wheelyard.wheel.record import RecordEntry

_ENDS = ["\n", "\r\n", "\r", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029"]


def _texts(*parts: str) -> st.SearchStrategy[str]:
    pieces = st.sampled_from([*parts, *_ENDS, "\n", "\n", " ", "\t", "=", ":"])
    return st.lists(pieces, max_size=14).map("".join)


@given(_texts("From ", "Name: b", "Requires-Dist: c", "x", ":", "Two Words: d"))
@example("From me\nName: b\n")
@example(":\nRequires-Dist: c\n")
def test_headers_are_those_that_email_reads(text: str) -> None:
    whole = f"Name: a\nVersion: 1\n{text}"
    try:
        ours = parse_metadata(whole).headers
    except InvalidMetadataError:
        return
    theirs = HeaderParser().parsestr(whole).items()
    assert [key for key, _ in ours] == [key for key, _ in theirs]
    assert ["".join(value.split()) for _, value in ours] == [
        "".join(value.split()) for _, value in theirs
    ]


@given(_texts("[console_scripts]", "[gui_scripts]", "[x]", "a", "b:c", "[", "]", ";", "#", "/"))
@example("[[console_scripts]]\n/a=b:c\n")
@example("[x]\na=b:c\n [console_scripts]\n /a=b:c\n")
def test_scripts_are_those_that_importlib_reads(text: str) -> None:
    try:
        ours = parse_entry_points(text)
    except InvalidEntryPointsError:
        return
    try:
        # The standard library's own reading of the file, which pip's is, too.
        theirs = list(EntryPoints._from_text_for(text, None))  # type: ignore[attr-defined]
    except TypeError:
        return  # a line without "=", with which nobody installs a wheel
    others = {(one.group, one.name) for one in theirs if one.group in SCRIPT_GROUPS}
    assert {(one.group, one.name) for one in ours if one.is_script} == others


@given(st.lists(_texts("a", "/", "..", '"', ",", "\u00e9")))
@example(["x\u2028/etc/passwd"])
def test_rows_are_those_that_pip_reads(names: list[str]) -> None:
    paths = [name for name in dict.fromkeys(names) if not name_findings([name])]
    record = format_record(RecordEntry(path, "sha256", "abc", 1) for path in paths)
    assert [entry.path for entry in parse_record(record)] == paths
    # pip and importlib.metadata read the lines so.
    assert [row[0] for row in csv.reader(record.decode().splitlines())] == paths
