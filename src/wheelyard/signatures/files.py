"""Signatures of files, beside them or, in wheels, inside."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from wheelyard.errors import HostError, UsageError, VerificationError
from wheelyard.signatures.disk import read_small
from wheelyard.signatures.envelope import read_envelope, sign
from wheelyard.signatures.jws import check_jws, render_jws
from wheelyard.signatures.statement import Subject
from wheelyard.wheel import file_sha256, open_wheel
from wheelyard.wheel.beside import INSIDE, signature_inside, signature_name
from wheelyard.wheel.replacing import replace_file, write_file
from wheelyard.wheel.zip_editing import append_member, remove_last_member
from wheelyard.wheel.zip_writing import pack_member

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from wheelyard.signatures.keys import PublicKey, SecretKey
    from wheelyard.wheel import Sha256

_LARGEST = 1 << 20  # bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What signatures say of a file: whose are valid, and what is wrong with the others.

    Neither where there is none. ``whole`` is false where they cover its content, not every byte.
    """

    signers: tuple[PublicKey, ...] = ()
    problems: tuple[str, ...] = ()
    whole: bool = True


def envelope_of(path: Path) -> Path:
    """Return where the detached signature of a file lies."""
    return path.with_name(signature_name(path.name))


def sign_file(path: Path, sha256: Sha256, key: SecretKey) -> Path:
    """Sign a file, besides those who signed it before, and return the signature's place.

    Args:
        path: the file; it isn't read again, for it may have been changed since it was verified.
        sha256: of what was verified.
        key: signs.

    Raises:
        UsageError: what is there signs another content.
        VerificationError: what is there is no signature.
    """
    place = envelope_of(path)
    try:
        earlier = read_small(place) if place.is_file() else None
        content = sign(Subject(name=path.name, sha256=sha256), key, earlier)
    except VerificationError as error:
        raise VerificationError(f"{place}: {error}; remove it and sign again") from None
    if content != earlier:
        write_file(place, content, 0o644)
    return place


def check_file(path: Path) -> Found:
    """Check the detached signature of a file, if there is one.

    Raises:
        HostError: the file can't be read.
    """
    place = envelope_of(path)
    if not os.path.lexists(place):
        return Found()
    try:
        signed = read_envelope(read_small(place))
    except (HostError, VerificationError) as error:
        return Found(problems=(f"{place.name}: {error}",))
    problems = [f"{place.name}: {problem}" for problem in signed.problems]
    if signed.subject != Subject(name=path.name, sha256=file_sha256(path)):
        problems.append(f"{place.name}: it signs {signed.subject.name!r} with another content")
        return Found(problems=tuple(problems))
    return Found(signers=signed.signers, problems=tuple(problems))


def sign_inside(path: Path, key: SecretKey, *, timestamp: int) -> None:
    """Put ``RECORD.jws`` into a wheel, as its last member; no other byte changes.

    Raises:
        UsageError: it has one, or a detached signature, which would not fit any more.
        InvalidWheelError: the wheel breaks a rule.
    """
    wheel = open_wheel(path)
    if signature_inside(wheel):
        raise UsageError(f"{path}: it holds {INSIDE} already; remove it with `wheelyard unsign`")
    if envelope_of(path).exists():
        raise UsageError(
            f"{envelope_of(path)}: this signature wouldn't fit the changed wheel; remove it with "
            "`wheelyard unsign`, and sign again afterwards"
        )
    record = wheel.read(f"{wheel.dist_info}/RECORD")
    member = pack_member(f"{wheel.dist_info}/{INSIDE}", render_jws(record, key))
    with path.open("rb") as source:
        _change(path, lambda target: append_member(source, target, member, timestamp))


def check_inside(path: Path) -> Found:
    """Check ``RECORD.jws`` in a wheel that was verified, if there is one."""
    wheel = open_wheel(path)
    name = signature_inside(wheel)
    if not name:
        return Found()
    size = next(member.size for member in wheel.members if member.name == name)
    if size > _LARGEST:
        return Found(problems=(f"{INSIDE}: it has {size} bytes, so it is no signature",))
    try:
        signers = check_jws(wheel.read(name), wheel.read(f"{wheel.dist_info}/RECORD"))
    except VerificationError as error:
        return Found(problems=(f"{INSIDE}: {error}",))
    return Found(signers=signers, whole=False)


def remove_beside(path: Path) -> bool:
    """Remove a file's detached signature, and say whether there was one."""
    place = envelope_of(path)
    if not os.path.lexists(place):
        return False
    place.unlink()
    return True


def remove_inside(path: Path) -> bool:
    """Remove ``RECORD.jws``, and say whether there was one; no other byte changes.

    What :func:`sign_inside` or the wheel tool signed becomes just what it was.

    Raises:
        UsageError: it is not the wheel's last member.
        InvalidWheelError: the wheel breaks a rule.
    """
    wheel = open_wheel(path)
    name = signature_inside(wheel)
    if not name:
        return False
    with path.open("rb") as source:
        _change(path, lambda target: remove_last_member(source, target, name))
    return True


def _change(wheel: Path, write: Callable[[IO[bytes]], object]) -> None:
    replace_file(wheel, write, wheel.stat().st_mode & 0o777)
