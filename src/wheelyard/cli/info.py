"""``wheelyard info``: what a wheel says of itself and what is in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wheelyard.cli.options import printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from wheelyard.wheel import EntryPoint, Wheel

_SHOWN = (
    "Summary", "Author", "Author-email", "Maintainer", "Maintainer-email", "License-Expression",
    "License", "Home-page", "Project-URL", "Requires-Python", "Requires-Dist", "Provides-Extra",
)  # fmt: skip


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "wheel", type=Path, help="a wheel; its content isn't compared with RECORD, as verify does"
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="list its files as well")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(options: argparse.Namespace) -> int:
    """Tell of a wheel.

    Raises:
        WheelyardError: A wheel that breaks a rule, with every one.
    """
    from wheelyard.wheel import open_wheel

    wheel = open_wheel(options.wheel)
    info = _info(wheel)
    if options.verbose:
        info["members"] = {one.name: one.size for one in wheel.members if not one.is_folder}
    if options.json:
        print(json.dumps(info, indent=1))
    else:
        print("\n".join(map(printable, _lines(info))))
    return 0


def _info(wheel: Wheel) -> dict[str, Any]:
    from wheelyard.wheel.beside import attestation_name, signature_name
    from wheelyard.wheel.reader import file_sha256
    from wheelyard.wheel.summary import metadata_as_dict, summarize

    info, name = wheel.info, wheel.path.name
    beside = (signature_name(name), attestation_name(name))
    summary = summarize(wheel)
    return {
        "wheel": name,
        "sha256": file_sha256(wheel.path),
        "compressed": wheel.path.stat().st_size,
        **vars(summary),
        "signatures": [
            *summary.signatures,
            *(file for file in beside if wheel.path.with_name(file).is_file()),
        ],
        "wheel_version": "{}.{}".format(*info.wheel_version),
        "generator": info.generator,
        "root_is_purelib": info.root_is_purelib,
        "build": wheel.filename.build_tag,
        "tags": [str(tag) for tag in info.tags],
        "entry_points": [_entry_point(one) for one in wheel.entry_points],
        "remarks": [str(warning) for warning in wheel.warnings],
        "metadata": metadata_as_dict(wheel.metadata),
    }


def _entry_point(one: EntryPoint) -> dict[str, str]:
    value = one.module + (f":{one.attr}" if one.attr else "")
    value += f" [{','.join(one.extras)}]" if one.extras else ""
    return {"group": one.group, "name": one.name, "value": value}


def _lines(info: dict[str, Any]) -> Iterator[str]:
    metadata = info["metadata"]
    yield f"{metadata['name']} {metadata['version']}"
    for header in _SHOWN:
        value = metadata.get(header.lower().replace("-", "_"), ())
        for text in [value] if isinstance(value, str) else value:
            first, *more = text.splitlines() or [""]
            yield f"{header}: {first}{' …' if more else ''}"
    yield f"Tags: {', '.join(info['tags'])}"
    yield from ([f"Build: {info['build']}"] if info["build"] else [])
    yield f"Wheel-Version: {info['wheel_version']}, by {info['generator'] or 'an unknown tool'}"
    kind = "purelib" if info["root_is_purelib"] else "platlib"
    yield f"Installed into: {kind}"
    yield f"Files: {info['files']}, {info['size']} bytes; {info['compressed']} compressed"
    yield f"SHA-256: {info['sha256']}"
    for one in info["entry_points"]:
        yield f"Entry point: [{one['group']}] {one['name']} = {one['value']}"
    named = (("native", "Native"), ("licences", "Licence"), ("sboms", "SBOM"))
    for key, name in (*named, ("signatures", "Signature"), ("remarks", "Remark")):
        yield from (f"{name}: {text}" for text in info[key])
    yield from (f"File: {path}, {size} bytes" for path, size in info.get("members", {}).items())
