"""One requirement line: PEP 508, spksrc's prefixes, direct URLs, ``#egg=name==version``."""

from __future__ import annotations

import re
import shlex
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from packaging.markers import InvalidMarker, Marker, UndefinedComparison
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from wheelyard.errors import UsageError, WheelyardError
from wheelyard.plans.request import Origin, RequirementLine, WheelType
from wheelyard.wheel.filename import parse_sdist_filename, parse_wheel_filename
from wheelyard.wheel.names import NormalizedName, normalize_name

_PREFIX = re.compile(r"([a-z0-9]+):(?!/)(.*)\Z", re.DOTALL)
_MARKER = re.compile(r"\s;|;\s")
_PATH_EXTRAS = re.compile(r"([^#]*[^]#])\[([^][]*)\]\Z")
_EGG = re.compile(r"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)(?:\[([^\]]*)\])?\s*(.*)\Z")
_HASH = re.compile(r"sha256:([0-9a-f]{64})\Z")
_URL = re.compile(r"(?:[a-z]+\+)?[a-z]+:(?://|/)")
_VCS = re.compile(r"(git|hg|svn|bzr)\+")
_PATH = re.compile(r"\.{0,2}/|\.\.?\Z")
_ARCHIVES = (".tar.gz", ".tgz", ".zip", ".tar.bz2", ".tar.xz")
_CROSSENV_PREFIXES = frozenset({"build", "wheelhouse"})


class InvalidLineError(UsageError):
    """What is wrong with one line."""


def parse_line(
    line: str, origin: Origin, file_type: WheelType | None, default: WheelType
) -> tuple[RequirementLine, tuple[tuple[str, str], ...]]:
    """Parse one logical line that is not an option.

    Args:
        line: The text, without comment and continuation.
        origin: Where it stands.
        file_type: The type that the file's name says; it beats a prefix (as in spksrc).
        default: The type when neither says one.

    Returns:
        The requirement, and its ``--config-settings`` as pairs.

    Raises:
        InvalidLineError: Saying what is wrong.
    """
    prefix, body = _split_prefix(line)
    text, hashes, settings = _split_options(body)
    kind = file_type or prefix or default
    if _VCS.match(text) or _URL.match(text) or _PATH.match(text):
        found = _parse_url(text, origin, kind, hashes)
    else:
        found = _parse_pep508(text, origin, kind, hashes)
    return found, settings


def _split_prefix(line: str) -> tuple[WheelType | None, str]:
    found = _PREFIX.match(line)
    if found is None or _URL.match(line):
        return None, line
    word, rest = found[1], found[2].strip()
    if word in _CROSSENV_PREFIXES:
        raise InvalidLineError(
            f"'{word}:' belongs in a crossenv definition, not in a list of wheels: drop it"
        )
    if word not in {str(kind) for kind in WheelType}:
        known = " ".join(f"{kind}:" for kind in WheelType)
        raise InvalidLineError(f"unknown prefix '{word}:'; known are {known}")
    return WheelType(word), rest


def _split_options(body: str) -> tuple[str, tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Take ``--hash`` and ``--config-settings`` off the end of a requirement."""
    cut = re.search(r"\s--?[A-Za-z]", body)
    if cut is None:
        return body.strip(), (), ()
    try:
        words = shlex.split(body[cut.start() :])
    except ValueError as error:
        raise InvalidLineError(f"{error} in: {body}") from None
    hashes: list[str] = []
    settings: list[tuple[str, str]] = []
    words.reverse()
    while words:
        name, separator, value = words.pop().partition("=")
        if not separator and words:
            value = words.pop()
        if name == "--hash":
            hashes.append(_sha256(value))
        elif name in {"--config-settings", "--config-setting", "-C"}:
            key, _, setting = value.partition("=")
            settings.append((key, setting))
        else:
            raise InvalidLineError(f"unknown option {name} behind a requirement")
    return body[: cut.start()].strip(), tuple(hashes), tuple(settings)


def _sha256(value: str) -> str:
    found = _HASH.match(value.lower())
    if found is None:
        other = value.partition(":")[0] in {"sha384", "sha512"}
        hint = ", as the index and the wheelhouse have it (`pip hash FILE` gives it)"
        raise InvalidLineError(
            f"--hash={value}: expected sha256: and 64 hexadecimal digits{hint if other else ''}"
        )
    return found[1]


def _parse_pep508(
    text: str, origin: Origin, kind: WheelType, hashes: tuple[str, ...]
) -> RequirementLine:
    try:
        requirement = Requirement(text)
    except InvalidRequirement as error:
        raise InvalidLineError(f"not a requirement: {str(error).splitlines()[0]}: {text}") from None
    url, fragment = _split_fragment(requirement.url or "")
    return RequirementLine(
        name=normalize_name(requirement.name),
        extras=tuple(sorted(requirement.extras)),
        specifier=str(requirement.specifier),
        marker=_checked_marker(str(requirement.marker or "")),
        url=url,
        type=kind,
        hashes=(*hashes, *_fragment_hashes(fragment)),
        origin=origin,
    )


def _parse_url(
    text: str, origin: Origin, kind: WheelType, hashes: tuple[str, ...]
) -> RequirementLine:
    place, *markers = (part.strip() for part in _MARKER.split(text, maxsplit=1))
    extras: tuple[str, ...] = ()
    bracketed = _PATH_EXTRAS.match(place)
    if bracketed and "://" not in place:
        place, extras = bracketed[1], _extras(bracketed[2])
    url, fragment = _split_fragment(place)
    # "#egg=" is how old lists name a project.
    name, named_extras, specifier = _named(fragment.get("egg", ""), urlsplit(url).path, place)
    return RequirementLine(
        name=normalize_name(name) if name else NormalizedName(url),
        extras=tuple(sorted({*extras, *named_extras})),
        specifier=specifier,
        marker=_checked_marker(markers[0] if markers else ""),
        url=url,
        type=kind,
        hashes=(*hashes, *_fragment_hashes(fragment)),
        origin=origin,
    )


def _split_fragment(text: str) -> tuple[str, dict[str, str]]:
    """Take the fragment off a URL, but for ``subdirectory``, which is part of the place."""
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise InvalidLineError(f"not a URL: {error}: {text}") from None
    pairs = (pair.split("=", 1) for pair in parts.fragment.split("&") if "=" in pair)
    fragment = {key: unquote(value) for key, value in pairs}
    subdirectory = fragment.get("subdirectory")
    # Not urlunsplit: it takes the slashes of git+file:/// for an empty host and drops them.
    kept = f"#subdirectory={subdirectory}" if subdirectory else ""
    return text.partition("#")[0] + kept, fragment


def _fragment_hashes(fragment: dict[str, str]) -> tuple[str, ...]:
    return (_sha256(f"sha256:{fragment['sha256']}"),) if "sha256" in fragment else ()


def _extras(text: str) -> tuple[str, ...]:
    return tuple(sorted(word.strip() for word in text.split(",") if word.strip()))


def _checked_marker(text: str) -> str:
    """Give a marker in its normal form; one that no machine can evaluate is refused here."""
    if not text:
        return ""
    try:
        marker = Marker(text)
        marker.evaluate({"extra": ""})
    except (InvalidMarker, UndefinedComparison) as error:
        raise InvalidLineError(f"not a marker: {str(error).splitlines()[0]}: {text}") from None
    return str(marker)


def _named(egg: str, path: str, text: str) -> tuple[str, tuple[str, ...], str]:
    """Give name, extras and specifier of a direct URL, from its egg or its file name.

    No name where the source will say it: that of a path or a repository.
    """
    if egg:
        found = _EGG.match(egg)
        if found is None:
            raise InvalidLineError(f"not a project name behind #egg=: {egg}")
        try:
            return found[1], _extras(found[2] or ""), str(SpecifierSet(found[3]))
        except InvalidSpecifier:
            raise InvalidLineError(f"not a version behind #egg=: {egg}") from None
    file = unquote(PurePosixPath(path).name)
    try:
        if file.endswith(".whl"):
            wheel = parse_wheel_filename(file)
            return wheel.distribution, (), str(SpecifierSet(f"=={wheel.version}"))
        if file.endswith(_ARCHIVES):
            name, version = parse_sdist_filename(file)
            return name, (), str(SpecifierSet(f"=={version}"))
    except (WheelyardError, InvalidSpecifier):
        pass
    if not file.endswith(".whl") and (_VCS.match(text) or urlsplit(text).scheme in {"", "file"}):
        return "", (), ""
    raise InvalidLineError(f"no project name in the URL: write 'name @ {text}' or add #egg=name")
