from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import pytest

from wheelyard.wheel import zip_records as zr
from wheelyard.wheel.zip_writing import ZipMember, ZipWriter

SMALL = ZipMember("a/é.txt", executable=True, method=0, size=3, crc=891568578, data=b"abc")
GIGABYTE = 1 << 30


def test_zipfile_reads_what_was_written() -> None:
    stream = io.BytesIO()
    writer = ZipWriter(stream, 1_600_000_000)
    writer.add(SMALL)
    writer.finish()
    with zipfile.ZipFile(stream) as archive:
        (info,) = archive.infolist()
        assert archive.read("a/é.txt") == b"abc"
    assert info.date_time == (2020, 9, 13, 12, 26, 40)
    assert (info.external_attr >> 16, info.create_system) == (0o100755, 3)
    assert (info.flag_bits, info.extra, info.extract_version) == (zr.FLAG_UTF8, b"", 20)
    assert writer.size == len(stream.getvalue())


@pytest.mark.parametrize("size", [4 * GIGABYTE - 2, 4 * GIGABYTE - 1, 4 * GIGABYTE, 9 * GIGABYTE])
def test_large_members_have_zip64_fields_in_both_headers(size: int) -> None:
    stream = io.BytesIO()
    writer = ZipWriter(stream, 0)
    writer.add(replace(SMALL, size=size))
    local, length = zr.parse_local(stream.getvalue())
    begun = writer.size
    writer.finish()
    end = zr.parse_end(stream.getvalue(), writer.size)
    (entry,) = zr.parse_directory(stream.getvalue()[begun : begun + end.size], end.entries)
    assert (local.size, local.compressed, entry.size, entry.compressed) == (size, 3, size, 3)
    assert (length > 30 + len(local.name)) == (size >= zr.FULL32)


def test_far_offsets_and_a_far_directory_have_zip64_fields() -> None:
    stream = io.BytesIO()
    writer = ZipWriter(stream, 0)
    writer.size = 5 * GIGABYTE  # as if so much stood before
    writer.add(SMALL)
    begun, directory_at = len(stream.getvalue()), writer.size
    writer.finish()
    end = zr.parse_end(stream.getvalue()[begun:], writer.size)
    assert (end.offset, end.entries) == (directory_at, 1)
    (entry,) = zr.parse_directory(stream.getvalue()[begun : begun + end.size], 1)
    assert entry.header == 5 * GIGABYTE


@pytest.mark.parametrize("count", [0xFFFE, 0xFFFF, 0x10001])
def test_many_members_are_counted(count: int) -> None:
    stream = io.BytesIO()
    writer = ZipWriter(stream, 0)
    empty = ZipMember("x", executable=False, method=0, size=0, crc=0, data=b"")
    for _ in range(count):
        writer.add(empty)
    writer.finish()
    assert zr.parse_end(stream.getvalue(), writer.size).entries == count
