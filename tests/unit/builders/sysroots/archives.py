"""Debian archives of our own making: packages, lists, signed release files, in a folder."""

from __future__ import annotations

import hashlib
import io
import lzma
import sys
import tarfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

from pysequoia import SignatureMode, Tsk, sign

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

COMPONENT = "main"
BINARIES = COMPONENT + "/binary-{}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Deb:
    """A package: ``members`` are its files; ``fields`` are further lines of its stanza."""

    name: str
    version: str
    members: tuple[tarfile.TarInfo, ...] = ()
    contents: tuple[bytes, ...] = ()
    fields: tuple[str, ...] = ()
    postinst: str = ""
    compression: str = "xz"

    @property
    def filename(self) -> str:
        return f"pool/main/{self.name}_{self.version}.deb"

    def content(self) -> bytes:
        data = zip(self.members, self.contents, strict=True)
        control = ((file("./postinst", mode=0o755), self.postinst.encode()),)
        return _ar(
            ("debian-binary", b"2.0\n"),
            (f"control.tar.{self.compression}", _tar(control, self.compression)),
            (f"data.tar.{self.compression}", _tar(data, self.compression)),
        )

    def stanza(self) -> str:
        content = self.content()
        lines = (
            f"Package: {self.name}",
            f"Version: {self.version}",
            *self.fields,
            f"Filename: {self.filename}",
            f"Size: {len(content)}",
            f"SHA256: {hashlib.sha256(content).hexdigest()}",
        )
        return "\n".join(lines) + "\n"


def file(name: str, *, mode: int = 0o644) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.mode = mode
    return member


def link(name: str, target: str, *, hard: bool = False) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type = tarfile.LNKTYPE if hard else tarfile.SYMTYPE
    member.linkname = target
    return member


def special(name: str, kind: bytes) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type = kind
    return member


def deb(
    name: str,
    *members: tarfile.TarInfo,
    version: str = "1",
    fields: tuple[str, ...] = (),
    postinst: str = "",
    compression: str = "xz",
) -> Deb:
    """A package whose files hold its name and version."""
    content = f"{name} {version}".encode()
    return Deb(
        name=name,
        version=version,
        members=members,
        contents=tuple(content if member.isreg() else b"" for member in members),
        fields=fields,
        postinst=postinst,
        compression=compression,
    )


def _tar(files: Iterable[tuple[tarfile.TarInfo, bytes]], compression: str) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for member, content in files:
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    if compression == "zst":
        return zstd.compress(out.getvalue())
    return lzma.compress(out.getvalue(), preset=0)


def _ar(*members: tuple[str, bytes]) -> bytes:
    out = b"!<arch>\n"
    for name, content in members:
        out += f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(content):<10}`\n".encode()
        out += content + b"\n" * (len(content) % 2)
    return out


class Mirror:
    """A mirror in a folder, with a key of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = Tsk.generate("the archive of a test")
        self.keyring = folder.with_suffix(".pgp")
        self.keyring.write_bytes(bytes(self.key.extract_certificate()))

    @property
    def line(self) -> str:
        """The mirror as a line of ``sources.list``."""
        return self.line_of("bookworm")

    def line_of(self, suite: str, *, signed_by: bool = True) -> str:
        """The mirror as a line for a suite."""
        options = f"[signed-by={self.keyring}] " if signed_by else ""
        return f"deb {options}{self.folder.as_uri()} {suite} main"

    def publish(
        self,
        suite: str,
        debs: Sequence[Deb],
        *,
        architecture: str = "arm64",
        days: int | None = None,
        fields: tuple[str, ...] = ("Origin: Debian",),
    ) -> None:
        """Write a suite; ``days`` from now its release file stops counting."""
        for one in debs:
            place = self.folder / one.filename
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(one.content())
        name = BINARIES.format(architecture) + "/Packages.xz"
        packages = lzma.compress("\n".join(one.stanza() for one in debs).encode(), preset=0)
        place = self.suite(suite) / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(packages)
        now = datetime.now(UTC)
        lines = [
            *fields,
            f"Codename: {suite}",
            f"Date: {format_datetime(now)}",
            f"Architectures: all {architecture}",
            *([f"Valid-Until: {format_datetime(now + timedelta(days=days))}"] if days else []),
            "SHA256:",
            f" {hashlib.sha256(packages).hexdigest()} {len(packages)} {name}",
        ]
        self.sign(suite, "\n".join(lines) + "\n")

    def sign(self, suite: str, text: str) -> None:
        """Write a suite's signed release file."""
        signed = sign(self.key.signer(), text.encode(), mode=SignatureMode.CLEAR)
        (self.suite(suite) / "InRelease").write_bytes(signed)

    def suite(self, name: str) -> Path:
        return self.folder / "dists" / name


def damage(path: Path) -> None:
    """Change one byte of a file in its middle."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(content)
