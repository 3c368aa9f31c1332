from __future__ import annotations

import pytest

from wheelyard.builders.sysroots.closure import closure
from wheelyard.builders.sysroots.packages import Catalogue, parse_packages
from wheelyard.errors import ResolutionError, VerificationError

LIST = """\
Package: app
Version: 1.0
Pre-Depends: base (>= 2)
Depends: libnone | libreal (= 1) | libother, virtual, perl:any
Filename: pool/app.deb
Size: 10
SHA256: aa

Package: base
Version: 2.0
Description: something
 Depends: nothing, this is a description
Filename: pool/base.deb
Size: 20
SHA256: bb

Package: libreal
Version: 1:1.0~rc1
Depends: app, dpkg (>= 1.15)
Filename: pool/libreal.deb
Size: 30
SHA256: cc

Package: zeta
Version: 1
Provides: virtual (= 1), other
Filename: pool/zeta.deb
Size: 40
SHA256: dd

Package: eta
Version: 1
Provides: virtual
Filename: pool/eta.deb
Size: 40
SHA256: ee

Package: perl
Version: 5
Depends: gone
Filename: pool/perl.deb
Size: 1
SHA256: ff
"""


def catalogue(*more: str) -> Catalogue:
    texts = (LIST, *more)
    return Catalogue(
        (f"file:///{number}/", tuple(parse_packages(text, "a list")))
        for number, text in enumerate(texts)
    )


def names(*wanted: str, without: tuple[str, ...] = ("dpkg", "perl")) -> list[str]:
    return [package.name for package in closure(wanted, catalogue(), without=without)]


def test_dependencies_are_followed_around_circles() -> None:
    assert names("app") == ["app", "base", "eta", "libreal"]


def test_a_provider_that_is_wanted_anyway_is_enough() -> None:
    assert names("app", "zeta") == names("zeta", "app") == ["app", "base", "libreal", "zeta"]


def test_what_only_matters_to_a_running_system_comes_when_it_is_asked_for() -> None:
    assert names("base", without=("base",)) == ["base"]


def test_everything_that_is_missing_is_told_at_once() -> None:
    with pytest.raises(ResolutionError) as caught:
        names("ap", "perl", without=())
    assert str(caught.value).splitlines()[1:] == [
        "  ap (there are app)",
        "  gone, which perl needs",
    ]


def test_the_newest_version_counts_wherever_it_is() -> None:
    newer = "Package: libreal\nVersion: 1:1.0\nFilename: new.deb\nSize: 5\nSHA256: 11\n"
    older = newer.replace("1:1.0", "9.0")
    found = catalogue(newer, older).find("libreal")
    assert found is not None
    assert (found.version, found.url) == ("1:1.0", "file:///1/new.deb")


def test_a_list_without_hashes_is_refused() -> None:
    with pytest.raises(VerificationError, match="a list: the package app has no usable 'SHA256'"):
        catalogue(LIST.replace("SHA256: aa\n", ""))
