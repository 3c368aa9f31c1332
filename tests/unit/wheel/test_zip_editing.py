from __future__ import annotations

import io
import zipfile

import pytest

from wheelyard.errors import UsageError
from wheelyard.wheel import zip_records as zr
from wheelyard.wheel.zip_editing import append_member, remove_last_member
from wheelyard.wheel.zip_writing import ZipWriter, pack_member

LAST = pack_member("z/last", b"words " * 100)


def archive(*, comment: bytes = b"") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for number in range(3):
            made.writestr(f"a/{number}", b"x" * number)
        made.comment = comment
    return stream.getvalue()


def archive_of_many() -> bytes:
    stream = io.BytesIO()
    writer = ZipWriter(stream, 0)
    for number in range(0x10001):
        writer.add(pack_member(str(number), b""))
    writer.finish()
    return stream.getvalue()


def appended(content: bytes) -> bytes:
    target = io.BytesIO()
    append_member(io.BytesIO(content), target, LAST, 0)
    return target.getvalue()


def removed(content: bytes, name: str = "z/last") -> bytes:
    target = io.BytesIO()
    remove_last_member(io.BytesIO(content), target, name)
    return target.getvalue()


@pytest.mark.parametrize("comment", [b"", b"said by its maker"])
def test_member_comes_and_goes_without_a_trace(comment: bytes) -> None:
    before = archive(comment=comment)
    after = appended(before)
    with zipfile.ZipFile(io.BytesIO(after)) as read:
        assert read.namelist()[-1] == "z/last"
        assert read.read("z/last") == b"words " * 100
        assert read.comment == comment
    assert removed(after) == before


def test_member_comes_and_goes_where_zip64_counts() -> None:
    before = archive_of_many()
    assert removed(appended(before)) == before


def test_zipfile_s_own_additions_are_removed_as_well() -> None:
    before = archive()
    stream = io.BytesIO(before)
    with zipfile.ZipFile(stream, "a") as added:
        added.writestr("z/last", b"x")
    assert removed(stream.getvalue()) == before


def test_member_that_others_follow_is_left() -> None:
    with pytest.raises(UsageError, match="not the last member"):
        removed(archive(), "a/1")


def test_what_could_not_be_restored_is_not_added_to() -> None:
    before = archive()
    at = before.rindex(zr.SIGNATURE_END)
    size, offset = zr.END.unpack_from(before, at)[5:7]
    wide = zr.END64.pack(zr.SIGNATURE_END64, 44, 45, 45, 0, 0, 3, 3, size, offset)
    locator = zr.LOCATOR64.pack(zr.SIGNATURE_LOCATOR64, 0, at, 1)
    with pytest.raises(UsageError, match="couldn't be restored"):
        appended(before[:at] + wide + locator + before[at:])
