"""Inputs to begin with: every hostile wheel that is small, good ones, and parts of them."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from tests.fuzz import harness
from tests.hostile.cases import REFUSED, WARNED, good_descriptor, good_nested, good_zip64
from tests.hostile.craft import METADATA, WHEEL, craft, item, zip_bytes
from tests.unit.wheel.convert.eggs import PKG_INFO

from wheelyard.signatures.envelope import sign
from wheelyard.signatures.jws import render_jws
from wheelyard.signatures.keys import generate_key
from wheelyard.signatures.statement import Subject
from wheelyard.wheel import Sha256

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LARGEST = 16_384  # bytes; what is larger takes the fuzzer too long to change

_POINTS = b"[console_scripts]\na = good:main\n[x]\nb = good.c:d [e]\n"
_EGG = (PKG_INFO, b"six\n[fast:python_version<'3']\ncy>=1\n", _POINTS, b"#!/usr/bin/python -s\n")


def seeds() -> Iterator[bytes]:
    """Give inputs of every kind."""
    wheels = [make() for make in (craft, good_zip64, good_descriptor, good_nested)]
    wheels += [case.content() for case in (*REFUSED, *WARNED)]
    for wheel in wheels:
        yield _for(harness.try_wheel, wheel)
        yield _for(harness.try_egg, wheel)
    yield _for(harness.try_parts, b"")
    yield _for(harness.try_parts, b"good/y.py", METADATA, WHEEL, b"", _POINTS)
    yield _for(harness.try_parts, b"", b"", b"", b"good/__init__.py,sha256=abc,6\n")
    yield _for(harness.try_headers, struct.pack("<2BI", 0x80, 1, 0))
    yield _for(harness.try_egg_info, *_EGG)
    behind = zip_bytes([item("PURELIB/good.py"), item("PURELIB/good.egg-info", PKG_INFO)])
    yield _for(harness.try_installer, behind)
    key = generate_key()
    subject = Subject(name="good-1.0-py3-none-any.whl", sha256=Sha256("ab" * 32))
    yield _for(harness.try_signature, sign(subject, key, None))
    yield _for(harness.try_signature, render_jws(b"", key))


def _for(target: Callable[[bytes, Path], None], *parts: bytes) -> bytes:
    return bytes([harness.TARGETS.index(target)]) + harness.PARTS.join(parts)
