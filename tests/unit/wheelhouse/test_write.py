from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.wheelhouse.reports import names, real_manifest

from wheelyard.errors import UsageError
from wheelyard.signatures.files import check_file
from wheelyard.signatures.keys import generate_key
from wheelyard.signatures.trust import TrustedKey, TrustStore
from wheelyard.store.store import Store, StoreError
from wheelyard.wheelhouse import swap
from wheelyard.wheelhouse.signing import judge_wheelhouse, sign_wheelhouse
from wheelyard.wheelhouse.swap import put_in_place
from wheelyard.wheelhouse.verify import (
    DamagedWheelhouseError,
    Verified,
    verify_wheelhouse,
)
from wheelyard.wheelhouse.write import refuse_strangers, write_atomically, write_wheelhouse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

FILES = ["manifest.json", "pylock.toml", "report.html", "requirements-auto.txt", "requirements.txt"]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "store") as opened:
        yield opened


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out" / "this"


def page(manifest: Mapping[str, Any]) -> str:
    return f"{len(manifest['wheels'])} wheels"


def write(folder: Path, store: Store, *projects: str) -> bool:
    return write_wheelhouse(folder, real_manifest(store, *projects), store, page)


def test_wheelhouse_holds_what_its_manifest_says(out: Path, store: Store) -> None:
    assert write(out, store, "alpha", "beta")
    assert names(out) == sorted([*FILES, "alpha-1.0-py3-none-any.whl", "beta-1.0-py3-none-any.whl"])
    assert (out / "report.html").read_text() == "2 wheels"
    assert verify_wheelhouse(out).wheels == 2


def test_wheelhouse_that_is_there_already_is_left_alone(out: Path, store: Store) -> None:
    write(out, store, "alpha")
    before = out.stat().st_ino
    assert not write(out, store, "alpha")
    assert out.stat().st_ino == before


def test_wheelhouse_is_signed_before_it_is_in_place_or_where_it_lies(
    out: Path, store: Store
) -> None:
    key = generate_key()

    def sign(folder: Path, manifest: bytes) -> object:
        return sign_wheelhouse(folder, manifest, key)

    manifest = real_manifest(store, "alpha")
    assert write_wheelhouse(out, manifest, store, page, sign)
    content = {path.name: path.read_bytes() for path in out.iterdir()}
    assert "manifest.dsse.json" in content
    assert not write_wheelhouse(out, manifest, store, page, sign)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == content
    (out / "manifest.dsse.json").unlink()
    assert not write_wheelhouse(out, manifest, store, page, sign)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == content
    trust = TrustStore(keys=(TrustedKey(name="me", key=key.public, patterns=("al*",)),))
    assert judge_wheelhouse(out, trust, 1)["manifest.json"].holds
    assert verify_wheelhouse(out).wheels == 1


def test_what_was_changed_since_is_not_signed(out: Path, store: Store) -> None:
    key = generate_key()
    manifest = real_manifest(store, "alpha")
    for wheel in manifest["wheels"]:
        wheel["origin"] = "pep517"
    write_wheelhouse(out, manifest, store, page)
    (wheel_file,) = out.glob("*.whl")
    content, times = wheel_file.read_bytes(), wheel_file.stat()
    wheel_file.unlink()
    wheel_file.write_bytes(content[:10] + b"x" + content[11:])
    os.utime(wheel_file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert not write_wheelhouse(
        out, manifest, store, page, lambda folder, said: sign_wheelhouse(folder, said, key)
    )
    assert "another content" in check_file(wheel_file).problems[0]


def test_stripped_signature_of_the_manifest_is_missed_where_a_wheel_is_signed(
    out: Path, store: Store
) -> None:
    key = generate_key()
    manifest = real_manifest(store, "alpha")
    manifest["wheels"][0]["origin"] = "pep517"
    write_wheelhouse(out, manifest, store, page, lambda at, said: sign_wheelhouse(at, said, key))
    trust = TrustStore(keys=(TrustedKey(name="me", key=key.public, patterns=("*",)),))
    assert judge_wheelhouse(out, trust, 0)["manifest.json"].holds
    (out / "manifest.dsse.json").unlink()
    assert not judge_wheelhouse(out, trust, 0)["manifest.json"].holds


def test_wheelhouse_is_replaced_whole(out: Path, store: Store) -> None:
    write(out, store, "alpha")
    assert write(out, store, "beta")
    assert "alpha-1.0-py3-none-any.whl" not in names(out)
    assert names(out.parent) == ["this"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda out: (out / "requirements.txt").write_text("edited"),
        lambda out: (out / "pylock.toml").unlink(),
        lambda out: (out / "extra.whl").touch(),
        lambda out: overwrite(out / "alpha-1.0-py3-none-any.whl"),
        lambda out: (out / "report.html").unlink(),
    ],
)
def test_wheelhouse_that_was_changed_is_written_again(
    out: Path, store: Store, damage: Callable[[Path], object]
) -> None:
    write(out, store, "alpha")
    damage(out)
    assert write(out, store, "alpha")
    assert verify_wheelhouse(out)
    assert names(out) == sorted([*FILES, "alpha-1.0-py3-none-any.whl"])


def overwrite(file: Path) -> None:
    """Change one byte in place, as a careless tool does; the size stays."""
    file.chmod(0o644)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def test_stranger_is_never_replaced(out: Path, store: Store) -> None:
    out.mkdir(parents=True)
    (out / "thesis.txt").write_text("ten years of work")
    with pytest.raises(UsageError, match="holds something that is no wheelhouse"):
        write(out, store, "alpha")
    assert names(out) == ["thesis.txt"]
    (out / "manifest.json").write_text('{"tool": "another"}')
    with pytest.raises(UsageError, match="no wheelhouse"):
        write(out, store, "alpha")
    (out / "manifest.json").write_text("[]")
    with pytest.raises(UsageError, match="no wheelhouse"):
        write(out, store, "alpha")


def test_file_or_link_in_the_place_is_refused(out: Path, store: Store) -> None:
    out.parent.mkdir()
    out.touch()
    with pytest.raises(UsageError, match="is no folder"):
        write(out, store, "alpha")
    out.unlink()
    out.symlink_to(store.root)
    with pytest.raises(UsageError, match="is no folder"):
        write(out, store, "alpha")


def test_place_is_judged_before_anything_is_made(tmp_path: Path) -> None:
    refuse_strangers(tmp_path / "new" / "this")
    (tmp_path / "file").touch()
    (tmp_path / "dangling").symlink_to("nowhere")
    for place in ("file", "file/this", "dangling", "dangling/this"):
        with pytest.raises(UsageError, match="is no folder"):
            refuse_strangers(tmp_path / place)


def test_empty_folder_is_taken(out: Path, store: Store) -> None:
    out.mkdir(parents=True)
    assert write(out, store, "alpha")


def test_leftovers_of_a_killed_writer_go_even_where_nothing_is_written(
    out: Path, store: Store
) -> None:
    write(out, store, "alpha")
    left = out.parent / ".this.new-abc"
    left.mkdir()
    (left / "half.whl").touch()
    other = out.parent / ".other.new-abc"
    other.mkdir()
    assert not write(out, store, "alpha")
    assert names(out.parent) == [".other.new-abc", "this"]


def test_failing_writer_leaves_the_old_wheelhouse(out: Path, store: Store) -> None:
    write(out, store, "alpha")

    def fail(_: Mapping[str, Any]) -> str:
        raise OSError(28, "No space left on device")

    with pytest.raises(StoreError, match="no space left"):
        write_wheelhouse(out, real_manifest(store, "beta"), store, fail)
    assert verify_wheelhouse(out).wheels == 1
    assert names(out.parent) == ["this"]


def test_wheels_are_read_only_and_shared_with_the_store(out: Path, store: Store) -> None:
    write(out, store, "alpha")
    info = (out / "alpha-1.0-py3-none-any.whl").stat()
    assert (info.st_mode & 0o777, info.st_nlink) == (0o444, 2)


def test_folder_takes_the_place_of_another(tmp_path: Path) -> None:
    new, place = tmp_path / "new", tmp_path / "place"
    new.mkdir()
    (new / "a").touch()
    put_in_place(new, place)
    assert (names(place), new.exists()) == (["a"], False)
    new.mkdir()
    (new / "b").touch()
    put_in_place(new, place)
    assert (names(place), names(new)) == (["b"], ["a"])


def test_folder_takes_the_place_where_names_cannot_be_exchanged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unsupported(one: Path, other: Path) -> None:  # noqa: ARG001
        raise OSError(22, "Invalid argument")

    monkeypatch.setattr(swap, "_exchange", unsupported)
    new, place = tmp_path / "new", tmp_path / "place"
    for folder, name in ((new, "b"), (place, "a")):
        folder.mkdir()
        (folder / name).touch()
    put_in_place(new, place)
    assert (names(place), names(new)) == (["b"], ["a"])
    assert names(tmp_path) == ["new", "place"]


def test_file_is_written_whole(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    write_atomically(file, b"one")
    write_atomically(file, b"two")
    assert (file.read_bytes(), names(tmp_path)) == (b"two", ["page.html"])
    with pytest.raises(StoreError):
        write_atomically(tmp_path / "missing" / "page.html", b"")


def test_sound_wheelhouse_is_verified(out: Path, store: Store) -> None:
    write(out, store, "alpha")
    size = (out / "alpha-1.0-py3-none-any.whl").stat().st_size
    manifest = (out / "manifest.json").read_bytes()
    expected = Verified(folder=str(out), wheels=1, size=size, manifest=manifest)
    assert verify_wheelhouse(out) == expected


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (lambda out: (out / "report.html").unlink(), "report.html: it is missing"),
        (lambda out: next(out.glob("*.whl")).unlink(), "whl: it is missing"),
        (lambda out: (out / "report.html").write_text("all is well"), "report.html: its sha256 is"),
        (lambda out: (out / "extra.txt").touch(), "extra.txt: it is not in the manifest"),
        (lambda out: (out / "folder").mkdir(), "folder: it is not in the manifest"),
        (
            lambda out: (out / "requirements.txt").write_text("alpha\n"),
            "requirements.txt: it is not what the manifest gives",
        ),
        (
            lambda out: (out / "pylock.toml").write_bytes(b"\xff"),
            "pylock.toml: it is not what the manifest gives",
        ),
        (lambda out: replace_by_folder(out / "pylock.toml"), "pylock.toml: it can't be read"),
        (lambda out: overwrite(next(out.glob("*.whl"))), "alpha-1.0-py3-none-any.whl"),
        (lambda out: truncate(next(out.glob("*.whl"))), "alpha-1.0-py3-none-any.whl"),
        (lambda out: (out / "manifest.json").write_bytes(b"\xff"), "manifest.json: not JSON"),
        (lambda out: truncate(out / "manifest.json"), "manifest.json: not JSON"),
        (
            lambda out: edit(out / "manifest.json", '"wheels"', '"weels"'),
            "manifest.json: it lacks or garbles 'wheels'",
        ),
        (
            lambda out: edit(out / "manifest.json", '"version": "1.0"', '"version": "x y"'),
            "manifest.json: it lacks or garbles",
        ),
    ],
)
def test_each_kind_of_damage_is_named(
    out: Path, store: Store, damage: Callable[[Path], object], problem: str
) -> None:
    write(out, store, "alpha")
    damage(out)
    with pytest.raises(DamagedWheelhouseError) as caught:
        verify_wheelhouse(out)
    assert any(problem in one for one in caught.value.problems)
    assert caught.value.exit_code == 5


def replace_by_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def truncate(file: Path) -> None:
    file.chmod(0o644)
    with file.open("r+b") as stream:
        stream.truncate(file.stat().st_size // 2)


def edit(file: Path, old: str, new: str) -> None:
    file.write_text(file.read_text().replace(old, new))


def test_all_damage_is_named_at_once(out: Path, store: Store) -> None:
    write(out, store, "alpha")
    (out / "extra").touch()
    (out / "requirements.txt").unlink()
    with pytest.raises(DamagedWheelhouseError) as caught:
        verify_wheelhouse(out)
    assert len(caught.value.problems) == 2


def test_wheel_of_another_content_is_named_with_both_digests(out: Path, store: Store) -> None:
    write(out, store, "alpha")
    edit(out / "manifest.json", '"sha256": "', '"sha256": "0')
    with pytest.raises(DamagedWheelhouseError, match=r"its sha256 is .*, the manifest says 0"):
        verify_wheelhouse(out)


def test_what_is_no_wheelhouse_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"is no wheelhouse: it has no manifest\.json"):
        verify_wheelhouse(tmp_path)
    (tmp_path / "manifest.json").write_text('{"format": 99}')
    with pytest.raises(UsageError, match="of a format that this version does not know"):
        verify_wheelhouse(tmp_path)
    (tmp_path / "manifest.json").unlink()
    (tmp_path / "manifest.json").mkdir()
    with pytest.raises(UsageError, match="can't be read: Is a directory"):
        verify_wheelhouse(tmp_path)
