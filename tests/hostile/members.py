"""Hostile names and kinds of members, and what stands where it must not."""

from __future__ import annotations

from tests.hostile.case import Case, member
from tests.hostile.craft import INFO, Item, craft, item

DATA = "good-1.0.data"

PATHS = [
    Case("parent", "path-escape", "A name begins with `../`.", member("../evil.py")),
    Case("parent-inside", "path-escape", "A name climbs out from within.",
         member("good/../../evil.py")),
    Case("parent-harmless", "path-escape", "A name goes up and stays inside, so that one tool "
         "normalises it and another keeps it.", member("good/../evil.py")),
    Case("parent-backslash", "path-escape", "A name climbs out on Windows alone.",
         member("..\\evil.py")),
    Case("parent-of-a-victim", "path-escape", "A name is that of a file beside the destination, "
         "whose mode it would change (CVE-2026-24049).", member("../victim", mode=0o100777)),
    Case("sibling", "path-escape", "A name leads into a folder whose name begins as the "
         "destination's does (CVE-2026-1703).", member("../out-evil/evil.py")),
    Case("absolute", "path-escape", "A name is an absolute path.",
         lambda outside: craft(item(f"{outside}/evil.py")), aimed=True),
    Case("drive", "path-escape", "A name is on a drive of Windows'.", member("C:/evil.py")),
    Case("drive-relative", "path-escape", "A name is in whatever folder that drive has open.",
         member("c:evil.py")),
    Case("network-path", "path-escape", "A name is on another machine for Windows, and absolute "
         "elsewhere.", lambda outside: craft(item(f"/{outside}/evil.py")), aimed=True),
    Case("network-path-backslash", "path-escape", "A name is on another machine for Windows alone.",
         member("\\\\server\\evil.py")),
    Case("data-parent", "path-escape", "A script climbs out of the folder of scripts.",
         member(f"{DATA}/scripts/../../../evil")),
    Case("data-absolute", "path-form", "What remains of a name below `.data` is absolute.",
         lambda outside: craft(item(f"{DATA}/data/{outside}/evil")), aimed=True),
    Case("backslash", "path-character", "A name is a file here and a folder on Windows.",
         member("good\\evil.py")),
    Case("nul", "path-character", "A name ends at a NUL for some readers.",
         member("good/evil.py\0.txt")),
    Case("newline", "path-character", "A name is two lines where it is listed.",
         member("good/evil\n.py")),
    Case("escape-sequence", "path-character", "A name clears the terminal that shows it.",
         member("good/\x1b[2J.py")),
    Case("c1-control", "path-character", "The same in one character.", member("good/\x9b.py")),
    Case("line-separator", "path-character", "Readers that split RECORD at U+2028 see a row for "
         "an absolute path.",
         lambda outside: craft(item(f"good/x\u2028{outside}/victim")), aimed=True),
    Case("bidirectional", "path-character", "A name is shown as `good/x.yp`, and is another.",
         member("good/x\u202epy.")),
    Case("empty-part", "path-form", "A name has two slashes in a row.", member("good//evil.py")),
    Case("dot-part", "path-form", "A name has a part that is left out.", member("good/./evil.py")),
    Case("empty-name", "path-form", "A member has no name.", member("")),
    Case("only-dot", "path-form", "A member is called as the destination itself.", member(".")),
    Case("long-part", "path-length", "No file system has room for the file's name.",
         member("good/" + "a" * 300)),
    Case("long-path", "path-length", "No system call takes the whole name.",
         member("/".join(["good", *["a" * 100] * 60]))),
    Case("deep-path", "path-length", "Thirty thousand folders, one in the other, take memory by "
         "the square and can't be removed.", member("a/" * 30_000 + "x")),
]  # fmt: skip
KINDS = [
    Case("symlink", "link", "A member is a symbolic link.",
         lambda outside: craft(item("good/link", outside.encode(), mode=0o120777)), aimed=True),
    Case("file-through-symlink", "link", "A file is written through a link that was written "
         "before it.", lambda outside: craft(
             item("good/up", outside.encode(), mode=0o120777), item("good/up/evil.py")),
         aimed=True),
    Case("fifo", "special-file", "Whoever opens it waits for ever.",
         member("good/fifo", mode=0o010644)),
    Case("character-device", "special-file", "A member is a device.",
         member("good/null", mode=0o020666)),
    Case("block-device", "special-file", "A member is a disk.",
         member("good/disk", mode=0o060666)),
    Case("socket", "special-file", "A member is a socket.",
         member("good/socket", mode=0o140666)),
    Case("folder-called-file", "special-file", "A folder by its mode has a file's name.",
         member("good/folder", mode=0o040755)),
    Case("folder-by-dos", "special-file", "A folder by the attributes of DOS has a file's name.",
         member("good/folder", central={"attributes": 0x10})),
    Case("folder-with-content", "special-file", "A folder has content.",
         member("good/folder/", mode=0o040755)),
    Case("folder-with-hidden-content", "size", "A folder of no bytes has bytes nevertheless.",
         lambda: craft(Item(b"good/folder/", mode=0o040755, method=0, payload=b"evil"))),
]  # fmt: skip
CLASHES = [
    Case("duplicate", "duplicate-name", "A member is there twice.",
         member("good/__init__.py")),
    Case("duplicate-other-content", "duplicate-name", "The first or the last of two members "
         "counts, whoever reads (CVE-2025-54368).", member("good/__init__.py", data=b"evil")),
    Case("case-clash", "name-clash", "Two names are one file where case doesn't count.",
         member("good/__INIT__.py")),
    Case("sharp-s-clash", "name-clash", "Two names are one when both are in capitals.",
         lambda: craft(item("a/straße"), item("a/STRASSE"))),
    Case("unicode-clash", "name-clash", "Two names are one on macOS, written in two ways.",
         lambda: craft(item("a/\u00e9"), item("a/e\u0301"))),
    Case("file-and-folder", "name-clash", "A name is a file's and a folder's.",
         lambda: craft(item("a/b"), item("a/b/c.py"))),
    Case("file-and-folder-case", "name-clash", "The same where case doesn't count.",
         lambda: craft(item("a/B"), item("a/b/c.py"))),
    Case("file-and-folder-entry", "name-clash", "The folder is a member itself.",
         lambda: craft(item("a/b"), item("a/b/", b"", mode=0o040755))),
    Case("data-over-root", "name-clash", "A file is replaced by one in `.data/purelib`.",
         member(f"{DATA}/purelib/good/__init__.py")),
    Case("data-over-record", "name-clash", "RECORD is replaced so.",
         member(f"{DATA}/platlib/{INFO}/RECORD")),
]  # fmt: skip
DATA_FOLDERS = [
    Case("data-unknown-key", "data-folder", "No installer knows where it goes.",
         member(f"{DATA}/evil/a")),
    Case("data-stdlib", "data-folder", "It would go into the standard library, where an installer "
         "takes any of sysconfig's names.", member(f"{DATA}/stdlib/os.py")),
    Case("data-other", "data-folder", "It is another project's `.data`.",
         member("other-1.0.data/scripts/a")),
    Case("data-no-version", "data-folder", "It is called nearly like the wheel's own.",
         member("good.data/scripts/a")),
    Case("data-file-in-root", "data-folder", "It is below no key.", member(f"{DATA}/a")),
    Case("data-key-is-file", "data-folder", "A key is a file.", member(f"{DATA}/scripts")),
    Case("data-dist-info", "data-folder", "By way of `.data/purelib`, another project looks "
         "installed.", member(f"{DATA}/purelib/other-9.dist-info/METADATA")),
    Case("data-own-dist-info", "data-folder", "Entry points come by way of `.data/purelib`, where "
         "nobody looks at them.", member(
             f"{DATA}/purelib/{INFO}/entry_points.txt", data=b"[console_scripts]\n../x = a:b\n")),
]  # fmt: skip
