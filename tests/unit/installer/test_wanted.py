from __future__ import annotations

from pathlib import Path

import pytest

from wheelyard.errors import UsageError
from wheelyard.installer import Wanted, read_wanted
from wheelyard.wheel import Sha256, normalize_name, parse_specifiers

A = "a" * 64
HERE = {"python_version": "3.11", "os_name": "posix", "extra": ""}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def read(
    *words: str, files: tuple[str, ...] = (), folders: tuple[str, ...] = ()
) -> tuple[tuple[Wanted, ...], tuple[str, ...]]:
    return read_wanted(words, map(Path, files), list(map(Path, folders)), HERE)


def problems(*words: str, files: tuple[str, ...] = ()) -> list[str]:
    with pytest.raises(UsageError) as refused:
        read(*words, files=files)
    return str(refused.value).splitlines()[1:]


def test_requirements_and_wheels_are_told_apart() -> None:
    Path("a b").mkdir()
    Path("a b/some-1-py3-none-any.whl").touch()
    wanted, remarks = read("Tool_x>=1", "a b/some-1-py3-none-any.whl")
    assert wanted == (
        Wanted(normalize_name("tool-x"), "Tool_x>=1", parse_specifiers(">=1")),
        Wanted(
            normalize_name("some"),
            "a b/some-1-py3-none-any.whl",
            path=Path("a b/some-1-py3-none-any.whl"),
        ),
    )
    assert remarks == ()


def test_lines_of_a_file_bear_their_place_and_hashes() -> None:
    Path("list.txt").write_text(f"# what we need\ntool == 1.0 \\\n  --hash=sha256:{A}  # why\n")
    (one,), _ = read(files=("list.txt",))
    assert one.origin == "list.txt:2: tool == 1.0"
    assert (one.name, one.hashes) == ("tool", (Sha256(A),))


def test_file_that_is_not_here_is_looked_for_among_the_wheels() -> None:
    Path("wheels").mkdir()
    Path("wheels/list.txt").write_text("-r more.txt\nb")
    Path("wheels/more.txt").write_text("a")
    wanted, _ = read(files=("list.txt",), folders=("none", "wheels"))
    assert [one.origin for one in wanted] == ["wheels/more.txt:1: a", "wheels/list.txt:2: b"]


def test_what_a_marker_excludes_is_left_out_and_said() -> None:
    wanted, remarks = read("a; python_version < '3'", "b; os_name == 'posix'", "c; extra == 'x'")
    assert [one.name for one in wanted] == ["b"]
    assert remarks == (
        "a; python_version < '3': it is left out, as its marker says for this machine",
        "c; extra == 'x': it is left out, as its marker says for this machine",
    )


def test_what_changes_nothing_is_ignored_and_said() -> None:
    Path("list.txt").write_text("--index-url https://x.example\n--no-index\ntool[more]\n")
    wanted, remarks = read(files=("list.txt",))
    assert [one.name for one in wanted] == ["tool"]
    assert [remark.partition(" ")[2][:10] for remark in remarks] == [
        "--index-ur", "--no-index", "tool[more]",
    ]  # fmt: skip


def test_everything_that_is_wrong_is_said_at_once() -> None:
    Path("x").mkdir()
    Path("list.txt").write_text("-e .\n-r x/../list.txt\ntool >\n-c other.txt\n--pre\n")
    found = problems(
        "tool 1", "gone-1-py3-none-any.whl", "odd.whl", "t @ https://x.example/t.whl",
        "t; python", files=("list.txt", "none.txt"),
    )  # fmt: skip
    for text, line in zip(
        (
            "tool 1: 'tool 1': '1' is no version",
            "gone-1-py3-none-any.whl: there is no such file",
            "odd.whl: 'odd.whl' is no wheel's name",
            "t @ https://x.example/t.whl: it names a URL",
            "t; python: 'python' is no environment marker",
            "list.txt:1: -e .: of options only -r FILE",
            "x/../list.txt: it includes itself",
            "list.txt:3: tool >: 'tool >'",
            "list.txt:4: -c other.txt: of options only",
            "list.txt:5: --pre: of options only",
            "none.txt: it can't be read: No such file",
        ),
        found,
        strict=True,
    ):
        assert line.strip().startswith(text)


@pytest.mark.parametrize(
    "option", ["--hash=sha512:abc", "--hash=sha256:abc", "--config-settings=a=b", f"-h sha256:{A}"]
)
def test_option_that_is_not_understood_is_not_overlooked(option: str) -> None:
    Path("list.txt").write_text(f"tool==1 {option}\n")
    assert "of options only" in problems(files=("list.txt",))[0]


def test_one_hash_or_the_option_asks_every_line_for_one() -> None:
    Path("list.txt").write_text(f"a==1 --hash=sha256:{A}\nb==1\n")
    Path("other.txt").write_text("c==1\n--require-hashes\n")
    assert "list.txt:2: b==1: no --hash, but list.txt:1" in problems(files=("list.txt",))[0]
    (said,) = problems(files=("other.txt",))
    assert "other.txt:1: c==1: no --hash, but other.txt:2 says --require-hashes; write" in said


def test_one_hash_in_a_file_refuses_words_which_have_none() -> None:
    Path("list.txt").write_text(f"a==1 --hash=sha256:{A}\n")
    Path("some-1-py3-none-any.whl").touch()
    words = ("b", "some-1-py3-none-any.whl")
    one, other = problems(*words, files=("list.txt",))
    assert "b: no --hash, but list.txt:1: a==1 has one; write it into a file" in one
    assert "some-1-py3-none-any.whl: no --hash, but list.txt:1" in other
    Path("list.txt").write_text("a==1\n")
    assert len(read(*words, files=("list.txt",))[0]) == 3


@pytest.mark.parametrize("line", ["-e .", "--find-links wheels", "-f wheels"])
def test_option_that_is_not_known_is_told_of_with_the_next_step(line: str) -> None:
    Path("list.txt").write_text(f"{line}\n")
    (said,) = problems(files=("list.txt",))
    assert f"list.txt:1: {line}: of options only" in said
    assert said.endswith("with -d DIR, and build sources with `wheelyard build`")
