"""Projects named as source trees: the tags that are asked for are given where they are kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.integration.conftest import make_sdist

from wheelyard.targets.detect import detect_this

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.conftest import Run


def manifest(folder: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    return data


def test_tags_are_the_projects_alone_and_nothing_is_built_again_for_others(
    run: Run, tmp_path: Path
) -> None:
    make_sdist(tmp_path, "mine", "1.0")
    build = ("build", "./mine-1.0", "beta==2.0", "-o", "out")
    done = run(*build, "--universal", "--build-number", "2_local")
    assert done.status == 0, done.err
    house = tmp_path / "out" / "this"
    assert {path.name for path in house.glob("*.whl")} == {
        "beta-2.0-py3-none-any.whl",
        "mine-1.0-2_local-py2.py3-none-any.whl",
    }
    assert run("verify", "out/this").status == 0
    own = f"linux_{detect_this().machine.arch}"
    again = run(*build, "--plat-name", own, "-v")
    assert "pep517 mine 1.0: from the store" in again.err
    assert f"this: mine-1.0-py3-none-{own}.whl: it is pure and would run anywhere" in again.err
    (mine,) = (one for one in manifest(house)["wheels"] if one["name"] == "mine")
    assert mine["origin"] == "pep517"
    assert mine["reason"].endswith("; its tags are those asked for")


def test_tags_that_a_wheel_does_not_keep_are_a_failed_cell(run: Run, tmp_path: Path) -> None:
    make_sdist(tmp_path, "mine", "1.0")
    done = run("build", "./mine-1.0", "beta==2.0", "-o", "out", "--py-limited-api", "cp311")
    assert done.status == 4
    house = tmp_path / "out" / "this"
    assert [path.name for path in house.glob("*.whl")] == ["beta-2.0-py3-none-any.whl"]
    (failure,) = manifest(house)["failures"]
    assert failure["cause"] == (
        "it can't be tagged cp311-abi3-any: it holds no extension module, and so nothing for the "
        "stable ABI"
    )
    assert failure["cause"] in done.err
    assert failure["remedy"]


def test_tags_without_a_project_or_against_each_other_are_refused_at_once(
    run: Run, tmp_path: Path
) -> None:
    nothing = run("build", "beta==2.0", "--universal", "-o", "out")
    assert "name its folder, as in ./project" in nothing.err
    both = run("build", "./mine", "--universal", "--python-tag", "py37", "-o", "out")
    assert "--universal and --python-tag say different things" in both.err
    assert (nothing.status, both.status, (tmp_path / "out").exists()) == (2, 2, False)
