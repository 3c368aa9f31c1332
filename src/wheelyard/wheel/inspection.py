"""All rules applied to an archive's structure and its ``.dist-info`` files, everything gathered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable, TypeVar

from wheelyard.errors import VerificationError
from wheelyard.wheel import content_rules, member_rules
from wheelyard.wheel.entry_points import odd_entry_points, parse_entry_points
from wheelyard.wheel.findings import Finding, InvalidWheelError
from wheelyard.wheel.metadata import Metadata, WheelInfo, parse_metadata, parse_wheel_info
from wheelyard.wheel.record import RecordEntry, parse_record

if TYPE_CHECKING:
    from wheelyard.wheel.archive import Archive, Member
    from wheelyard.wheel.entry_points import EntryPoint
    from wheelyard.wheel.filename import WheelFilename
    from wheelyard.wheel.member_rules import Limits

# Bytes; these files are read whole. The largest RECORD known has a third of that.
TEXT_LIMIT = 16 << 20
_TEXT_LIMITS = {"RECORD": 64 << 20, "WHEEL": 1 << 20, "entry_points.txt": 1 << 20}

_T = TypeVar("_T")


@dataclass(frozen=True)
class Said:
    """What a wheel's ``.dist-info`` folder says."""

    dist_info: str
    metadata: Metadata
    info: WheelInfo
    record: tuple[RecordEntry, ...]
    entry_points: tuple[EntryPoint, ...]


@dataclass(frozen=True)
class Inspection:
    """The outcome: ``said`` is None only when ``findings`` is not empty."""

    said: Said | None
    findings: tuple[Finding, ...]
    warnings: tuple[Finding, ...]


def inspect(
    archive: Archive, filename: WheelFilename, limits: Limits, read: Callable[[Member], bytes]
) -> Inspection:
    """Apply every rule that needs no more than the ``.dist-info`` files' content.

    Args:
        archive: the structure, with what is wrong with it already.
        filename: what all must agree with.
        limits: caps on members and sizes.
        read: returns a member's whole content, or raises :class:`InvalidWheelError`.
    """
    members = archive.members
    if not members:
        empty = (Finding("missing-file", "it holds no file"),)
        return Inspection(None, archive.findings or empty, ())
    names = [member.name for member in members]
    dist_info, wrong = content_rules.find_dist_info(names, filename)
    findings = [
        *archive_findings(archive, limits),
        *member_rules.data_findings(names, dist_info[: -len(".dist-info")] or filename.stem),
        *wrong,
    ]
    said, warnings = None, member_rules.member_warnings(members)
    if dist_info:
        texts = _read_texts(members, dist_info, read, findings)
        said = _listen(texts, dist_info, findings, warnings)
    if said is not None:
        findings += content_rules.agreement_findings(filename, said.metadata, said.info)
        findings += content_rules.record_findings(said.record, members, dist_info)
        warnings += content_rules.content_warnings(filename, said.metadata, said.info)
    return Inspection(said, tuple(findings), tuple(sorted(warnings)))


def archive_findings(archive: Archive, limits: Limits) -> list[Finding]:
    """Return what is wrong with an archive that is to be unpacked, whatever it holds."""
    names = [member.name for member in archive.members]
    return [
        *archive.findings,
        *member_rules.name_findings(names),
        *member_rules.clash_findings(names),
        *member_rules.kind_findings(archive.members),
        *member_rules.limit_findings(archive.members, limits),
    ]


def _read_texts(
    members: tuple[Member, ...],
    dist_info: str,
    read: Callable[[Member], bytes],
    findings: list[Finding],
) -> dict[str, bytes]:
    """Return the ``.dist-info`` files that matter by name; what cannot be read is a finding."""
    wanted = {f"{dist_info}/{name}": name for name in (*content_rules.REQUIRED, "entry_points.txt")}
    texts: dict[str, bytes] = {}
    broken = {finding.member for finding in findings}
    for member in members:
        if member.name not in wanted or member.name in broken:
            continue
        if member.size > _TEXT_LIMITS.get(wanted[member.name], TEXT_LIMIT):
            findings.append(Finding("limit-file", f"{member.size} bytes of text", member.name))
            continue
        try:
            texts[wanted[member.name]] = read(member)
        except InvalidWheelError as error:
            findings += error.findings
    findings += content_rules.missing_findings([member.name for member in members], dist_info)
    return texts


def _listen(
    texts: dict[str, bytes], dist_info: str, findings: list[Finding], warnings: list[Finding]
) -> Said | None:
    def parsed(name: str, parser: Callable[[bytes], _T], rule: str) -> _T | None:
        try:
            return parser(texts[name]) if name in texts else None
        except VerificationError as error:
            findings.append(Finding(rule, str(error), f"{dist_info}/{name}"))
            return None

    metadata = parsed("METADATA", parse_metadata, "metadata")
    info = parsed("WHEEL", parse_wheel_info, "metadata")
    record = parsed("RECORD", parse_record, "record-form")
    entry_points = parsed("entry_points.txt", parse_entry_points, "entry-point")
    odd = parsed("entry_points.txt", odd_entry_points, "entry-point")
    warnings += [Finding("entry-point-form", line) for line in odd or ()]
    if metadata is None or info is None or record is None:
        return None
    return Said(dist_info, metadata, info, record, entry_points or ())
