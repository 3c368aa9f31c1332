"""The tags of what has none: from a Python's version, a platform and the names of extensions.

An extension's own name is the best witness (PEP 3149): ``x.cpython-37m-x86_64-linux-gnu.so``,
``x.abi3.so``. Where it says nothing, as on Python 2, the ABI is CPython's usual one: with ``m``
until 3.7, and until 3.2 with ``u`` where ``unicode`` had four bytes, which the symbols may tell.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wheelyard.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

_NAMED = re.compile(
    r"\.(?:cpython-(?P<unix>[0-9]+)(?P<flags>[a-z]*)|cp(?P<windows>[0-9]+)(?P<threads>t?)"
    r"|(?P<pypy>pypy[0-9]*-[a-z0-9]+)|(?P<stable>abi3))[.-]"
)
_PYMALLOC_UNTIL, _WIDTHS_UNTIL = (3, 7), (3, 2)
_WIDTHS = {b"PyUnicodeUCS2_": "", b"PyUnicodeUCS4_": "u"}
_MACOS = re.compile(r"macosx_([0-9]+)(?:_([0-9]+))?_([a-z]\w*)")
_MACOS_WITHOUT_MINOR = 11


def pure_tags(python: str, platform: str = "", *, bytecode_only: bool = False) -> str:
    """Return the tag set of what has no extension modules.

    Args:
        python: ``3.8``, or ``""`` for any.
        platform: a tag, where it has libraries for one all the same.
        bytecode_only: whether there are modules without source, which one Python alone reads.

    >>> pure_tags("3.8"), pure_tags(""), pure_tags("3.8", bytecode_only=True)
    ('py38-none-any', 'py2.py3-none-any', 'cp38-none-any')
    """
    digits = python.replace(".", "")
    kind = "cp" if bytecode_only else "py"
    return f"{kind + digits if digits else 'py2.py3'}-none-{platform or 'any'}"


def extension_tags(
    python: str, platform: str, names: Iterable[str], widths: Iterable[str] = ()
) -> str:
    """Return the tag set of what has extension modules.

    Args:
        python: ``3.8``, or ``""`` when only the names may tell.
        platform: the tag.
        names: of the extension modules and other libraries.
        widths: from :func:`unicode_widths`.

    Raises:
        UsageError: the names tell of several Pythons, or nothing tells of one.

    >>> extension_tags("3.7", "win32", ["a/x.pyd"]), extension_tags("3.9", "win32", ["x.abi3.so"])
    ('cp37-cp37m-win32', 'cp39-abi3-win32')
    """
    digits = python.replace(".", "")
    found = {abi for name in names if (abi := _named_abi(name, python))}
    named = sorted(found - {"abi3"})
    if len(named) > 1:
        named = [abi for abi in named if abi.startswith(f"cp{digits}-")] or named
    if len(named) > 1:
        raise UsageError(
            f"its modules are for several Pythons ({', '.join(named)}), and a wheel is for one"
        )
    if named:
        return f"{named[0]}-{platform}"
    if not digits:
        raise UsageError(
            "nothing says which Python its compiled modules are for; let its name end in -pyX.Y "
            "as that of its kind does"
        )
    abis = "abi3" if "abi3" in found else usual_abis(python, platform, widths)
    return f"cp{digits}-{abis}-{platform}"


def _named_abi(name: str, python: str) -> str:
    """Return the tags of the Python and the ABI that an extension's name tells, or ``""``."""
    found = _NAMED.search(name.rpartition("/")[2])
    if found is None:
        return ""
    if found["unix"]:
        return f"cp{found['unix']}-cp{found['unix']}{found['flags']}"
    if found["windows"]:  # whose names never had the m
        digits = found["windows"]
        abi = usual_abis(f"{digits[0]}.{digits[1:]}", "win", ())
        return f"cp{digits}-{abi}{found['threads']}"
    if found["pypy"]:
        return f"pp{python.replace('.', '')}-{found['pypy'].replace('-', '_')}"
    return "abi3"


def usual_abis(python: str, platform: str, widths: Iterable[str]) -> str:
    """Return the tags of CPython's usual ABIs, several joined by dots where each may be meant.

    >>> usual_abis("3.8", "linux_x86_64", ()), usual_abis("2.7", "linux_x86_64", {"u"})
    ('cp38', 'cp27mu')
    """
    major, minor = map(int, python.split("."))
    abi = f"cp{major}{minor}"
    if (major, minor) > _PYMALLOC_UNTIL:
        return abi
    if (major, minor) > _WIDTHS_UNTIL or platform.startswith("win"):
        return f"{abi}m"
    return ".".join(f"{abi}m{width}" for width in sorted(widths) or ("", "u"))


def has_widths(python: str, platform: str) -> bool:
    """Whether the width of ``unicode`` is part of a Python's ABI, so that symbols must be read."""
    return "." in usual_abis(python, platform, ()) if python else False


def unicode_widths(chunks: Iterable[bytes]) -> set[str]:
    """Return ``"u"`` for the symbols of four-byte ``unicode``, ``""`` for those of two bytes."""
    found: set[str] = set()
    before = b""
    for chunk in chunks:
        seen = before + chunk
        found |= {flag for symbol, flag in _WIDTHS.items() if symbol in seen}
        before = seen[-max(map(len, _WIDTHS)) :]
    return found


def platform_tag(platform: str) -> str:
    """Return the tag of a platform that distutils names.

    >>> platform_tag("macosx-10.9-x86_64"), platform_tag("macosx-11.6-arm64")
    ('macosx_10_9_x86_64', 'macosx_11_0_arm64')
    """
    tag = re.sub(r"[^a-z0-9]", "_", platform.lower())
    found = _MACOS.fullmatch(tag)
    if found is None:
        return tag
    minor = "0" if int(found[1]) >= _MACOS_WITHOUT_MINOR else found[2] or "0"
    return f"macosx_{found[1]}_{minor}_{found[3]}"
