"""Options that several commands share, and what they stand for."""

from __future__ import annotations

import os
import re
from pathlib import Path

from wheelyard.errors import UsageError

_EPOCH = 315532800  # 1980-01-01, where a zip file's time begins
_PYTHON = re.compile(r"3\.[0-9]{1,3}(\.[0-9]{1,3})?t?")

TYPE_CHECKING = False  # see wheelyard.cli
if TYPE_CHECKING:
    import argparse


def add_store_options(parser: argparse.ArgumentParser) -> None:
    """Add where the store lies and whether the network may be used."""
    add_store_folder(parser)
    parser.add_argument("--offline", action="store_true", help="use nothing but the store")


def add_store_folder(parser: argparse.ArgumentParser) -> None:
    """Add where the store lies."""
    parser.add_argument(
        "--store",
        type=Path,
        metavar="DIR",
        help="where downloads and builds are kept (default: the user's cache folder, or "
        "$WHEELYARD_STORE)",
    )


def add_mirror_option(parser: argparse._ActionsContainer) -> None:
    """Add where packages for other machines come from."""
    parser.add_argument(
        "--mirror",
        action="append",
        default=[],
        metavar="MIRROR",
        help="a mirror of Debian or Ubuntu, besides those of apt's configuration, for sysroots: a "
        "URL, a line of sources.list or such a file; may be given several times",
    )


def add_index_options(parser: argparse.ArgumentParser) -> None:
    """Add which indexes to ask; what is not given comes from uv's and pip's configuration."""
    group = parser.add_argument_group("indexes (default: as uv and pip are configured)")
    group.add_argument("-i", "--index-url", metavar="URL", help="the index to ask last")
    group.add_argument(
        "--extra-index-url", action="append", default=[], metavar="URL", help="one to ask before it"
    )
    group.add_argument(
        "-f",
        "--find-links",
        action="append",
        default=[],
        metavar="DIR_OR_URL",
        help="a folder or page of files to look at as well",
    )
    group.add_argument("--no-index", action="store_true", help="look at --find-links only")
    group.add_argument(
        "--merge-indexes",
        action="store_true",
        help="take a project's files from every index that has it, not from the first alone",
    )


def add_destination(parser: argparse.ArgumentParser, what: str, flag: str = "--dest-dir") -> None:
    """Add where something goes, as the wheel tool's commands name it."""
    parser.add_argument(
        "-d", flag, type=Path, default=Path(), metavar="DIR", help=f"{what} (default: here)"
    )


def add_output_options(parser: argparse.ArgumentParser) -> None:
    """Add how much is said, and in which form."""
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("-q", "--quiet", action="store_true", help="print errors only")
    parser.add_argument("-v", "--verbose", action="store_true", help="print a line for each step")
    parser.add_argument("--no-progress", action="store_true", help="no live display")


def positive(text: str) -> int:
    """Read a number that is at least one, for argparse."""
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def natural(text: str) -> int:
    """Read a number that is at least zero, for argparse."""
    number = int(text)
    if number < 0:
        raise ValueError(text)
    return number


def python_version(text: str) -> str:
    """Read a version of Python, for argparse: 3.11, 3.11.7 or 3.13t."""
    found = _PYTHON.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return text


# argparse says "invalid … value: 'TEXT'" with these names.
positive.__name__ = "number (at least 1)"
natural.__name__ = "number (at least 0)"
python_version.__name__ = "X.Y (as in 3.11 or 3.13t)"


def store_folder(given: Path | None) -> Path:
    """Give the store's folder: as given, from ``WHEELYARD_STORE``, or in the user's cache."""
    if given is not None:
        return given.absolute()
    named = os.environ.get("WHEELYARD_STORE")
    if named:
        return Path(named).absolute()
    caches = os.environ.get("XDG_CACHE_HOME", "").strip()
    return Path(caches or Path.home() / ".cache").absolute() / "wheelyard"


def epoch() -> int:
    """Give the time that the files of wheels bear, in seconds since 1970: SOURCE_DATE_EPOCH.

    Raises:
        UsageError: The variable is no number.
    """
    text = os.environ.get("SOURCE_DATE_EPOCH", "")
    try:
        return int(text or _EPOCH)
    except ValueError:
        raise UsageError(f"SOURCE_DATE_EPOCH is {text!r}, not a number of seconds") from None


def printable(line: str) -> str:
    """Show what would steer a terminal instead of sending it there."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in line)


def printable_lines(text: str) -> str:
    """Show a message of several lines so, which may quote what strangers wrote."""
    return "\n".join(map(printable, text.split("\n")))
