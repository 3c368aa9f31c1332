"""``wheelyard verify``: every byte of wheelhouses or wheels again, and who vouches for them."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wheelyard.cli.options import natural, printable, printable_lines
from wheelyard.errors import HostError, UsageError, VerificationError, WheelyardError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from wheelyard.signatures.attestations import Attested
    from wheelyard.signatures.trust import TrustStore
    from wheelyard.signatures.verdict import Verdict

_SHOWN = 16  # letters of a key's id


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "path", nargs="+", type=Path, help="a wheelhouse, a wheel, or another file that is signed"
    )
    parser.add_argument(
        "--require",
        type=natural,
        default=0,
        metavar="N",
        help="how many signers that you trust there must be (default: none, and one where anybody "
        "signed)",
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("-q", "--quiet", action="store_true", help="print errors only")


def run(options: argparse.Namespace) -> int:
    """Verify each path; all are looked at, and the worst decides the exit code."""
    results = [_verify(path, options.require) for path in options.path]
    if options.json:
        print(json.dumps({"results": results}, indent=1))
    for result in results:
        if not (options.quiet or options.json):
            print("\n".join(map(printable, _lines(result))))
        for error in result["errors"]:
            print(f"error: {printable_lines(error)}", file=sys.stderr)
    return max(int(result["exit_code"]) for result in results)


def _verify(path: Path, required: int) -> dict[str, Any]:
    result: dict[str, Any] = {
        "path": str(path),
        "content": False,
        "signatures": {},
        "attestations": {},
    }
    errors: list[WheelyardError] = []
    try:
        result["wheels"], result["size"] = _count(path)
        result["content"] = True
    except WheelyardError as error:
        errors.append(error)
    try:
        verdicts = _judge(path, required)
        result["signatures"] = {name: one.as_dict() for name, one in verdicts.items()}
        errors += [error for name, one in verdicts.items() for error in _faults(path, name, one)]
        attested = _attestations(path)
        result["attestations"] = {name: asdict(one) for name, one in attested.items()}
        errors += [
            VerificationError(f"{path}: the attestation of {name} is not valid: {one.problem}")
            for name, one in attested.items()
            if one.checked and one.problem
        ]
    except WheelyardError as error:
        errors.append(error)
    result["errors"] = list(dict.fromkeys(map(str, errors)))
    result["exit_code"] = max((error.exit_code for error in errors), default=0)
    return result


def _count(path: Path) -> tuple[int, int]:
    from wheelyard.wheel import verify_wheel
    from wheelyard.wheel.beside import is_signed
    from wheelyard.wheelhouse.verify import verify_wheelhouse

    if path.is_dir():
        verified = verify_wheelhouse(path)
        return verified.wheels, verified.size
    if not os.path.lexists(path):
        raise UsageError(f"{path} is not there: name a wheelhouse or a wheel")
    if path.suffix == ".whl" or not is_signed(path):
        return 1, verify_wheel(path).size
    return 0, path.stat().st_size


def _judge(path: Path, required: int) -> Mapping[str, Verdict]:
    """Say what signatures are worth, by the file signed; nothing where nobody signed or must."""
    from wheelyard.wheel.beside import is_signed

    if not (required or is_signed(path)):
        return {}
    from wheelyard.cli import require_build_python

    require_build_python(f"{path}: to check signatures")
    try:
        from wheelyard.cli.keys import open_keys
        from wheelyard.wheelhouse.signing import judge_file, judge_wheelhouse
    except ImportError as error:
        raise HostError(
            f"{path}: its signatures can't be checked here: {error.name} is missing; verify it "
            "where Wheelyard is installed with pip"
        ) from None
    trust: TrustStore = open_keys().trust()
    if path.is_dir():
        return judge_wheelhouse(path, trust, required)
    return {path.name: judge_file(path, trust, required)}


def _attestations(path: Path) -> dict[str, Attested]:
    """Give what indexes said of files, as far as it lies beside them."""
    from wheelyard.wheel.beside import attestation_name

    paths = path.glob("*.whl") if path.is_dir() else [path]
    found = [one for one in paths if os.path.lexists(one.with_name(attestation_name(one.name)))]
    if not found:
        return {}
    import logging

    from wheelyard.signatures.attestations import check_attestation

    logging.getLogger("sigstore").setLevel(logging.ERROR)  # warns of being offline
    checked = {one.name: check_attestation(one) for one in sorted(found)}
    return {name: one for name, one in checked.items() if one}


def _faults(path: Path, name: str, verdict: Verdict) -> list[WheelyardError]:
    place = path / name if path.is_dir() else path
    faults = [f"{place}: the signature is not valid: {problem}" for problem in verdict.problems]
    if verdict.missing:
        faults.append(
            f"{place}: signers that you trust are missing, {verdict.missing} of them; `wheelyard "
            "trust list` shows whom you trust, `wheelyard trust add` adds a key that you know"
        )
    return [VerificationError(fault) for fault in faults]


def _lines(result: Mapping[str, Any]) -> list[str]:
    """Show the three results: the content, and of each file signed the signature and the trust."""
    lines = [f"{result['path']}: {_content(result)}"]
    for name, verdict in result["signatures"].items():
        word = "valid" if verdict["valid"] else "not valid" if verdict["problems"] else "none"
        trust = "trusted" if verdict["trusted"] else "not trusted enough"
        signers = ", ".join(map(_signer, verdict["signers"])) or "nobody"
        lines.append(f"  {name}: signature {word}, {trust}: {signers}")
    unsigned = not (result["signatures"] or result["errors"])
    lines = [f"{lines[0]}; not signed"] if unsigned else lines
    return lines + [
        f"  {name}: attestation {one['problem'] or 'valid, published by ' + one['publisher']}"
        for name, one in result["attestations"].items()
    ]


def _content(result: Mapping[str, Any]) -> str:
    if not result["content"]:
        return "not as it should be"
    number = result["wheels"]
    wheels = f"{number} wheel{'' if number == 1 else 's'}, " if number else ""
    return f"{wheels}{result['size']} bytes, all as it should be"


def _signer(signer: Mapping[str, str]) -> str:
    name = f"{signer['name']} " if signer["name"] else ""
    doubts = [signer["distrust"]] if signer["distrust"] else []
    doubts += ["RECORD.jws: its content alone"] if signer["covers"] == "content" else []
    return f"{name}{signer['key'][:_SHOWN]}" + (f" ({', '.join(doubts)})" if doubts else "")
