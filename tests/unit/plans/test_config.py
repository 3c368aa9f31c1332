from __future__ import annotations

import pytest

from wheelyard.plans.config import SCHEMA, Config, ConfigError, TargetChoice, parse_config
from wheelyard.plans.request import PackageSettings, ProofLevel, Request, WheelType
from wheelyard.wheel.names import normalize_name

LXML = normalize_name("lxml")


def problems(text: str, file: str = "wheelyard.toml") -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        parse_config(text, file)
    return caught.value.problems


def settings(text: str, target: str, name: str = "lxml") -> PackageSettings:
    packages = parse_config(text, "wheelyard.toml").packages
    request = Request(lines=(), targets=(), packages=packages)
    return request.settings_for(normalize_name(name), target)


def test_every_key_is_read() -> None:
    config = parse_config(
        """
        requirements = ["requirements-pure.txt"]
        constraints = ["held.txt"]
        build-constraints = ["tools.txt"]
        default-type = "pure"
        no-deps = true
        [targets.nas]
        use = "dsm-7.2-aarch64"
        python = "3.11"
        toolchain = "vendor/arm"
        sysroot = "card"
        [targets.this]
        [sysroot]
        mirrors = ["https://mirror.example/debian"]
        [package.Lxml]
        type = "crossenv"
        prefer = "5.0"
        toolchain = "gcc"
        native = ["libxml2-dev"]
        """,
        "wheelyard.toml",
    )
    assert config == Config(
        requirements=("requirements-pure.txt",),
        constraints=("held.txt",),
        build_constraints=("tools.txt",),
        default_type=WheelType.PURE,
        no_deps=True,
        targets=(
            TargetChoice(
                name="nas",
                use="dsm-7.2-aarch64",
                python="3.11",
                sysroot="card",
                toolchain="vendor/arm",
            ),
            TargetChoice(name="this", use="this", python=""),
        ),
        mirrors=("https://mirror.example/debian",),
        packages=(
            PackageSettings(
                name=LXML,
                type=WheelType.CROSSENV,
                prefer="5.0",
                toolchain="gcc",
                native=("libxml2-dev",),
            ),
        ),
    )


def test_every_problem_is_named_with_its_place_and_a_suggestion() -> None:
    assert problems(
        """
        requirement = ["a"]
        constraints = "held.txt"
        build-constraints = ["a", 1]
        default-type = "prue"
        no-deps = "yes"
        xyz = 1
        targets = 3
        [package.lxml]
        types = "pure"
        toolchain = "clang"
        env = { A = 1 }
        config-settings = { a = [1], b = 2, c = "ok", d = ["ok"] }
        [package.lxml.target.nas]
        target = {}
        [package.pillow.target]
        nas = 1
        """
    ) == (
        "requirement: unknown key; did you mean 'requirements'?",
        "constraints: expected a list of strings",
        "build-constraints[1]: expected a string",
        "default-type: 'prue' is none of auto, pure, crossenv, abi3, cross",
        "no-deps: expected true or false",
        (
            "xyz: unknown key; known are build-constraints, constraints, default-type, no-deps, "
            "package, prove, requirements, sysroot, targets"
        ),
        "targets: expected a table",
        "package.lxml.types: unknown key; did you mean 'type'?",
        (
            "package.lxml.toolchain: 'clang' is none of zig, gcc, and no folder: write its path "
            "with a '/'"
        ),
        "package.lxml.env.A: expected a string",
        "package.lxml.config-settings.a: expected a string or a list of strings",
        "package.lxml.config-settings.b: expected a string or a list of strings",
        (
            "package.lxml.target.nas.target: unknown key; known are build-args, cflags, "
            "config-settings, env, ldflags, native, prefer, prove, test-command, toolchain, type"
        ),
        "package.pillow.target.nas: expected a table",
    )


@pytest.mark.parametrize("name", ["..", "a/b", ".hidden", "", "a b"])
def test_target_is_named_like_a_folder(name: str) -> None:
    assert len(problems(f'[targets."{name}"]')) == 1


@pytest.mark.parametrize("command", ["pytest -q", "", "python -c 'print(1)", "/usr/bin/python x"])
def test_tests_are_run_by_the_targets_python(command: str) -> None:
    (problem,) = problems(f'[package.lxml.target.nas]\ntest-command = "{command}"')
    assert problem.startswith("package.lxml.target.nas.test-command: not a command")


def test_how_much_is_tried_is_set_for_all_and_for_one() -> None:
    text = 'prove = "none"\n[package.lxml]\nprove = "tests"\ntest-command = "python -m lxml"\n'
    config = parse_config(text, "wheelyard.toml")
    assert config.prove is ProofLevel.NONE
    assert config.packages[0].prove is ProofLevel.TESTS
    assert config.packages[0].test_command == "python -m lxml"


def test_broken_toml_names_the_line() -> None:
    (problem,) = problems("a = \nb = 1")
    assert problem.startswith("not TOML: ")
    assert "line 1" in problem


@pytest.mark.parametrize("text", ["", "tool = 1", "[tool]\nother = 1", "[project]\nname = 'x'"])
def test_project_file_without_our_table_says_nothing(text: str) -> None:
    assert parse_config(text, "a/pyproject.toml") == Config()


def test_project_file_is_read_from_its_table() -> None:
    config = parse_config("[tool.wheelyard]\nno-deps = true", "pyproject.toml")
    assert config.no_deps
    assert problems("tool.wheelyard = 1", "pyproject.toml") == ("the document: expected a table",)


SPECIFIC = """
[package.lxml]
type = "pure"
env = { A = "1", B = "1" }
cflags = ["-O2"]
config-settings = { x = "1", y = ["1", "2"] }
build-args = ["one"]
[package.lxml.target.nas]
env = { B = "2" }
config-settings = { y = "3" }
[package.other]
type = "cross"
"""


def test_most_specific_wins_key_by_key() -> None:
    general, nas = settings(SPECIFIC, "this"), settings(SPECIFIC, "nas")
    assert general.environment == (("A", "1"), ("B", "1"), ("CFLAGS", "-O2"))
    assert dict(nas.environment) == {"A": "1", "B": "2", "CFLAGS": "-O2"}
    assert general.config_settings == (
        ("x", "1"),
        ("y", "1"),
        ("y", "2"),
        ("--global-option", "one"),
    )
    assert set(nas.config_settings) == {("x", "1"), ("y", "3"), ("--global-option", "one")}
    assert nas.type is WheelType.PURE


def test_names_are_exact_and_normalised_never_a_substring() -> None:
    assert settings("[package.LXML]\ntype='pure'", "this").type is WheelType.PURE
    assert settings("[package.lxml-extra]\ntype='pure'", "this").type is None


def test_flags_of_cflags_and_env_are_joined() -> None:
    text = "[package.lxml]\ncflags=['-O2','-g']\nenv={CFLAGS='-w'}\nldflags=['-s']"
    assert settings(text, "this").environment == (("CFLAGS", "-O2 -g -w"), ("LDFLAGS", "-s"))


def test_schema_is_that_of_a_closed_table() -> None:
    assert SCHEMA["additionalProperties"] is False
    assert SCHEMA["properties"]["package"]["additionalProperties"]["additionalProperties"] is False
