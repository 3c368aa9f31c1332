"""Foreign Pythons of python-build-standalone, by way of uv: headers, interpreter, library.

uv has the list of them with their hashes, and its own configuration says which mirror they come
from. Record: ``standalone`` (by the name of the Python: its digest).
"""

from __future__ import annotations

import hashlib
import subprocess
from typing import TYPE_CHECKING

from uv import find_uv_bin

from wheelyard.builders.sysroots.sysroot import Sysroot
from wheelyard.errors import HostError, UsageError
from wheelyard.store.store import hash_file, storage_errors
from wheelyard.targets.pythons import platform_triplet

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from wheelyard.store.store import Store
    from wheelyard.targets.target import Target

# uv's names of architectures; those that it calls as we do are left out.
_ARCHITECTURES: Mapping[str, str] = {
    "i686": "i686",
    "armv7l": "armv7",
    "armv8l": "armv7",
    "ppc64le": "powerpc64le",
}
_SAME = frozenset(("x86_64", "aarch64", "s390x", "riscv64"))
_FLOATS: Mapping[str | None, str] = {None: "hf", "hard": "hf", "soft": ""}


class Standalone:
    """Gives sysroots that consist of a Python and nothing else."""

    def __init__(
        self, store: Store, *, offline: bool = False, note: Callable[[str], None] = lambda _: None
    ) -> None:
        """Take where they are kept; ``offline`` only what is kept is given."""
        self._store = store
        self._offline = offline
        self._note = note

    def __call__(self, target: Target) -> Sysroot:
        """Give a target's Python, of the newest patch that uv knows; a kept one stays.

        Raises:
            UsageError: python-build-standalone has none for such machines.
            HostError: It can't be downloaded.
        """
        request = standalone_name(target)
        with self._store.lease(f"standalone-{request}"):
            key = self._store.key_of(request)
            known = self._store.lookup("standalone", key)
            if not known or not self._place(known["digest"]).is_dir():
                known = {"digest": self._installed(request)}
                self._store.record("standalone", key, known)
        multiarch = platform_triplet(target.machine, target.libc)
        digest = str(known["digest"])
        return Sysroot(root=self._place(digest), multiarch=multiarch, digest=digest)

    def _place(self, digest: str) -> Path:
        return self._store.root.absolute() / "sysroots" / digest

    def _installed(self, request: str) -> str:
        if self._offline:
            raise HostError(f"{request} isn't kept and we are offline: run once without --offline")
        self._note(f"{request}: fetching it by uv")
        with self._store.scratch() as scratch, storage_errors(self._store.root):
            folder = scratch / "pythons"
            command = (find_uv_bin(), "python", "install", "--no-bin", "--install-dir")
            done = subprocess.run(
                (*command, folder, request), capture_output=True, text=True, check=False
            )
            found = [path for path in folder.glob("cpython-*") if not path.is_symlink()]
            if done.returncode != 0 or len(found) != 1:
                raise HostError(
                    f"uv can't install {request} ({_cause(done.stderr)}); where it is downloaded "
                    "from, uv's python-install-mirror says"
                )
            digest = _digest(found[0])
            place = self._place(digest)
            if not place.is_dir():
                (scratch / "root").mkdir()
                found[0].rename(scratch / "root" / "usr")
                place.parent.mkdir(exist_ok=True)
                (scratch / "root").rename(place)
        return digest


def standalone_name(target: Target) -> str:
    """Give uv's name of a target's Python: ``cpython-3.12-linux-aarch64-gnu``.

    Raises:
        UsageError: There is none for such machines.
    """
    machine, libc = target.machine, target.libc
    arch = _ARCHITECTURES.get(machine.arch, machine.arch if machine.arch in _SAME else "")
    if not arch:
        raise UsageError(f"python-build-standalone has no Python for {machine.arch}")
    family = "gnu" if libc.family == "glibc" else "musl"
    if arch == "armv7":
        family += f"eabi{_FLOATS.get(machine.float_abi, '')}"
    version = ".".join(map(str, target.python.version))
    threads = "+freethreaded" if target.python.free_threaded else ""
    return f"cpython-{version}{threads}-linux-{arch}-{family}"


def _cause(said: str) -> str:
    r"""Give the last cause that uv names, which is the first one.

    >>> _cause("error: Failed to install x\n  cause: Request failed\n  cause: dns error\n")
    'dns error'
    """
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1].removeprefix("error: ").removeprefix("cause: ") if lines else "it says nothing"


def _digest(folder: Path) -> str:
    """Hash the Python's name and its headers; the rest holds the place that it was installed in."""
    digest = hashlib.sha256(f"standalone {folder.name}\n".encode())
    for path in sorted((folder / "include").rglob("*")):
        if path.is_file():
            digest.update(f"{path.relative_to(folder)} {hash_file(path)}\n".encode())
    return digest.hexdigest()
