"""A suite's release file: who signed it, what it says, whether it still counts. Pure.

``InRelease`` holds the hashes of the lists of packages, and these hold the packages': what is
checked here vouches for everything else. Format: Debian's wiki, "DebianRepository/Format".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from debian.deb822 import Release as _Fields

from wheelyard.builders.sysroots.suites import distribution_of
from wheelyard.errors import VerificationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from pysequoia import Cert


@dataclass(frozen=True, kw_only=True, slots=True)
class Release:
    """What a release file says.

    Attributes:
        names: its codename and its suite: ``("bookworm", "oldstable")``.
        architectures: ``("all", "amd64", …)``.
        by_hash: lists can be asked for by their hash, so that a mirror's update can't come between.
        valid_until: when it stops counting; None for released suites.
        lists: SHA-256 by path below the suite's folder: ``main/binary-arm64/Packages.xz``.
    """

    origin: str
    names: tuple[str, ...]
    architectures: tuple[str, ...]
    by_hash: bool
    valid_until: datetime | None
    lists: Mapping[str, str] = field(repr=False)


def verified(signed: bytes, certificates: Sequence[Cert], place: str) -> str:
    """Give the text that one of the certificates signed, and nothing around it.

    Args:
        signed: cleartext-signed (RFC 9580, 7).
        certificates: whose signature counts.
        place: where it came from, for the message.

    Raises:
        VerificationError: nobody of these signed it as it is.
    """
    from pysequoia import verify  # noqa: PLC0415 - a large library, needed seldom

    try:
        good = verify(signed, store=lambda _: list(certificates))
    except (RuntimeError, ValueError) as error:
        cause = str(error).partition("\n")[0].removeprefix("Signature verification failed: ")
        raise VerificationError(
            f"{place}: {cause.rstrip('.')}. Don't use this mirror; "
            "if it is one of your own, name its keyring with signed-by."
        ) from error
    return (good.bytes or b"").decode("utf-8")


def parse_release(text: str, place: str) -> Release:
    """Read a release file.

    Raises:
        VerificationError: it isn't one.
    """
    fields = _Fields(text)
    try:
        until = fields.get("Valid-Until")
        return Release(
            origin=fields.get("Origin", ""),
            names=tuple(fields[name] for name in ("Codename", "Suite") if name in fields),
            architectures=tuple(fields["Architectures"].split()),
            by_hash=fields.get("Acquire-By-Hash") == "yes",
            valid_until=parsedate_to_datetime(until) if until else None,
            lists={row["name"]: row["sha256"] for row in fields["SHA256"]},
        )
    except (KeyError, ValueError, TypeError) as error:
        raise VerificationError(
            f"{place} is no release file: {error!r}. Choose another mirror."
        ) from error


def objections(release: Release, suite: str) -> str:
    """Say why a release file isn't the asked-for suite's; empty when it is."""
    wanted = distribution_of(suite).origin
    if release.origin != wanted:
        return f"it is of {release.origin or 'nobody'}, not of {wanted}"
    if suite not in release.names:
        return f"it is of {' or '.join(release.names) or 'no suite'}, not of {suite}"
    return ""


def is_expired(release: Release, at: datetime) -> bool:
    """Whether it had stopped counting when it was fetched; an old state may be replayed to us."""
    return release.valid_until is not None and release.valid_until < at
