"""Wheels that say what isn't so: RECORD, names, versions, entry points."""

from __future__ import annotations

from tests.hostile.case import CONSOLE, Case, entry_points, member, metadata, without
from tests.hostile.craft import (
    CONTENT,
    INFO,
    METADATA,
    WHEEL,
    craft,
    item,
    record_hash,
    record_rows,
    wheel_items,
    with_rows,
    zip_bytes,
)

_GOOD = "good/__init__.py"
_MANY = ".".join(f"a{number}" for number in range(400)).encode()


def _signature_row(digest: str) -> bytes:
    """A wheel with a signature that RECORD lists with a hash of some kind."""
    signature = item(f"{INFO}/RECORD.jws", b"{}")
    rows = record_rows(wheel_items(signature)[:-1])
    rows = [f"{INFO}/RECORD.jws,{digest},2" if "jws" in row else row for row in rows]
    return craft(signature, record="\n".join([*rows, f"{INFO}/RECORD,,"]).encode())


RECORD = [
    Case("record-wrong-hash", "record-hash", "A file isn't what RECORD lists.", lambda: with_rows(
        f"{_GOOD},{record_hash(b'y')},6", drop="good/")),
    Case("record-wrong-size", "record-size", "A file hasn't the size that RECORD lists.",
         lambda: with_rows(f"{_GOOD},{record_hash(CONTENT)},7", drop="good/")),
    Case("record-no-hash", "record-hash", "RECORD lists a file and no hash.",
         lambda: with_rows(f"{_GOOD},,", drop="good/")),
    Case("record-md5", "record-hash", "A hash is of a kind that can be forged.", lambda: with_rows(
        f"{_GOOD},{record_hash(CONTENT, 'md5')},6", drop="good/")),
    Case("record-sha1", "record-hash", "A hash is SHA-1.", lambda: with_rows(
        f"{_GOOD},{record_hash(CONTENT, 'sha1')},6", drop="good/")),
    Case("record-unknown-hash", "record-hash", "A hash is of no kind that anybody knows.",
         lambda: with_rows(f"{_GOOD},own=abc,6", drop="good/")),
    Case("record-signature-hash", "record-hash", "A signature's row has such a hash, though it "
         "needs none.", lambda: _signature_row("shake_128=abc")),
    Case("record-own-hash", "record-hash", "RECORD has a hash of itself, which can't be right.",
         lambda: craft(record="\n".join(
             [*record_rows(wheel_items()[:-1]), f"{INFO}/RECORD,{record_hash(b'')},"]).encode())),
    Case("record-missing-row", "record-missing", "RECORD doesn't list a file.",
         lambda: with_rows(drop="good/")),
    Case("record-missing-wheel", "record-missing", "RECORD doesn't list WHEEL.",
         lambda: with_rows(drop=f"{INFO}/WHEEL")),
    Case("record-absent-file", "record-absent", "RECORD lists a file that isn't there.",
         lambda: with_rows(f"good/gone.py,{record_hash(b'')},0")),
    Case("record-folder", "record-absent", "RECORD lists a folder.", lambda: with_rows("good/,,")),
    Case("record-two-columns", "record-form", "A row has two columns.",
         lambda: with_rows("good/a.py,")),
    Case("record-four-columns", "record-form", "A row has four columns.",
         lambda: with_rows("good/a.py,,,")),
    Case("record-twice", "record-form", "A file has two rows.", lambda: with_rows(f"{_GOOD},,")),
    Case("record-negative-size", "record-form", "A size is negative.",
         lambda: with_rows("good/a.py,,-1")),
    Case("record-endless-size", "record-form", "A size has more digits than Python reads.",
         lambda: with_rows(f"good/a.py,,{'9' * 5000}")),
    Case("record-parent", "record-path", "A row leads out of the wheel: who uninstalls would "
         "remove that (GHSA-pjjw-68hj-v9mw).",
         lambda: with_rows(f"../victim,{record_hash(b'')},0")),
    Case("record-absolute", "record-path", "A row is an absolute path.", lambda outside: with_rows(
        f"{outside}/victim,{record_hash(b'')},0"), aimed=True),
    Case("record-dot", "record-path", "A row is a file's path in another form.", lambda: with_rows(
        f"good/./__init__.py,{record_hash(CONTENT)},6")),
    Case("record-encoding", "record-form", "RECORD is no UTF-8.",
         lambda: craft(record=b"\xff,,\n")),
    Case("record-quote", "record-form", "A quote isn't closed.",
         lambda: craft(record=b'"good,,\n')),
    Case("record-empty-rows", "record-form", "RECORD is eight million empty rows, in 8 kB.",
         lambda: craft(record=b"\n" * (8 << 20))),
]  # fmt: skip
NAMES = [
    Case("no-dist-info", "dist-info", "Nothing tells what it is.",
         lambda: zip_bytes([item(_GOOD)])),
    Case("two-dist-infos", "dist-info", "It is two projects.",
         member("other-1.0.dist-info/METADATA")),
    Case("two-dist-infos-case", "dist-info", "The second is called the same, in capitals.",
         member("GOOD-1.0.DIST-INFO/METADATA")),
    Case("dist-info-in-capitals", "dist-info", "Its only one is in capitals: no installer finds "
         "it again, to update or remove it.", lambda: craft(info="good-1.0.DIST-INFO")),
    Case("dist-info-is-file", "dist-info", "A file makes another project look installed.",
         member("other-9.dist-info")),
    Case("dist-info-name", "dist-info", "Its `.dist-info` is another project's.",
         lambda: craft(info="evil-1.0.dist-info")),
    Case("dist-info-version", "dist-info", "Its `.dist-info` is another version's.",
         lambda: craft(info="good-2.0.dist-info")),
    Case("no-metadata", "missing-file", "METADATA is missing.", without("METADATA")),
    Case("no-wheel", "missing-file", "WHEEL is missing.", without("WHEEL")),
    Case("no-record", "missing-file", "RECORD is missing.", without("RECORD")),
    Case("no-member", "missing-file", "Nothing is in it.", lambda: zip_bytes([])),
    Case("metadata-name", "name-mismatch", "METADATA names another project.",
         metadata(METADATA.replace(b"good", b"evil"))),
    Case("metadata-version", "version-mismatch", "METADATA names another version.",
         metadata(METADATA.replace(b"1.0", b"1.1"))),
    Case("file-name", "name-mismatch", "The file is called as another project.", craft,
         "evil-1.0-py3-none-any.whl"),
    Case("file-version", "version-mismatch", "The file is called as another version.", craft,
         "good-1.1-py3-none-any.whl"),
    Case("metadata-name-twice", "metadata", "METADATA has two names.",
         metadata(METADATA + b"Name: evil\n")),
    Case("metadata-no-version", "metadata", "METADATA has no version.", metadata(b"Name: good\n")),
    Case("metadata-encoding", "metadata", "METADATA is no UTF-8.",
         metadata(METADATA + b"Summary: \xff\n")),
    Case("metadata-skipped-line", "metadata", "A line ends the headers for some; for others a "
         "requirement follows.", metadata(METADATA + b":\nRequires-Dist: evil\n")),
    Case("metadata-from-line", "metadata", "The same with the first line of a mailbox.",
         metadata(METADATA + b"From nobody\nRequires-Dist: evil\n")),
    Case("metadata-many-headers", "metadata", "METADATA has 200,000 headers, in 5 kB.",
         metadata(METADATA + b"Classifier: x\n" * 200_000)),
    Case("metadata-nested-requirement", "metadata", "A requirement nests 3,000 brackets, at which "
         "many readers end.", metadata(
             METADATA + b"Requires-Dist: a; " + b"(" * 3000 + b"os_name=='x'" + b")" * 3000)),
    Case("metadata-too-large", "limit-file", "METADATA has 17 MB, in 17 kB.",
         metadata(METADATA + b"\n" * (17 << 20))),
    Case("wheel-encoding", "metadata", "WHEEL is no UTF-8.",
         lambda: craft(wheel=WHEEL + b"X: \xff\n")),
    Case("wheel-no-version", "metadata", "WHEEL has no version.",
         lambda: craft(wheel=WHEEL.replace(b"Wheel-V", b"V"))),
    Case("wheel-endless-version", "metadata", "The version has more digits than Python reads.",
         lambda: craft(wheel=WHEEL.replace(b"1.0", b"9" * 5000 + b".0"))),
    Case("wheel-purelib", "metadata", "WHEEL leaves open where it belongs.",
         lambda: craft(wheel=WHEEL.replace(b"true", b"maybe"))),
    Case("wheel-purelib-twice", "metadata", "WHEEL says both of where it belongs.",
         lambda: craft(wheel=WHEEL + b"Root-Is-Purelib: false\n")),
    Case("wheel-version-2", "wheel-version", "It is of a format to come.",
         lambda: craft(wheel=WHEEL.replace(b"1.0", b"2.0"))),
    Case("wheel-tags-explode", "metadata", "One line of WHEEL stands for 64 million tags.",
         lambda: craft(wheel=WHEEL + b"Tag: " + b"-".join([_MANY] * 3) + b"\n")),
    Case("wheel-too-large", "limit-file", "WHEEL has 2 MB.",
         lambda: craft(wheel=WHEEL + b"\n" * (2 << 20))),
]  # fmt: skip
ENTRY_POINTS = [
    Case("script-absolute", "entry-point", "A script's name is an absolute path.",
         lambda outside: entry_points(f"{CONSOLE}{outside}/evil = good:main\n")(), aimed=True),
    Case("script-parent", "entry-point", "A script's name climbs out of the folder of scripts "
         "(CVE-2026-8643, GHSA-4gg8-gxpx-9rph).",
         entry_points(f"{CONSOLE}../../evil = good:main\n")),
    Case("script-backslash", "entry-point", "The same on Windows.",
         entry_points(f"{CONSOLE}..\\evil = good:main\n")),
    Case("script-dots", "entry-point", "A script is called as a folder.",
         entry_points("[gui_scripts]\n.. = good:main\n")),
    Case("script-code", "entry-point", "A script's function is code.",
         entry_points(f"{CONSOLE}evil = good:main();import os;os.system('x')\n")),
    Case("script-import-code", "entry-point", "A script's module is code.",
         entry_points(f"{CONSOLE}evil = good;import os:main\n")),
    Case("script-newline", "entry-point", "A script's function goes on in the next line.",
         entry_points(f"{CONSOLE}evil = good:main\n  import os\n")),
    Case("script-no-function", "entry-point", "A script has no function.",
         entry_points(f"{CONSOLE}evil = good\n")),
    Case("script-twice", "entry-point", "A script is there twice.",
         entry_points(f"{CONSOLE}a = good:main\na = good:other\n")),
    Case("script-in-brackets", "entry-point", "Only some readers take `[[console_scripts]]` for "
         "scripts.", entry_points("[[console_scripts]]\n../evil = good:main\n")),
    Case("script-in-blanks", "entry-point", "The same with blanks in the brackets.",
         entry_points("[ console_scripts ]\nevil = good:main\n")),
    Case("script-in-comment", "entry-point", "A line that begins with `;` is a comment for some, "
         "and for others a script.", entry_points(f"{CONSOLE};/../../evil = good:main\n")),
    Case("script-in-value", "entry-point", "An indented line belongs to a value for some, and for "
         "others begins the scripts.",
         entry_points("[x]\na = good:main\n [console_scripts]\n evil = good:main\n")),
    Case("script-behind-separator", "entry-point", "A comment ends at U+2028 for some, and a "
         "script follows.", entry_points(f"{CONSOLE}# \u2028evil = good:main\n")),
    Case("script-endless-blanks", "entry-point", "A value is half a million blanks, which takes a "
         "careless pattern hours.", entry_points(f"{CONSOLE}a = b{' ' * 500_000}!\n")),
    Case("entry-points-encoding", "entry-point", "It is no UTF-8.", lambda: craft(
        item(f"{INFO}/entry_points.txt", b"[x]\na=\xff\n"))),
    Case("entry-points-too-large", "limit-file", "It has 2 MB.",
         entry_points(f"[x]\n{'#' * (2 << 20)}\n")),
]  # fmt: skip
