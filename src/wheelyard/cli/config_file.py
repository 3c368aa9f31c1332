"""The configuration's file, and the paths in it, which are relative to its folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from wheelyard.errors import UsageError
from wheelyard.plans.config import Config, TargetChoice, parse_config
from wheelyard.targets.file import is_target_file

if TYPE_CHECKING:
    import argparse


class FileReader:
    """Reads files and notes which."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __call__(self, name: str) -> str:
        """Read a file; what keeps it from being read is the caller's to tell."""
        self.names.append(name)
        return Path(name).read_text("utf-8")

    def toml(self, name: str) -> str:
        """Read a file that can't be done without.

        Raises:
            UsageError: Naming it and the cause.
        """
        try:
            return self(name)
        except (OSError, UnicodeDecodeError) as error:
            cause = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise UsageError(f"cannot read {name}: {cause}") from error


def read_config(options: argparse.Namespace, reader: FileReader) -> Config:
    """Read the configuration that is named, or the one that lies here where nothing is named."""
    own = Path("wheelyard.toml")
    asked = options.requirements or options.requirement
    reader.names.append(str(own))
    file = options.config or (str(own) if own.exists() and not asked else None)
    if file is None:
        return Config()
    config = parse_config(reader.toml(file), file)
    folder = Path(file).parent
    return _relative(config, folder)


def _relative(config: Config, folder: Path) -> Config:
    """Paths in a configuration are relative to it."""
    return replace(
        config,
        requirements=tuple(str(folder / path) for path in config.requirements),
        constraints=tuple(str(folder / path) for path in config.constraints),
        build_constraints=tuple(str(folder / path) for path in config.build_constraints),
        targets=tuple(_choice_beside(one, folder) for one in config.targets),
        mirrors=tuple(text if _is_mirror(text) else str(folder / text) for text in config.mirrors),
        packages=tuple(
            replace(one, toolchain=_toolchain_beside(one.toolchain, folder))
            for one in config.packages
        ),
    )


def _choice_beside(one: TargetChoice, folder: Path) -> TargetChoice:
    return replace(
        one,
        use=str(folder / one.use) if is_target_file(one.use) else one.use,
        sysroot=str(folder / one.sysroot) if one.sysroot else "",
        toolchain=_toolchain_beside(one.toolchain, folder),
    )


def _toolchain_beside(toolchain: str, folder: Path) -> str:
    """Give a toolchain's name, or its folder's absolute path."""
    return str((folder / toolchain).absolute()) if "/" in toolchain else toolchain


def _is_mirror(text: str) -> bool:
    """Whether it is a line or a URL, and so no file."""
    return text.startswith(("deb ", "~")) or "://" in text
