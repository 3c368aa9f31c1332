"""The compiler wrappers: what build systems pass, made fit for the host, and for zig if it is that.

``translate`` is pure. A copy of this file is what the wrappers in the build environment run, with
a description of the toolchain beside it (``toolchain.json``). Runs on Python 3.9 with the standard
library alone, since any interpreter of this machine may run a wrapper.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# Tuned to the build machine.
_OF_THIS_MACHINE = frozenset(("-march=native", "-mtune=native", "-mcpu=native"))
# The wrapper knows the target, under a name that says more.
_NAMED_TARGET = "--target="
# Refused or misread by zig's clang and linker.
_DROPPED = frozenset(
    (
        "-Wl,-Bsymbolic-functions",
        "-Wl,--fatal-warnings",
        "-Wl,-z,relro",
        "-Wl,--enable-new-dtags",
        "-fcf-protection",
        "-fno-semantic-interposition",
        "-ffat-lto-objects",
        "-fuse-ld=gold",
        "-fuse-ld=bfd",
    )
)
_DROPPED_STARTS = (
    *("-specs=", "-fdebug-prefix-map=", "-Wl,--dynamic-linker", "-mbranch-protection"),
    # Only GCC's optimiser has these.
    *("-ftree-", "-fno-tree-"),
)
# With one of these nothing is linked.
_NOT_LINKED = frozenset(("-c", "-S", "-E", "-M", "-MM", "-fsyntax-only"))
# What GCC calls an Arm extension that LLVM calls otherwise.
_ARM_EXTENSIONS = {
    "fp16": "fullfp16",
    "fp": "fp_armv8",
    "simd": "neon",
    "crypto": "aes+sha2",
    "memtag": "mte",
    "rcpc": "rcpc",
}
# Folders of the build machine: its headers and libraries are not the host's.
_FOREIGN = ("/usr/include", "/usr/local/include", "/usr/lib", "/usr/local/lib", "/lib", "/opt")


def translate(
    arguments: Iterable[str],
    foreign: Sequence[str],
    moved: Sequence[Sequence[str]] = (),
    *,
    zig: bool = True,
) -> list[str]:
    """Give the arguments for the host's compiler.

    Args:
        arguments: What the build system passed.
        foreign: Further folders of the build machine, such as its Python's prefix.
        moved: Pairs of folders: what is asked of the first is in the second. The most specific
            first.
        zig: Whether the compiler is zig's clang, and not GCC.
    """
    kept: list[str] = []
    words = iter(arguments)
    for word in words:
        if word in _OF_THIS_MACHINE or word.startswith(_NAMED_TARGET):
            continue
        if zig and (word in _DROPPED or word.startswith(_DROPPED_STARTS)):
            continue
        if word == "-target":
            next(words, "")
            continue
        if zig and word.startswith("-march="):
            kept += _processor(word[len("-march=") :])
            continue
        if word in ("-I", "-L", "-isystem", "-idirafter"):
            joined, option, folder = False, word, next(words, "")
        elif word[:2] in ("-I", "-L"):
            joined, option, folder = True, word[:2], word[2:]
        else:
            kept.append(word)
            continue
        folder = _move(os.path.normpath(folder), moved)
        if not _is_foreign(folder, foreign):
            kept += [option + folder] if joined else [option, folder]
    return kept


def _processor(march: str) -> list[str]:
    """Say ``-march=`` as zig wants it: processors and features by LLVM's names."""
    architecture, *extensions = march.split("+")
    if not architecture.startswith("armv"):
        return [f"-march={march.replace('-', '_')}"]
    version, _, profile = architecture[len("armv") :].partition("-")
    if version[:1] in ("4", "5", "6", "7"):
        return []  # the wrapper has the host's, with its floating-point unit
    names = [_ARM_EXTENSIONS.get(one, one) for one in extensions if not one.startswith("no")]
    return [
        f"-mcpu=generic+v{version.replace('.', '_')}{profile or 'a'}"
        + "".join(f"+{name}" for name in names)
    ]


def _move(folder: str, moved: Sequence[Sequence[str]]) -> str:
    for old, new in moved:
        if folder == old or folder.startswith(old + "/"):
            return new + folder[len(old) :]
    return folder


def _is_foreign(folder: str, foreign: Sequence[str]) -> bool:
    return any(folder == root or folder.startswith(root + "/") for root in (*_FOREIGN, *foreign))


def main(kind: str, arguments: Sequence[str]) -> None:
    """Become the tool that a wrapper stands for."""
    beside = os.path.join(os.path.dirname(__file__), "toolchain.json")  # noqa: PTH118, PTH120
    with open(beside, encoding="utf-8") as stream:  # noqa: PTH123 - pathlib is slow to import
        chain = json.load(stream)
    command = [*chain["tools"][kind]]
    if kind in ("cc", "c++"):
        given = translate(arguments, chain["foreign"], chain["moved"], zig=chain["zig"])
        linked = not _NOT_LINKED.intersection(given)
        arguments = [*given, *chain["after"], *(chain["linked"] if linked else ())]
    os.execv(command[0], [*command, *arguments])  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
