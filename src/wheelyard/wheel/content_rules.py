"""Rules on what a wheel says of itself: file name, ``METADATA``, ``WHEEL``, ``RECORD``.

===================  =========================================================================
rule                 broken by
===================  =========================================================================
dist-info            no ``.dist-info`` folder, several, or one of another name
missing-file         no ``METADATA``, ``WHEEL`` or ``RECORD``
metadata             one of these, or ``entry_points.txt``, that cannot be read
name-mismatch        file name and ``METADATA`` name different projects
version-mismatch     file name and ``METADATA`` name different versions
wheel-version        ``Wheel-Version`` 2 or later
entry-point          a script whose name or value is against the specification
record-form          a ``RECORD`` that cannot be read
record-path          a row that is absolute, leaves the wheel or is not in plain form
record-missing       a member without a row
record-absent        a row without a member
record-hash          a row without a hash, with a weak one, or that the content does not match
record-size          a row whose size is not the content's
tag-mismatch         (warning) file name and ``WHEEL`` name different tags or builds
wheel-version-newer  (warning) ``Wheel-Version`` 1.x later than 1.0
direct-url           (warning) a requirement by URL
entry-point-form     (warning) a plug-in's line that is against the specification
===================  =========================================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wheelyard.wheel.findings import Finding
from wheelyard.wheel.member_rules import name_findings
from wheelyard.wheel.names import normalize_name
from wheelyard.wheel.versions import same_version

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wheelyard.wheel.archive import Member
    from wheelyard.wheel.filename import WheelFilename
    from wheelyard.wheel.metadata import Metadata, WheelInfo
    from wheelyard.wheel.record import RecordEntry

REQUIRED = ("METADATA", "WHEEL", "RECORD")
HASH_ALGORITHMS = ("sha256", "sha384", "sha512")
"""``RECORD`` may use these; weaker ones are refused (PEP 427: "sha256 or better")."""
UNHASHED = ("RECORD", "RECORD.jws", "RECORD.p7s")
"""These stand in no row or in one without hash (PEP 427)."""
_VERSION = (1, 0)


def find_dist_info(names: Iterable[str], filename: WheelFilename) -> tuple[str, list[Finding]]:
    """Return the name of the wheel's ``.dist-info`` folder, or ``""``, and what is wrong."""
    tops = sorted({name.partition("/")[0] for name in names})
    found = [top for top in tops if top.lower().endswith(".dist-info")]
    if len(found) != 1:
        many = ", ".join(found) or "none"
        return "", [Finding("dist-info", f"there must be one .dist-info folder, not {many}")]
    name, _, version = found[0][: -len(".dist-info")].partition("-")
    if normalize_name(name) != filename.name or not same_version(version, filename.version):
        return found[0], [Finding("dist-info", f"it is not {filename.stem}'s", found[0])]
    if not found[0].endswith(".dist-info"):
        detail = "no installer finds it unless it ends in .dist-info, in small letters"
        return found[0], [Finding("dist-info", detail, found[0])]
    return found[0], []


def missing_findings(names: Iterable[str], dist_info: str) -> list[Finding]:
    """Return the files that the ``.dist-info`` folder lacks."""
    present = set(names)
    wanted = [f"{dist_info}/{name}" for name in REQUIRED]
    return [
        Finding("missing-file", "it is not there", name) for name in wanted if name not in present
    ]


def agreement_findings(
    filename: WheelFilename, metadata: Metadata, info: WheelInfo
) -> list[Finding]:
    """Return where the file name, ``METADATA`` and ``WHEEL`` disagree."""
    findings = []
    if normalize_name(metadata.name) != filename.name:
        findings.append(Finding("name-mismatch", f"METADATA says {metadata.name!r}"))
    if not same_version(metadata.version, filename.version):
        findings.append(Finding("version-mismatch", f"METADATA says {metadata.version!r}"))
    if info.wheel_version[0] > _VERSION[0]:
        findings.append(Finding("wheel-version", "it needs a tool for Wheel-Version 2 or later"))
    return findings


def content_warnings(filename: WheelFilename, metadata: Metadata, info: WheelInfo) -> list[Finding]:
    """Return what installers put up with and is yet worth a look.

    They choose a wheel by its file name alone, so the tags in ``WHEEL`` lead nobody astray.
    """
    findings = tag_findings(filename, info)
    findings += [
        Finding("direct-url", f"it requires {requirement}")
        for requirement in metadata.requires_dist
        if "@" in requirement.partition(";")[0]
    ]
    if info.wheel_version[0] == _VERSION[0] and info.wheel_version > _VERSION:
        version = "{}.{}".format(*info.wheel_version)
        findings.append(Finding("wheel-version-newer", f"Wheel-Version {version}"))
    return findings


def tag_findings(filename: WheelFilename, info: WheelInfo) -> list[Finding]:
    """Return where the file name and ``WHEEL`` disagree on tags and build."""
    findings = []
    if info.tags != filename.tags:
        tags = ", ".join(map(str, info.tags)) or "no tag"
        findings.append(Finding("tag-mismatch", f"WHEEL says {tags}"))
    if info.build and info.build != filename.build_tag:
        findings.append(Finding("tag-mismatch", f"WHEEL says build {info.build!r}"))
    return findings


def record_findings(
    record: Iterable[RecordEntry], members: Iterable[Member], dist_info: str
) -> list[Finding]:
    """Return where the rows and the members are not one to one, or a row proves nothing."""
    rows = {entry.path: entry for entry in record}
    sizes = {member.name: member.size for member in members if not member.is_folder}
    free = {f"{dist_info}/{name}" for name in UNHASHED}
    findings = [
        Finding("record-path", f"RECORD: {finding.detail}", finding.member)
        for finding in name_findings(rows)
    ]
    findings += [
        Finding("record-missing", "RECORD does not list it", name)
        for name in sizes.keys() - rows.keys() - free
    ]
    for path, row in rows.items():
        if path not in sizes:
            findings.append(Finding("record-absent", "RECORD lists it, but it is not there", path))
        elif row.hash_algorithm not in HASH_ALGORITHMS and (row.hash or path not in free):
            kind = row.hash_algorithm or "no"
            findings.append(
                Finding("record-hash", f"RECORD has {kind} hash; sha256 is least", path)
            )
        if row.size not in {None, sizes.get(path, row.size)}:
            findings.append(Finding("record-size", f"RECORD says {row.size} bytes", path))
    return findings
