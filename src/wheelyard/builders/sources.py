"""Sources: archives, git repositories, folders; each becomes one archive in the store.

A repository or folder is packed with order, times and owners fixed, so that the same commit is
the same archive everywhere.
"""

from __future__ import annotations

import base64
import os
import stat
import subprocess
import tarfile
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit, urlunsplit

from wheelyard.builders import BuildFailedError
from wheelyard.builders.archives import BROKEN_ARCHIVE, extract
from wheelyard.plans.step import Artifact
from wheelyard.store.store import is_full
from wheelyard.wheel.names import Sha256

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wheelyard.builders.artifacts import Artifacts
    from wheelyard.plans.release import File

_LEFT_OUT = frozenset({".git", ".hg", ".venv", "__pycache__", ".tox", ".nox"})
_GIT_PLACES = frozenset(
    {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"}
)
_EPOCH = 315532800


def obtain(file: File, artifacts: Artifacts) -> tuple[File, Artifact]:
    """Bring a source into the store.

    Returns:
        The source with the digest of what it is now, and the archive in the store.

    Raises:
        BuildFailedError: When a repository or a folder can't be read.
    """
    parts = urlsplit(file.url)
    if artifacts.store.has(file.sha256):
        found = replace(file, filename=packed_name(file.url) or file.filename)
        return found, artifacts.known(found.filename, file.sha256)
    if parts.scheme.startswith("git+"):
        return _from_git(file, artifacts)
    if is_folder(file.url):
        artifact = _from_folder(Path(unquote(parts.path)), artifacts)
    elif "+" in parts.scheme:
        tool = parts.scheme.partition("+")[0]
        place = f"{tool}+…{parts.path}"
        raise _failed(f"{place}: sources from {tool} are not supported", "use git or an archive")
    else:
        artifact = artifacts.fetch(file)
    return replace(file, filename=artifact.filename, sha256=artifact.sha256), artifact


def is_folder(url: str) -> bool:
    """Whether a URL is that of a folder on this machine."""
    return urlsplit(url).scheme == "file" and local_place(url).is_dir()


def local_place(url: str) -> Path:
    """Give the path of a ``file:`` URL."""
    return Path(unquote(urlsplit(url).path))


def packed_name(url: str) -> str:
    """Give the name of the archive that a repository or folder is packed into, else nothing."""
    parts = urlsplit(url)
    path, _, commit = parts.path.rpartition("@") if "@" in parts.path else (parts.path, "", "")
    if parts.scheme.startswith("git+"):
        return f"{PurePosixPath(path).name.removesuffix('.git')}-{commit[:12]}.tar"
    return f"{PurePosixPath(unquote(parts.path)).name}.tar" if is_folder(url) else ""


def _failed(cause: str, remedy: str) -> BuildFailedError:
    return BuildFailedError(cause, remedy, (), "")


def _from_git(file: File, artifacts: Artifacts) -> tuple[File, Artifact]:
    parts = urlsplit(file.url.removeprefix("git+"))
    path, _, revision = parts.path.rpartition("@") if "@" in parts.path else (parts.path, "", "")
    url, secret = _without_password(urlunsplit(parts._replace(path=path, fragment="")))
    with artifacts.store.scratch() as scratch:
        clone = scratch / "clone"
        clone.mkdir()
        git = Git(clone, secret)
        git("clone", "--quiet", "--no-checkout", "--", url, ".")
        commit = _checked_out(git, revision)
        # From here on the commit stands for what may have been a branch or a tag.
        exact = "git+" + urlunsplit(parts._replace(path=f"{path}@{commit}"))
        artifact = _keep(_pack(clone, scratch / packed_name(exact)), artifacts)
    return replace(file, filename=artifact.filename, sha256=artifact.sha256, url=exact), artifact


def _without_password(url: str) -> tuple[str, Mapping[str, str]]:
    """Take a password out of a web address, to be handed to git where no process list shows it.

    Returns:
        The address without it, and git's variables with it.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or "@" not in parts.netloc:
        return url, {}
    user, _, host = parts.netloc.rpartition("@")
    basic = base64.b64encode(unquote(user).encode()).decode()
    variables = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"http.{parts.scheme}://{host}/.extraHeader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {basic}",
    }
    return urlunsplit(parts._replace(netloc=host)), variables


def _checked_out(git: Git, revision: str) -> str:
    """Check a revision out with its submodules and give its commit."""
    if revision.startswith("-"):
        raise _failed(f"{revision} is no revision", "name a branch, a tag or a commit behind the @")
    if revision:
        # By name, so that branches count that a clone has no copy of, and refs of any kind.
        try:
            git("fetch", "--quiet", "origin", revision)
            wanted = "FETCH_HEAD"
        except BuildFailedError:
            wanted = revision  # an abbreviated commit, which a server doesn't look up
    else:
        wanted = "HEAD"
    git("checkout", "--quiet", "--detach", wanted)
    git("submodule", "--quiet", "update", "--init", "--recursive")
    return git("rev-parse", "HEAD").strip()


class Git:
    """git in one folder, asking nobody anything; ``variables`` may hold a password."""

    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        self._folder = folder
        # Within a hook of git's own, variables such as GIT_DIR name another repository.
        own = {name: value for name, value in os.environ.items() if name not in _GIT_PLACES}
        self._environ = {**own, "GIT_TERMINAL_PROMPT": "0", **variables}

    def __call__(self, *arguments: str) -> str:
        """Run a command and give what it prints."""
        try:
            done = subprocess.run(
                ("git", *arguments),
                cwd=self._folder,
                env=self._environ,
                capture_output=True,
                text=True,
                check=True,
            )
        except FileNotFoundError:
            raise _failed("git is not installed", "install git (Debian: git)") from None
        except subprocess.CalledProcessError as error:
            said = error.stderr.strip().splitlines() or [f"status {error.returncode}"]
            message = f"git {arguments[0]} failed: {said[-1]}"
            remedy = "check the address, the revision and the network"
            raise _failed(message, remedy) from None
        return done.stdout


def _from_folder(folder: Path, artifacts: Artifacts) -> Artifact:
    with artifacts.store.scratch() as scratch:
        return _keep(_pack(folder, scratch / f"{folder.name}.tar"), artifacts)


def _pack(folder: Path, archive: Path) -> Path:
    try:
        with tarfile.open(archive, "w", format=tarfile.PAX_FORMAT) as tar:
            for path in _contents(folder):
                _add(tar, path, f"source/{path.relative_to(folder).as_posix()}")
    except OSError as error:
        if is_full(error):
            raise
        raise _failed(f"{folder} can't be read: {error}", "look at its permissions") from None
    return archive


def _contents(folder: Path) -> Iterator[Path]:
    """Give the files and links below a folder, in the same order everywhere."""
    for parent, folders, files in os.walk(folder):
        links = [name for name in folders if Path(parent, name).is_symlink()]
        folders[:] = sorted(set(folders) - _LEFT_OUT - set(links))
        yield from (Path(parent, name) for name in sorted({*files, *links} - _LEFT_OUT))


def _add(tar: tarfile.TarFile, path: Path, name: str) -> None:
    """Add a file or a link with nothing of this machine: no times, owners, or shared inodes."""
    info = tarfile.TarInfo(name)
    info.mtime = _EPOCH
    status = path.lstat()
    if stat.S_ISLNK(status.st_mode):
        info.type, info.linkname = tarfile.SYMTYPE, str(path.readlink())
        tar.addfile(info)
    elif stat.S_ISREG(status.st_mode):
        info.mode = 0o755 if status.st_mode & 0o100 else 0o644
        with path.open("rb") as stream:
            info.size = os.fstat(stream.fileno()).st_size
            tar.addfile(info, stream)


def _keep(archive: Path, artifacts: Artifacts) -> Artifact:
    size, name = archive.stat().st_size, archive.name
    return Artifact(filename=name, sha256=Sha256(artifacts.store.add(archive)), size=size)


def unpack(artifact: Artifact, file: File, artifacts: Artifacts, folder: Path) -> Path:
    """Unpack a source below ``folder`` and give the project's own folder in it.

    Raises:
        BuildFailedError: When the archive can't be read, or holds paths that lead elsewhere.
    """
    archive = artifacts.store.path(artifact.sha256)
    folder.mkdir()
    try:
        extract(archive, folder, zipped=artifact.filename.endswith(".zip"))
    except BROKEN_ARCHIVE as error:
        if isinstance(error, OSError) and is_full(error):
            raise
        cause = f"{artifact.filename} can't be unpacked: {error}"
        raise _failed(cause, "fetch it anew, or take another version") from None
    top = [path for path in folder.iterdir() if path.is_dir()]
    root = top[0] if len(top) == 1 and not (folder / "pyproject.toml").exists() else folder
    fragment = dict(p.split("=", 1) for p in urlsplit(file.url).fragment.split("&") if "=" in p)
    project = root / unquote(fragment.get("subdirectory", ""))
    if not project.resolve().is_relative_to(root.resolve()):
        raise _failed(f"{project.name} is not inside the source", "correct #subdirectory=")
    return project
