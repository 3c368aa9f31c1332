from __future__ import annotations

import errno
import hashlib
import os
import signal
import stat
import subprocess
import sys
import textwrap
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock, Timeout

from wheelyard.store.scratch import remove_tree
from wheelyard.store.store import SEAL, Store, StoreError, hash_file, storage_errors

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTENT = b"content"
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "store") as opened:
        yield opened


def unfinished(root: Path) -> list[str]:
    return sorted(path.name for path in (root / "scratch").iterdir() if path.name != ".gate")


def test_object_is_found_by_its_digest(store: Store) -> None:
    assert not store.has(DIGEST)
    assert store.add_bytes(CONTENT) == DIGEST
    assert store.has(DIGEST)
    assert store.path(DIGEST).read_bytes() == CONTENT
    assert hash_file(store.path(DIGEST)) == DIGEST


def test_nothing_is_no_object(store: Store) -> None:
    assert not store.has("")


def test_file_is_moved_in_and_read_only(store: Store) -> None:
    with store.scratch() as folder:
        file = folder / "file"
        file.write_bytes(CONTENT)
        assert store.add(file) == DIGEST
        assert not file.exists()
    assert stat.S_IMODE(store.path(DIGEST).stat().st_mode) == 0o444


def test_adding_again_changes_nothing(store: Store) -> None:
    store.add_bytes(CONTENT)
    store.add_bytes(CONTENT)
    with store.scratch() as folder:
        (folder / "file").write_bytes(CONTENT)
        store.add(folder / "file", DIGEST)
    assert store.path(DIGEST).read_bytes() == CONTENT


def test_object_that_was_written_to_is_gone(store: Store, tmp_path: Path) -> None:
    store.add_bytes(CONTENT)
    link = tmp_path / "link"
    link.hardlink_to(store.path(DIGEST))
    link.chmod(0o644)
    link.write_bytes(b"damaged")
    assert not store.has(DIGEST)
    store.add_bytes(CONTENT)
    assert store.path(DIGEST).read_bytes() == CONTENT


def test_store_that_was_copied_without_its_times_is_sealed_anew(store: Store) -> None:
    store.add_bytes(CONTENT)
    os.utime(store.path(DIGEST))
    assert store.has(DIGEST)
    assert store.path(DIGEST).stat().st_mtime == SEAL


def test_record_is_read_back(store: Store) -> None:
    assert store.lookup("steps", DIGEST) is None
    store.record("steps", DIGEST, {"b": [1], "a": "ü"})
    assert store.lookup("steps", DIGEST) == {"a": "ü", "b": [1]}
    assert store.lookup("wheels", DIGEST) is None


def test_last_record_wins(store: Store) -> None:
    store.record("steps", DIGEST, {"a": 1})
    store.record("steps", DIGEST, {"a": 2})
    assert store.lookup("steps", DIGEST) == {"a": 2}


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"null", b"{}x"])
def test_corrupt_record_is_none(store: Store, content: bytes) -> None:
    store.record("steps", DIGEST, {})
    (store.root / "records" / "steps" / DIGEST[:2] / DIGEST[2:]).write_bytes(content)
    assert store.lookup("steps", DIGEST) is None


def test_scratch_folders_go_when_they_are_left(store: Store) -> None:
    with store.scratch() as folder:
        locked = folder / "read-only"
        locked.mkdir()
        (locked / "file").touch()
        locked.chmod(0o500)
    assert not folder.exists()


def test_closed_store_leaves_no_unfinished_work(tmp_path: Path) -> None:
    with Store(tmp_path) as store, store.scratch():
        assert len(unfinished(tmp_path)) == 2
    assert unfinished(tmp_path) == []


def test_two_stores_at_one_place_leave_each_others_work_alone(tmp_path: Path) -> None:
    with Store(tmp_path) as one, one.scratch() as folder:
        with Store(tmp_path) as other:
            assert folder.is_dir()
            other.add_bytes(CONTENT)
        assert folder.is_dir()
        assert one.has(DIGEST)


def test_work_of_a_killed_process_is_swept_and_its_lease_is_free(tmp_path: Path) -> None:
    program = """
        import sys, time
        from pathlib import Path
        from wheelyard.store.store import Store
        store = Store(Path(sys.argv[1]))
        with store.scratch() as folder, store.lease("key"):
            (folder / "half").write_text("written")
            print("ready", flush=True)
            time.sleep(600)
    """
    command = (sys.executable, "-c", textwrap.dedent(program), str(tmp_path))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        with Store(tmp_path) as meanwhile:
            assert len(unfinished(tmp_path)) == 4
            with pytest.raises(Timeout):
                FileLock(meanwhile.root / "leases" / "key").acquire(blocking=False)
        child.send_signal(signal.SIGKILL)
        child.wait()
    assert len(unfinished(tmp_path)) == 2
    with Store(tmp_path) as store, store.lease("key"):
        assert len(unfinished(tmp_path)) == 2
    assert unfinished(tmp_path) == []


def test_folder_without_its_lock_is_swept(tmp_path: Path) -> None:
    (tmp_path / "scratch" / "tmpabc").mkdir(parents=True)
    (tmp_path / "scratch" / "tmpdef.lock").touch()
    with Store(tmp_path):
        assert not any(name.startswith(("tmpabc", "tmpdef")) for name in unfinished(tmp_path))


def test_lease_is_held_by_one_at_a_time(store: Store) -> None:
    inside: list[str] = []

    def work(name: str) -> None:
        for _ in range(20):
            with store.lease("key"):
                inside.append(name)
                assert inside == [name]
                inside.remove(name)

    threads = [threading.Thread(target=work, args=(name,)) for name in ("a", "b", "c")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert inside == []


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_store_that_cannot_be_made_is_an_error_of_the_machine(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="can't be written") as caught:
        Store(tmp_path / place)
    assert caught.value.exit_code == 6


def test_full_disk_says_what_to_do() -> None:
    with (
        pytest.raises(StoreError, match="no space left for /a: free some, or point --store"),
        storage_errors(Path("/a")),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_removing_a_tree_leaves_what_its_links_lead_to(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir(mode=0o500)
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "link").symlink_to(kept)
    remove_tree(tree)
    assert not tree.exists()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o500


def test_new_store_is_its_owners_alone(tmp_path: Path) -> None:
    with Store(tmp_path / "cache" / "store"):
        pass
    assert (tmp_path / "cache" / "store").stat().st_mode & 0o777 == 0o700
    (tmp_path / "shared").mkdir(mode=0o755)
    with Store(tmp_path / "shared"):
        pass
    assert (tmp_path / "shared").stat().st_mode & 0o777 == 0o755
