"""Universal locks, by way of uv: one ``pylock.toml`` whose markers are evaluated per target."""

from __future__ import annotations

import os
import subprocess
import tempfile
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit, urlunsplit

from uv import find_uv_bin

from wheelyard.errors import ResolutionError, UsageError
from wheelyard.plans.request import FormatControl

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wheelyard.index.location import Location
    from wheelyard.index.settings import IndexSettings
    from wheelyard.plans.request import RequirementLine
    from wheelyard.plans.requirements_file import RequirementSet


@dataclass(frozen=True, kw_only=True, slots=True)
class LockOptions:
    """How to lock; ``python`` is the lowest version that the lock is for, as ``"3.11"``."""

    python: str
    add: bool = True
    prereleases: bool = False
    upgrade: bool = False
    offline: bool = False
    formats: FormatControl = field(default_factory=FormatControl)


def write_lock(
    found: RequirementSet, file: Path, settings: IndexSettings, options: LockOptions
) -> int:
    """Resolve for every platform and write the lock, in one instant.

    Returns:
        How many packages it pins.

    Raises:
        UsageError: When the lock's folder can't be written, or its name is none that PEP 751 has.
        ResolutionError: With what uv says, when the requirements can't be satisfied.
    """
    if not (file.name == "pylock.toml" or file.match("pylock.*.toml")):
        raise UsageError(f"{file} is no name for a lock: call it pylock.toml or pylock.NAME.toml")
    if file.is_dir() or not file.parent.is_dir():
        raise UsageError(f"{file} can't be written: name a file in a folder that is there")
    with tempfile.TemporaryDirectory(prefix="wheelyard-lock-") as folder:
        scratch = Path(folder)
        new = scratch / file.name
        if file.exists() and not options.upgrade:
            new.write_bytes(file.read_bytes())  # uv keeps what an existing output pins
        # Not by a variable: not every uv knows one for it, and it would ask the public index.
        closed = () if settings.indexes else ("--no-index",)
        _compile(found, new, _index_environment(settings), (*_arguments(options), *closed))
        return _publish(new, file)


def _publish(new: Path, file: Path) -> int:
    content = new.read_bytes()
    beside = file.with_name(f".{file.name}.new")
    try:
        beside.write_bytes(content)
        beside.replace(file)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise UsageError(f"{file} can't be written: {error.strerror}") from error
    return len(tomllib.loads(content.decode()).get("packages", ()))


def _compile(
    found: RequirementSet, new: Path, index: Mapping[str, str], arguments: tuple[str, ...]
) -> None:
    scratch = new.parent
    requirements = scratch / "requirements.in"
    requirements.write_text(render_lines(found.lines), "utf-8")
    constraints = scratch / "constraints.in"
    constraints.write_text(render_lines(found.constraints), "utf-8")
    command = (
        *(find_uv_bin(), "pip", "compile", "--quiet", "--no-config", "--no-header"),
        *("--universal", "--generate-hashes", "--format", "pylock.toml"),
        *("--output-file", str(new), "--constraints", str(constraints)),
        *arguments,
        str(requirements),
    )
    # Everything that is set is among the arguments; uv must not find other settings of its own.
    environ = {key: value for key, value in os.environ.items() if not key.startswith("UV_")}
    environ |= index
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environ)
    if done.returncode != 0:
        said = done.stderr.replace(str(scratch) + "/", "").strip()
        raise ResolutionError(f"the requirements can't be locked; uv says:\n{said}")


def render_lines(lines: Iterable[RequirementLine]) -> str:
    """Give requirements as PEP 508 text, which uv reads; their types are ours alone."""
    return "".join(f"{_text(line)}\n" for line in lines)


def _text(line: RequirementLine) -> str:
    extras = f"[{','.join(line.extras)}]" if line.extras else ""
    where = f" @ {line.url}" if line.url else line.specifier
    marker = f" ; {line.marker}" if line.marker else ""
    hashes = "".join(f" --hash=sha256:{digest}" for digest in line.hashes)
    return f"{line.name}{extras}{where}{marker}{hashes}"


def _arguments(options: LockOptions) -> tuple[str, ...]:
    chosen = ("--python-version", options.python)
    flags = {
        "--no-deps": not options.add,
        "--prerelease=allow": options.prereleases,
        "--upgrade": options.upgrade,
        "--offline": options.offline,
    }
    formats = options.formats
    kinds = (
        *(f"--no-binary={name}" for name in formats.no_binary),
        *(f"--only-binary={name}" for name in formats.only_binary),
    )
    return (*chosen, *(flag for flag, wanted in flags.items() if wanted), *kinds)


def _index_environment(settings: IndexSettings) -> dict[str, str]:
    """Say to uv which indexes to ask: it reads no configuration of pip's.

    By variables, since they may hold credentials, which a list of processes would show.
    """
    urls = [_with_credentials(index) for index in settings.indexes]
    environ = {"UV_DEFAULT_INDEX": urls[-1]} if urls else {}
    if urls[:-1]:
        environ["UV_INDEX"] = " ".join(urls[:-1])
    if settings.find_links:
        places = (_with_credentials(place) for place in settings.find_links)
        environ["UV_FIND_LINKS"] = ",".join(places)
    if settings.merge_indexes:
        environ["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    if settings.transport.trusted_hosts:
        environ["UV_INSECURE_HOST"] = " ".join(settings.transport.trusted_hosts)
    return environ


def _with_credentials(location: Location) -> str:
    known = location.credentials
    if known is None:
        return location.url
    parts = urlsplit(location.url)
    user = f"{quote(known.username, safe='')}:{quote(known.password, safe='')}"
    return urlunsplit(parts._replace(netloc=f"{user}@{parts.netloc}"))
