"""Which packages of a sysroot a project's native parts want. Data, by exact project name."""

from __future__ import annotations

import functools
import importlib.resources
import tomllib
from typing import TYPE_CHECKING, Any

from wheelyard.builders.sysroots.suites import library_suite
from wheelyard.repair.audit import has_distribution

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wheelyard.targets.target import Target
    from wheelyard.wheel.names import NormalizedName


def native_packages(name: NormalizedName) -> tuple[str, ...]:
    """Give Debian's packages with the libraries and headers that a project is built with."""
    return tuple(_known()["native"].get(name, ()))


def libraries_for(target: Target, packages: Iterable[str]) -> tuple[str, ...]:
    """Say of which suite a target's build takes packages with libraries.

    Where these are not the target's own they are to be grafted, and so may not be too new.
    """
    suite = "" if has_distribution(target) else library_suite(target)
    return tuple(f"{name}/{suite}" if suite and "/" not in name else name for name in packages)


def native_environment(name: NormalizedName) -> tuple[tuple[str, str], ...]:
    """Give the variables that make a project use these packages."""
    return tuple(sorted(_known()["environment"].get(name, {}).items()))


def native_settings(name: NormalizedName) -> tuple[tuple[str, str], ...]:
    """Give the config settings that keep a project from looking at the build machine."""
    return tuple(sorted(_known()["settings"].get(name, {}).items()))


def header_folders(name: NormalizedName) -> tuple[str, ...]:
    """Give the folders of a wheel with headers and libraries that differ between hosts."""
    return tuple(_known()["headers"].get(name, ()))


def python_packages(target: Target) -> tuple[str, ...]:
    """Give Debian's packages with a target's interpreter, its headers and its standard library."""
    version = ".".join(map(str, target.python.version))
    return (f"libpython{version}-dev", f"python{version}-minimal", f"libpython{version}-stdlib")


@functools.cache
def _known() -> dict[str, dict[str, Any]]:
    text = importlib.resources.files(__package__).joinpath("native.toml").read_text("utf-8")
    return tomllib.loads(text)
