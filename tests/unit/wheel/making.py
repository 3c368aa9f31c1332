"""Small good wheels, made by the writer under test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wheelyard.wheel import (
    WheelFile,
    WheelFilename,
    WheelInfo,
    WrittenWheel,
    file_from_bytes,
    parse_tag,
    render_wheel_info,
    write_wheel,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TIME = 1_600_000_000


def wheel_files(
    filename: WheelFilename, files: Mapping[str, bytes], *, purelib: bool = True
) -> list[WheelFile]:
    """Add a dist-info folder; files in ``.data/scripts`` and ``*.sh`` are executable."""
    info = WheelInfo((1, 0), "tests", purelib, parse_tag(filename.tag_set), filename.build_tag)
    metadata = (
        f"Metadata-Version: 2.1\nName: {filename.distribution}\nVersion: {filename.version}\n"
    )
    every = {
        **files,
        f"{filename.stem}.dist-info/METADATA": metadata.encode(),
        f"{filename.stem}.dist-info/WHEEL": render_wheel_info(info),
    }
    return [
        file_from_bytes(path, data, executable=".data/scripts/" in path or path.endswith(".sh"))
        for path, data in every.items()
    ]


def make_wheel(
    folder: Path,
    name: str,
    version: str,
    files: Mapping[str, bytes] | None = None,
    tag: str = "py3-none-any",
) -> WrittenWheel:
    filename = WheelFilename(name, version, "", tag)
    content = {f"{name}/__init__.py": b"answer = 42\n"} if files is None else files
    return write_wheel(folder, filename, wheel_files(filename, content), timestamp=TIME)
