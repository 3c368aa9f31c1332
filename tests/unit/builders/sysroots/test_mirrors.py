from __future__ import annotations

from pathlib import Path

import pytest

from wheelyard.builders.sysroots.mirrors import (
    beside,
    host_mirrors,
    named_mirrors,
    parse_list,
    parse_sources,
)
from wheelyard.errors import UsageError

KEYRING = Path("/keys/debian.gpg")
SOURCES = """\
Types: deb deb-src
URIs: http://mirror.example/debian
# a comment
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /keys/debian.gpg

Types: deb
URIs: http://mirror.example/debian-security/
Suites: bookworm-security
Components: main
"""


def test_both_formats_say_the_same() -> None:
    line = "deb [arch=amd64 signed-by=/keys/debian.gpg] http://mirror.example/debian bookworm main"
    (listed,) = parse_list(f"# old\n{line} contrib # new\n")
    assert listed == next(iter(parse_sources(SOURCES)))
    assert (listed.url, listed.suite) == ("http://mirror.example/debian/", "bookworm")
    assert (listed.components, listed.keyrings) == (("main", "contrib"), (KEYRING,))


def test_security_updates_are_a_mirror_of_their_own() -> None:
    assert [mirror.security for mirror in parse_sources(SOURCES)] == [False, False, True]
    (old,) = parse_list("deb http://mirror.example/security bullseye/updates main")
    assert (old.suite, old.security) == ("bullseye", True)


@pytest.mark.parametrize(
    "line",
    [
        "deb-src http://mirror.example/debian bookworm main",
        "deb http://mirror.example/node nodistro main",
        "deb http://mirror.example/docker bookworm stable",
        "deb cdrom:[Debian]/ bookworm main",
        "# deb http://mirror.example/debian bookworm main",
    ],
)
def test_what_is_no_mirror_of_debian_is_left_out(line: str) -> None:
    assert not tuple(parse_list(line))


def test_disabled_sources_are_left_out() -> None:
    assert (
        len(tuple(parse_sources(SOURCES.replace("Types: deb\n", "Types: deb\nEnabled: no\n")))) == 2
    )


def test_keys_may_stand_in_the_source() -> None:
    armoured = (
        "\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abcd\n -----END PGP PUBLIC KEY BLOCK-----"
    )
    text = SOURCES.replace(" /keys/debian.gpg", armoured)
    mirror = next(iter(parse_sources(text)))
    assert mirror.keyrings == ()
    assert mirror.keys.splitlines()[:3] == ["-----BEGIN PGP PUBLIC KEY BLOCK-----", "", "abcd"]


def test_apts_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list.d" / "debian.sources").write_text(SOURCES)
    (tmp_path / "sources.list.d" / "other.list.disabled").write_text("deb http://x/ sid main")
    (tmp_path / "sources.list").write_text("deb http://old.example/debian bullseye main\n")
    suites = [(mirror.suite, mirror.security) for mirror in host_mirrors(tmp_path)]
    assert suites == [("bullseye", False), ("bookworm", False), ("bookworm", True)]


def test_a_machine_without_apt_has_none(tmp_path: Path) -> None:
    assert host_mirrors(tmp_path) == ()
    (tmp_path / "sources.list").write_text("deb http://x.example/docker nodistro stable\n")
    assert host_mirrors(tmp_path) == ()


def test_ubuntus_sources_are_read_as_debians() -> None:
    line = "deb http://mirror.example/ubuntu noble-security main universe"
    (mirror,) = parse_list(line)
    assert (mirror.suite, mirror.security) == ("noble", True)
    assert mirror.may_have("jammy")
    assert not mirror.may_have("bookworm")


def test_the_users_mirrors_stand_before_apts_and_for_the_same_suites_instead() -> None:
    own = tuple(parse_sources(SOURCES))
    (same,) = parse_list("deb http://near.example/debian bookworm main")
    (other,) = parse_list("deb http://near.example/ubuntu noble main")
    (plain,) = named_mirrors(("http://near.example/debian",))
    assert beside((same,), own) == (same,)
    assert beside((other,), own) == (other, *dict.fromkeys(own))
    assert beside((plain,), own) == (plain, *dict.fromkeys(own))
    assert plain.may_have("sid")
    assert plain.may_have("noble")


def test_the_user_names_urls_lines_and_files(tmp_path: Path) -> None:
    file = tmp_path / "my.sources"
    file.write_text(SOURCES)
    plain, security, line, *filed = named_mirrors(
        (
            "https://mirror.example/debian",
            "https://mirror.example/debian-security/",
            "deb http://mirror.example/d sid main",
            str(file),
        )
    )
    assert (plain.security, security.security) == (False, True)
    assert (line.url, line.suite) == ("http://mirror.example/d/", "sid")
    assert len(filed) == 2


def test_every_name_that_is_no_mirror_is_told() -> None:
    with pytest.raises(UsageError, match=r"(?s)'deb nothing'.*'ftp://x/'.*sources.list"):
        named_mirrors(("deb nothing", "ftp://x/"))
