"""The client against a real server on this machine, which also misbehaves when it is told to."""

from __future__ import annotations

import errno
import hashlib
import http.server
import json
import os
import socket
import struct
import threading
from base64 import b64encode
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from wheelyard.errors import HostError, VerificationError
from wheelyard.index.client import IndexClient
from wheelyard.index.location import Credentials, Location
from wheelyard.index.page import IndexFile, ProjectPage
from wheelyard.index.session import HttpSession, IndexUnreachableError
from wheelyard.index.settings import IndexSettings, Transport, load_settings
from wheelyard.index.transfer import _Part, fetch
from wheelyard.wheel.names import NormalizedName, Sha256

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LXML = NormalizedName("lxml")
CONTENT = bytes(range(256)) * 20_000  # 5 MB, several chunks
DIGEST = hashlib.sha256(CONTENT).hexdigest()
Handler = http.server.BaseHTTPRequestHandler


@dataclass
class Server:
    """What the server was asked, and what it answers; a path's answers are used up in turn."""

    url: str
    answers: dict[str, list[Callable[[Handler], None]]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def answer(self, path: str, *answers: Callable[[Handler], None]) -> None:
        self.answers[path] = list(answers)

    def count(self, path: str) -> int:
        return Counter(asked for asked, _ in self.asked)[path]


@pytest.fixture
def server() -> Iterator[Server]:
    class Answers(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 20

        def do_GET(self) -> None:
            known.asked.append((self.path, dict(self.headers)))
            answers = known.answers.get(self.path, [status(404)])
            (answers.pop(0) if len(answers) > 1 else answers[0])(self)

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers) as running:
        running.daemon_threads = True
        known = Server(url=f"http://127.0.0.1:{running.server_port}")
        thread = threading.Thread(target=running.serve_forever, args=(0.05,))
        thread.start()
        yield known
        running.shutdown()
        thread.join()


def send(
    body: bytes, content_type: str = "text/html", code: int = 200, **headers: str
) -> Callable[[Handler], None]:
    def act(handler: Handler) -> None:
        handler.send_response(code)
        handler.send_header("Content-Type", content_type)
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return act


def status(code: int, **headers: str) -> Callable[[Handler], None]:
    return send(b"", code=code, **headers)


def reset(handler: Handler) -> None:
    """Break the connection hard, before a word is said."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.close_connection = True
    handler.connection.close()


def send_half(body: bytes) -> Callable[[Handler], None]:
    """Promise everything, break off in the middle."""

    def act(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/html")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[: len(body) // 2])
        handler.close_connection = True

    return act


def send_range(body: bytes) -> Callable[[Handler], None]:
    """Give what was asked for, as static servers do."""

    def act(handler: Handler) -> None:
        start = int(handler.headers.get("Range", "bytes=0-")[6:-1])
        if start >= len(body):
            status(416)(handler)
        elif start:
            last = f"bytes {start}-{len(body) - 1}/{len(body)}"
            send(body[start:], "x/y", 206, Content_Range=last)(handler)
        else:
            send(body, "x/y")(handler)

    return act


def html(*names: str) -> bytes:
    return "".join(f'<a href="/files/{name}#sha256={DIGEST}">{name}</a>' for name in names).encode()


def settings(*urls: str, retries: int = 3, **more: bool) -> IndexSettings:
    return IndexSettings(
        indexes=tuple(Location(url=url) for url in urls),
        merge_indexes=more.get("merge", False),
        transport=Transport(retries=retries, timeout=10),
    )


@pytest.fixture
def make_client(tmp_path: Path) -> Iterator[Callable[..., IndexClient]]:
    clients = []

    def make(of: IndexSettings, *, offline: bool = False) -> IndexClient:
        clients.append(IndexClient(of, tmp_path / "pages", offline=offline))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries wait between attempts, which no test needs; nor does it need the user's .netrc."""
    monkeypatch.setattr("wheelyard.index.session._BACKOFF", 0.001)
    monkeypatch.setenv("NETRC", "/nonexistent")


def names(page: ProjectPage | None) -> list[str]:
    assert page is not None
    return [file.filename for file in page.files]


# Pages


def test_html_and_json_say_the_same(
    server: Server, make_client: Callable[..., IndexClient]
) -> None:
    row = {
        "filename": "lxml-1.zip",
        "url": "../../files/lxml-1.zip",
        "hashes": {"sha256": DIGEST},
    }
    document = {"meta": {"api-version": "1.0"}, "name": "lxml", "files": [row]}
    kind = "application/vnd.pypi.simple.v1+json"
    server.answer("/html/lxml/", send(html("lxml-1.zip")))
    server.answer("/json/lxml/", send(json.dumps(document).encode(), kind))
    pages = [
        make_client(settings(f"{server.url}/{format_}/")).project(LXML)
        for format_ in ("html", "json")
    ]
    assert pages[0] is not None
    assert pages[1] == replace(pages[0], origin=f"{server.url}/json/lxml/")
    assert kind in server.asked[0][1]["Accept"]


def test_project_that_no_index_has_is_none(
    server: Server, make_client: Callable[..., IndexClient]
) -> None:
    assert make_client(settings(f"{server.url}/simple/")).project(LXML) is None


def test_only_the_first_index_that_has_a_project_is_asked(
    server: Server, make_client: Callable[..., IndexClient]
) -> None:
    server.answer("/private/lxml/", send(html("lxml-1.zip")))
    server.answer("/public/lxml/", send(html("lxml-99.zip")))
    urls = [f"{server.url}/{name}/" for name in ("empty", "private", "public")]
    assert names(make_client(settings(*urls)).project(LXML)) == ["lxml-1.zip"]
    assert server.count("/public/lxml/") == 0
    merged = make_client(settings(*urls, merge=True)).project(LXML)
    assert names(merged) == ["lxml-1.zip", "lxml-99.zip"]


def test_first_index_that_fails_is_not_passed_over(
    server: Server, make_client: Callable[..., IndexClient]
) -> None:
    server.answer("/private/lxml/", status(500))
    server.answer("/public/lxml/", send(html("lxml-99.zip")))
    urls = [f"{server.url}/{name}/" for name in ("private", "public")]
    with pytest.raises(IndexUnreachableError, match="HTTP 500"):
        make_client(settings(*urls, retries=1)).project(LXML)
    assert server.count("/public/lxml/") == 0


def test_resets_busy_servers_and_broken_bodies_are_tried_again(
    server: Server, make_client: Callable[..., IndexClient]
) -> None:
    page = html("lxml-1.zip") * 100
    busy = status(429, Retry_After="0")
    server.answer("/simple/lxml/", reset, status(503), busy, send_half(page), send(page))
    client = make_client(settings(f"{server.url}/simple/", retries=4))
    assert len(names(client.project(LXML))) == 1
    assert server.count("/simple/lxml/") == 5


def test_project_is_asked_for_once_in_a_clients_life(
    server: Server, make_client: Callable[..., IndexClient]
) -> None:
    server.answer("/simple/lxml/", send(html("lxml-1.zip")), send(html("lxml-2.zip")))
    client = make_client(settings(f"{server.url}/simple/"))
    assert names(client.project(LXML)) == names(client.project(LXML)) == ["lxml-1.zip"]


def test_many_threads_may_ask_at_once(
    server: Server, make_client: Callable[..., IndexClient]
) -> None:
    projects = [NormalizedName(f"project-{number}") for number in range(40)]
    for project in projects:
        server.answer(f"/simple/{project}/", send(html(f"{project}-1.zip")))
    client = make_client(settings(f"{server.url}/simple/"))
    with ThreadPoolExecutor(8) as pool:
        pages = list(pool.map(client.project, projects))
    assert [names(page) for page in pages] == [[f"{project}-1.zip"] for project in projects]


def test_page_that_has_not_changed_is_not_sent_again(
    server: Server, make_client: Callable[..., IndexClient]
) -> None:
    page = send(html("lxml-1.zip"), ETag='"1"')
    server.answer("/simple/lxml/", page, status(304, ETag='"1"'))
    index = settings(f"{server.url}/simple/")
    assert names(make_client(index).project(LXML)) == names(make_client(index).project(LXML))
    assert server.asked[1][1]["If-None-Match"] == '"1"'


def test_page_without_validators_is_fetched_again_and_a_fresh_one_is_not(
    server: Server, make_client: Callable[..., IndexClient]
) -> None:
    fresh = send(html("lxml-2.zip"), Cache_Control="max-age=600")
    server.answer("/simple/lxml/", send(html("lxml-1.zip")), fresh, status(500))
    index = settings(f"{server.url}/simple/")
    found = [names(make_client(index).project(LXML)) for _ in range(3)]
    assert found == [["lxml-1.zip"], ["lxml-2.zip"], ["lxml-2.zip"]]


def test_offline_every_page_that_was_ever_seen_is_there(
    server: Server, make_client: Callable[..., IndexClient]
) -> None:
    server.answer("/simple/lxml/", send(html("lxml-1.zip")))
    index = settings(f"{server.url}/simple/")
    online = make_client(index)
    absent = NormalizedName("absent")
    assert names(online.project(LXML)) == ["lxml-1.zip"]
    assert online.project(absent) is None
    asked = len(server.asked)

    offline = make_client(index, offline=True)
    assert names(offline.project(LXML)) == ["lxml-1.zip"]
    assert offline.project(absent) is None
    with pytest.raises(HostError, match="we are offline"):
        offline.project(NormalizedName("never-seen"))
    assert len(server.asked) == asked


def test_server_that_is_not_there_is_named_without_its_password(
    make_client: Callable[..., IndexClient],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/simple/"
    index = Location(url=url, credentials=Credentials(username="me", password="secret"))  # noqa: S106
    client = make_client(IndexSettings(indexes=(index,), transport=Transport(retries=1)))
    with pytest.raises(IndexUnreachableError) as caught:
        client.project(LXML)
    assert "can't be reached: " in str(caught.value)
    assert "Connection refused" in str(caught.value)
    assert "object at 0x" not in str(caught.value)
    assert "secret" not in str(caught.value)


# Credentials


def authorization(server: Server) -> str | None:
    return server.asked[-1][1].get("Authorization")


def basic(username: str, password: str) -> str:
    return f"Basic {b64encode(f'{username}:{password}'.encode()).decode()}"


def test_netrc_is_read(
    server: Server,
    make_client: Callable[..., IndexClient],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    make_client(settings(f"{server.url}/simple/")).project(LXML)
    assert authorization(server) == basic("me", "secret")


def test_indexs_own_credentials_go_to_its_server_alone(
    server: Server, make_client: Callable[..., IndexClient], tmp_path: Path
) -> None:
    other = f"http://localhost:{server.url.rpartition(':')[2]}/files/lxml-1.zip"
    server.answer("/simple/lxml/", send(f'<a href="{other}">x</a>'.encode()))
    index = Location(
        url=f"{server.url}/simple/",
        credentials=Credentials(username="me", password="secret"),  # noqa: S106
    )
    client = make_client(IndexSettings(indexes=(index,), transport=Transport(retries=0)))
    (file,) = client.project(LXML).files  # type: ignore[union-attr]
    assert authorization(server) == basic("me", "secret")
    with pytest.raises(HostError, match="not there any more"):
        client.fetch(file, tmp_path)
    assert authorization(server) is None


def test_refusal_asks_for_a_password(
    server: Server, make_client: Callable[..., IndexClient]
) -> None:
    server.answer("/simple/lxml/", status(401))
    with pytest.raises(IndexUnreachableError, match=r"HTTP 401\)\. Give a user name"):
        make_client(settings(f"{server.url}/simple/")).project(LXML)


# Metadata


def test_metadata_file_is_verified_and_asked_for_once(
    server: Server, make_client: Callable[..., IndexClient]
) -> None:
    content = b"Metadata-Version: 2.1\nName: lxml\nVersion: 1\n"
    server.answer("/files/lxml-1.whl.metadata", send(content, "text/plain"))
    file = IndexFile(
        filename="lxml-1.whl",
        url=f"{server.url}/files/lxml-1.whl",
        core_metadata=Sha256(hashlib.sha256(content).hexdigest()),
    )
    client = make_client(settings())
    assert client.metadata(file) == client.metadata(file) == content
    assert server.count("/files/lxml-1.whl.metadata") == 1
    with pytest.raises(VerificationError, match=f"{DIGEST} was announced"):
        client.metadata(replace(file, core_metadata=Sha256(DIGEST)))
    assert client.metadata(replace(file, core_metadata=True)) == content
    assert client.metadata(replace(file, core_metadata=False)) is None
    assert client.metadata(replace(file, url=f"{server.url}/x", core_metadata=True)) is None


# Folders


def test_index_in_a_folder(make_client: Callable[..., IndexClient], tmp_path: Path) -> None:
    for project, filename in (("lxml", "lxml-1.zip"), ("msgpack", "msgpack-1.tar.gz")):
        (tmp_path / "index" / project).mkdir(parents=True)
        (tmp_path / "index" / project / filename).write_bytes(CONTENT)
    (tmp_path / "index/lxml/index.html").write_text(f'<a href="lxml-1.zip#sha256={DIGEST}">x</a>')
    client = make_client(settings(f"{(tmp_path / 'index').as_uri()}/"), offline=True)
    found = client.project(LXML)
    assert found is not None
    assert client.fetch(found.files[0], tmp_path / "out").read_bytes() == CONTENT
    assert names(client.project(NormalizedName("msgpack"))) == ["msgpack-1.tar.gz"]
    assert client.project(NormalizedName("absent")) is None


def test_find_links_are_candidates_beside_the_index(
    server: Server, make_client: Callable[..., IndexClient], tmp_path: Path
) -> None:
    folder, page = tmp_path / "wheels", tmp_path / "links.html"
    folder.mkdir()
    for filename in ("lxml-2.zip", "lxml_extra-1.zip", "README.txt"):
        (folder / filename).write_bytes(b"")
    page.write_text('<a href="https://files.example/lxml-3.zip">x</a>')
    server.answer("/links/", send(html("lxml-4.zip", "other-1.zip")))
    server.answer("/simple/lxml/", send(html("lxml-1.zip", "lxml-2.zip")))
    places = (folder.as_uri(), page.as_uri(), f"{server.url}/links/", f"{server.url}/gone/")
    index = settings(f"{server.url}/simple/")
    client = make_client(replace(index, find_links=tuple(Location(url=url) for url in places)))
    found = client.project(LXML)
    assert names(found) == ["lxml-2.zip", "lxml-3.zip", "lxml-4.zip", "lxml-1.zip"]
    assert found is not None
    assert found.files[0].url == (folder / "lxml-2.zip").as_uri()
    assert names(client.project(NormalizedName("lxml-extra"))) == ["lxml_extra-1.zip"]
    assert server.count("/links/") == 1


# Transfers


@pytest.fixture
def session() -> Iterator[HttpSession]:
    opened = HttpSession(settings())
    yield opened
    opened.close()


def a_file(server: Server, digest: str = DIGEST) -> IndexFile:
    return IndexFile(
        filename="lxml-1.zip",
        url=f"{server.url}/files/lxml-1.zip",
        hashes=(("sha256", digest),) if digest else (),
    )


def test_download_reports_its_progress_and_is_not_repeated(
    server: Server, session: HttpSession, tmp_path: Path
) -> None:
    server.answer("/files/lxml-1.zip", send(CONTENT))
    told: list[int] = []
    path = fetch(a_file(server), tmp_path / "new", session, told.append)
    assert path.read_bytes() == CONTENT
    assert path.stat().st_mode & 0o777 == 0o644
    assert told[-1] == len(CONTENT)
    assert told == sorted(told)
    assert [entry.name for entry in path.parent.iterdir()] == ["lxml-1.zip"]
    fetch(a_file(server), tmp_path / "new", session)
    assert server.count("/files/lxml-1.zip") == 1


def test_download_goes_on_where_a_former_one_stopped(
    server: Server, session: HttpSession, tmp_path: Path
) -> None:
    (tmp_path / ".lxml-1.zip.part").write_bytes(CONTENT[:1000])
    server.answer("/files/lxml-1.zip", send_range(CONTENT))
    assert fetch(a_file(server), tmp_path, session).read_bytes() == CONTENT
    assert [headers["Range"] for _, headers in server.asked] == ["bytes=1000-"]


def test_download_goes_on_after_a_broken_connection(
    server: Server, session: HttpSession, tmp_path: Path
) -> None:
    server.answer("/files/lxml-1.zip", send_half(CONTENT), reset, send_range(CONTENT))
    assert fetch(a_file(server), tmp_path, session).read_bytes() == CONTENT
    assert server.asked[-1][1]["Range"] == f"bytes={len(CONTENT) // 2}-"


def test_server_without_ranges_starts_again(
    server: Server, session: HttpSession, tmp_path: Path
) -> None:
    (tmp_path / ".lxml-1.zip.part").write_bytes(CONTENT[:1000])
    server.answer("/files/lxml-1.zip", send(CONTENT))
    assert fetch(a_file(server), tmp_path, session).read_bytes() == CONTENT


@pytest.mark.parametrize("former", [b"wrong from the start", CONTENT + b"too long", b"x" * 10**7])
def test_wrong_beginning_is_thrown_away_and_fetched_once_more(
    former: bytes, server: Server, session: HttpSession, tmp_path: Path
) -> None:
    (tmp_path / ".lxml-1.zip.part").write_bytes(former)
    server.answer("/files/lxml-1.zip", send_range(CONTENT))
    assert fetch(a_file(server), tmp_path, session).read_bytes() == CONTENT


def test_whole_part_needs_no_request(server: Server, session: HttpSession, tmp_path: Path) -> None:
    (tmp_path / ".lxml-1.zip.part").write_bytes(CONTENT)
    assert fetch(a_file(server), tmp_path, session).read_bytes() == CONTENT
    assert server.asked == []


@pytest.mark.parametrize("former", [b"", b"a former part"])
def test_wrong_digest_leaves_nothing_behind(
    former: bytes, server: Server, session: HttpSession, tmp_path: Path
) -> None:
    if former:
        (tmp_path / ".lxml-1.zip.part").write_bytes(former)
    server.answer("/files/lxml-1.zip", send_range(b"something else that is longer"))
    with pytest.raises(VerificationError) as caught:
        fetch(a_file(server), tmp_path, session)
    got = hashlib.sha256(b"something else that is longer").hexdigest()
    assert all(part in str(caught.value) for part in ("lxml-1.zip", DIGEST, got))
    assert list(tmp_path.iterdir()) == []


def test_file_with_a_wrong_digest_in_the_folder_is_replaced(
    server: Server, session: HttpSession, tmp_path: Path
) -> None:
    (tmp_path / "lxml-1.zip").write_bytes(b"old")
    server.answer("/files/lxml-1.zip", send(CONTENT))
    assert fetch(a_file(server), tmp_path, session).read_bytes() == CONTENT


def test_file_without_a_digest_is_never_pieced_together(
    server: Server, session: HttpSession, tmp_path: Path
) -> None:
    (tmp_path / ".lxml-1.zip.part").write_bytes(b"old")
    server.answer("/files/lxml-1.zip", send_half(CONTENT), send_range(CONTENT))
    assert fetch(a_file(server, ""), tmp_path, session).read_bytes() == CONTENT
    assert not any("Range" in headers for _, headers in server.asked)


def test_another_digest_than_sha256_is_checked(
    server: Server, session: HttpSession, tmp_path: Path
) -> None:
    server.answer("/files/lxml-1.zip", send(CONTENT))
    right = ("md5", hashlib.md5(CONTENT).hexdigest())  # noqa: S324 - old indexes have it
    file = a_file(server, "")
    assert fetch(replace(file, hashes=(right,)), tmp_path, session).read_bytes() == CONTENT
    with pytest.raises(VerificationError, match="has the sha512"):
        fetch(replace(file, hashes=(right, ("sha512", "00"))), tmp_path, session)


def test_many_threads_want_the_same_file(
    server: Server, session: HttpSession, tmp_path: Path
) -> None:
    server.answer("/files/lxml-1.zip", send(CONTENT))
    with ThreadPoolExecutor(8) as pool:
        paths = set(pool.map(lambda _: fetch(a_file(server), tmp_path, session), range(16)))
    assert [path.read_bytes() == CONTENT for path in paths] == [True]
    assert server.count("/files/lxml-1.zip") == 1
    assert [entry.name for entry in tmp_path.iterdir()] == ["lxml-1.zip"]


def test_local_file_is_copied_and_checked(session: HttpSession, tmp_path: Path) -> None:
    source = tmp_path / "a b.zip"
    source.write_bytes(CONTENT)
    file = IndexFile(filename=source.name, url=source.as_uri(), hashes=(("sha256", DIGEST),))
    assert fetch(file, tmp_path / "out", session).read_bytes() == CONTENT
    source.write_bytes(b"changed")
    with pytest.raises(VerificationError):
        fetch(file, tmp_path / "out2", session)
    source.unlink()
    with pytest.raises(HostError, match="not there any more"):
        fetch(file, tmp_path / "out3", session)


def test_folder_that_cannot_be_is_a_fact_about_this_machine(
    server: Server, session: HttpSession, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(HostError, match="Check the folder"):
        fetch(a_file(server), tmp_path / "file" / "folder", session)


def test_link_in_place_of_the_part_is_not_followed(
    server: Server, session: HttpSession, tmp_path: Path
) -> None:
    (tmp_path / "mine").write_bytes(b"mine")
    (tmp_path / ".lxml-1.zip.part").symlink_to(tmp_path / "mine")
    with pytest.raises(HostError, match="can't be written"):
        fetch(a_file(server), tmp_path, session)
    assert (tmp_path / "mine").read_bytes() == b"mine"


def test_full_disk_is_told_and_freed(
    server: Server, session: HttpSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_space(part: _Part, chunk: bytes) -> None:
        part.size += len(chunk)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(_Part, "add", no_space)
    server.answer("/files/lxml-1.zip", send(CONTENT))
    with pytest.raises(HostError, match=r"No space left on device\. Free some space"):
        fetch(a_file(server), tmp_path, session)
    assert list(tmp_path.iterdir()) == []


# The configured index


@pytest.mark.network
def test_configured_index_has_a_small_project(tmp_path: Path) -> None:
    client = IndexClient(load_settings(), tmp_path / "pages")
    try:
        found = client.project(NormalizedName("idna"))
        assert found is not None
        wheel = next(file for file in found.files if file.filename.endswith("none-any.whl"))
        assert wheel.sha256
        path = client.fetch(wheel, tmp_path)
        assert hashlib.sha256(path.read_bytes()).hexdigest() == wheel.sha256
        absent = NormalizedName("wheelyard-has-no-such-project")
        assert client.project(absent) is None
    finally:
        client.close()
