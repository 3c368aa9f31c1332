from __future__ import annotations

import tarfile
from typing import TYPE_CHECKING

import pytest
from tests.unit.builders.sysroots.archives import deb, file, link, special

from wheelyard.builders.sysroots.unpack import UnsafePackageError, finish, unpack

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.builders.sysroots.archives import Deb

    from wheelyard.builders.sysroots.alternatives import Alternative

MULTIARCH = "aarch64-linux-gnu"


def unpacked(tmp_path: Path, *debs: Deb) -> Path:
    root = tmp_path / "root"
    root.mkdir(parents=True)
    links: list[Alternative] = []
    for one in debs:
        path = tmp_path / f"{one.name}.deb"
        path.write_bytes(one.content())
        links += unpack(path, one.name, root)
    finish(root, links)
    return root


def test_usr_is_merged(tmp_path: Path) -> None:
    root = unpacked(tmp_path, deb("a", file("./lib/x/liba.so.1"), file("./usr/lib/x/liba.a")))
    assert (root / "lib").readlink().as_posix() == "usr/lib"
    assert sorted(path.name for path in (root / "lib/x").iterdir()) == ["liba.a", "liba.so.1"]
    assert not (root / "bin").is_symlink()


@pytest.mark.parametrize(
    ("place", "target", "expected"),
    [
        (f"usr/lib/{MULTIARCH}/libz.so", f"/lib/{MULTIARCH}/libz.so.1", "libz.so.1"),
        (f"usr/lib/{MULTIARCH}/libz.so", "libz.so.1", "libz.so.1"),
        ("lib64/ld.so", f"/lib/{MULTIARCH}/ld.so", f"../lib/{MULTIARCH}/ld.so"),
        (f"lib/{MULTIARCH}/a", "../../usr/share/a", "../../share/a"),
        ("etc/a", "../../../../etc/passwd", "passwd"),
        ("usr/a", "/", ".."),
        ("usr/a", "/lib", "lib"),
    ],
)
def test_links_stay_inside(tmp_path: Path, place: str, target: str, expected: str) -> None:
    root = unpacked(tmp_path, deb("a", link(f"./{place}", target)))
    (found,) = (path for path in root.rglob("*") if path.is_symlink() and path.parent != root)
    assert str(found.readlink()) == expected


def test_a_link_behind_a_link_stays_inside(tmp_path: Path) -> None:
    members = (link("./a/b/c", "/"), link("./a/b/c/deep", "../../../../../etc"), file("./etc/f"))
    root = unpacked(tmp_path, deb("a", *members))
    assert (root / "deep").resolve() == root / "etc"


@pytest.mark.parametrize(
    "member",
    [
        file("../outside"),
        file("./usr/../../outside"),
        link("./inside", "../outside", hard=True),
        special("./dev/null", tarfile.CHRTYPE),
        special("./dev/sda", tarfile.BLKTYPE),
        special("./run/pipe", tarfile.FIFOTYPE),
    ],
)
def test_what_is_unsafe_is_refused(tmp_path: Path, member: tarfile.TarInfo) -> None:
    (tmp_path / "outside").write_text("mine")
    with pytest.raises(UnsafePackageError, match=r"^bad: .*Don't use its mirror"):
        unpacked(tmp_path, deb("bad", member))
    assert (tmp_path / "outside").read_text() == "mine"


def test_rights_are_a_programs_or_a_files(tmp_path: Path) -> None:
    members = (file("./usr/bin/su", mode=0o6755), file("./etc/shadow", mode=0o600))
    root = unpacked(tmp_path, deb("a", *members))
    assert (root / "usr/bin/su").stat().st_mode & 0o7777 == 0o755
    assert (root / "etc/shadow").stat().st_mode & 0o7777 == 0o644


def test_hard_links_are_kept(tmp_path: Path) -> None:
    members = (file("./bin/perl"), link("./bin/perl5", "./bin/perl", hard=True))
    root = unpacked(tmp_path, deb("a", *members))
    assert (root / "bin/perl").samefile(root / "usr/bin/perl5")


def test_a_later_package_replaces_a_file_of_an_earlier(tmp_path: Path) -> None:
    root = unpacked(tmp_path, deb("a", file("./etc/f")), deb("b", file("./etc/f")))
    assert (root / "etc/f").read_text() == "b 1"


@pytest.mark.parametrize("length", [0, 8, 100, -40])
def test_a_damaged_package_is_named(tmp_path: Path, length: int) -> None:
    path = tmp_path / "a.deb"
    path.write_bytes(deb("a", file("./etc/f")).content()[:length])
    with pytest.raises(UnsafePackageError, match=r"^a(:| is damaged)"):
        unpack(path, "a", tmp_path)


OFFER = """\
#!/bin/sh
update-alternatives --install /usr/lib/libblas.so.3 \\
    libblas.so.3 \\
    /usr/lib/{name}/libblas.so.3 {priority} \\
    --slave /usr/lib/libmore.so more /usr/lib/{name}/gone.so
update-alternatives --install /usr/lib/$NAME name /usr/lib/{name}/libblas.so.3 9
"""


def test_offered_links_are_made_by_priority(tmp_path: Path) -> None:
    offers = (
        deb(name, file(f"./usr/lib/{name}/libblas.so.3"),
            postinst=OFFER.format(name=name, priority=priority))
        for name, priority in (("best", 100), ("plain", 20))
    )  # fmt: skip
    root = unpacked(tmp_path, *offers)
    assert (root / "lib/libblas.so.3").read_text() == "best 1"
    assert sorted(path.name for path in (root / "usr/lib").iterdir()) == [
        "best", "libblas.so.3", "plain",
    ]  # fmt: skip


def test_an_offered_link_stays_inside_and_replaces_nothing(tmp_path: Path) -> None:
    offer = OFFER.format(name="a", priority=1)
    members = (file("./usr/lib/a/libblas.so.3"), file("./usr/lib/libblas.so.3"))
    root = unpacked(tmp_path, deb("a", *members, postinst=offer))
    assert not (root / "usr/lib/libblas.so.3").is_symlink()
    bad = offer.replace("/usr/lib/libblas.so.3 ", "/usr/../../outside ", 1)
    with pytest.raises(UnsafePackageError):
        unpacked(tmp_path / "again", deb("a", *members, postinst=bad))
