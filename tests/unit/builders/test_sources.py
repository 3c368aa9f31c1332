from __future__ import annotations

import io
import os
import socket
import stat
import subprocess
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest

from wheelyard.builders import BuildFailedError
from wheelyard.builders.artifacts import Artifacts
from wheelyard.builders.pinning import pin_source
from wheelyard.builders.sources import obtain, unpack
from wheelyard.errors import UsageError
from wheelyard.plans.release import File
from wheelyard.plans.requirements_file import load_requirements
from wheelyard.plans.step import Artifact
from wheelyard.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from wheelyard.index.page import IndexFile
    from wheelyard.plans.request import RequirementLine


class NoClient:
    """Brings nothing: what is here needs no index."""

    def fetch(self, file: IndexFile, folder: Path) -> Path:
        raise AssertionError(f"{file.url} was asked for, into {folder}")


@pytest.fixture
def artifacts(tmp_path: Path) -> Iterator[Artifacts]:
    with Store(tmp_path / "store") as store:
        yield Artifacts(store, NoClient())


def kept(artifacts: Artifacts, filename: str, content: bytes) -> Artifact:
    return Artifact(filename=filename, sha256=artifacts.store.add_bytes(content), size=1)


def tar(*members: tuple[str, str]) -> bytes:
    """A tar of files, and of links where the content begins with an arrow."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            if content.startswith("→"):
                info.type, info.linkname, info.size = tarfile.SYMTYPE, content[1:], 0
            archive.addfile(info, io.BytesIO(content.encode()))
    return stream.getvalue()


def zipped(*members: tuple[str, str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members:
            info = zipfile.ZipInfo(name)
            info.external_attr = (0o755 if name.endswith("configure") else 0o644) << 16
            archive.writestr(info, content)
    return stream.getvalue()


def unpacked(
    artifacts: Artifacts, folder: Path, filename: str, content: bytes, at: str = ""
) -> Path:
    source = File(filename=filename, url=f"https://x.example/{filename}{at}")
    return unpack(kept(artifacts, filename, content), source, artifacts, folder / "source")


@pytest.mark.parametrize(("filename", "make"), [("a-1.tar.gz", tar), ("a-1.zip", zipped)])
def test_archive_is_unpacked_to_its_only_folder(
    artifacts: Artifacts, tmp_path: Path, filename: str, make: Callable[..., bytes]
) -> None:
    content = make(("a-1/setup.py", "x"), ("a-1/py/setup.py", "y"))
    project = unpacked(artifacts, tmp_path, filename, content)
    assert (project.name, (project / "setup.py").read_text()) == ("a-1", "x")


def test_archive_without_a_folder_is_its_own_project(artifacts: Artifacts, tmp_path: Path) -> None:
    content = tar(("pyproject.toml", ""), ("a/__init__.py", ""))
    assert unpacked(artifacts, tmp_path, "a-1.tar.gz", content).name == "source"


def test_subdirectory_is_the_project(artifacts: Artifacts, tmp_path: Path) -> None:
    content = tar(("a-1/py x/setup.py", ""))
    project = unpacked(artifacts, tmp_path, "a-1.tar.gz", content, "#subdirectory=py%20x")
    assert (project / "setup.py").exists()


@pytest.mark.parametrize("at", ["../..", "/etc", "..%2F.."])
def test_subdirectory_outside_of_the_source_is_refused(
    artifacts: Artifacts, tmp_path: Path, at: str
) -> None:
    with pytest.raises(BuildFailedError, match="is not inside the source"):
        unpacked(artifacts, tmp_path, "a.tar.gz", tar(("a/setup.py", "")), f"#subdirectory={at}")


@pytest.mark.parametrize(
    ("filename", "content"),
    [
        ("a-1.tar.gz", tar(("../out", "x"))),
        ("a-1.tar.gz", tar(("a/link", "→../../out"), ("a/link/x", "x"))),
        ("a-1.tar.gz", tar(("a/link", "→/etc/passwd"))),
        # Each link leads inside when it is made; with the second, the first one leads out.
        ("a-1.tar.gz", tar(("a/b/x", "→d/../../out"), ("a/b/d", "→../.."), ("a/b/x/y", "x"))),
        ("a-1.zip", zipped(("../out", "x"))),
        ("a-1.zip", zipped(("/out", "x"))),
        ("a-1.zip", zipped(("a\\..\\..\\out", "x"))),
    ],
)
def test_what_leads_out_of_an_archive_is_refused(
    artifacts: Artifacts, tmp_path: Path, filename: str, content: bytes
) -> None:
    with pytest.raises(BuildFailedError, match="can't be unpacked"):
        unpacked(artifacts, tmp_path, filename, content)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["source", "store"]


def encrypted() -> bytes:
    content = bytearray(zipped(("a/setup.py", "x")))
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + place] |= 1
    return bytes(content)


@pytest.mark.parametrize(
    ("filename", "content"),
    [
        ("a-1.tar.gz", b""),
        ("a-1.tar.gz", b"nonsense"),
        ("a-1.tar.gz", tar(("a/x", "x" * 5000))[:-30]),
        ("a-1.tar.xz", b"\xfd7zXZ\x00nonsense"),
        ("a-1.zip", b"nonsense"),
        ("a-1.zip", zipped(("a/x", "x"))[:-10]),
        ("a-1.zip", encrypted()),
    ],
)
def test_broken_archive_is_a_failure_with_its_name(
    artifacts: Artifacts, tmp_path: Path, filename: str, content: bytes
) -> None:
    with pytest.raises(BuildFailedError, match=f"{filename} can't be unpacked"):
        unpacked(artifacts, tmp_path, filename, content)


@pytest.mark.parametrize(("filename", "make"), [("a-1.tar.gz", tar), ("a-1.zip", zipped)])
def test_an_archive_that_would_fill_the_disk_is_refused(
    artifacts: Artifacts,
    tmp_path: Path,
    filename: str,
    make: Callable[..., bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("wheelyard.builders.archives._MOST_FILES", 10)
    content = make(*((f"a-1/{number}", "x") for number in range(11)))
    with pytest.raises(BuildFailedError, match="it holds more than 10 files"):
        unpacked(artifacts, tmp_path, filename, content)


def test_zip_keeps_what_can_be_run(artifacts: Artifacts, tmp_path: Path) -> None:
    content = zipped(("a/configure", ""), ("a/setup.py", ""))
    project = unpacked(artifacts, tmp_path, "a.zip", content)
    assert (project / "configure").stat().st_mode & 0o100
    assert not (project / "setup.py").stat().st_mode & 0o100


def obtained(artifacts: Artifacts, url: str) -> tuple[File, Artifact]:
    return obtain(File(filename="a", url=url), artifacts)


def fill(folder: Path) -> Path:
    (folder / "pkg").mkdir(parents=True)
    (folder / "setup.py").write_text("setup()")
    (folder / "pkg" / "data").write_text("data")
    (folder / "run.sh").write_text("")
    (folder / "run.sh").chmod(0o700)
    (folder / "link").symlink_to("pkg")
    for left_out in (".git", "__pycache__"):
        (folder / left_out).mkdir()
        (folder / left_out / "x").touch()
    return folder


def test_same_folder_is_the_same_archive_wherever_it_lies(
    artifacts: Artifacts, tmp_path: Path
) -> None:
    one, other = fill(tmp_path / "one"), fill(tmp_path / "sub" / "one")
    os.utime(other / "setup.py", (1, 1))
    (other / "setup.py").chmod(0o600)
    (other / "twin").hardlink_to(other / "setup.py")
    (one / "twin").write_text("setup()")
    found = [obtained(artifacts, folder.as_uri())[1] for folder in (one, other)]
    assert found[0] == found[1]
    with tarfile.open(artifacts.store.path(found[0].sha256)) as archive:
        assert archive.getnames() == [
            f"source/{name}" for name in ("link", "run.sh", "setup.py", "twin", "pkg/data")
        ]


def test_changed_folder_is_another_archive(artifacts: Artifacts, tmp_path: Path) -> None:
    folder = fill(tmp_path / "one")
    before = obtained(artifacts, folder.as_uri())[0]
    (folder / "setup.py").write_text("setup(name='x')")
    assert obtained(artifacts, folder.as_uri())[0].sha256 != before.sha256


def test_sockets_in_a_folder_are_left_out(artifacts: Artifacts, tmp_path: Path) -> None:
    folder = fill(tmp_path / "one")
    os.mkfifo(folder / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(folder / "s"))
        artifact = obtained(artifacts, folder.as_uri())[1]
    with tarfile.open(artifacts.store.path(artifact.sha256)) as archive:
        assert not {"source/s", "source/fifo"} & set(archive.getnames())


def test_packed_folder_is_unpacked_to_what_it_was(artifacts: Artifacts, tmp_path: Path) -> None:
    source, artifact = obtained(artifacts, fill(tmp_path / "one").as_uri())
    project = unpack(artifact, source, artifacts, tmp_path / "source")
    assert (project / "pkg" / "data").read_text() == "data"
    assert (project / "link").is_symlink()
    assert stat.S_IMODE((project / "run.sh").stat().st_mode) & 0o100


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=t", "-c", "user.email=t@t.example", "-c", "init.defaultBranch=main")
    command = ("git", *who, *arguments)
    return subprocess.run(
        command, cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, str]]:
    """A repository with a tag, a branch and its main branch: URL, and commit by name."""
    folder = tmp_path_factory.mktemp("git") / "project.git"
    folder.mkdir()
    git(folder, "init", "--quiet")
    commits = {}
    for name, action in (("v1", "tag"), ("feature", "branch"), ("main", "")):
        (folder / "setup.py").write_text(name)
        git(folder, "add", ".")
        git(folder, "commit", "--quiet", "-m", name)
        if action:
            git(folder, action, name)
        commits[name] = git(folder, "rev-parse", "HEAD")
    return folder.as_uri(), commits


@pytest.mark.parametrize("name", ["v1", "feature", "main"])
def test_tag_branch_and_commit_of_a_repository_are_pinned(
    artifacts: Artifacts, repository: tuple[str, dict[str, str]], name: str
) -> None:
    url, commits = repository
    source, artifact = obtained(artifacts, f"git+{url}@{name}")
    assert source.url == f"git+{url}@{commits[name]}"
    assert artifact.filename == f"project-{commits[name][:12]}.tar"
    assert obtained(artifacts, f"git+{url}@{commits[name][:10]}")[1] == artifact


def test_repository_without_a_revision_is_pinned_to_its_newest(
    artifacts: Artifacts, repository: tuple[str, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    url, commits = repository
    assert obtained(artifacts, f"git+{url}")[0].url == f"git+{url}@{commits['main']}"


@pytest.mark.parametrize(
    ("url", "cause"),
    [
        ("git+file:///nowhere/at-all", "git clone failed"),
        ("{url}@v9", "git checkout failed"),
        ("{url}@--upload-pack=x", "is no revision"),
        ("hg+https://u:p@x.example/r", r"hg\+…/r: sources from hg are not supported"),
    ],
)
def test_repository_that_cannot_be_had_is_a_failure(
    artifacts: Artifacts, repository: tuple[str, dict[str, str]], url: str, cause: str
) -> None:
    with pytest.raises(BuildFailedError, match=cause) as caught:
        obtained(artifacts, url.format(url=f"git+{repository[0]}"))
    assert caught.value.remedy


def line(text: str) -> RequirementLine:
    (found,) = load_requirements(("l",), lambda _: text, {}).lines
    return found


def test_repository_is_asked_again_only_for_an_upgrade(
    artifacts: Artifacts, repository: tuple[str, dict[str, str]]
) -> None:
    url, commits = repository
    wanted = line(f"git+{url}@feature#egg=project&subdirectory=py")
    first = pin_source(wanted, artifacts, upgrade=False)
    assert first.url == f"git+{url}@{commits['feature']}#subdirectory=py"
    artifacts.store.record(
        "sources",
        artifacts.store.key_of(wanted.url),
        {"url": "git+kept", "sha256": first.hashes[0]},
    )
    assert pin_source(wanted, artifacts, upgrade=False).url == "git+kept"
    assert pin_source(wanted, artifacts, upgrade=True) == first


def test_relative_path_is_pinned_to_where_it_lies(
    artifacts: Artifacts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path / "a b")
    monkeypatch.chdir(tmp_path)
    pinned = pin_source(line("./a b#egg=x&subdirectory=py"), artifacts, upgrade=False)
    assert pinned.url == f"{tmp_path.as_uri()}/a%20b#subdirectory=py"
    assert len(pinned.hashes) == 1


def test_what_has_no_hash_takes_none(artifacts: Artifacts, tmp_path: Path) -> None:
    for url in ("git+https://x.example/r#egg=x", f"{fill(tmp_path / 'one').as_uri()}#egg=x"):
        with pytest.raises(UsageError, match=r"l:1: .*has no hash: drop --hash"):
            pin_source(line(f"{url} --hash=sha256:{'a' * 64}"), artifacts, upgrade=False)


def test_place_that_cannot_be_read_is_left_for_its_step_to_fail(artifacts: Artifacts) -> None:
    wanted = line("git+file:///nowhere/at-all#egg=x==1")
    assert pin_source(wanted, artifacts, upgrade=False) == wanted


def test_what_a_tar_says_of_owners_and_modes_is_left_out(
    artifacts: Artifacts, tmp_path: Path
) -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name, mode in (("a/configure", 0o4755), ("a/setup.py", 0o266)):
            info = tarfile.TarInfo(name)
            info.mode, info.mtime, info.uid = mode, 1_000_000_000, 4711
            archive.addfile(info)
    project = unpacked(artifacts, tmp_path, "a.tar.gz", stream.getvalue())
    found = [(project / name).stat() for name in ("configure", "setup.py")]
    assert [one.st_mode & 0o7777 for one in found] == [0o755, 0o644]
    assert {(one.st_mtime, one.st_uid) for one in found} == {(1_000_000_000, os.getuid())}


def test_device_in_a_source_is_refused(artifacts: Artifacts, tmp_path: Path) -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        info = tarfile.TarInfo("a/pipe")
        info.type = tarfile.FIFOTYPE
        archive.addfile(info)
    with pytest.raises(BuildFailedError, match="a/pipe is a device or a pipe"):
        unpacked(artifacts, tmp_path, "a.tar.gz", stream.getvalue())
