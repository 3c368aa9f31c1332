"""The wheel format, alone: file names, metadata, records, strict reading, reproducible writing.

Standard library only, Python 3.9 and later, so that it also runs on the machines installed to; what
deflates and inflates faster is used where it is there.

>>> from wheelyard.wheel import parse_wheel_filename
>>> parse_wheel_filename("zope.interface-6.4-cp311-cp311-linux_x86_64.whl").name
'zope-interface'
"""

from wheelyard.wheel.archive import Member
from wheelyard.wheel.entry_points import EntryPoint, InvalidEntryPointsError, parse_entry_points
from wheelyard.wheel.filename import (
    InvalidSdistFilenameError,
    InvalidWheelFilenameError,
    WheelFilename,
    escape_part,
    parse_sdist_filename,
    parse_wheel_filename,
)
from wheelyard.wheel.findings import Finding, InvalidWheelError
from wheelyard.wheel.markers import InvalidMarkerError, evaluate_marker
from wheelyard.wheel.member_rules import DEFAULT_LIMITS, Limits
from wheelyard.wheel.metadata import (
    InvalidMetadataError,
    Metadata,
    WheelInfo,
    parse_metadata,
    parse_wheel_info,
    render_wheel_info,
)
from wheelyard.wheel.names import (
    NormalizedName,
    Sha256,
    normalize_name,
)
from wheelyard.wheel.reader import (
    VerifiedWheel,
    Wheel,
    file_sha256,
    open_wheel,
    unpack_wheel,
    verify_wheel,
)
from wheelyard.wheel.record import (
    InvalidRecordError,
    RecordEntry,
    encode_hash,
    format_record,
    hash_to_hex,
    parse_record,
)
from wheelyard.wheel.requirement import (
    InvalidRequirementError,
    Requirement,
    parse_requirement,
)
from wheelyard.wheel.requires_python import accepts_python
from wheelyard.wheel.specifiers import InvalidSpecifierError, Specifier, parse_specifiers
from wheelyard.wheel.tags import InvalidTagError, Tag, compress_tags, parse_tag
from wheelyard.wheel.versions import (
    InvalidVersionError,
    Version,
    normalize_version,
    parse_version,
    same_version,
)
from wheelyard.wheel.writer import (
    WheelFile,
    WrittenWheel,
    file_from_bytes,
    file_from_disk,
    files_from_folder,
    files_from_wheel,
    write_wheel,
)

__all__ = [
    "DEFAULT_LIMITS",
    "EntryPoint",
    "Finding",
    "InvalidEntryPointsError",
    "InvalidMarkerError",
    "InvalidMetadataError",
    "InvalidRecordError",
    "InvalidRequirementError",
    "InvalidSdistFilenameError",
    "InvalidSpecifierError",
    "InvalidTagError",
    "InvalidVersionError",
    "InvalidWheelError",
    "InvalidWheelFilenameError",
    "Limits",
    "Member",
    "Metadata",
    "NormalizedName",
    "RecordEntry",
    "Requirement",
    "Sha256",
    "Specifier",
    "Tag",
    "VerifiedWheel",
    "Version",
    "Wheel",
    "WheelFile",
    "WheelFilename",
    "WheelInfo",
    "WrittenWheel",
    "accepts_python",
    "compress_tags",
    "encode_hash",
    "escape_part",
    "evaluate_marker",
    "file_from_bytes",
    "file_from_disk",
    "file_sha256",
    "files_from_folder",
    "files_from_wheel",
    "format_record",
    "hash_to_hex",
    "normalize_name",
    "normalize_version",
    "open_wheel",
    "parse_entry_points",
    "parse_metadata",
    "parse_record",
    "parse_requirement",
    "parse_sdist_filename",
    "parse_specifiers",
    "parse_tag",
    "parse_version",
    "parse_wheel_filename",
    "parse_wheel_info",
    "render_wheel_info",
    "same_version",
    "unpack_wheel",
    "verify_wheel",
    "write_wheel",
]
