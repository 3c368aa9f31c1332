"""Where packages are: URLs whose user names and passwords are kept apart.

Credentials never reach a message, a log, a cache key or a digest: they are cut off here, before
anything else sees the URL, and ``repr`` leaves them out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit, urlunsplit

from wheelyard.errors import UsageError

if TYPE_CHECKING:
    from urllib.parse import SplitResult


@dataclass(frozen=True, kw_only=True, slots=True)
class Credentials:
    """A user name and a password, or a token as user name with an empty password."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Location:
    """An index, or a page or folder of links.

    Attributes:
        url: ``https:``, ``http:`` or ``file:``, without credentials.
        credentials: those that were in the URL.
    """

    url: str
    credentials: Credentials | None = field(default=None, repr=False)


def parse_location(text: str, folder: Path) -> Location:
    """Read a URL or a path; a relative path starts from ``folder``.

    Raises:
        UsageError: a URL of another kind.
    """
    parts = urlsplit(text)
    if "://" not in text:
        return Location(url=(folder / Path(text).expanduser()).as_uri())
    if parts.scheme not in ("http", "https", "file"):
        raise UsageError(
            f"{without_credentials(text)} is no place for packages: "
            "write an https: URL, a file: URL or a path."
        )
    if "@" not in parts.netloc:
        return Location(url=text)
    return Location(
        url=urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])),
        credentials=Credentials(
            username=unquote(parts.username or ""), password=unquote(parts.password or "")
        ),
    )


def without_credentials(url: str) -> str:
    """Cut ``user:password@`` off, for messages."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def local_path(url: str) -> Path | None:
    """The path of a ``file:`` URL; None for any other."""
    parts = urlsplit(url)
    return Path(unquote(parts.path)) if parts.scheme == "file" else None


def is_trusted(url: str, trusted_hosts: tuple[str, ...]) -> bool:
    """Whether the user vouches for a host: ``name`` or ``name:port``, as pip's trusted-host."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    return host in trusted_hosts or f"{host}:{_port(parts)}" in trusted_hosts


def is_secure(url: str, trusted_hosts: tuple[str, ...]) -> bool:
    """Whether nobody in between can change what a URL gives: TLS, this machine, or trusted."""
    parts = urlsplit(url)
    return (
        parts.scheme in ("https", "file")
        or _is_loopback(parts.hostname or "")
        or is_trusted(url, trusted_hosts)
    )


def same_origin(first: str, second: str) -> bool:
    """Whether two URLs have scheme, host and port in common, so that credentials may be shared."""
    one, two = urlsplit(first), urlsplit(second)
    return (one.scheme, one.hostname, _port(one)) == (two.scheme, two.hostname, _port(two))


def _port(parts: SplitResult) -> int | None:
    return parts.port or {"https": 443, "http": 80}.get(parts.scheme)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
