"""The command line: arguments to values, one call into the library, values to text or JSON.

A command's module is imported only when it is the one that was called, so that starting up costs
little more than starting Python.
"""

from __future__ import annotations

import contextlib
import sys

from wheelyard import __version__
from wheelyard.errors import HostError, WheelyardError

# Type checkers know the name; importing typing, argparse and the like here would double the time
# that it takes to start.
TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

COMMANDS = {
    "build": "requirements and targets in, one verified wheelhouse per target out",
    "install": "install a wheelhouse, or wheels, into an environment, without a network",
    "install-scripts": "write the programs of installed projects anew",
    "verify": "read every byte of wheelhouses or wheels again, and check who vouches for them",
    "audit": "what the compiled parts of wheels need, and whether their tags say so",
    "repair": "bring the libraries that a machine lacks into a wheel, and tag it honestly",
    "unpack": "a wheel's content into a folder, every byte checked",
    "pack": "a folder that a wheel was unpacked into, as a wheel again",
    "tags": "wheels with other tags or another build number",
    "convert": "eggs and bdist_wininst installers as wheels",
    "info": "what a wheel says of itself and what is in it",
    "check": "what is wrong with wheels, and what is most often a mistake",
    "keygen": "a new key to sign with",
    "sign": "vouch for wheels, wheelhouses and other files",
    "unsign": "remove signatures",
    "trust": "whose signatures count, and for which packages",
    "lock": "pin requirements with hashes for every platform, as pylock.toml",
    "doctor": "what this machine can build and prove for, and what is missing",
    "target": "list, show and explain the machines that wheels can be made for",
}
# They need nothing but a Python of 3.9, so that they run on the machine installed to.
ON_TARGET = (
    "install", "install-scripts", "verify", "unpack", "pack", "tags", "convert", "info", "check",
)  # fmt: skip
_TAG_OPTIONS = ("--python-tag", "--abi-tag", "--platform-tag")
_BUILD_PYTHON = (3, 11)
_INTERRUPTED = 130
_VERSION = f"wheelyard {__version__}"


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Returns:
        The exit code: 0 done, 1 internal error, 2 usage or configuration, 3 resolution, 4 some
        wheels failed, 5 verification, 6 this machine lacks something.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        code = _run(arguments)
        sys.stdout.flush()  # a full disk behind it shows here, not when nobody can say so any more
    except BaseException as error:  # noqa: BLE001 - the last resort; what isn't ours goes on
        return _end(error, as_json="--json" in arguments)
    return code


def _run(arguments: Sequence[str]) -> int:
    if list(arguments) == ["--version"]:
        print(_VERSION)
        return 0
    options = _parser(arguments).parse_args(_with_signs(arguments))
    with _ending_well():
        return int(options.run(options))


def _with_signs(arguments: Sequence[str]) -> list[str]:
    """Give ``--abi-tag -abi3`` as ``--abi-tag=-abi3``, or argparse takes the tag for an option."""
    joined: list[str] = []
    for word in arguments:
        is_signed = word.startswith("-") and word[2:] and word[1] != "-"  # -h is none
        if is_signed and joined and joined[-1] in _TAG_OPTIONS:
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined


@contextlib.contextmanager
def _ending_well() -> Iterator[None]:
    """Let a request to end be an interrupt, so that nothing half-written is left behind."""
    import signal

    if signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:  # as whoever started us wants it
        yield
        return
    with contextlib.suppress(ValueError):  # not in the main thread, so not in a command of ours
        signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        with contextlib.suppress(ValueError):
            signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _end(error: BaseException, *, as_json: bool) -> int:
    """Say what ended a run, and give its exit code."""
    if isinstance(error, WheelyardError):
        return _fail(str(error), error.exit_code, as_json=as_json)
    if isinstance(error, KeyboardInterrupt):
        _quiet_exit()
        print("interrupted; nothing is half-written", file=sys.stderr)
        return _INTERRUPTED
    if isinstance(error, BrokenPipeError):
        _drop_output()  # whoever read our output has gone; say nothing more
        return 0
    if not isinstance(error, Exception):
        raise error
    if isinstance(error, ModuleNotFoundError) and not str(error.name).startswith("wheelyard"):
        text = (
            f"{error.name} is missing: `pip install wheelyard` brings what this command needs. "
            f"Without it run {', '.join(ON_TARGET)}"
        )
        return _fail(text, HostError.exit_code, as_json=as_json)
    if _debugging():
        import traceback

        traceback.print_exception(error)
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        text = f"{place}{error.strerror or error}; make room or give permission, then try again"
        return _fail(text, HostError.exit_code, as_json=as_json)
    line = " ".join(f"{type(error).__name__}: {error}".split())
    text = f"internal error, please report it: {line} (WHEELYARD_DEBUG=1 shows where)"
    return _fail(text, WheelyardError.exit_code, as_json=as_json)


def _debugging() -> bool:
    import os

    return bool(os.environ.get("WHEELYARD_DEBUG"))


def _quiet_exit() -> None:
    """Let a second Ctrl-C, while threads and children end, stop us without a word."""
    import signal

    with contextlib.suppress(ValueError):  # not in the main thread, so not in a command of ours
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def _drop_output() -> None:
    """Let what is still in the buffer go nowhere, or Python complains as it ends."""
    import os

    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    import argparse
    import importlib

    parser = argparse.ArgumentParser(
        prog="wheelyard",
        description="Python requirements and a list of machines in, one verified wheelhouse per "
        "machine out, installed there without a network, a compiler or root.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=_VERSION)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    called = next((word for word in arguments if word in COMMANDS), None)
    for name, summary in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary, allow_abbrev=False)
        if name == called:
            if name not in ON_TARGET:
                require_build_python(f"`wheelyard {name}`")
            module = importlib.import_module(f"wheelyard.cli.{name.replace('-', '_')}")
            module.configure(command)
            command.set_defaults(run=module.run)
    return parser


def require_build_python(what: str) -> None:
    """Refuse what doesn't run on every Python that wheels are installed for.

    Raises:
        HostError: this one is too old.
    """
    if sys.version_info < _BUILD_PYTHON:
        needed, this = (f"{one[0]}.{one[1]}" for one in (_BUILD_PYTHON, sys.version_info))
        raise HostError(
            f"{what} needs Python {needed} or later, and this is {this}: do it with such a one, on "
            f"any machine. Here run {', '.join(ON_TARGET)}"
        )


def _fail(text: str, code: int, *, as_json: bool) -> int:
    try:
        if as_json:
            import json

            print(json.dumps({"error": text, "exit_code": code}))
        sys.stdout.flush()
    except OSError:  # a full disk behind it, which may be what this is about
        _drop_output()
    from wheelyard.cli.options import printable_lines

    print(f"error: {printable_lines(text)}", file=sys.stderr)
    return code
