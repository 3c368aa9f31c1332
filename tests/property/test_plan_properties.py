from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from wheelyard.plans.config import ConfigError, parse_config
from wheelyard.plans.pylock import PylockError, parse_pylock
from wheelyard.plans.release import File
from wheelyard.plans.requirements_file import RequirementsError, load_requirements
from wheelyard.plans.step import BuildSettings, Step
from wheelyard.wheel.names import normalize_name
from wheelyard.wheel.requirement import logical_lines
from wheelyard.wheelhouse.lock import render_lines

if TYPE_CHECKING:
    from wheelyard.plans.request import RequirementLine

_WORDS = st.from_regex(r"[a-z][a-z0-9]{0,5}", fullmatch=True)
_DIGESTS = st.text("0123456789abcdef", min_size=64, max_size=64)
_WORDS_OF_FILES = "a ==1 \\ # -r --hash= sha256: ; ' \" @ [ ] :// git+ ${A} pure: egg= % . / x.whl"
_PIECES = st.sampled_from((*_WORDS_OF_FILES.split(), " ", "\n", "\r\n", "\ufeff", "\x00"))
_SOUP = st.one_of(st.text(max_size=60), st.lists(_PIECES, max_size=25).map("".join))


def parse(text: str) -> tuple[RequirementLine, ...]:
    return load_requirements(("list.txt",), {"list.txt": text}.__getitem__, {}).lines


@given(st.lists(st.tuples(_WORDS, st.lists(_WORDS, min_size=1, max_size=3)), max_size=5))
def test_lines_are_found_however_they_are_continued(lines: list[tuple[str, list[str]]]) -> None:
    text = "".join(" \\\n ".join([first, *rest]) + "  # why\n\n" for first, rest in lines)
    found = [line.split() for _, line in logical_lines(text)]
    assert found == [[first, *rest] for first, rest in lines]


@given(
    name=_WORDS,
    extras=st.sets(_WORDS, max_size=2),
    version=st.from_regex(r"[0-9]{1,2}(\.[0-9]{1,2}){0,2}", fullmatch=True),
    hashes=st.lists(_DIGESTS, max_size=2, unique=True),
    marker=st.sampled_from(["", " ; python_version < '3.9'", " ; os_name == 'posix'"]),
)
def test_requirement_that_is_written_out_is_read_back(
    name: str, extras: set[str], version: str, hashes: list[str], marker: str
) -> None:
    words = "".join(f" --hash=sha256:{digest}" for digest in hashes)
    lines = parse(f"{name}[{','.join(extras)}]=={version}{marker}{words}")
    assert parse(render_lines(lines)) == lines


def read_nothing(name: str) -> str:
    raise FileNotFoundError(2, "No such file or directory", name)


@given(_SOUP)
def test_any_text_is_read_or_refused_with_a_sentence(text: str) -> None:
    def read(name: str) -> str:
        return text if name == "list.txt" else read_nothing(name)

    with contextlib.suppress(RequirementsError):
        for line in load_requirements(("list.txt",), read, {"A": "b"}).lines:
            line.applies_to({"os_name": "posix"})
            # A path or a repository stands for the name until the source says it.
            assert line.name in {normalize_name(line.name), line.url}
            assert line.pinned is None or line.specifiers


@given(_SOUP)
def test_any_text_is_a_configuration_and_a_lock_or_refused(text: str) -> None:
    for document in (text, f'a = """{text}"""', f"targets.x = {text}", f"packages = {text}"):
        with contextlib.suppress(ConfigError):
            parse_config(document, "wheelyard.toml")
        with contextlib.suppress(PylockError):
            parse_pylock(document, "pylock.toml", "file:///")


_FILES = st.builds(
    File,
    filename=_WORDS.map("{}-1.tar.gz".format),
    url=_WORDS.map("https://x.example/{}".format),
    sha256=_DIGESTS,
)
_PAIRS = st.lists(st.tuples(_WORDS, _WORDS), max_size=3).map(tuple)
_STEPS = st.builds(
    Step,
    kind=st.just("pep517"),
    project=_WORDS.map(normalize_name),
    version=st.just("1"),
    source=_FILES,
    build=st.one_of(
        st.none(),
        st.builds(
            BuildSettings,
            python=_WORDS,
            machine=_WORDS,
            config_settings=_PAIRS,
            environment=_PAIRS,
            epoch=st.integers(0, 10),
        ),
    ),
    requires=st.lists(_FILES, max_size=3).map(tuple),
    reason=_WORDS,
)


@given(_STEPS, _STEPS)
def test_steps_share_a_key_only_when_their_inputs_are_the_same(one: Step, other: Step) -> None:
    def inputs(step: Step) -> str:
        files = sorted((file.filename, file.sha256) for file in step.requires)
        source = (step.source.filename, step.source.sha256)
        return json.dumps([step.kind, step.project, step.version, source, str(step.build), files])

    assert (one.key == other.key) == (inputs(one) == inputs(other))
