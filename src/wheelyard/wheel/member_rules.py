"""Rules on a wheel's member names, kinds and sizes; pure, so that the writer keeps them as well.

=================  ===========================================================================
rule               broken by
=================  ===========================================================================
path-escape        ``..``, absolute paths, drives, network paths
path-character     backslash, NUL, control characters, what ends lines or turns their direction
path-form          empty or ``.`` parts
path-length        more bytes than a file system takes, or very many folders
link               symbolic links
special-file       devices, fifos, sockets, a folder that is called a file
duplicate-name     one name twice
name-clash         names that differ by case or Unicode form, a file where a folder is
data-folder        ``.data`` with an unknown key, another project's, or with metadata in it
limit-count        too many members
limit-file         a member that is too large
limit-total        a wheel that is too large unpacked
limit-ratio        so much more content than compressed bytes that it must be a bomb
windows-name       (warning) a name that Windows reserves or changes
pth-file           (warning) a ``.pth`` file or ``sitecustomize.py``, run at every start of Python
egg-info           (warning) metadata that makes another project look installed
mode-bits          (warning) setuid, setgid or sticky, which are dropped
=================  ===========================================================================
"""

from __future__ import annotations

import re
import stat
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wheelyard.wheel.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wheelyard.wheel.archive import Member

DATA_KEYS = ("purelib", "platlib", "headers", "scripts", "data")
# Some readers of RECORD end a row at U+2028 and U+2029, so that its rest would be another path.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\\\u2028-\u202e\u2066-\u2069]")
_DRIVE = re.compile(r"[A-Za-z]:")
# Nearly all names are so plain that no rule has to look at them one by one.
_PLAIN = re.compile(r"[\w+-][\w.+-]*(?:/[\w+-][\w.+-]*)*/?", re.ASCII)
_WINDOWS = re.compile(
    r"(?:^|/)(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:[./]|$)|[<>:\"|?*]|[. ](?:/|$)",
    re.IGNORECASE,
)
_LONGEST, _LONGEST_PART = 1024, 255  # bytes; the whole on macOS, a part anywhere
_DEEPEST = 100  # folders; who removes a tree does it folder in folder
_PLACE = r"(?:[^/]+\.data/(?:pure|plat)lib/)?"  # before what comes to lie among the packages
_STARTED = re.compile(_PLACE + r"(?:[^/]+\.pth$|(?:site|user)customize[./])", re.IGNORECASE)
_EGG_INFO = re.compile(_PLACE + r"([^/]+\.egg-info)(?:/|$)", re.IGNORECASE)
_MODE_BITS = stat.S_ISUID | stat.S_ISGID | stat.S_ISVTX
_RATIO_FLOOR = 64 << 20


@dataclass(frozen=True)
class Limits:
    """Caps on what a wheel may hold; sizes in bytes, unpacked.

    The defaults let the largest wheels known pass (2.5 GB compressed, 200,000 files) and stop a
    bomb before it fills a disk. ``ratio`` counts above 64 MiB only, as on PyPI.
    """

    total: int = 32 << 30
    file: int = 16 << 30
    count: int = 250_000
    ratio: int = 100


DEFAULT_LIMITS = Limits()


def name_findings(names: Iterable[str]) -> list[Finding]:
    """Return what is wrong with each name for itself."""
    findings = []
    for name in names:
        plain = len(name) <= _LONGEST_PART and _PLAIN.fullmatch(name)
        rule, detail = ("", "") if plain else _judge_name(name)
        if rule:
            findings.append(Finding(rule, detail, name))
    return findings


def _judge_name(name: str) -> tuple[str, str]:
    parts = name.rstrip("/").split("/") if name.strip("/") else [""]
    if name.startswith(("/", "\\\\")) or _DRIVE.match(name) or ".." in re.split(r"[/\\]", name):
        return "path-escape", "it would be written outside the destination"
    if _CONTROL.search(name):
        return "path-character", "it holds a backslash or a control character"
    if "" in parts or "." in parts or name.endswith("//"):
        return "path-form", "it has empty or '.' parts"
    if _is_too_long(parts):
        return "path-length", "it is longer or deeper than file systems take"
    return "", ""


def _is_too_long(parts: Sequence[str]) -> bool:
    sizes = [len(part.encode()) for part in parts]
    whole = sum(sizes) + len(sizes) - 1
    return whole > _LONGEST or max(sizes) > _LONGEST_PART or len(parts) > _DEEPEST


def clash_findings(names: Sequence[str]) -> list[Finding]:
    """Return the names that are one file on some file system, or a file and a folder at once.

    ``.data/purelib`` and ``.data/platlib`` are installed where the wheel's root is, so they clash
    with it. Names that are too long are left to :func:`name_findings`.
    """
    findings = []
    files: dict[str, str] = {}
    seen: set[str] = set()
    for name in names:
        if len(name) > _LONGEST:
            continue
        if name in seen:
            findings.append(Finding("duplicate-name", "it is there twice", name))
        seen.add(name)
        if name.endswith("/"):
            continue
        other = files.setdefault(_folded(name), name)
        if other != name:
            findings.append(Finding("name-clash", f"it is the same file as {other!r}", name))
    folders = parent_folders(map(_folded, seen))
    findings += [
        Finding("name-clash", "it is a file and a folder", name)
        for key, name in files.items()
        if key in folders
    ]
    return findings


def _folded(name: str) -> str:
    if not name.isascii():
        name = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
    folded = name.lower()
    top, _, rest = folded.partition("/")
    if top.endswith(".data") and rest.startswith(("purelib/", "platlib/")):
        return rest.partition("/")[2]
    return folded


def parent_folders(names: Iterable[str]) -> set[str]:
    """Return every folder that ``names`` are in, with its parents, without ``""``."""
    found: set[str] = set()
    for name in names:
        folder = name.rpartition("/")[0]
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return found


def data_findings(names: Iterable[str], stem: str) -> list[Finding]:
    """Return the members of ``.data`` folders that no installer may place.

    Args:
        names: all members.
        stem: ``name-version`` as the wheel's own ``.dist-info`` folder has it.
    """
    findings = []
    for name in names:
        top, _, rest = name.partition("/")
        if not top.lower().endswith(".data") or not rest:
            continue
        key, _, path = rest.partition("/")
        if top != f"{stem}.data":
            findings.append(Finding("data-folder", f"only {stem}.data is this wheel's own", name))
        elif key not in DATA_KEYS or ("/" not in rest) or (not path and not name.endswith("/")):
            keys = ", ".join(DATA_KEYS)
            findings.append(Finding("data-folder", f"it is in none of {keys}", name))
        elif key in DATA_KEYS[:2] and path.partition("/")[0].lower().endswith(".dist-info"):
            detail = "metadata has its place in the wheel's own .dist-info alone"
            findings.append(Finding("data-folder", detail, name))
    return findings


def kind_findings(members: Iterable[Member]) -> list[Finding]:
    """Return links, devices and whatever else is neither a file nor a folder."""
    findings = []
    for member in members:
        kind = stat.S_IFMT(member.mode)
        if kind == stat.S_IFLNK:
            findings.append(Finding("link", "it is a symbolic link", member.name))
        elif kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
            findings.append(Finding("special-file", "it is no regular file", member.name))
        elif (kind == stat.S_IFDIR and not member.is_folder) or (member.is_folder and member.size):
            findings.append(Finding("special-file", "it is a file and a folder", member.name))
    return findings


def limit_findings(members: Sequence[Member], limits: Limits) -> list[Finding]:
    """Return the caps that the declared sizes exceed.

    That is enough: a member that holds more than it declares is cut off while it is read, and how
    many there are was looked at before.
    """
    findings = []
    for member in members:
        if member.size > limits.file:
            detail = f"{member.size} bytes, {limits.file} allowed"
            findings.append(Finding("limit-file", detail, member.name))
        findings += _ratio(member.size, member.compressed, limits, member.name)
    total = sum(member.size for member in members)
    if total > limits.total:
        findings.append(Finding("limit-total", f"{total} bytes unpacked, {limits.total} allowed"))
    return findings + _ratio(total, sum(member.compressed for member in members), limits, "")


def _ratio(size: int, compressed: int, limits: Limits, name: str) -> list[Finding]:
    if size <= _RATIO_FLOOR or size <= compressed * limits.ratio:
        return []
    detail = f"{size} bytes out of {compressed}, {limits.ratio} to one allowed"
    return [Finding("limit-ratio", detail, name)]


def member_warnings(members: Sequence[Member]) -> list[Finding]:
    """Return what is legal and yet worth a look."""
    findings = []
    for member in members:
        name = member.name
        if _WINDOWS.search(name):
            findings.append(Finding("windows-name", "Windows cannot hold this name", name))
        if _STARTED.match(name):
            findings.append(Finding("pth-file", "Python runs it at every start", name))
        if member.mode & _MODE_BITS and not member.is_folder:
            detail = "its setuid, setgid or sticky bit is dropped"
            findings.append(Finding("mode-bits", detail, member.name))
    others = {found[1] for member in members if (found := _EGG_INFO.match(member.name))}
    detail = "it makes a project look installed"
    return findings + [Finding("egg-info", detail, other) for other in sorted(others)]
