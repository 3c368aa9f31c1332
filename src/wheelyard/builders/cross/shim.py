"""Lets the Python that a build backend runs in answer for the host.

This file is put into the build environment together with a ``.pth`` that imports it. It does
nothing unless ``WHEELYARD_CROSS`` names a description (JSON: machine, multiarch, include), so that
whatever else runs in the environment stays native. ``EXTENSION_SUFFIXES`` stays the build
machine's: build requirements with compiled parts must import.

Meson asks the machine that it runs on who it is, and other Pythons about the host; so a process
that is Meson stays native, and so does whatever it starts, but for the Python of its cross file.

Runs on Python 3.9 with the standard library alone; imports nothing that a backend might want to
import first.
"""

from __future__ import annotations

import os
import sys

VARIABLES = (
    "WHEELYARD_CROSS",
    "_PYTHON_SYSCONFIGDATA_NAME",
    "_PYTHON_HOST_PLATFORM",
    "PYTHONPATH",
)


def activate(path: str) -> None:
    """Patch what tells the machine: uname, the multiarch name, the folders of headers."""
    import json  # noqa: PLC0415 - native processes do without

    with open(path, encoding="utf-8") as stream:  # noqa: PTH123 - pathlib is slow to import
        host = json.load(stream)
    own = os.uname()
    values = (own.sysname, own.nodename, own.release, own.version, host["machine"])
    os.uname = lambda: os.uname_result(values)
    sys.implementation._multiarch = host["multiarch"]  # type: ignore[attr-defined] # noqa: SLF001

    import sysconfig  # noqa: PLC0415 - it asks the patched names

    for scheme in sysconfig._INSTALL_SCHEMES.values():  # type: ignore[attr-defined] # noqa: SLF001
        for name in ("include", "platinclude"):
            if name in scheme:
                scheme[name] = host["include"]


def is_meson() -> bool:
    """Whether this process runs Meson."""
    # sys.argv need not be there yet while .pth files are read.
    with open("/proc/self/cmdline", "rb") as stream:  # noqa: PTH123
        words = stream.read().split(b"\0")
    return any(word.rpartition(b"/")[2] in (b"meson", b"meson.py") for word in words[1:3])


if os.environ.get("WHEELYARD_CROSS"):
    if is_meson():
        for _name in VARIABLES:
            os.environ.pop(_name, None)
    else:
        activate(os.environ["WHEELYARD_CROSS"])
