"""What uv was told about indexes: ``UV_*`` variables and ``uv.toml``. Pure."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit, urlunsplit

from wheelyard.index.layers import (
    ConfigFile,
    Layer,
    Option,
    boolean,
    count,
    make_layer,
    seconds,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_NAMED = re.compile(r"(?P<name>[A-Za-z0-9][\w.-]*)=(?P<url>.+)")
_STRATEGIES = {"first-index": False, "unsafe-first-match": True, "unsafe-best-match": True}


def _merges(value: Any) -> bool:
    if value not in _STRATEGIES:
        raise ValueError(f"{value!r} is none of {', '.join(_STRATEGIES)}")
    return _STRATEGIES[value]


def _comma_separated(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


# In the order in which a later one wins: the new name of a setting after its old one.
_VARIABLES = {
    "UV_INDEX_URL": Option(key="default_index"),
    "UV_DEFAULT_INDEX": Option(key="default_index"),
    "UV_FIND_LINKS": Option(key="find_links", understand=_comma_separated),
    "UV_NO_INDEX": Option(key="no_index", understand=boolean),
    "UV_INDEX_STRATEGY": Option(key="merge_indexes", understand=_merges),
    "UV_INSECURE_HOST": Option(key="trusted_hosts", understand=words),
    "HTTP_TIMEOUT": Option(key="timeout", understand=seconds),
    "UV_REQUEST_TIMEOUT": Option(key="timeout", understand=seconds),
    "UV_HTTP_TIMEOUT": Option(key="timeout", understand=seconds),
    "UV_HTTP_RETRIES": Option(key="retries", understand=count),
    "SSL_CERT_FILE": Option(key="certificate"),
    "SSL_CLIENT_CERT": Option(key="client_certificate"),
}
_KEYS = {
    "index-url": Option(key="default_index"),
    "extra-index-url": Option(key="extra_indexes", understand=words),
    "find-links": Option(key="find_links", understand=words),
    "no-index": Option(key="no_index", understand=boolean),
    "index-strategy": Option(key="merge_indexes", understand=_merges),
    "allow-insecure-host": Option(key="trusted_hosts", understand=words),
}


def uv_environment(environ: Mapping[str, str], problems: list[str]) -> Layer:
    """Understand ``UV_DEFAULT_INDEX``, ``UV_INDEX`` and the like."""
    found = ((name, name, environ[name]) for name in _VARIABLES if name in environ)
    layer = make_layer(found, _VARIABLES, problems)
    extra = [*words(environ.get("UV_INDEX", "")), *words(environ.get("UV_EXTRA_INDEX_URL", ""))]
    if extra:
        layer["extra_indexes"] = tuple(_named_url(text, environ) for text in extra)
    if "default_index" in layer:
        layer["default_index"] = _named_url(layer["default_index"], environ)
    return layer


def uv_file(file: ConfigFile, environ: Mapping[str, str], problems: list[str]) -> Layer:
    """Understand a ``uv.toml``; relative paths in it start from its folder."""
    try:
        document = tomllib.loads(file.text)
    except tomllib.TOMLDecodeError as error:
        problems.append(f"{file.path} is no TOML: {error}")
        return Layer()
    found = ((f"{file.path}, {key}", key, value) for key, value in document.items())
    layer = make_layer(found, _KEYS, problems)
    _add_index_tables(layer, document.get("index", ()), file, environ, problems)
    _make_absolute(layer, file.path.parent)
    return layer


def _add_index_tables(
    layer: Layer,
    tables: Sequence[Any],
    file: ConfigFile,
    environ: Mapping[str, str],
    problems: list[str],
) -> None:
    """Add ``[[index]]``; explicit ones are for packages that name them, which we don't know of."""
    extra: list[str] = []
    for place, table in enumerate(tables):
        if not isinstance(table, dict) or not isinstance(table.get("url"), str):
            problems.append(f"{file.path}, index[{place}].url: missing")
        elif table.get("default"):
            layer["default_index"] = _with_credentials(table["url"], table.get("name"), environ)
        elif not table.get("explicit"):
            extra.append(_with_credentials(table["url"], table.get("name"), environ))
    if extra:
        layer["extra_indexes"] = (*extra, *layer.get("extra_indexes", ()))


def _make_absolute(layer: Layer, folder: Path) -> None:
    if "find_links" in layer:
        layer["find_links"] = tuple(
            text if "://" in text else str(folder / text) for text in layer["find_links"]
        )


def _named_url(text: str, environ: Mapping[str, str]) -> str:
    """``name=url`` or ``url``."""
    match = _NAMED.fullmatch(text)
    return _with_credentials(match["url"], match["name"], environ) if match else text


def _with_credentials(url: str, name: str | None, environ: Mapping[str, str]) -> str:
    """Put the user name and password of a named index into its URL, where the others have them."""
    variable = "UV_INDEX_" + re.sub(r"\W", "_", name or "").upper()
    username, password = (environ.get(f"{variable}_{what}") for what in ("USERNAME", "PASSWORD"))
    if not name or not (username or password):
        return url
    parts = urlsplit(url)
    secret = f"{quote(username or '', safe='')}:{quote(password or '', safe='')}"
    return urlunsplit(parts._replace(netloc=f"{secret}@{parts.netloc.rpartition('@')[2]}"))


def uv_places(environ: Mapping[str, str], user: Path, system: Sequence[Path]) -> Iterator[Path]:
    """Where ``uv.toml`` may be, the most specific first; ``UV_CONFIG_FILE`` replaces all others."""
    if environ.get("UV_NO_CONFIG", "").lower() in ("1", "true"):
        return
    if environ.get("UV_CONFIG_FILE"):
        yield Path(environ["UV_CONFIG_FILE"])
        return
    yield user / "uv/uv.toml"
    yield from (folder / "uv/uv.toml" for folder in system)
    yield Path("/etc/uv/uv.toml")
