"""Raw facts about the running interpreter and its machine; prints them as JSON when run.

A script on its own: it imports the standard library alone, not even Wheelyard, so that ``detect``
can hand its text to any interpreter of Python 3.9 or later with ``-c``, and so that it can be
copied to a device. It only gathers; ``detect.target_from_facts`` understands.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import re
import struct
import subprocess
import sys
import sysconfig
from typing import Any

_ELF_HEADER_SIZE = 64
_HEAD_SIZE = 1 << 16  # the loader's path stands in the first pages of an executable
_SONAME = re.compile(r"[\w.+-]+\.so(?:\.\d+)?\Z")
_MUSL_LOADER = re.compile(rb"/[\w./-]*/ld-musl-[\w.-]+")


def facts() -> dict[str, Any]:
    """Gather everything; every value is text, a number, a boolean or a list or dict of such."""
    head = _read_head(sys.executable)
    release, version, uname = os.uname()[2:5]
    return {
        "implementation": sys.implementation.name,
        "version_info": list(sys.version_info),
        "free_threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        "debug": bool(sysconfig.get_config_var("Py_DEBUG")),
        "ext_suffix": sysconfig.get_config_var("EXT_SUFFIX"),
        "soabi": sysconfig.get_config_var("SOABI"),
        "platform": sysconfig.get_platform(),
        "pointer_bits": struct.calcsize("P") * 8,
        "python_version": platform.python_version(),
        "uname": uname,
        "kernel": {"release": release, "version": version},
        "libc": _glibc() or _musl(head),
        "elf_header": head[:_ELF_HEADER_SIZE].hex(),
        "os_release": _read_text("/etc/os-release"),
        "synology": _read_text("/etc.defaults/VERSION"),
        "cpuinfo": _cpu_features(),
        "sonames": _sonames(),
    }


def _read_head(path: str) -> bytes:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - pathlib would double the start-up time
            return file.read(_HEAD_SIZE)
    except OSError:
        return b""


def _read_text(path: str) -> str:
    return _read_head(path).decode("utf-8", "replace")


def _glibc() -> str:
    """Give ``"glibc 2.36"``, or nothing where the C library is another."""
    try:
        return os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (AttributeError, OSError, ValueError):
        return ""


def _musl(head: bytes) -> str:
    """Give what the loader says of itself; musl tells its version in no other way."""
    loader = _MUSL_LOADER.search(head)
    if loader is None:
        return ""
    command = [os.fsdecode(loader.group())]
    said = subprocess.run(command, stderr=subprocess.PIPE, check=False)
    return said.stderr.decode("ascii", "replace")


def _cpu_features() -> str:
    """Give the first ``flags`` or ``Features`` line of ``/proc/cpuinfo``."""
    match = re.search(r"(?m)^(?:flags|Features)\s*:\s*(.*)$", _read_text("/proc/cpuinfo"))
    return match.group(1) if match else ""


def _sonames() -> list[str]:
    """Name the shared libraries in the folders where the loader looks by itself."""
    multiarch = getattr(sys.implementation, "_multiarch", "")
    folders = ["/lib", "/usr/lib", "/lib64", "/usr/lib64", "/usr/local/lib"]
    folders += [f"{folder}/{multiarch}" for folder in folders if multiarch]
    found: set[str] = set()
    for folder in folders:
        with contextlib.suppress(OSError):
            found.update(filter(_SONAME.match, os.listdir(folder)))  # noqa: PTH208 - as above
    return sorted(found)


if __name__ == "__main__":
    json.dump(facts(), sys.stdout)
