"""Sysroots: a target's C library, Python and native libraries on the build machine, as data.

Here and not in ``targets``: that runs on devices with the standard library alone, while these ask
servers, keep what they fetch in the store, and unpack.
"""

from __future__ import annotations

from wheelyard.builders.sysroots.choice import Sysroots
from wheelyard.builders.sysroots.debian import DebianProvider, open_debian
from wheelyard.builders.sysroots.mirrors import Sources, find_sources
from wheelyard.builders.sysroots.standalone import Standalone
from wheelyard.builders.sysroots.sysroot import (
    PackageProvider,
    PathProvider,
    Sysroot,
    SysrootProvider,
    Tree,
)

__all__ = [
    "DebianProvider",
    "PackageProvider",
    "PathProvider",
    "Sources",
    "Standalone",
    "Sysroot",
    "SysrootProvider",
    "Sysroots",
    "Tree",
    "find_sources",
    "open_debian",
]
