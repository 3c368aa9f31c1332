from __future__ import annotations

import io
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from wheelyard.errors import VerificationError
from wheelyard.repair.audit import foreign_libraries, objections
from wheelyard.repair.elf import Code, Links, SharedObject, Symbols, read_shared_object
from wheelyard.targets.catalog import find_target
from wheelyard.targets.detect import detect_this

ARM = SharedObject(
    path="x/y.so",
    code=Code(machine=40, bits=32, little=True, float_abi="hard", isa="armv7-a"),
    links=Links(needed=("libc.so.6", "ld-linux-armhf.so.3")),
    symbols=Symbols(versions=(("libc.so.6", "GLIBC_2.4"), ("libc.so.6", "GLIBC_2.26"))),
)


def needing(*libraries: str, one: SharedObject = ARM) -> SharedObject:
    """The same, linked with these libraries as well."""
    return replace(one, links=replace(one.links, needed=(*libraries, *one.links.needed)))


def versioned(*versions: tuple[str, str], one: SharedObject = ARM) -> SharedObject:
    """The same with other versions of symbols."""
    return replace(one, symbols=replace(one.symbols, versions=versions))


def test_a_fitting_object_meets_no_objection() -> None:
    assert objections([ARM], find_target("debian-12-armhf", None)) == ()


def test_another_machine_is_named() -> None:
    assert objections([ARM], find_target("debian-12-arm64", None)) == ("x/y.so is not for aarch64",)


def test_soft_floats_are_refused_on_hard_float_though_both_say_armv7l() -> None:
    soft = replace(versioned(("libc.so.6", "GLIBC_2.4")), code=replace(ARM.code, float_abi="soft"))
    (sentence,) = objections([soft], find_target("dsm-7.2-armv7", "3.11"))
    assert sentence == "x/y.so has soft floats, dsm-7.2-armv7 has hard ones"
    assert objections([soft], find_target("dsm-6.2.4-hi3535", "3.11")) == ()


def test_a_floor_above_the_targets_is_refused() -> None:
    too_new = versioned(("libc.so.6", "GLIBC_2.38"))
    (sentence,) = objections([too_new], find_target("debian-12-armhf", None))
    assert sentence == "x/y.so needs glibc 2.38, debian-12-armhf has glibc 2.36"


def test_a_library_is_fine_where_it_is_the_distributions_own_and_nowhere_else() -> None:
    needs = needing("libffi.so.8")
    assert foreign_libraries(needs) == ("libffi.so.8",)
    assert objections([needs], find_target("debian-12-armhf", None)) == ()
    (sentence,) = objections([needs], find_target("dsm-7.2-armv7", "3.11"))
    assert "libffi.so.8" in sentence


def test_another_debians_libraries_are_not_the_targets() -> None:
    needs = needing("libffi.so.8")
    assert objections([needs], find_target("debian-12-armhf", "3.11")) == ()
    (sentence,) = objections([needs], find_target("debian-11-armhf", "3.11"))
    assert "libffi.so.8" in sentence


def test_a_real_library_is_read() -> None:
    maps = Path("/proc/self/maps").read_text("utf-8").splitlines()
    path = next(line.split()[-1] for line in maps if "libc.so.6" in line)
    with Path(path).open("rb") as stream:
        found = read_shared_object("libc.so.6", stream)
    assert found.code.bits == (64 if sys.maxsize > 2**32 else 32)
    assert objections([found], detect_this()) == ()
    assert SharedObject.from_dict(found.as_dict()) == found


def test_what_is_no_shared_object_is_refused() -> None:
    with pytest.raises(VerificationError):
        read_shared_object("x.so", io.BytesIO(b"\x7fELF and then nothing"))
