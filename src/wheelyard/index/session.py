"""HTTP with what indexes need: retries with back-off, time-outs, proxies, ``.netrc``, credentials.

``requests`` does the work and is imported when the first request is made. May be used from several
threads at once: sessions share nothing but connection pools, since cookies are refused.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wheelyard.errors import HostError
from wheelyard.index.location import is_secure, is_trusted, same_origin, without_credentials

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from requests import Response, Session
    from requests.adapters import HTTPAdapter

    from wheelyard.index.location import Location
    from wheelyard.index.settings import IndexSettings, Transport

_BUSY = (429, 500, 502, 503, 504)
_DENIED = (401, 403, 407)
_FAILURES_FROM = 400
_NOTHING_LEFT = 416  # the range begins where the file ends
_BACKOFF = 0.5  # seconds before the second further attempt; doubles from there
_BACKOFF_MAX = 30.0
_CONNECTIONS = 32
_CHUNK = 1 << 20


class IndexUnreachableError(HostError):
    """A server can't be asked: no network, a refusal, a time-out, an error of its own."""


class BrokenConnectionError(IndexUnreachableError):
    """The connection broke while a body was read; worth another attempt."""


class FileGoneError(IndexUnreachableError):
    """The server answers, but hasn't the file; there may be another."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """A whole answer; ``url`` is where it came from after redirects, header names are as sent."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Body:
    """A body that is still to be read; ``start`` is the offset of its first byte in the file."""

    start: int
    chunks: Iterator[bytes]


class HttpSession:
    """Asks servers; raises ``IndexUnreachableError`` where they don't answer."""

    def __init__(self, settings: IndexSettings, *, offline: bool = False) -> None:
        self._transport = settings.transport
        self._locations: tuple[Location, ...] = (*settings.indexes, *settings.find_links)
        self.offline = offline
        self._lock = threading.Lock()
        self._session: Session | None = None

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            if self._session is not None:
                self._session.close()
                self._session = None

    def read(self, url: str, headers: Mapping[str, str]) -> Answer:
        """Get a whole answer of status 2xx, 304, 404 or 410.

        Raises:
            HostError: offline.
            IndexUnreachableError: no answer after all attempts, or another status.
        """
        failures = 0
        while True:
            try:
                return self._read_once(url, headers)
            except BrokenConnectionError:
                failures += 1
                if not self.pause(failures):
                    raise

    def _read_once(self, url: str, headers: Mapping[str, str]) -> Answer:
        with self._open(url, headers) as response:
            body = b"".join(_chunks(response, decode=True))
            return Answer(
                url=response.url, status=response.status_code, headers=response.headers, body=body
            )

    @contextmanager
    def stream(self, url: str, start: int) -> Iterator[Body]:
        """Open a file at an offset; where the server can't do that, at its beginning.

        Raises:
            HostError: offline.
            IndexUnreachableError: no answer, or not this file.
        """
        headers = {"Accept-Encoding": "identity"}
        if start:
            headers["Range"] = f"bytes={start}-"
        with self._open(url, headers) as response:
            if response.status_code == _NOTHING_LEFT and start:
                yield Body(start=start, chunks=iter(()))
                return
            if response.status_code not in (200, 206):
                raise FileGoneError(
                    f"{url} is not there any more (HTTP {response.status_code}). "
                    "Resolve again, or look whether the index has lost the file."
                )
            resumed = response.headers.get("Content-Range", "").startswith(f"bytes {start}-")
            yield Body(start=start if resumed else 0, chunks=_chunks(response, decode=False))

    @contextmanager
    def _open(self, url: str, headers: Mapping[str, str]) -> Iterator[Response]:
        if self.offline:
            raise HostError(
                f"{without_credentials(url)} is needed, but we are offline. "
                "Run once without --offline so that it is kept."
            )
        with self._get(url, headers) as response:
            self._check(response)
            yield response

    def _get(self, url: str, headers: Mapping[str, str]) -> Response:
        import requests  # noqa: PLC0415 - takes longer than many a command

        transport = self._transport
        trusted = is_trusted(url, transport.trusted_hosts)
        try:
            return self._requests().get(
                url,
                headers=headers,
                stream=True,
                timeout=transport.timeout,
                # Given here and not to the session, where REQUESTS_CA_BUNDLE would override it.
                verify=False if trusted else transport.certificate or True,
                auth=self._credentials(url),
            )
        except (requests.RequestException, OSError) as error:
            raise _unreachable(url, _cause(error)) from error

    def _check(self, response: Response) -> None:
        url, status = response.url, response.status_code
        if not is_secure(url, self._transport.trusted_hosts):
            raise _unreachable(url, "it redirects to a place that is not encrypted")
        if status in (404, 410, _NOTHING_LEFT) or status < _FAILURES_FROM:
            return
        if status in _DENIED:
            raise IndexUnreachableError(
                f"{without_credentials(url)} refuses us (HTTP {status}). "
                "Give a user name and password in .netrc or in the index's URL."
            )
        raise _unreachable(url, f"HTTP {status} {response.reason}")

    def _credentials(self, url: str) -> tuple[str, str] | None:
        """Those of the index on the same server; else requests looks into ``.netrc``."""
        for location in self._locations:
            if location.credentials and same_origin(location.url, url):
                return location.credentials.username, location.credentials.password
        return None

    def _requests(self) -> Session:
        with self._lock:
            if self._session is None:
                self._session = _make_session(self._transport)
            return self._session

    def pause(self, failures: int) -> bool:
        """Wait before the next attempt; False when there have been enough."""
        if failures > self._transport.retries:
            return False
        time.sleep(min(_BACKOFF * 2 ** (failures - 1), _BACKOFF_MAX))
        return True


def _chunks(response: Response, *, decode: bool) -> Iterator[bytes]:
    from urllib3.exceptions import HTTPError  # noqa: PLC0415 - see above

    try:
        yield from response.raw.stream(_CHUNK, decode_content=decode)
    except (HTTPError, OSError) as error:
        raise BrokenConnectionError(
            f"The connection to {without_credentials(response.url)} broke: {_cause(error)}. "
            "Check the network and try again."
        ) from error


def _make_session(transport: Transport) -> Session:
    from http.cookiejar import DefaultCookiePolicy  # noqa: PLC0415 - see above

    import requests  # noqa: PLC0415 - see above

    session = requests.Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers["User-Agent"] = "wheelyard"
    session.cert = transport.client_certificate
    if transport.proxy:
        session.proxies = {"http": transport.proxy, "https": transport.proxy}
    adapter = _make_adapter(transport)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    if transport.trusted_hosts:
        _accept_unchecked_certificates()
    return session


def _make_adapter(transport: Transport) -> HTTPAdapter:
    from requests.adapters import HTTPAdapter  # noqa: PLC0415 - see above
    from urllib3 import Retry  # noqa: PLC0415 - see above

    retry = Retry(
        total=transport.retries,
        backoff_factor=_BACKOFF,
        backoff_max=_BACKOFF_MAX,
        status_forcelist=_BUSY,
        raise_on_status=False,
    )
    return HTTPAdapter(max_retries=retry, pool_maxsize=_CONNECTIONS)


def _accept_unchecked_certificates() -> None:
    """The user vouches for these hosts; urllib3 would warn at each request."""
    import urllib3  # noqa: PLC0415 - see above

    urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)


def _unreachable(url: str, cause: str) -> IndexUnreachableError:
    return IndexUnreachableError(
        f"{without_credentials(url)} can't be reached: {cause}. "
        "Check the network, the proxy and the index's URL, or work with --offline."
    )


def _cause(error: BaseException) -> str:
    """The innermost reason; requests and urllib3 wrap it in their own objects' names."""
    while True:
        reason = getattr(error, "reason", None) or next(
            (arg for arg in error.args if isinstance(arg, BaseException)), None
        )
        if not isinstance(reason, BaseException):
            return str(error).rpartition(">: ")[2] or type(error).__name__
        error = reason
