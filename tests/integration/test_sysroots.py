"""Sysroots from a mirror in a folder, on loopback, and from the configured one."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.unit.builders.sysroots.archives import Mirror, damage, deb, file, link

from wheelyard.builders.sysroots import PathProvider, find_sources
from wheelyard.builders.sysroots import open_debian as open_with_apt
from wheelyard.builders.sysroots.suites import architecture_of
from wheelyard.builders.sysroots.sysroot import Tree
from wheelyard.builders.tools import fetch_tool
from wheelyard.errors import HostError, UsageError, VerificationError
from wheelyard.index.session import FileGoneError
from wheelyard.index.settings import IndexSettings, Transport, load_settings
from wheelyard.store.store import Store
from wheelyard.targets.catalog import find_target
from wheelyard.targets.detect import detect_this

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wheelyard.builders.sysroots import DebianProvider, Sysroot

    Open = Callable[..., DebianProvider]

ARM = find_target("debian-12-arm64", "3.11")
SETTINGS = IndexSettings(transport=Transport(retries=0))
NO_APT = Path("/nonexistent")
DEBS = (
    deb("app", file("./usr/bin/app", mode=0o755), fields=("Depends: libz (>= 1)",)),
    deb(
        "libz", file("./lib/aarch64-linux-gnu/libz.so.1"),
        link("./usr/lib/aarch64-linux-gnu/libz.so", "/lib/aarch64-linux-gnu/libz.so.1"),
    ),
)  # fmt: skip


@pytest.fixture
def mirror(tmp_path: Path) -> Mirror:
    made = Mirror(tmp_path / "mirror")
    made.publish("bookworm", DEBS)
    return made


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "store") as made:
        yield made


def open_debian(
    store: Store,
    settings: IndexSettings,
    *,
    mirrors: tuple[str, ...] = (),
    offline: bool = False,
    note: Callable[[str], None] = lambda _: None,
) -> DebianProvider:
    """The provider of a machine without apt."""
    sources = find_sources(mirrors, NO_APT)
    return open_with_apt(store, settings, sources=sources, offline=offline, note=note)


def ask(
    store: Store, mirror: Mirror, *, offline: bool = False, notes: list[str] | None = None
) -> Sysroot:
    told = [] if notes is None else notes
    with open_debian(
        store, SETTINGS, mirrors=(mirror.line,), offline=offline, note=told.append
    ) as debian:
        return debian(ARM, ("app",))


def test_a_sysroot_holds_the_packages_and_what_they_need(store: Store, mirror: Mirror) -> None:
    made = ask(store, mirror)
    library = made.root / "usr/lib/aarch64-linux-gnu/libz.so"
    assert (library.read_text(), str(library.readlink())) == ("libz 1", "libz.so.1")
    assert (made.root / "lib/aarch64-linux-gnu/libz.so.1").is_file()
    assert (made.multiarch, made.root.name) == ("aarch64-linux-gnu", made.digest)


def test_offline_it_comes_from_the_store(store: Store, mirror: Mirror) -> None:
    with pytest.raises(HostError, match=r"bookworm .*kept and we are offline: run once without"):
        ask(store, mirror, offline=True)
    made = ask(store, mirror)
    mirror.folder.rename(mirror.folder.with_name("away"))
    assert ask(store, mirror, offline=True) == made


def test_packages_of_another_suite_lie_over_the_others(store: Store, mirror: Mirror) -> None:
    library = "./lib/aarch64-linux-gnu/libz.so.1"
    mirror.publish("bullseye", (deb("libz", file(library), version="0.9"),))
    with open_debian(store, SETTINGS, mirrors=(mirror.line,)) as debian:
        plain, mixed = debian(ARM, ("app",)), debian(ARM, ("app", "libz/bullseye"))
    assert (mixed.root / library).read_text() == "libz 0.9"
    assert (mixed.root / "usr/bin/app").samefile(plain.root / "usr/bin/app")
    assert (plain.root / library).read_text() == "libz 1"


def test_a_changed_package_makes_another_sysroot(store: Store, mirror: Mirror) -> None:
    before = ask(store, mirror)
    assert ask(store, mirror) == before
    mirror.publish("bookworm-updates", (deb("libz", file("./usr/lib/new"), version="1.1"),))
    after = ask(store, mirror)
    assert after.digest != before.digest
    assert (after.root / "usr/lib/new").read_text() == "libz 1.1"
    assert not (before.root / "usr/lib/new").exists()


def test_a_release_file_that_was_changed_is_refused(store: Store, mirror: Mirror) -> None:
    place = mirror.suite("bookworm") / "InRelease"
    place.write_bytes(place.read_bytes().replace(b"arm64", b"armhf"))
    with pytest.raises(VerificationError, match=r"bookworm/InRelease: no valid signatures found"):
        ask(store, mirror)


def test_a_release_file_of_another_key_is_refused(
    store: Store, mirror: Mirror, tmp_path: Path
) -> None:
    stranger = Mirror(tmp_path / "stranger")
    stranger.folder = mirror.folder
    stranger.publish("bookworm", DEBS)
    with pytest.raises(VerificationError, match="no valid signatures found"):
        ask(store, mirror)


def test_what_is_said_around_the_signed_text_does_not_count(store: Store, mirror: Mirror) -> None:
    place = mirror.suite("bookworm") / "InRelease"
    whole = ask(store, mirror)
    forged = b"Origin: Somebody\nSHA256:\n 00 1 main/binary-arm64/Packages.xz\n\n"
    place.write_bytes(forged + place.read_bytes() + forged)
    assert ask(store, mirror) == whole


def test_another_suite_under_the_name_is_refused(store: Store, mirror: Mirror) -> None:
    mirror.publish("bullseye", DEBS)
    old = mirror.suite("bullseye") / "InRelease"
    old.replace(mirror.suite("bookworm") / "InRelease")
    with pytest.raises(VerificationError, match="it is of bullseye, not of bookworm"):
        ask(store, mirror)


def test_another_distribution_is_refused(store: Store, mirror: Mirror) -> None:
    mirror.publish("bookworm", DEBS, fields=("Origin: Somebody",))
    with pytest.raises(VerificationError, match="it is of Somebody, not of Debian"):
        ask(store, mirror)


UBUNTU = ("Origin: Ubuntu",)
NOBLE = find_target("debian-12-arm64", "3.12")


def test_ubuntus_keys_come_from_debians_package(store: Store, tmp_path: Path) -> None:
    """A chain of trust: Debian's mirror vouches for the package, and its keys for Ubuntu's."""
    ubuntu, debian = Mirror(tmp_path / "ubuntu"), Mirror(tmp_path / "debian")
    ubuntu.publish("noble", (deb("app", file("./usr/app"), compression="zst"),), fields=UBUNTU)
    ubuntu.publish("noble-security", (deb("app", file("./usr/new"), version="1.1"),), fields=UBUNTU)
    keys = deb("ubuntu-keyring", file("./usr/share/keyrings/ubuntu-archive-keyring.gpg"))
    debian.publish(
        "trixie",
        (replace(keys, contents=(ubuntu.keyring.read_bytes(),)),),
        architecture=architecture_of(detect_this().machine),
    )
    plain = ubuntu.folder.as_uri()
    with open_debian(store, SETTINGS, mirrors=(debian.line_of("trixie"), plain)) as provider:
        assert (provider(NOBLE, ("app",)).root / "usr/new").read_text() == "app 1.1"
    with (
        open_debian(store, SETTINGS, mirrors=(plain,)) as provider,
        pytest.raises(HostError, match=r"ubuntu-archive-keyring\.\* to check noble with: install"),
    ):
        provider(NOBLE, ("app",))


def test_a_package_of_ubuntu_is_unpacked(store: Store, tmp_path: Path) -> None:
    ubuntu = Mirror(tmp_path / "ubuntu")
    ubuntu.publish("noble", (deb("app", file("./usr/app"), compression="zst"),), fields=UBUNTU)
    with open_debian(store, SETTINGS, mirrors=(ubuntu.line_of("noble"),)) as provider:
        assert (provider(NOBLE, ("app",)).root / "usr/app").read_text() == "app 1"


def test_another_mirror_has_the_architectures_that_the_first_one_lacks(
    store: Store, tmp_path: Path
) -> None:
    archive, ports = Mirror(tmp_path / "archive"), Mirror(tmp_path / "ports")
    for one in (archive, ports):
        one.publish("noble", (deb("app", file("./usr/app")),), fields=UBUNTU)
    shutil.rmtree(archive.suite("noble") / "main")
    lines = tuple(one.line_of("noble") for one in (archive, ports))
    with (
        open_debian(store, SETTINGS, mirrors=lines[:1]) as provider,
        pytest.raises(FileGoneError, match="Packages"),
    ):
        provider(NOBLE, ("app",))
    with open_debian(store, SETTINGS, mirrors=lines) as provider:
        assert (provider(NOBLE, ("app",)).root / "usr/app").is_file()


def test_a_suite_that_no_mirror_is_configured_for_is_named(store: Store, mirror: Mirror) -> None:
    with (
        open_debian(store, SETTINGS, mirrors=(mirror.line,)) as provider,
        pytest.raises(HostError, match=r"noble of Ubuntu is needed\. No mirror of Ubuntu is conf"),
    ):
        provider(NOBLE, ("app",))


def test_where_nothing_is_configured_a_mirror_is_asked_for(store: Store) -> None:
    with pytest.raises(HostError, match=r"No mirror of Debian or Ubuntu .* name one with --mirror"):
        open_debian(store, SETTINGS)


def test_an_old_state_is_refused(store: Store, mirror: Mirror) -> None:
    mirror.publish("bookworm", DEBS, days=-3)
    with pytest.raises(VerificationError, match="so updates may be withheld"):
        ask(store, mirror)


def test_an_old_state_of_a_rolling_suite_is_told(store: Store, mirror: Mirror) -> None:
    mirror.publish("sid", DEBS, days=-3)
    notes: list[str] = []
    with open_debian(store, SETTINGS, mirrors=(mirror.line,), note=notes.append) as debian:
        debian(find_target("debian-12-arm64", "3.14"), ("app",))
    assert notes[0].startswith("sid is of a state that counted until ")


def test_a_list_or_package_that_was_changed_is_refused(store: Store, mirror: Mirror) -> None:
    damage(mirror.folder / DEBS[1].filename)
    with pytest.raises(VerificationError, match=r"libz_1.deb has the sha256 .* was announced"):
        ask(store, mirror)
    damage(mirror.suite("bookworm") / "main/binary-arm64/Packages.xz")
    with Store(store.root.with_name("other")) as other, pytest.raises(VerificationError):
        ask(other, mirror)


def test_a_kept_package_that_was_changed_is_not_used(store: Store, mirror: Mirror) -> None:
    made = ask(store, mirror)
    made.root.rename(made.root.with_name("away"))
    kept = store.path(hashlib.sha256(DEBS[0].content()).hexdigest())
    damage(kept)
    with pytest.raises(FileGoneError, match="we are offline, and these packages are not kept: app"):
        ask(store, mirror, offline=True)
    assert ask(store, mirror) == made
    made.root.rename(made.root.with_name("away again"))
    times = kept.stat()
    damage(kept)
    os.utime(kept, ns=(times.st_atime_ns, times.st_mtime_ns))  # what the store can't notice
    with pytest.raises(VerificationError, match=r"is not app 1 any more, it was changed"):
        ask(store, mirror)


def test_updates_that_the_mirror_lacks_are_left_out_and_told(store: Store, mirror: Mirror) -> None:
    newer = deb("libz", file("./usr/lib/new"), version="1.1")
    mirror.publish("bookworm-updates", (newer,))
    (mirror.folder / newer.filename).unlink()
    notes: list[str] = []
    made = ask(store, mirror, notes=notes)
    assert not (made.root / "usr/lib/new").exists()
    assert "without its updates" in notes[-1]
    assert made.notes == (notes[-1],)
    assert ask(store, mirror, offline=True).notes == made.notes, "it is remembered with the tree"


def test_a_package_that_the_mirror_lacks_is_named(store: Store, mirror: Mirror) -> None:
    (mirror.folder / DEBS[1].filename).unlink()
    with pytest.raises(HostError, match=r"libz_1\.deb is not there any more"):
        ask(store, mirror)


def test_an_architecture_that_the_suite_lacks_is_named(store: Store, mirror: Mirror) -> None:
    target = find_target("debian-13-riscv64", "3.11")
    with (
        open_debian(store, SETTINGS, mirrors=(mirror.line,)) as debian,
        pytest.raises(
            UsageError, match="bookworm has no packages for riscv64, only for all, arm64"
        ),
    ):
        debian(target, ("app",))


def test_a_tool_comes_alone_from_the_mirrors_own_suite(store: Store, mirror: Mirror) -> None:
    with open_debian(store, SETTINGS, mirrors=(mirror.line,)) as debian:
        wanted = Tree(architecture="arm64", packages=("app",), dependencies=False)
        folder = debian.tree(wanted).root
    assert (folder / "bin/app").read_text() == "app 1"
    assert not (folder / "lib").exists()


def test_a_server_is_asked_once_for_each_thing(store: Store, mirror: Mirror) -> None:
    asked: list[str] = []

    class Handler(SimpleHTTPRequestHandler):
        def send_head(self) -> object:  # type: ignore[override]
            asked.append(self.path)
            return super().send_head()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=mirror.folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        line = mirror.line.replace(mirror.folder.as_uri(), url)
        with open_debian(store, SETTINGS, mirrors=(line,)) as debian:
            made = debian(ARM, ("app",))
            assert debian(ARM, ("app", "libz")).digest == made.digest
        server.shutdown()
    debs = sorted(path for path in asked if path.endswith(".deb"))
    assert debs == [f"/{one.filename}" for one in DEBS]
    assert asked.count("/dists/bookworm/InRelease") == 1
    assert not list((store.root / "downloads").iterdir())


SCRIPT = """
import sys
from pathlib import Path
from tests.integration.test_sysroots import ARM, SETTINGS, Store, open_debian
note = lambda text: print(text, flush=True)
with Store(Path(sys.argv[1])) as store:
    with open_debian(store, SETTINGS, mirrors=(sys.argv[2],), note=note) as debian:
        debian(ARM, ("app",))
"""


def test_who_is_killed_leaves_nothing_half_done(tmp_path: Path, mirror: Mirror) -> None:
    many = tuple(deb(f"p{number}", file(f"./usr/{number}")) for number in range(200))
    wants = deb("app", fields=("Depends: " + ", ".join(one.name for one in many),))
    mirror.publish("bookworm", (wants, *many))
    root = tmp_path / "store"
    for moment in ("fetching", "unpacking"):
        command = [sys.executable, "-c", SCRIPT, str(root), mirror.line]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            next(line for line in process.stdout if moment in line)
            time.sleep(0.02)
            process.send_signal(signal.SIGKILL)
        assert process.returncode == -signal.SIGKILL
        assert not list(root.glob("sysroots/*"))
    with Store(root) as store:
        made = ask(store, mirror)
        assert len(list((made.root / "usr").iterdir())) == len(many)
        assert len(list((root / "scratch").glob("*/"))) == 1


@pytest.mark.parametrize("name", ["my sysroot", "it's", 'a"b', "a\\b"])
def test_a_folder_that_flags_can_not_name_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name / "usr" / "include").mkdir(parents=True)
    with pytest.raises(UsageError, match="Name a link to it"):
        PathProvider(tmp_path / name)(ARM, ())


def test_a_folder_of_the_users_own_is_a_sysroot(tmp_path: Path) -> None:
    provide = PathProvider(tmp_path)
    with pytest.raises(UsageError, match="is no sysroot: it has neither usr/include nor"):
        provide(ARM, ())
    (tmp_path / "usr/lib").mkdir(parents=True)
    header = tmp_path / "usr/include/python3.11/Python.h"
    with pytest.raises(UsageError, match=f"{header} is not there: .* has no Python 3.11"):
        provide(ARM, ())
    header.parent.mkdir(parents=True)
    header.touch()
    before = provide(ARM, ())
    (tmp_path / "usr/lib/libz.so").write_text("z")
    provide = PathProvider(tmp_path)
    after = provide(ARM, ())
    assert (before.root, before.multiarch) == (tmp_path, "aarch64-linux-gnu")
    assert before.digest != after.digest == provide(ARM, ("anything",)).digest


PYTHON = ("libpython3.11-dev", "python3.11-minimal", "libpython3.11-stdlib", "libffi-dev")
IMPORTS = "import ctypes, ssl, sqlite3, platform; print(platform.machine())"


@pytest.mark.network
def test_the_targets_python_runs_under_an_emulator_fetched_the_same_way(store: Store) -> None:
    settings = load_settings()
    with open_with_apt(store, settings) as debian:
        made = debian(ARM, PYTHON)
        emulator = fetch_tool("qemu-user-static", debian)
    program = next((emulator / "usr/bin").glob("qemu-aarch64-static"))
    done = subprocess.run(
        [program, "-L", made.root, made.root / "usr/bin/python3.11", "-c", IMPORTS],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr, done.returncode) == ("aarch64\n", "", 0)
    assert not [path for path in made.root.rglob("*") if _leads_out(path)]
    with open_with_apt(store, settings, offline=True) as debian:
        assert debian(ARM, PYTHON) == made


def _leads_out(path: Path) -> bool:
    return path.is_symlink() and path.readlink().is_absolute()
