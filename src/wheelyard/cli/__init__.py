"""The command line: arguments to values, one call into the library, values to text or JSON.

A command's module is imported only when it is the one that was called, so that starting up costs
little more than starting Python.
"""

from __future__ import annotations

import sys

from wheelyard import __version__
from wheelyard.errors import WheelyardError

# Type checkers know the name; importing typing, argparse and the like here would double the time
# that it takes to start.
TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

COMMANDS = {
    "build": "requirements and targets in, one verified wheelhouse per target out",
    "install": "install a wheelhouse into an environment, without a network",
    "verify": "read every byte of wheelhouses or wheels again",
    "lock": "pin requirements with hashes for every platform, as pylock.toml",
    "target": "list, show and explain the machines that wheels can be made for",
}
_INTERRUPTED = 130
_VERSION = f"wheelyard {__version__}"


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Returns:
        The exit code: 0 done, 1 internal error, 2 usage or configuration, 3 resolution, 4 some
        wheels failed, 5 verification, 6 this machine lacks something.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments == ["--version"]:
        print(_VERSION)
        return 0
    options = _parser(arguments).parse_args(arguments)
    try:
        return int(options.run(options))
    except WheelyardError as error:
        return _fail(error, as_json=getattr(options, "json", False))
    except KeyboardInterrupt:
        print("interrupted; nothing is half-written", file=sys.stderr)
        return _INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has gone; say nothing more
        return 0


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
            module = importlib.import_module(f"wheelyard.cli.{name}")
            module.configure(command)
            command.set_defaults(run=module.run)
    return parser


def _fail(error: WheelyardError, *, as_json: bool) -> int:
    if as_json:
        import json

        print(json.dumps({"error": str(error), "exit_code": error.exit_code}))
    print(f"error: {error}", file=sys.stderr)
    return error.exit_code
