"""From arguments and files to a request: files are read here, what they say is decided below."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from wheelyard.cli.config_file import FileReader, read_config
from wheelyard.errors import UsageError
from wheelyard.index.location import local_path
from wheelyard.plans.config import Config, TargetChoice
from wheelyard.plans.pylock import is_pylock, parse_pylock
from wheelyard.plans.request import PackageSettings, ProofLevel, Request
from wheelyard.plans.requirements_file import RequirementSet, beside, load_requirements
from wheelyard.targets.catalog import default_python, find_target
from wheelyard.targets.detect import THIS, detect_this
from wheelyard.targets.file import is_target_file

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Mapping

    from wheelyard.plans.release import File
    from wheelyard.plans.request import FormatControl, RequirementLine
    from wheelyard.targets.target import Target
    from wheelyard.wheel.names import NormalizedName

INLINE = "command line"
"""The file that requirements on the command line are of."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadRequest:
    """A request, with the files that it was read from and what they said besides."""

    request: Request
    files: tuple[str, ...]
    locked: Mapping[NormalizedName, tuple[File, ...]]
    index_options: tuple[tuple[str, str], ...]
    build_constraints: tuple[RequirementLine, ...]
    mirrors: tuple[str, ...] = ()
    sysroots: Mapping[str, Path] = field(default_factory=dict)


def read_request(options: argparse.Namespace) -> ReadRequest:
    """Read everything that the arguments name.

    Raises:
        UsageError: With all that is wrong in the requirements, or in the configuration.
    """
    reader = FileReader()
    config = read_config(options, reader)
    found = _requirements(options, config, reader)
    locks = tuple(file for file in _files(options, config) if is_pylock(file))
    lines, locked = _locks(locks, reader)
    if not (_files(options, config) or options.requirement):
        raise UsageError("nothing to build: name requirements, a file with -r, or --config")
    constraint_files = (*config.build_constraints, *options.build_constraint)
    build = load_requirements((), reader, os.environ, constraints=constraint_files)
    return ReadRequest(
        request=_request(options, config, found, lines),
        files=(*reader.names, *_target_files(options, config)),
        locked=locked,
        index_options=found.options,
        build_constraints=build.constraints,
        mirrors=(*options.mirror, *config.mirrors),
        sysroots=_sysroots(options, config),
    )


def _sysroots(options: argparse.Namespace, config: Config) -> Mapping[str, Path]:
    """Give the folders of targets' sysroots; the command line's before the configuration's.

    Raises:
        UsageError: Naming each that is of no target or not there.
    """
    found = {one.name: Path(one.sysroot) for one in config.targets if one.sysroot}
    targets = dict.fromkeys(options.target or [*(one.name for one in config.targets)] or (THIS,))
    problems = []
    for text in options.sysroot:
        name, equals, folder = text.partition("=")
        if not (equals and folder):
            problems.append(f"--sysroot {text}: write TARGET=DIR")
        elif name not in targets:
            problems.append(f"--sysroot {text}: no target {name}, only {', '.join(targets)}")
        else:
            found[name] = Path(folder).expanduser()
    problems += [
        f"the sysroot of {name}, {folder}, is no folder"
        for name, folder in found.items()
        if not folder.is_dir()
    ]
    if problems:
        raise UsageError("\n".join(problems))
    return {name: folder.absolute() for name, folder in found.items()}


def read_lines(options: argparse.Namespace) -> RequirementSet:
    """Read the requirements alone, as locking needs them.

    Raises:
        UsageError: With all that is wrong in them.
    """
    reader = FileReader()
    found = _requirements(options, read_config(options, reader), reader)
    if not (options.requirements or options.requirement or found.lines):
        raise UsageError("nothing to lock: name requirements, a file with -r, or --config")
    unnamed = [one for one in found.lines if not one.is_named]
    if unnamed:
        raise UsageError(
            "\n".join(f"{one.origin}: a lock needs names: 'name @ {one.url}'" for one in unnamed)
        )
    return found


def _files(options: argparse.Namespace, config: Config) -> tuple[str, ...]:
    return (*config.requirements, *options.requirements)


def _requirements(
    options: argparse.Namespace, config: Config, reader: FileReader
) -> RequirementSet:
    plain = tuple(file for file in _files(options, config) if not is_pylock(file))
    inline = "\n".join(options.requirement)
    if not all(text.strip() for text in options.requirement):
        raise UsageError("an empty requirement: name a project, a path or a URL")
    found = load_requirements(
        (*plain, INLINE) if inline else plain,
        lambda name: inline if name == INLINE else reader(name),
        os.environ,
        config.default_type,
        constraints=(*config.constraints, *options.constraints),
    )
    _check_links((INLINE, link) for link in options.find_links)
    return with_links(found)


def with_links(found: RequirementSet) -> RequirementSet:
    """Give the folders that ``--find-links`` means: as in pip, beside the file where there is one.

    Raises:
        UsageError: Naming each that is not there.
    """
    placed = [
        (name, _link(value, origin.file) if name == "--find-links" else value)
        for (name, value), origin in zip(found.options, found.option_origins, strict=True)
    ]
    origins = zip(placed, found.option_origins, strict=True)
    _check_links((str(at), value) for (name, value), at in origins if name == "--find-links")
    return replace(found, options=tuple(placed))


def _link(value: str, file: str) -> str:
    own = beside(file, value)
    return own if "://" not in value and Path(own).exists() else value


def _check_links(links: Iterable[tuple[str, str]]) -> None:
    """A folder that is not there is no empty folder: another index may offer a stranger's files."""
    missing = [
        f"{place}: --find-links {link}: no such file or folder"
        for place, link in links
        if (path := _local(link)) is not None and not path.exists()
    ]
    if missing:
        raise UsageError("\n".join(missing))


def _local(link: str) -> Path | None:
    return local_path(link) if "://" in link else Path(link).expanduser()


def _request(
    options: argparse.Namespace,
    config: Config,
    found: RequirementSet,
    locked: tuple[RequirementLine, ...],
) -> Request:
    flags = {name for name, _ in found.options}
    return Request(
        lines=(*found.lines, *locked),
        targets=_targets(options, config),
        constraints=found.constraints,
        formats=chosen_formats(options, found),
        packages=(*_packages(options, config), *_line_settings(found)),
        prereleases=options.pre or "--pre" in flags,
        add=not (options.no_deps or config.no_deps),
        prove=ProofLevel(options.prove) if options.prove else config.prove,
        toolchains=tuple((one.name, one.toolchain) for one in config.targets if one.toolchain),
    )


def _packages(options: argparse.Namespace, config: Config) -> tuple[PackageSettings, ...]:
    """Give the configured settings; ``--prove none`` means every package."""
    if options.prove != ProofLevel.NONE:
        return config.packages
    return tuple(replace(one, prove=None) for one in config.packages)


def chosen_formats(options: argparse.Namespace, found: RequirementSet) -> FormatControl:
    """Give which files may be taken: what the requirements files say, then the arguments."""
    formats = found.formats
    for option, values in (
        ("--no-binary", options.no_binary),
        ("--only-binary", options.only_binary),
    ):
        for value in values:
            formats = formats.with_option(option, value)
    return formats


def _line_settings(found: RequirementSet) -> tuple[PackageSettings, ...]:
    return tuple(
        PackageSettings(name=name, config_settings=((key, value),))
        for name, key, value in found.config_settings
    )


def _targets(options: argparse.Namespace, config: Config) -> tuple[Target, ...]:
    """Give the targets; those on the command line may be the configuration's or the catalogue's."""
    known = {choice.name: choice for choice in config.targets}
    names = dict.fromkeys(options.target or known or (THIS,))
    choices = [known.get(name, TargetChoice(name=name, use=name, python="")) for name in names]
    return tuple(find_choice(choice, options.python) for choice in choices)


def _target_files(options: argparse.Namespace, config: Config) -> tuple[str, ...]:
    names = (*options.target, *(choice.use for choice in config.targets))
    return tuple(name for name in names if is_target_file(name))


def find_choice(choice: TargetChoice, python: str | None) -> Target:
    """Find a target, with the Python that was asked for, its own, or else the running one's."""
    wanted = python or choice.python or None
    described = is_target_file(choice.use)
    own = described or choice.use == THIS or default_python(choice.use) is not None
    if wanted is None and not own:
        wanted = ".".join(map(str, detect_this().python.version))
    target = find_target(choice.use, wanted)
    return target if described and choice.name == choice.use else replace(target, name=choice.name)


def _locks(
    files: tuple[str, ...], reader: FileReader
) -> tuple[tuple[RequirementLine, ...], Mapping[NormalizedName, tuple[File, ...]]]:
    lines: tuple[RequirementLine, ...] = ()
    locked: dict[NormalizedName, tuple[File, ...]] = {}
    for file in files:
        base = Path(file).absolute().parent.as_uri() + "/"
        more, found = parse_pylock(reader.toml(file), file, base)
        lines += more
        locked |= found
    return lines, locked
