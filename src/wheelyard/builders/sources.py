"""Sources: archives, git repositories, folders; each becomes one archive in the store.

A repository or folder is packed with order, times and owners fixed, so that the same commit is
the same archive everywhere.
"""

from __future__ import annotations

import os
import subprocess
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit, urlunsplit

from wheelyard.builders import BuildFailedError
from wheelyard.plans.step import Artifact
from wheelyard.wheel.names import Sha256

if TYPE_CHECKING:
    from wheelyard.builders.artifacts import Artifacts
    from wheelyard.plans.release import File

_LEFT_OUT = frozenset({".git", ".hg", ".venv", "__pycache__", ".tox", ".nox"})
_EPOCH = 315532800


def obtain(file: File, artifacts: Artifacts) -> tuple[File, Artifact]:
    """Bring a source into the store.

    Returns:
        The source with the digest of what it is now, and the archive in the store.

    Raises:
        BuildFailedError: When a repository or a folder can't be read.
    """
    if artifacts.store.has(file.sha256):
        return file, artifacts.known(file.filename, file.sha256)
    parts = urlsplit(file.url)
    if parts.scheme.startswith("git+"):
        return _from_git(file, artifacts)
    if parts.scheme == "file" and Path(unquote(parts.path)).is_dir():
        artifact = _from_folder(Path(unquote(parts.path)), artifacts)
    elif "+" in parts.scheme:
        tool = parts.scheme.partition("+")[0]
        raise _failed(f"{file.url}: sources from {tool} are not supported", "use git or an archive")
    else:
        artifact = artifacts.fetch(file)
    return replace(file, filename=artifact.filename, sha256=artifact.sha256), artifact


def _failed(cause: str, remedy: str) -> BuildFailedError:
    return BuildFailedError(cause, remedy, (), "")


def _from_git(file: File, artifacts: Artifacts) -> tuple[File, Artifact]:
    parts = urlsplit(file.url.removeprefix("git+"))
    path, _, revision = parts.path.rpartition("@") if "@" in parts.path else (parts.path, "", "")
    url = urlunsplit(parts._replace(path=path, fragment=""))
    with artifacts.store.scratch() as scratch:
        clone = scratch / "clone"
        _git("clone", "--quiet", "--no-checkout", "--", url, str(clone), folder=scratch)
        wanted = revision or "HEAD"
        _git("checkout", "--quiet", "--detach", wanted, folder=clone)
        _git("submodule", "--quiet", "update", "--init", "--recursive", folder=clone)
        commit = _git("rev-parse", "HEAD", folder=clone).strip()
        name = PurePosixPath(path).name.removesuffix(".git")
        artifact = _keep(_pack(clone, scratch / f"{name}-{commit[:12]}.tar"), artifacts)
    # From here on the commit stands for what may have been a branch or a tag.
    exact = urlunsplit(parts._replace(path=f"{path}@{commit}"))
    found = replace(file, filename=artifact.filename, sha256=artifact.sha256, url=f"git+{exact}")
    return found, artifact


def _git(*arguments: str, folder: Path) -> str:
    environ = {**os.environ, "GIT_TERMINAL_PROMPT": "0"}
    try:
        done = subprocess.run(
            ("git", *arguments), cwd=folder, env=environ, capture_output=True, text=True, check=True
        )
    except FileNotFoundError:
        raise _failed("git is not installed", "install git (Debian: git)") from None
    except subprocess.CalledProcessError as error:
        said = error.stderr.strip().splitlines() or [f"status {error.returncode}"]
        message = f"git {arguments[0]} failed: {said[-1]}"
        raise _failed(message, "check the address, the revision and the network") from None
    return done.stdout


def _from_folder(folder: Path, artifacts: Artifacts) -> Artifact:
    with artifacts.store.scratch() as scratch:
        return _keep(_pack(folder, scratch / f"{folder.name}.tar"), artifacts)


def _pack(folder: Path, archive: Path) -> Path:
    with tarfile.open(archive, "w", format=tarfile.PAX_FORMAT) as tar:
        for parent, folders, files in os.walk(folder):
            folders[:] = sorted(name for name in folders if name not in _LEFT_OUT)
            for name in sorted(files):
                path = Path(parent) / name
                info = tar.gettarinfo(path, f"source/{path.relative_to(folder).as_posix()}")
                info.uid = info.gid = 0
                info.uname = info.gname = ""
                info.mtime = _EPOCH
                info.mode = 0o755 if info.mode & 0o100 else 0o644
                _add(tar, info, path)
    return archive


def _add(tar: tarfile.TarFile, info: tarfile.TarInfo, path: Path) -> None:
    if info.isreg():
        with path.open("rb") as stream:
            tar.addfile(info, stream)
    else:
        tar.addfile(info)


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
        if artifact.filename.endswith(".zip"):
            _unzip(archive, folder)
        else:
            with tarfile.open(archive) as tar:
                tar.extractall(folder, filter="data")
    except (tarfile.TarError, zipfile.BadZipFile, OSError, ValueError, EOFError) as error:
        cause = f"{artifact.filename} can't be unpacked: {error}"
        raise _failed(cause, "fetch it anew, or take another version") from None
    top = [path for path in folder.iterdir() if path.is_dir()]
    root = top[0] if len(top) == 1 and not (folder / "pyproject.toml").exists() else folder
    fragment = dict(p.split("=", 1) for p in urlsplit(file.url).fragment.split("&") if "=" in p)
    return root / fragment.get("subdirectory", "")


def _unzip(archive: Path, folder: Path) -> None:
    with zipfile.ZipFile(archive) as content:
        for name in content.namelist():
            path = PurePosixPath(name.replace("\\", "/"))
            if path.is_absolute() or ".." in path.parts:
                raise ValueError(f"{name} leads out of the archive")
        content.extractall(folder)  # noqa: S202 - every name was looked at
