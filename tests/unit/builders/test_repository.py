from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from tests.unit.wheel.making import make_wheel

from wheelyard.builders.artifacts import Artifacts, top_modules
from wheelyard.builders.repository import IndexRepository, static_metadata
from wheelyard.errors import VerificationError
from wheelyard.index.page import IndexFile, ProjectPage
from wheelyard.plans.finder import ProjectMetadata
from wheelyard.plans.release import File
from wheelyard.store.store import Store
from wheelyard.wheel.names import NormalizedName, normalize_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def pkg_info(version: str = "2.2", dynamic: str = "", extra: str = "") -> str:
    return (
        f"Metadata-Version: {version}\nName: lib\nVersion: 1.0\n{dynamic}{extra}"
        "Requires-Dist: six\n\nThe description.\n"
    )


def sdist(folder: Path, text: str, filename: str = "lib-1.0.tar.gz", name: str = "") -> Path:
    archive, member = folder / filename, name or "lib-1.0/PKG-INFO"
    if filename.endswith(".zip"):
        with zipfile.ZipFile(archive, "w") as content:
            content.writestr(member, text)
        return archive
    with tarfile.open(archive, "w:gz") as tar:
        for path in ("lib-1.0/lib.egg-info/PKG-INFO", member):
            data = (text if path == member else pkg_info("1.0")).encode()
            info = tarfile.TarInfo(path)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return archive


@pytest.mark.parametrize("filename", ["lib-1.0.tar.gz", "lib-1.0.zip"])
@pytest.mark.parametrize("version", ["2.2", "2.4", "3.0"])
def test_metadata_that_is_certain_is_read_from_the_archive(
    tmp_path: Path, filename: str, version: str
) -> None:
    archive = sdist(tmp_path, pkg_info(version), filename)
    assert static_metadata(archive, filename) == ProjectMetadata(
        version="1.0", requires_dist=("six",)
    )


@pytest.mark.parametrize(
    "text",
    [
        pkg_info("2.1"),
        pkg_info("1.2"),
        pkg_info("2.x"),
        pkg_info("x"),
        pkg_info(dynamic="Dynamic: Requires-Dist\n"),
        pkg_info(dynamic="Dynamic: license\nDynamic: requires-dist\n"),
        "",
        "nonsense",
    ],
)
def test_metadata_that_a_build_may_change_is_left_to_the_build(tmp_path: Path, text: str) -> None:
    assert static_metadata(sdist(tmp_path, text), "lib-1.0.tar.gz") is None


def test_other_dynamic_fields_do_not_matter(tmp_path: Path) -> None:
    text = pkg_info(dynamic="Dynamic: description\nDynamic: license-file\n")
    assert static_metadata(sdist(tmp_path, text), "lib-1.0.tar.gz") is not None


def test_archive_without_metadata_or_broken_says_nothing(tmp_path: Path) -> None:
    assert static_metadata(sdist(tmp_path, "", name="lib-1.0/README"), "lib-1.0.tar.gz") is None
    for filename, content in (("a.tar.gz", b""), ("a.tar.gz", b"\x1f\x8bx"), ("a.zip", b"PK")):
        (tmp_path / filename).write_bytes(content)
        assert static_metadata(tmp_path / filename, filename) is None


@pytest.mark.parametrize(
    ("names", "modules"),
    [
        (["a/__init__.py", "b.py", "c.cpython-311-x86_64-linux-gnu.so"], ("a", "b", "c")),
        (["a/b/c.py"], ("a",)),
        (["a-1.dist-info/METADATA", "a-1.dist-info/x.py"], ()),
        (["a-1.data/purelib/a/x.py", "a-1.data/platlib/b.so", "a-1.data/scripts/c.py"], ("a", "b")),
        (["docs/index.txt", "two-words/x.py", "_private.py"], ("_private",)),
        ([], ()),
    ],
)
def test_top_modules_are_what_a_wheel_brings_to_import(
    names: list[str], modules: tuple[str, ...]
) -> None:
    assert top_modules(names) == modules


@dataclass
class FolderClient:
    """Gives files and pages of a folder, as an index would, and counts what was asked."""

    folder: Path
    asked: list[str] = field(default_factory=list)
    yanked: str | None = None
    offered: bytes | None = None

    def metadata(self, file: IndexFile) -> bytes | None:
        self.asked.append(f"{file.filename}.metadata")
        return self.offered

    def fetch(self, file: IndexFile, folder: Path) -> Path:
        self.asked.append(file.filename)
        folder.mkdir(parents=True, exist_ok=True)
        place = folder / file.filename
        place.write_bytes((self.folder / file.filename).read_bytes())
        return place

    def project(self, name: NormalizedName) -> ProjectPage | None:
        self.asked.append(name)
        files = tuple(
            IndexFile(
                filename=path.name,
                url=f"https://x.example/{path.name}",
                yanked=self.yanked,
                core_metadata=self.offered is not None,
            )
            for path in sorted(self.folder.glob(f"{name}-*"))
        )
        return ProjectPage(name=name, origin="https://x.example", files=files) if files else None


@pytest.fixture
def client(tmp_path: Path) -> FolderClient:
    folder = tmp_path / "index"
    folder.mkdir()
    make_wheel(folder, "lib", "1.0")
    return FolderClient(folder)


@pytest.fixture
def artifacts(tmp_path: Path, client: FolderClient) -> Iterator[Artifacts]:
    with Store(tmp_path / "store") as store:
        yield Artifacts(store, client)


WHEEL = File(filename="lib-1.0-py3-none-any.whl", url="https://x.example/lib-1.0-py3-none-any.whl")


def test_published_file_is_fetched_once_where_its_digest_is_known(
    artifacts: Artifacts, client: FolderClient
) -> None:
    first = artifacts.fetch(WHEEL)
    known = File(filename=WHEEL.filename, url=WHEEL.url, sha256=first.sha256)
    assert artifacts.fetch(known) == first
    assert client.asked == [WHEEL.filename]
    assert list((artifacts.store.root / "partial").iterdir()) == []


def test_file_with_a_digest_that_is_not_allowed_is_refused(artifacts: Artifacts) -> None:
    barred = File(filename=WHEEL.filename, url=WHEEL.url, hashes=("a" * 64, "b" * 64))
    with pytest.raises(VerificationError, match="the requirements allow aaa"):
        artifacts.fetch(barred)
    assert not list((artifacts.store.root / "objects").iterdir())


def test_wheel_is_read_once_and_its_facts_are_remembered(artifacts: Artifacts) -> None:
    artifact = artifacts.fetch(WHEEL)
    facts = artifacts.facts(artifact)
    assert (facts.version, facts.tags, facts.modules) == ("1.0", ("py3-none-any",), ("lib",))
    assert (facts.is_pure, facts.native) == (True, ())
    artifacts.store.path(artifact.sha256).unlink()
    assert artifacts.facts(artifact) == facts


def test_garbled_facts_are_read_anew(artifacts: Artifacts) -> None:
    artifact = artifacts.fetch(WHEEL)
    facts = artifacts.facts(artifact)
    key = f"{artifact.sha256}-1"
    for record in (
        {},
        {"filename": artifact.filename},
        {"filename": artifact.filename, "facts": 1},
    ):
        artifacts.store.record("wheels", key, record)
        assert artifacts.facts(artifact) == facts


def test_hostile_wheel_is_refused(artifacts: Artifacts, client: FolderClient) -> None:
    (client.folder / WHEEL.filename).write_bytes(b"not a zip")
    with pytest.raises(VerificationError):
        artifacts.facts(artifacts.fetch(WHEEL))


def unasked(name: NormalizedName, file: File) -> ProjectMetadata:
    raise AssertionError(f"the backend of {name} was asked for {file}")


def test_repository_gives_what_the_index_has(artifacts: Artifacts, client: FolderClient) -> None:
    client.yanked = "broken"
    repository = IndexRepository(client, artifacts, unasked, {})
    name = normalize_name("lib")
    repository.prefetch([name, name])
    (file,) = repository.files(name)
    assert (file.filename, file.yanked, file.sha256) == (WHEEL.filename, True, "")
    assert repository.files(normalize_name("unknown")) == ()
    assert client.asked.count("lib") == 1
    assert repository.metadata(name, file) == ProjectMetadata(version="1.0", requires_dist=())
    repository.close()


def test_metadata_that_the_index_offers_saves_the_wheel(
    artifacts: Artifacts, client: FolderClient
) -> None:
    client.offered = b"Metadata-Version: 2.1\nName: lib\nVersion: 1.0\nRequires-Dist: other\n"
    repository = IndexRepository(client, artifacts, unasked, {})
    name = normalize_name("lib")
    (file,) = repository.files(name)
    assert repository.metadata(name, file).requires_dist == ("other",)
    assert WHEEL.filename not in client.asked
    repository.close()


def test_locked_files_are_taken_before_any_index_is_asked(
    artifacts: Artifacts, client: FolderClient
) -> None:
    name = normalize_name("lib")
    repository = IndexRepository(client, artifacts, unasked, {name: (WHEEL,)})
    assert repository.files(name) == (WHEEL,)
    assert client.asked == []
    repository.close()


def test_backend_is_asked_only_where_the_archive_does_not_say(
    artifacts: Artifacts, client: FolderClient
) -> None:
    sdist(client.folder, pkg_info())
    sdist(client.folder, pkg_info("1.2"), "old-1.0.tar.gz")
    asked: list[str] = []

    def backend(name: NormalizedName, file: File) -> ProjectMetadata:
        asked.append(file.filename)
        return ProjectMetadata(version="1.0", requires_dist=(f"needed-by-{name}",))

    repository = IndexRepository(client, artifacts, backend, {})
    for project in ("lib", "old"):
        filename = f"{project}-1.0.tar.gz"
        content = (client.folder / filename).read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        source = File(filename=filename, url=f"https://x.example/{filename}", sha256=digest)
        assert repository.metadata(normalize_name(project), source).version == "1.0"
        assert repository.metadata(normalize_name(project), source).version == "1.0"
    assert asked == ["old-1.0.tar.gz"]
    repository.close()
