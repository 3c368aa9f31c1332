from __future__ import annotations

from pathlib import Path

import pytest

from wheelyard.index.location import (
    is_secure,
    is_trusted,
    local_path,
    parse_location,
    same_origin,
    without_credentials,
)


def test_path_becomes_a_file_url() -> None:
    assert parse_location("a b", Path("/x")).url == "file:///x/a%20b"
    assert parse_location("file:///y", Path("/x")).url == "file:///y"


def test_file_url_becomes_a_path() -> None:
    assert local_path("file:///x/a%20b") == Path("/x/a b")
    assert local_path("https://a.example/x") is None


def test_credentials_are_not_told() -> None:
    assert without_credentials("https://me:pw@a.example:1/x?y#z") == "https://a.example:1/x?y#z"


def test_trusted_host_is_a_name_or_a_name_with_port() -> None:
    assert is_trusted("https://NAS.example/x", ("nas.example",))
    assert is_trusted("https://nas.example/x", ("nas.example:443",))
    assert not is_trusted("https://nas.example:8443/x", ("nas.example:443",))
    assert not is_trusted("https://not-nas.example/x", ("nas.example",))


@pytest.mark.parametrize(
    ("url", "secure"),
    [
        ("https://a.example/", True),
        ("file:///x", True),
        ("http://127.0.0.1:1/", True),
        ("http://a.example/", False),
        ("http://localhost.example/", False),
    ],
)
def test_secure_is_what_nobody_in_between_can_change(
    url: str,
    secure: bool,  # noqa: FBT001
) -> None:
    assert is_secure(url, ()) is secure


def test_credentials_stay_with_scheme_host_and_port() -> None:
    assert same_origin("https://a.example/x", "https://A.example:443/y")
    assert not same_origin("https://a.example/", "http://a.example/")
    assert not same_origin("https://a.example/", "https://a.example:8443/")
    assert not same_origin("https://a.example/", "https://b.a.example/")
