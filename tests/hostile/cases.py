"""Every hostile wheel; and the odd ones that are legal, and only warn."""

from __future__ import annotations

from tests.hostile.case import Case, described, descriptor, entry_points, member, metadata, zip64
from tests.hostile.claims import ENTRY_POINTS, NAMES, RECORD
from tests.hostile.craft import METADATA, WHEEL, craft, item
from tests.hostile.members import CLASHES, DATA, DATA_FOLDERS, KINDS, PATHS
from tests.hostile.structure import CONTENT, STRUCTURE

REFUSED = (
    *PATHS, *KINDS, *CLASHES, *DATA_FOLDERS, *STRUCTURE, *CONTENT, *RECORD, *NAMES, *ENTRY_POINTS,
)  # fmt: skip

WARNED = (
    Case("file-tag", "tag-mismatch", "WHEEL has other tags than the file's name.", craft,
         "good-1.0-cp311-abi3-linux_x86_64.whl"),
    Case("file-build", "tag-mismatch", "WHEEL has another build tag than the file's name.",
         lambda: craft(wheel=WHEEL + b"Build: 2\n"), "good-1.0-1-py3-none-any.whl"),
    Case("wheel-no-tag", "tag-mismatch", "WHEEL has no tag.",
         lambda: craft(wheel=WHEEL.replace(b"Tag: ", b"Tog: "))),
    Case("windows-device", "windows-name", "A name is a device's on Windows.",
         member("good/aux.py")),
    Case("windows-stream", "windows-name", "A name is a hidden stream on Windows.",
         member("good/a:b")),
    Case("windows-trailing-dot", "windows-name", "Windows drops the end of a name.",
         member("good/dot.")),
    Case("pth", "pth-file", "Every start of Python runs a line of it.", member("good.pth")),
    Case("pth-data", "pth-file", "The same by way of `.data`.",
         member(f"{DATA}/purelib/good.pth")),
    Case("sitecustomize", "pth-file", "Every start of Python imports it.",
         member("sitecustomize.py")),
    Case("egg-info", "egg-info", "It makes another project look installed.",
         member("other-9.egg-info/PKG-INFO")),
    Case("setuid", "mode-bits", "A program would run as its owner.",
         member("good/run", mode=0o104755)),
    Case("wheel-version-1.9", "wheel-version-newer", "It is of a later version of the format.",
         lambda: craft(wheel=WHEEL.replace(b"1.0", b"1.9"))),
    Case("requires-url", "direct-url", "A requirement comes from an address.", metadata(
        METADATA + b"Requires-Dist: evil @ https://example.invalid/evil.whl\n")),
    Case("odd-plugin", "entry-point-form", "A plug-in's name is none.",
         entry_points("[plugins]\na b = good:main\n")),
)  # fmt: skip


def good_zip64() -> bytes:
    return zip64()()


def good_descriptor() -> bytes:
    return described(descriptor(b"x = 1\n"))()


def good_nested() -> bytes:
    """A zip file within, not compressed, as test data of real projects is."""
    return craft(item("good/inner.zip", craft(), method=0))
