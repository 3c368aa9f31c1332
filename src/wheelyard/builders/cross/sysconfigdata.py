"""``sysconfig``'s variables for a cross build: the host's, with our tools. Pure."""

from __future__ import annotations

import pprint
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wheelyard.builders.cross.host import Host

MODULE = "_sysconfigdata__cross"
_CFLAGS = "-O2 -Wall -fPIC"


def cross_variables(
    own: Mapping[str, Any], host: Host, include: str, library: str
) -> dict[str, Any]:
    """Give the variables that a backend should see.

    Args:
        own: The variables of the interpreter that runs the build, of the host's Python version.
        host: What the build is for.
        include: The folder of the host's ``Python.h``.
        library: The folder of the host's libraries.
    """
    return {
        **{name: value for name, value in own.items() if not _is_local(name)},
        "AR": "ar",
        "ARFLAGS": "rcs",
        "BLDSHARED": "cc -shared",
        "CC": "cc",
        "CCSHARED": "-fPIC",
        "CFLAGS": f"-DNDEBUG {_CFLAGS}",
        "CONFINCLUDEPY": include,
        "CXX": "c++",
        "EXT_SUFFIX": host.ext_suffix,
        "HOST_GNU_TYPE": host.multiarch,
        "INCLUDEPY": include,
        "LDCXXSHARED": "c++ -shared",
        "LDFLAGS": "",
        "LDSHARED": "cc -shared",
        "LIBDIR": library,
        "LIBPC": f"{library}/pkgconfig",
        "LIBPL": library,
        "MACHDEP": "linux",
        "MULTIARCH": host.multiarch,
        "OPT": f"-DNDEBUG {_CFLAGS}",
        "RANLIB": "ranlib",
        "SHLIB_SUFFIX": ".so",
        "SIZEOF_LONG": host.pointer,
        "SIZEOF_SIZE_T": host.pointer,
        "SIZEOF_VOID_P": host.pointer,
        "SOABI": host.soabi,
    }


def _is_local(name: str) -> bool:
    """Whether a variable says how the build machine's own Python was compiled."""
    return name.startswith(("CONFIG_", "PY_", "CFLAGS_", "LDFLAGS_", "LIBRARY_DEPS")) and (
        name != "PY_ENABLE_SHARED"
    )


def render(variables: Mapping[str, Any]) -> str:
    """Give the module's text."""
    return f"build_time_vars = {pprint.pformat(dict(variables))}\n"
