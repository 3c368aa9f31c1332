"""Whatever a shared object says, reading it ends, with an answer or a refusal."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import markupsafe._speedups
from elftools.elf.elffile import ELFFile
from hypothesis import given, settings
from hypothesis import strategies as st

from wheelyard.errors import VerificationError
from wheelyard.repair.elf import SharedObject, read_shared_object

DATA = Path(markupsafe._speedups.__file__).read_bytes()
READ = (".dynamic", ".dynsym", ".dynstr", ".gnu.version_r", ".note.gnu.property")


def spots() -> list[int]:
    """The places that are read: the header, the section table, the sections that matter."""
    elf = ELFFile(io.BytesIO(DATA))
    table = elf["e_shoff"]
    ranges = [range(64), range(table, table + elf["e_shnum"] * elf["e_shentsize"])]
    ranges += [
        range(one["sh_offset"], one["sh_offset"] + one["sh_size"])
        for one in elf.iter_sections()
        if one.name in READ
    ]
    return [spot for part in ranges for spot in part]


DAMAGE = st.dictionaries(st.sampled_from(spots()), st.integers(0, 255), min_size=1, max_size=6)


@settings(max_examples=200, deadline=None)
@given(damage=DAMAGE, length=st.one_of(st.none(), st.integers(0, len(DATA))))
def test_a_damaged_object_is_read_or_refused(damage: dict[int, int], length: int | None) -> None:
    content = bytearray(DATA)
    for spot, value in damage.items():
        content[spot] = value
    with contextlib.suppress(VerificationError):
        found = read_shared_object("x.so", io.BytesIO(bytes(content[:length])))
        assert SharedObject.from_dict(found.as_dict()) == found
