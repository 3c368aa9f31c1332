from __future__ import annotations

import pytest

from wheelyard.plans.request import RequirementLine, WheelType
from wheelyard.plans.requirements_file import (
    RequirementsError,
    RequirementSet,
    load_requirements,
    type_of_file,
)

A, B = "a" * 64, "b" * 64


def load(text: str, name: str = "list.txt", **others: str) -> RequirementSet:
    files = {name: text} | {key.replace("__", "/") + ".txt": value for key, value in others.items()}

    def read(file: str) -> str:
        if file not in files:
            raise FileNotFoundError(2, "No such file or directory", file)
        return files[file]

    return load_requirements((name,), read, {"TOKEN": "s3cret", "EMPTY": ""})


def one(text: str, name: str = "list.txt") -> RequirementLine:
    (line,) = load(text, name).lines
    return line


def shown(lines: tuple[RequirementLine, ...]) -> list[str]:
    return [str(line) for line in lines]


def problems(text: str, name: str = "list.txt", **others: str) -> list[str]:
    with pytest.raises(RequirementsError) as caught:
        load(text, name, **others)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("requirements-pure.txt", WheelType.PURE),
        ("src/requirements-pure-armv5.txt", WheelType.PURE),
        ("requirements-crossenv.txt", WheelType.CROSSENV),
        ("requirements-crossenv-armv5.txt", WheelType.CROSSENV),
        ("requirements-crossenv_py312.txt", WheelType.CROSSENV),
        ("requirements-cross.txt", WheelType.CROSS),
        ("requirements-abi3.txt", WheelType.ABI3),
        ("requirements-abi3.in.txt", WheelType.ABI3),
        ("requirements.txt", WheelType.AUTO),
        ("requirements-yarl.txt", WheelType.AUTO),
        ("requirements-purely.txt", WheelType.AUTO),
        ("requirements-crossroads.txt", WheelType.AUTO),
        ("my-requirements-pure.txt", WheelType.AUTO),
    ],
)
def test_file_name_says_the_type(name: str, kind: WheelType) -> None:
    assert type_of_file(name) is kind


@pytest.mark.parametrize("kind", list(WheelType))
def test_prefix_says_the_type(kind: WheelType) -> None:
    assert one(f"{kind}: six==1.16.0").type is kind
    assert one(f"{kind}:six==1.16.0").type is kind


def test_file_type_beats_prefix() -> None:
    assert one("crossenv:six==1.16.0", "requirements-pure-armv5.txt").type is WheelType.PURE


def test_included_file_takes_the_type_of_its_includer_unless_it_says_its_own() -> None:
    found = load(
        "-r more.txt\n-r requirements-abi3.txt\n",
        "requirements-pure.txt",
        **{"more": "a\ncross:b", "requirements-abi3": "c"},
    )
    assert [str(line.type) for line in found.lines] == ["pure", "cross", "abi3"]


def test_prefix_works_before_a_url() -> None:
    line = one("pure:git+https://git.example/x.git@v1#egg=x==1.0")
    assert (line.type, line.url) == (WheelType.PURE, "git+https://git.example/x.git@v1")


def test_unknown_prefix_and_crossenv_definitions_are_refused() -> None:
    assert problems("prue:six\nbuild:six") == [
        "list.txt:1: unknown prefix 'prue:'; known are auto: pure: crossenv: abi3: cross:",
        "list.txt:2: 'build:' belongs in a crossenv definition, not in a list of wheels: drop it",
    ]


def test_git_url_with_egg_is_named_and_pinned() -> None:
    line = one("git+https://git.example/py-webrtcvad@3bd761#egg=webrtcvad==2.0.10")
    assert (line.name, line.pinned) == ("webrtcvad", "2.0.10")
    assert line.url == "git+https://git.example/py-webrtcvad@3bd761"


@pytest.mark.parametrize(
    ("text", "name", "extras", "version"),
    [
        ("https://x.example/Foo_Bar-1.2-py3-none-any.whl", "foo-bar", (), "1.2"),
        ("https://x.example/foo-1.2.tar.gz?raw=true", "foo", (), "1.2"),
        ("https://x.example/torch-2.0%2Bcpu-cp311-cp311-linux_x86_64.whl", "torch", (), "2.0+cpu"),
        ("./dist/foo-1.2-py3-none-any.whl", "foo", (), "1.2"),
        ("./dist/foo-1.2-py3-none-any.whl[b, a]", "foo", ("a", "b"), "1.2"),
        ("/abs/foo-1.2.zip", "foo", (), "1.2"),
        ("file:///abs/foo-1.2.zip", "foo", (), "1.2"),
        ("https://x.example/main.zip#egg=foo[a]&subdirectory=py", "foo", ("a",), None),
        ("foo[a] @ https://x.example/main.zip", "foo", ("a",), None),
        ("foo[a]@git+ssh://git@x.example/foo.git@v1", "foo", ("a",), None),
    ],
)
def test_direct_urls_and_paths_are_named(
    text: str, name: str, extras: tuple[str, ...], version: str | None
) -> None:
    line = one(text)
    assert (line.name, line.extras, line.pinned) == (name, extras, version)
    assert line.url


@pytest.mark.parametrize(
    ("text", "url", "extras"),
    [
        (".", ".", ()),
        ("./project", "./project", ()),
        ("/abs/my_project/[b,a] ; os_name == 'posix'", "/abs/my_project/", ("a", "b")),
        ("./main.zip", "./main.zip", ()),
        ("file:///abs/project#subdirectory=py", "file:///abs/project#subdirectory=py", ()),
        ("git+https://x.example/r.git@v1", "git+https://x.example/r.git@v1", ()),
    ],
)
def test_place_stands_for_the_name_that_its_source_will_say(
    text: str, url: str, extras: tuple[str, ...]
) -> None:
    line = one(text)
    assert (line.name, line.url, line.extras, line.is_named) == (url, url, extras, False)
    assert str(line) == url + (f"[{','.join(extras)}]" if extras else "")
    assert one(f"a @ {url}").is_named


def test_url_keeps_its_subdirectory_and_loses_the_rest_of_its_fragment() -> None:
    text = "https://x.example/m.zip#egg=foo&subdirectory=py&x=y"
    assert one(text).url == "https://x.example/m.zip#subdirectory=py"
    assert one("foo @ " + text).url == "https://x.example/m.zip#subdirectory=py"


@pytest.mark.parametrize("name", ["", "foo @ "])
def test_hash_in_a_fragment_counts(name: str) -> None:
    line = one(f"{name}https://x.example/foo-1-py3-none-any.whl#sha256={A}")
    assert (line.hashes, line.url) == ((A,), "https://x.example/foo-1-py3-none-any.whl")


@pytest.mark.parametrize("separator", [" ; ", "; ", " ;"])
def test_marker_behind_a_url_is_split_off_as_pip_does(separator: str) -> None:
    line = one(f"https://x.example/foo-1.tar.gz{separator}python_version < '3.9'")
    assert (line.url, line.marker) == ("https://x.example/foo-1.tar.gz", 'python_version < "3.9"')


def test_markers_extras_and_specifiers_are_taken_apart() -> None:
    line = one("Requests [socks,Security]>=2,<3 ; python_version >= '3.8'  # why")
    assert (line.name, line.extras) == ("requests", ("Security", "socks"))
    assert (line.specifier, line.marker) == ("<3,>=2", 'python_version >= "3.8"')
    assert line.origin.line == 1


@pytest.mark.parametrize(
    ("text", "pinned"),
    [
        ("a==1.0", "1.0"),
        ("a===1.0", "1.0"),
        ("a==1.0,==1.0", "1.0"),
        ("a==1.*", None),
        ("a>=1", None),
        ("a==1.0,>0", "1.0"),
    ],
)
def test_pins_are_exact_versions(text: str, pinned: str | None) -> None:
    assert one(text).pinned == pinned


def test_hashes_stand_on_continuation_lines() -> None:
    line = one(f"six==1.16.0 \\\n    --hash=sha256:{A} \\\n    --hash sha256:{B.upper()}\n")
    assert line.hashes == (A, B)


def test_config_settings_belong_to_their_project() -> None:
    found = load('Pillow==10 --config-settings="raqm=disable" -C a=b=c')
    assert found.config_settings == (("pillow", "raqm", "disable"), ("pillow", "a", "b=c"))


def test_includes_are_relative_to_the_file_that_names_them() -> None:
    found = load(
        "-r sub/more.txt",
        sub__more="-r ../base.txt\n--requirement=deep/last.txt\nb",
        base="a",
        sub__deep__last="c",
    )
    assert shown(found.lines) == ["a", "c", "b"]
    assert [str(line.origin) for line in found.lines] == [
        "base.txt:1",
        "sub/deep/last.txt:1",
        "sub/more.txt:3",
    ]


def test_file_included_twice_is_read_twice_but_a_cycle_is_an_error() -> None:
    assert shown(load("-r a.txt\n-r a.txt", a="six").lines) == ["six", "six"]
    assert problems("-r sub/a.txt", sub__a="-r ../sub/../list.txt") == [
        "sub/a.txt:1: the file includes itself: list.txt → sub/a.txt → list.txt"
    ]


def test_constraints_are_kept_apart_and_name_versions_only() -> None:
    found = load("a\n-c held.txt", held="a<2\nb==1")
    assert (shown(found.lines), shown(found.constraints)) == (["a"], ["a<2", "b==1"])
    assert problems("-c held.txt", held="a[x]<2\nb @ https://x.example/b.zip") == [
        "held.txt:1: a constraint names versions only: a[x]<2",
        "held.txt:2: a constraint names versions only: b @ https://x.example/b.zip",
    ]


def test_requirements_included_by_constraints_are_requirements_as_in_pip() -> None:
    found = load("-c held.txt", held="-r more.txt\na<2\n-c deep.txt", more="b", deep="c<3")
    assert (shown(found.lines), shown(found.constraints)) == (["b"], ["a<2", "c<3"])


def test_options_are_gathered_in_order() -> None:
    found = load(
        "-i https://one.example/simple\n--extra-index-url=https://two.example\n"
        "--no-index --find-links 'a folder'\n-fhttps://three.example --pre\n"
    )
    assert found.options == (
        ("--index-url", "https://one.example/simple"),
        ("--extra-index-url", "https://two.example"),
        ("--no-index", ""),
        ("--find-links", "a folder"),
        ("--find-links", "https://three.example"),
        ("--pre", ""),
    )


def test_included_path_may_be_quoted() -> None:
    assert shown(load('-r "more.txt"', more="six").lines) == ["six"]


def test_variables_that_are_set_are_put_in() -> None:
    found = load("--index-url https://u:${TOKEN}@x.example\na @ https://x.example/${EMPTY}$TOKEN")
    assert found.options == (("--index-url", "https://u:s3cret@x.example"),)
    assert found.lines[0].url == "https://x.example/${EMPTY}$TOKEN"


def test_every_problem_is_named_with_its_place_at_once() -> None:
    found = problems(
        "six=1.16\n-r missing.txt\nok==1\n--frobnicate\n-e .\n"
        "a==1 --hash=md5:abc\nb --hash\nc @ http://[x\nhttp://[x\n"
        "d ; os_name ~= 'posix'\nhttps://x.example/e-1.tar.gz ; nonsense\n"
        "https://x.example/main.zip\n-r\nf --config-settings 'x\n-r 'x\n"
        "https://x.example/g-1.0-linux.tar.gz\nx @ y z\n-c bad.txt",
        bad="=nonsense=",
    )
    places = [line.split(": ")[0] for line in found]
    assert sorted(places) == sorted(
        ["bad.txt:1"] + [f"list.txt:{n}" for n in (1, 2, 4, 5, 6, 7, 8, 9, 10, *range(11, 18))]
    )
    text = "\n".join(found)
    assert "cannot read missing.txt: No such file or directory" in text
    assert "unknown option: --frobnicate" in text
    assert "a wheelhouse holds no editable installs: drop -e" in text
    assert "--hash=md5:abc: expected sha256: and 64 hexadecimal digits" in text
    assert "write 'name @ https://x.example/main.zip' or add #egg=name" in text


def test_required_hashes_are_missed_where_they_lack() -> None:
    hashed = f"--hash=sha256:{A}"
    text = f"a==1\n-c held.txt\n--require-hashes\nb>1 {hashed}\nc==1"
    assert problems(text, held=f"c {hashed}") == [
        "list.txt:1: --require-hashes, but no --hash: a==1",
        "list.txt:4: --require-hashes, but no pin (==): b>1",
    ]


def test_error_says_how_many_problems() -> None:
    with pytest.raises(RequirementsError, match="2 problems in the requirements"):
        load("=\n=")


def test_file_that_is_no_text_is_named() -> None:
    def read(_: str) -> str:
        return b"\xff\xfea".decode("utf-8")

    with pytest.raises(RequirementsError, match=r"list\.txt: cannot read .* not UTF-8 text"):
        load_requirements(("list.txt",), read, {})


@pytest.mark.parametrize(
    ("text", "no_binary", "only_binary"),
    [
        ("--no-binary=a,B_c", ("a", "b-c"), ()),
        ("--no-binary a\n--no-binary :none:", (), ()),
        ("--no-binary :none:", (), ()),
        ("--no-binary a\n--only-binary a", (), ("a",)),
        ("--only-binary :all:\n--no-binary a", ("a",), (":all:",)),
        ("--no-binary a\n--only-binary :all:", (), (":all:",)),
        ("--no-binary :all:\n--no-binary :none:,x", ("x",), ()),
        ("--only-binary a,:all:,:none:,b", (), ("b",)),
    ],
)
def test_format_options_follow_one_another_as_in_pip(
    text: str, no_binary: tuple[str, ...], only_binary: tuple[str, ...]
) -> None:
    formats = load(text).formats
    assert (formats.no_binary, formats.only_binary) == (no_binary, only_binary)


def test_one_hash_asks_every_requirement_for_one() -> None:
    why = "list.txt:2 has a --hash, so each needs one, as in pip"
    assert problems(f"a==1\nb==1 --hash=sha256:{A}") == [f"list.txt:1: {why}, but no --hash: a==1"]
    assert one(f"c @ https://x.example/c-1-py3-none-any.whl#sha256={A}").hashes == (A,)
    load(f"c @ https://x.example/c-1-py3-none-any.whl#sha256={A}\na==1")


@pytest.mark.parametrize("kind", ["sha384", "sha512"])
def test_longer_hashes_are_refused_with_what_to_write(kind: str) -> None:
    (text,) = problems(f"a==1 --hash={kind}:{A}")
    assert "expected sha256:" in text
    assert "`pip hash FILE` gives it" in text


@pytest.mark.parametrize("place", ["https://x.example/list.txt", "-"])
def test_only_files_on_this_machine_are_read(place: str) -> None:
    assert problems(f"-r {place}") == [
        f"list.txt:1: cannot read {place}: only files on this machine are read: download it first"
    ]
