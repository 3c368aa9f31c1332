"""Programs that an installation writes: their first line and the text of entry points."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wheelyard.errors import UsageError

if TYPE_CHECKING:
    from wheelyard.wheel.entry_points import EntryPoint

PLACEHOLDER = b"#!python"
"""With this a script in ``.data/scripts`` begins whose first line is to be replaced (PEP 427)."""

_LONGEST = 127  # bytes that every Linux reads of a first line, without the line feed
_SAFE = re.compile(r"[^\"'\\$`\x00-\x1f]+")

# What pip writes, so that both installers give the same file.
_TEXT = """\
import sys
from {module} import {name}
if __name__ == '__main__':
    sys.argv[0] = sys.argv[0].removesuffix('.exe')
    sys.exit({function}())
"""


def first_line(python: str) -> bytes:
    r"""Return the line or lines that make a script run under ``python``, an absolute path.

    The kernel splits the line at blanks and cuts it off at 127 bytes, so ``/bin/sh`` starts the
    interpreter where the path does not fit; the same lines are a harmless string to Python.

    Raises:
        UsageError: the path holds quotes, ``\``, ``$`` or control characters.

    >>> first_line("/srv/env/bin/python")
    b'#!/srv/env/bin/python\n'
    """
    if not _SAFE.fullmatch(python):
        raise UsageError(
            f"{python!r}: a script cannot name this interpreter; install into a folder without "
            "quotes, backslashes, $ and control characters in its path"
        )
    simple = f"#!{python}\n".encode()
    if " " not in python and len(simple) <= _LONGEST:
        return simple
    return f"#!/bin/sh\n'''exec' \"{python}\" \"$0\" \"$@\"\n' '''\n".encode()


def entry_point_script(entry: EntryPoint, python: str) -> bytes:
    """Return the program for an entry point of a script group."""
    name = entry.attr.partition(".")[0]
    text = _TEXT.format(module=entry.module, name=name, function=entry.attr)
    return first_line(python) + text.encode()


def rewrite_script(content: bytes, python: str) -> bytes:
    """Return a script that begins with :data:`PLACEHOLDER` with its first line replaced."""
    return first_line(python) + content.partition(b"\n")[2]
