from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from tests.hostile.cases import REFUSED
from tests.unit.installer.houses import make_house, request, tree, write_requirements

from wheelyard.errors import HostError, VerificationError
from wheelyard.installer import Destination, Options, install
from wheelyard.wheel import InvalidWheelError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.hostile.case import Case

CASES = [case for case in REFUSED if not case.strict and case.name.endswith("-py3-none-any.whl")]
GOOD = {"good/__init__.py": b"answer = 42\n"}
SITE = "lib/python{}.{}/site-packages".format(*sys.version_info)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_hostile_wheel_is_not_installed_and_nothing_is_written(case: Case, tmp_path: Path) -> None:
    house = tmp_path / "house"
    house.mkdir()
    (house / case.name).write_bytes(case.content(str(tmp_path / "outside")))
    write_requirements(house)
    before = tree(tmp_path)
    with pytest.raises(InvalidWheelError) as refused:
        install(request(house, Destination("target", tmp_path / "lib")))
    assert case.rule in refused.value.rules
    after = {path for path in tree(tmp_path) if not (tmp_path / path).is_dir()}
    assert after <= set(before)
    assert not (tmp_path / "lib").exists()


# Each is a wheel by the book; what it is after shows only where it is installed.
@pytest.mark.parametrize(
    ("files", "said"),
    [
        # It would have the environment emptied as one that was never finished.
        ({".wheelyard-unfinished": b""}, "it would write .wheelyard-unfinished"),
        # It would have its own moves undone after a crash.
        (
            {".wheelyard-transaction/journal.json": b'[["good/__init__.py", "gone"]]'},
            r"it would write .wheelyard-transaction/journal\.json",
        ),
        # It would keep others out, or let them in.
        ({"evil-1.data/data/.wheelyard-lock": b""}, "it would write .wheelyard-lock"),
        # It makes another project look installed.
        ({"evil-1.data/data/other-9.dist-info/METADATA": b""}, "it would write other-9.dist-info"),
        # It brings entry points that nobody looked at.
        (
            {"evil-1.data/data/evil-1.dist-info/entry_points.txt": b"[console_scripts]\n../x=a:b"},
            r"it would write evil-1\.dist-info/entry_points\.txt",
        ),
        # It replaces another project's file, or what lies there.
        ({"good/__init__.py": b"evil"}, r"good/__init__\.py: it belongs to good 1"),
        ({"evil-1.data/scripts/mine": b"evil"}, "bin/mine: it belongs to no installed project"),
        # A file stands where another needs a folder.
        ({"good/__init__.py/x.py": b""}, r"good/__init__\.py: it belongs to good 1"),
        ({"evil/a.py": b"", "evil-1.data/data/evil": b""}, "so nothing is installed"),
        # A file takes a folder's place.
        ({"bin": b""}, "bin: it belongs to no installed project"),
    ],
)
def test_wheel_that_is_after_the_environment_is_not_installed(
    files: Mapping[str, bytes], said: str, tmp_path: Path
) -> None:
    lib = Destination("target", tmp_path / "lib")
    install(request(make_house(tmp_path / "first", ("good", "1", GOOD)), lib))
    (lib.path / "bin").mkdir()
    (lib.path / "bin/mine").write_text("mine")
    before = tree(lib.path)
    house = make_house(tmp_path / "second", ("evil", "1", {"evil.py": b"", **files}))
    with pytest.raises((HostError, VerificationError), match=said):
        install(request(house, lib))
    assert tree(lib.path) == before


def test_virtualenv_is_not_given_metadata_by_way_of_its_own_folders(tmp_path: Path) -> None:
    env = Destination("venv", tmp_path / "env")
    files = {f"evil-1.data/data/{SITE}/other-9.dist-info/METADATA": b"Name: other\n"}
    house = make_house(tmp_path / "house", ("evil", "1", files))
    with pytest.raises(VerificationError, match=rf"it would write {SITE}/other-9\.dist-info"):
        install(request(house, env))
    assert not env.path.exists()


@pytest.mark.parametrize(
    "source",
    [b"(" * 100_000, b"-" * 200_000 + b"1", b"x = '\0'\n", b"\xff\xfe", b"a." * 100_000 + b"a"],
    ids=["brackets", "signs", "nul", "no-text", "dots"],
)
def test_source_that_no_compiler_takes_harms_nothing(source: bytes, tmp_path: Path) -> None:
    lib = Destination("target", tmp_path / "lib")
    house = make_house(tmp_path / "house", ("evil", "1", {"evil.py": source, "fine.py": b""}))
    install(request(house, lib, options=Options(compile_bytecode=True)))
    assert (lib.path / "evil.py").read_bytes() == source
    assert len(list(lib.path.glob("__pycache__/fine.*.pyc"))) == 1
    assert not list(lib.path.glob("__pycache__/evil.*.pyc"))


def test_script_of_the_name_of_an_entry_point_gives_way_to_it(tmp_path: Path) -> None:
    lib = Destination("target", tmp_path / "lib")
    files = {
        "evil-1.data/scripts/tool": b"#!python\nprint('script')\n",
        "evil-1.dist-info/entry_points.txt": b"[console_scripts]\ntool = evil:main\n",
        "evil.py": b"",
    }
    install(request(make_house(tmp_path / "house", ("evil", "1", files)), lib))
    assert b"from evil import main" in (lib.path / "bin/tool").read_bytes()
    assert (lib.path / "evil-1.dist-info/RECORD").read_text().count("bin/tool,") == 1
