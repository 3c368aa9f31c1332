"""What a wheel holds, in short: native code, licences, SBOMs, signatures, metadata as values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wheelyard.wheel.content_rules import UNHASHED

if TYPE_CHECKING:
    from wheelyard.wheel.archive import Member
    from wheelyard.wheel.metadata import Metadata
    from wheelyard.wheel.reader import Wheel

LIBRARY = re.compile(r"\.(?:so(?:\.[0-9]+)*|pyd|dll|dylib)$", re.IGNORECASE)
_MAGIC = (
    b"\x7fELF",
    b"MZ",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
)
_LICENCE = re.compile(r"(?:licen[cs]e|copying|notice|authors)", re.IGNORECASE)
# The headers that may stand several times (the core metadata specification).
_SEVERAL = frozenset(
    {
        "classifier",
        "dynamic",
        "import_name",
        "import_namespace",
        "license_file",
        "obsoletes",
        "obsoletes_dist",
        "platform",
        "project_url",
        "provides",
        "provides_dist",
        "provides_extra",
        "requires",
        "requires_dist",
        "requires_external",
        "supported_platform",
    }
)


@dataclass(frozen=True)
class Summary:
    """Paths in a wheel by what they are; ``size`` is in bytes, unpacked."""

    files: int
    size: int
    native: tuple[str, ...]
    licences: tuple[str, ...]
    sboms: tuple[str, ...]
    signatures: tuple[str, ...]


def summarize(wheel: Wheel) -> Summary:
    """Return what a wheel holds; only the beginning of what may be native code is read."""
    files = [member for member in wheel.members if not member.is_folder]
    own = f"{wheel.dist_info}/"
    names = [member.name for member in files]
    about = [name[len(own) :] for name in names if name.startswith(own)]
    return Summary(
        files=len(files),
        size=sum(member.size for member in files),
        native=tuple(sorted(member.name for member in files if is_native(wheel, member))),
        licences=tuple(sorted(own + name for name in about if is_licence(name))),
        sboms=tuple(sorted(own + name for name in about if name.startswith("sboms/"))),
        signatures=tuple(sorted(own + name for name in about if name in UNHASHED[1:])),
    )


def is_licence(name: str) -> bool:
    """Whether a file in a ``.dist-info`` folder is a licence (PEP 639, or as it was before)."""
    return name.startswith("licenses/") or _LICENCE.match(name) is not None


def is_native(wheel: Wheel, member: Member) -> bool:
    """Whether a member is a library or a program of a processor's, by its first bytes."""
    likely = (
        LIBRARY.search(member.name) or ".data/scripts/" in member.name or member.permissions & 0o111
    )
    return bool(likely) and next(wheel.chunks(member), b"").startswith(_MAGIC)


def metadata_as_dict(metadata: Metadata) -> dict[str, str | list[str]]:
    r"""Return metadata in the JSON form that the core metadata specification has for it.

    >>> from wheelyard.wheel.metadata import parse_metadata
    >>> metadata_as_dict(parse_metadata("Name: x\nVersion: 1\nRequires-Dist: y\n"))
    {'name': 'x', 'version': '1', 'requires_dist': ['y']}
    """
    found: dict[str, str | list[str]] = {}
    several: dict[str, list[str]] = {}
    for header, value in metadata.headers:
        name = header.lower().replace("-", "_")
        if name in _SEVERAL:
            found[name] = several.setdefault(name, [])
            several[name].append(value)
        elif name == "keywords":
            found[name] = [word.strip() for word in value.split(",") if word.strip()]
        else:
            found[name] = value
    if metadata.description:
        found["description"] = metadata.description
    return found
