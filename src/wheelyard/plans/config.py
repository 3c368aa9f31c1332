"""``wheelyard.toml``, or ``[tool.wheelyard]`` in ``pyproject.toml``.

One table of keys says what is allowed; reading checks against it and the JSON Schema is made from
it. Every problem is named with its place in the document, all at once.
"""

from __future__ import annotations

import difflib
import re
import shlex
import tomllib
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from wheelyard.errors import UsageError
from wheelyard.plans.request import PackageSettings, ProofLevel, WheelType
from wheelyard.wheel.names import normalize_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_FOLDER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]*\Z")
_TYPES = tuple(str(kind) for kind in WheelType)
_STRING = MappingProxyType({"type": "string"})
_STRINGS = MappingProxyType({"type": "array", "items": _STRING})
_BOOLEAN = MappingProxyType({"type": "boolean"})
_TYPE = MappingProxyType({"enum": _TYPES})
_PROVE = MappingProxyType({"enum": tuple(str(level) for level in ProofLevel)})
# A compiler by its name, or the folder that has one.
_TOOLCHAIN = MappingProxyType({"type": "string", "pattern": "^(zig|gcc)$|/"})
_STRING_MAP = MappingProxyType({"type": "object", "additionalProperties": _STRING})
_SETTINGS_MAP = MappingProxyType(
    {"type": "object", "additionalProperties": {"anyOf": (_STRING, _STRINGS)}}
)

_PACKAGE_KEYS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "type": _TYPE,
        "prefer": _STRING,
        "config-settings": _SETTINGS_MAP,
        "build-args": _STRINGS,
        "env": _STRING_MAP,
        "cflags": _STRINGS,
        "ldflags": _STRINGS,
        "prove": _PROVE,
        "test-command": _STRING,
        "toolchain": _TOOLCHAIN,
        "native": _STRINGS,
    }
)
_TARGET_KEYS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {"use": _STRING, "python": _STRING, "sysroot": _STRING, "toolchain": _TOOLCHAIN}
)
_SYSROOT_KEYS: Mapping[str, Mapping[str, Any]] = MappingProxyType({"mirrors": _STRINGS})


def _table(keys: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    return {"type": "object", "properties": keys, "additionalProperties": False}


SCHEMA: Mapping[str, Any] = MappingProxyType(
    {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "wheelyard.toml",
        **_table(
            {
                "requirements": _STRINGS,
                "constraints": _STRINGS,
                "build-constraints": _STRINGS,
                "default-type": _TYPE,
                "no-deps": _BOOLEAN,
                "prove": _PROVE,
                "targets": {"type": "object", "additionalProperties": _table(_TARGET_KEYS)},
                "sysroot": _table(_SYSROOT_KEYS),
                "package": {
                    "type": "object",
                    "additionalProperties": _table(
                        {
                            **_PACKAGE_KEYS,
                            "target": {
                                "type": "object",
                                "additionalProperties": _table(_PACKAGE_KEYS),
                            },
                        }
                    ),
                },
            }
        ),
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class TargetChoice:
    """A target of the configuration: its own name and the catalogue's; empty is what it lacks.

    ``sysroot`` is a folder, ``toolchain`` is ``"zig"``, ``"gcc"`` or a folder.
    """

    name: str
    use: str
    python: str
    sysroot: str = ""
    toolchain: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """What a configuration says; paths are as they were written."""

    requirements: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    build_constraints: tuple[str, ...] = ()
    default_type: WheelType = WheelType.AUTO
    no_deps: bool = False
    prove: ProofLevel = ProofLevel.IMPORT
    targets: tuple[TargetChoice, ...] = ()
    mirrors: tuple[str, ...] = ()
    packages: tuple[PackageSettings, ...] = ()


class ConfigError(UsageError):
    """Every problem of a configuration at once."""

    def __init__(self, file: str, problems: tuple[str, ...]) -> None:
        super().__init__(file, problems)
        self.file = file
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join([f"{self.file}:", *(f"  {problem}" for problem in self.problems)])


def parse_config(text: str, file: str) -> Config:
    """Read a configuration.

    Args:
        text: The document; of a ``pyproject.toml`` only ``[tool.wheelyard]`` counts.
        file: Its name, for messages.

    Raises:
        ConfigError: With every problem.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(file, (f"not TOML: {error}",)) from None
    if file.endswith("pyproject.toml"):
        tool = data.get("tool", {})
        data = tool.get("wheelyard", {}) if isinstance(tool, dict) else {}
    problems = (*_problems(data, SCHEMA, ""), *_name_problems(data), *_test_problems(data))
    if problems:
        raise ConfigError(file, problems)
    return Config(
        requirements=tuple(data.get("requirements", ())),
        constraints=tuple(data.get("constraints", ())),
        build_constraints=tuple(data.get("build-constraints", ())),
        default_type=WheelType(data.get("default-type", "auto")),
        no_deps=data.get("no-deps", False),
        prove=ProofLevel(data.get("prove", "import")),
        targets=tuple(
            TargetChoice(
                name=name,
                use=table.get("use", name),
                python=table.get("python", ""),
                sysroot=table.get("sysroot", ""),
                toolchain=table.get("toolchain", ""),
            )
            for name, table in data.get("targets", {}).items()
        ),
        mirrors=tuple(data.get("sysroot", {}).get("mirrors", ())),
        packages=tuple(_packages(data.get("package", {}))),
    )


def _packages(tables: Mapping[str, Any]) -> Iterator[PackageSettings]:
    for name, table in tables.items():
        yield _package(name, "", table)
        for target, own in table.get("target", {}).items():
            yield _package(name, target, own)


def _package(name: str, target: str, table: Mapping[str, Any]) -> PackageSettings:
    settings = [
        (key, one)
        for key, value in table.get("config-settings", {}).items()
        for one in ([value] if isinstance(value, str) else value)
    ]
    # What spksrc gives as build arguments is setuptools' --global-option in PEP 517's clothes.
    settings += [("--global-option", argument) for argument in table.get("build-args", ())]
    environment = dict(table.get("env", {}))
    for key, variable in (("cflags", "CFLAGS"), ("ldflags", "LDFLAGS")):
        if key in table:
            environment[variable] = " ".join([*table[key], environment.get(variable, "")]).strip()
    return PackageSettings(
        name=normalize_name(name),
        target=target,
        type=WheelType(table["type"]) if "type" in table else None,
        prefer=table.get("prefer", ""),
        config_settings=tuple(settings),
        environment=tuple(sorted(environment.items())),
        prove=ProofLevel(table["prove"]) if "prove" in table else None,
        test_command=table.get("test-command", ""),
        toolchain=table.get("toolchain", ""),
        native=tuple(table["native"]) if "native" in table else None,
    )


def _problems(value: object, schema: Mapping[str, Any], path: str) -> Iterator[str]:
    """Check a value against the part of JSON Schema that is used above."""
    place = path or "the document"
    if "anyOf" in schema:
        if all(list(_problems(value, one, path)) for one in schema["anyOf"]):
            yield f"{place}: expected a string or a list of strings"
    elif "enum" in schema:
        if value not in schema["enum"]:
            yield f"{place}: {value!r} is none of {', '.join(schema['enum'])}"
    elif schema["type"] == "object":
        yield from _object_problems(value, schema, path)
    elif schema["type"] == "array":
        if not isinstance(value, list):
            yield f"{place}: expected a list of strings"
        else:
            for number, one in enumerate(value):
                yield from _problems(one, schema["items"], f"{path}[{number}]")
    else:
        yield from _scalar_problems(value, schema, place)


def _scalar_problems(value: object, schema: Mapping[str, Any], place: str) -> Iterator[str]:
    if not isinstance(value, {"string": str, "boolean": bool}[schema["type"]]):
        wanted = {"string": "a string", "boolean": "true or false"}[schema["type"]]
        yield f"{place}: expected {wanted}"
    elif "pattern" in schema and not re.search(schema["pattern"], str(value)):
        yield f"{place}: {value!r} is none of zig, gcc, and no folder: write its path with a '/'"


def _name_problems(data: object) -> Iterator[str]:
    """A target's name is that of its folder."""
    targets = data.get("targets") if isinstance(data, dict) else None
    for name in targets if isinstance(targets, dict) else ():
        if not _FOLDER.match(name):
            yield f"targets.{name}: not a name for a folder: use letters, digits, '.', '_' and '-'"


def _test_problems(data: object) -> Iterator[str]:
    """A test command is run by the target's interpreter, so that it begins with its name."""
    packages = data.get("package") if isinstance(data, dict) else None
    for name, table in packages.items() if isinstance(packages, dict) else ():
        own = table.get("target") if isinstance(table, dict) else None
        tables = [(f"package.{name}", table)]
        tables += [
            (f"package.{name}.target.{target}", one)
            for target, one in (own.items() if isinstance(own, dict) else ())
        ]
        for place, one in tables:
            command = one.get("test-command") if isinstance(one, dict) else None
            if isinstance(command, str) and not _is_test(command):
                yield (
                    f"{place}.test-command: not a command of the target's Python: write "
                    "'python -m …' or 'python -c …'"
                )


def _is_test(command: str) -> bool:
    try:
        words = shlex.split(command)
    except ValueError:  # a quotation mark without its other half
        return False
    return words[:1] in (["python"], ["python3"])


def _object_problems(value: object, schema: Mapping[str, Any], path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path or 'the document'}: expected a table"
        return
    known = schema.get("properties", {})
    rest = schema["additionalProperties"]
    for key, one in value.items():
        place = f"{path}.{key}" if path else key
        if key in known:
            yield from _problems(one, known[key], place)
        elif rest:
            yield from _problems(one, rest, place)
        else:
            yield f"{place}: unknown key{_suggestion(key, known)}"


def _suggestion(key: str, known: Mapping[str, Any]) -> str:
    close = difflib.get_close_matches(key, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(sorted(known))}"
