from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from wheelyard.errors import HostError, UsageError
from wheelyard.index.layers import ConfigFile, Layer
from wheelyard.index.location import Credentials, Location
from wheelyard.index.settings import IndexSettings, config_files, default_index, read_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

HERE = Path("/home/me/project")


def conf(text: str, kind: Literal["pip", "uv"] = "pip") -> ConfigFile:
    name = "uv.toml" if kind == "uv" else "pip.conf"
    return ConfigFile(kind=kind, path=Path(f"/etc/{name}"), text=text)


def settings(
    *files: ConfigFile, environ: Mapping[str, str] | None = None, arguments: Layer | None = None
) -> IndexSettings:
    return read_settings(environ or {}, files, arguments=arguments, folder=HERE)


def urls(found: IndexSettings) -> list[str]:
    return [index.url for index in found.indexes]


# Precedence


def test_nothing_configured_is_the_public_index() -> None:
    assert urls(settings()) == [default_index()]
    assert default_index().endswith("/simple/")


def test_each_more_specific_source_wins() -> None:
    """Give one source after the other, the least specific first."""
    pip = conf("[global]\nindex-url = https://pip-conf.example/\n")
    uv = conf('index-url = "https://uv-toml.example/"', "uv")
    assert urls(settings(pip)) == ["https://pip-conf.example/"]
    assert urls(settings(uv, pip)) == ["https://uv-toml.example/"]
    environ = {"PIP_INDEX_URL": "https://pip-env.example/"}
    assert urls(settings(uv, pip, environ=environ)) == ["https://pip-env.example/"]
    environ["UV_INDEX_URL"] = "https://uv-old.example/"
    assert urls(settings(uv, pip, environ=environ)) == ["https://uv-old.example/"]
    environ["UV_DEFAULT_INDEX"] = "https://uv-env.example/"
    assert urls(settings(uv, pip, environ=environ)) == ["https://uv-env.example/"]
    own = Layer(default_index="https://own.example/")
    assert urls(settings(uv, pip, environ=environ, arguments=own)) == ["https://own.example/"]


def test_settings_are_decided_one_by_one() -> None:
    pip = conf("[global]\nindex-url = https://a.example/\ntimeout = 7\nretries = 1\n")
    found = settings(pip, environ={"PIP_TIMEOUT": "9"})
    assert urls(found) == ["https://a.example/"]
    assert (found.transport.timeout, found.transport.retries) == (9.0, 1)


def test_additional_indexes_come_before_the_default_one() -> None:
    pip = conf(
        "[global]\nindex-url = https://main.example/simple\n"
        "extra-index-url =\n    https://one.example/simple/\n    https://two.example/simple\n"
    )
    assert urls(settings(pip)) == [
        "https://one.example/simple/",
        "https://two.example/simple/",
        "https://main.example/simple/",
    ]


def test_the_same_index_twice_is_asked_once() -> None:
    environ = {"UV_INDEX": "https://a.example/s", "UV_DEFAULT_INDEX": "https://a.example/s/"}
    assert urls(settings(environ=environ)) == ["https://a.example/s/"]


def test_no_index_leaves_the_folders() -> None:
    found = settings(environ={"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "wheels /srv/wheels"})
    assert found.indexes == ()
    assert [place.url for place in found.find_links] == [
        "file:///home/me/project/wheels",
        "file:///srv/wheels",
    ]


# pip


def test_section_of_the_command_comes_before_the_one_for_all() -> None:
    pip = conf(
        "[download]\nindex_url = https://download.example/\n"
        "[global]\nindex-url = https://global.example/\n[list]\nindex-url = https://no.example/\n"
    )
    assert urls(settings(pip)) == ["https://download.example/"]


def test_pips_transport_is_understood() -> None:
    environ = {
        "PIP_CERT": "/certs.pem",
        "PIP_CLIENT_CERT": "/me.pem",
        "PIP_DEFAULT_TIMEOUT": "60",
        "PIP_TRUSTED_HOST": "Nas.example nas.example:8080",
        "PIP_PROXY": "http://me:secret@proxy.example:3128",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_INDEX_URL": "",
    }
    transport = settings(environ=environ).transport
    assert transport.certificate == "/certs.pem"
    assert transport.client_certificate == "/me.pem"
    assert transport.timeout == 60.0
    assert transport.trusted_hosts == ("nas.example", "nas.example:8080")
    assert transport.proxy == "http://me:secret@proxy.example:3128"
    assert "secret" not in repr(transport)


# uv


def test_uvs_index_tables_are_understood() -> None:
    uv = conf(
        """
        [[index]]
        name = "private"
        url = "https://private.example/simple"
        [[index]]
        name = "torch"
        url = "https://torch.example/"
        explicit = true
        [[index]]
        url = "https://main.example/simple"
        default = true
        """,
        "uv",
    )
    assert urls(settings(uv)) == ["https://private.example/simple/", "https://main.example/simple/"]


def test_uvs_named_index_has_its_credentials_in_the_environment() -> None:
    environ = {
        "UV_INDEX": "my-private=https://private.example/simple https://other.example/",
        "UV_INDEX_MY_PRIVATE_USERNAME": "me",
        "UV_INDEX_MY_PRIVATE_PASSWORD": "p@ss:word",
    }
    first, second, _ = settings(environ=environ).indexes
    assert first == Location(
        url="https://private.example/simple/",
        credentials=Credentials(username="me", password="p@ss:word"),  # noqa: S106
    )
    assert second.credentials is None


def test_uvs_other_variables_are_understood() -> None:
    environ = {
        "UV_EXTRA_INDEX_URL": "https://extra.example/",
        "UV_INDEX": "https://first.example/",
        "UV_FIND_LINKS": "/a b,https://links.example/x.html",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_INSECURE_HOST": "nas.example",
        "UV_HTTP_TIMEOUT": "5",
        "UV_HTTP_RETRIES": "0",
        "SSL_CERT_FILE": "/uv.pem",
        "PIP_CERT": "/pip.pem",
    }
    found = settings(environ=environ)
    assert urls(found)[:2] == ["https://first.example/", "https://extra.example/"]
    assert [place.url for place in found.find_links] == [
        "file:///a%20b",
        "https://links.example/x.html",
    ]
    assert found.merge_indexes
    assert (found.transport.timeout, found.transport.retries) == (5.0, 0)
    assert found.transport.certificate == "/uv.pem"


def test_paths_in_uv_toml_start_from_its_folder() -> None:
    uv = conf('find-links = ["wheels", "https://links.example/"]', "uv")
    assert [place.url for place in settings(uv).find_links] == [
        "file:///etc/wheels",
        "https://links.example/",
    ]


def test_certificates_of_requests_come_after_pips() -> None:
    environ = {"REQUESTS_CA_BUNDLE": "/requests.pem"}
    pip = conf("[global]\ncert = /conf.pem\n")
    assert settings(pip, environ=environ).transport.certificate == "/requests.pem"
    environ["PIP_CERT"] = "/pip.pem"
    assert settings(pip, environ=environ).transport.certificate == "/pip.pem"


# Secrets


def test_credentials_are_cut_off_and_not_shown() -> None:
    found = settings(environ={"PIP_INDEX_URL": "https://me%40home:s%3Acret@a.example:8443/s/"})
    assert found.indexes == (
        Location(
            url="https://a.example:8443/s/",
            credentials=Credentials(username="me@home", password="s:cret"),  # noqa: S106
        ),
    )
    assert "cret" not in repr(found)
    assert "home" not in repr(found)


# Problems


def test_all_problems_are_told_at_once() -> None:
    environ = {
        "PIP_TIMEOUT": "soon",
        "PIP_NO_INDEX": "perhaps",
        "UV_INDEX_STRATEGY": "best",
        "UV_HTTP_RETRIES": "-1",
    }
    files = conf("not = [toml", "uv"), conf("x = secret"), conf('[[index]]\nname = "x"', "uv")
    with pytest.raises(UsageError) as caught:
        settings(*files, environ=environ)
    message = str(caught.value)
    for part in (
        "PIP_TIMEOUT: ",
        "PIP_NO_INDEX: 'perhaps' is neither true nor false",
        "UV_INDEX_STRATEGY: 'best' is none of first-index",
        "UV_HTTP_RETRIES: '-1' is negative",
        "uv.toml is no TOML",
        "pip.conf is no pip configuration",
        "index[0].url: missing",
    ):
        assert part in message
    assert "secret" not in message


@pytest.mark.parametrize("url", ["http://nas.example/simple/", "http://10.0.0.1/"])
def test_index_without_encryption_is_refused_unless_trusted(url: str) -> None:
    with pytest.raises(UsageError, match="is not encrypted"):
        settings(environ={"PIP_INDEX_URL": url})
    trusted = {"PIP_INDEX_URL": url, "PIP_TRUSTED_HOST": "nas.example 10.0.0.1:80"}
    assert urls(settings(environ=trusted)) == [url]


def test_index_on_this_machine_needs_no_encryption() -> None:
    for url in ("http://localhost:3141/", "http://127.0.0.2/", "http://[::1]:8080/"):
        assert urls(settings(environ={"PIP_INDEX_URL": url})) == [url]


def test_index_of_another_kind_is_refused() -> None:
    with pytest.raises(UsageError, match="write an https: URL"):
        settings(environ={"PIP_INDEX_URL": "ftp://me:secret@old.example/"})


# Files


def test_files_are_found_the_most_specific_first(tmp_path: Path) -> None:
    user, system, chosen = tmp_path / "user", tmp_path / "system", tmp_path / "chosen.conf"
    places = [
        user / "uv/uv.toml",
        system / "uv/uv.toml",
        chosen,
        user / "pip/pip.conf",
        tmp_path / ".pip/pip.conf",
        system / "pip/pip.conf",
    ]
    for place in places:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()
    environ = {
        "XDG_CONFIG_HOME": str(user),
        "XDG_CONFIG_DIRS": str(system),
        "PIP_CONFIG_FILE": str(chosen),
    }
    found = [file.path for file in config_files(environ, tmp_path)]
    assert [path for path in found if path in places] == places
    del environ["PIP_CONFIG_FILE"]
    assert user / "pip/pip.conf" in [file.path for file in config_files(environ, tmp_path)]


def test_files_can_be_switched_off(tmp_path: Path) -> None:
    assert config_files({"PIP_CONFIG_FILE": "/dev/null", "UV_NO_CONFIG": "1"}, tmp_path) == ()


def test_uvs_chosen_file_replaces_the_others(tmp_path: Path) -> None:
    chosen = tmp_path / "my.toml"
    chosen.write_text("no-index = true")
    environ = {"PIP_CONFIG_FILE": "/dev/null", "UV_CONFIG_FILE": str(chosen)}
    assert config_files(environ, tmp_path) == (
        ConfigFile(kind="uv", path=chosen, text="no-index = true"),
    )


def test_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    path.write_bytes(b"\xff\xfe\x00")
    environ = {"PIP_CONFIG_FILE": "/dev/null", "UV_CONFIG_FILE": str(path)}
    with pytest.raises(HostError, match=r"my\.toml can't be read"):
        config_files(environ, tmp_path)
