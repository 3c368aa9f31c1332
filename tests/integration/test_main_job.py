"""Requirements × targets → verified wheelhouses → an offline install, by the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest
from tests.integration.conftest import make_sdist, make_wheel
from uv import find_uv_bin

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.conftest import Run

TWO = ("-t", "this", "-t", "manylinux_2_28_aarch64")


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text)
    return file


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def manifest(folder: Path) -> dict[str, dict[str, object]]:
    data = json.loads((folder / "manifest.json").read_text())
    return {wheel["name"]: wheel for wheel in data["wheels"]}


def test_builds_verifies_installs_and_imports(run: Run, tmp_path: Path) -> None:
    requirements = write(tmp_path, "requirements.txt", "alpha==1.0\nnative\nsourced\n")
    built = run("build", "-r", requirements, *TWO, "-o", "out")
    assert built.status == 0, built.err
    assert "this: 5 wheels (4 published, 1 built), 0 failed: out/this/report.html" in built.out
    assert run("verify", "out/this", "out/manylinux_2_28_aarch64").status == 0
    installed = run("install", "--wheelhouse", "out/this", "--venv", "env")
    assert installed.status == 0, installed.err
    code = "import alpha, beta, gamma, native, sourced; print(beta.version)"
    python = tmp_path / "env" / "bin" / "python"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "3.0\n"


def test_the_report_says_where_each_wheel_comes_from_and_who_needs_it(
    run: Run, tmp_path: Path
) -> None:
    requirements = write(tmp_path, "requirements.txt", "alpha==1.0\nsourced\n")
    assert run("build", "-r", requirements, "-o", "out").status == 0
    wheels = manifest(tmp_path / "out" / "this")
    assert wheels["gamma"]["needed_by"] == ["beta 3.0"]
    assert wheels["alpha"]["needed_by"] == [f"{requirements}:1"]
    assert wheels["sourced"]["origin"] == "pep517"
    assert wheels["sourced"]["isolation"] in {"bubblewrap", "namespaces", "unshare"}
    page = (tmp_path / "out" / "this" / "report.html").read_text()
    assert "built from source on this machine" in page


def test_build_signs_what_it_made_and_the_manifest(run: Run, tmp_path: Path) -> None:
    mine = {
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "WHEELYARD_SIGN_PASSPHRASE": "correct horse",
        "WHEELYARD_SIGN_KEY": "alice",
    }
    build = ("build", "alpha==1.0", "sourced", "-o", "out")
    unmade = run(*build, **mine)
    assert (unmade.status, (tmp_path / "out").exists()) == (2, False)
    assert run("keygen", "alice", **mine).status == 0
    assert run(*build, **mine).status == 0
    house = tmp_path / "out" / "this"
    signed = sorted(path.name for path in house.glob("*.dsse.json"))
    assert signed == ["manifest.dsse.json", "sourced-1.0-py3-none-any.whl.dsse.json"]
    assert run("verify", "--require", "1", "out/this", **mine).status == 0
    before = content(house)
    assert run(*build, "--json", **mine).status == 0
    assert content(house) == before
    installed = run("install", "--wheelhouse", "out/this", "--venv", "env")
    assert installed.status == 0, installed.err
    (house / "manifest.dsse.json").unlink()
    assert run("verify", "--require", "1", "out/this", **mine).status == 5


def test_pip_and_uv_install_the_same_wheelhouse(run: Run, tmp_path: Path) -> None:
    assert run("build", "alpha==1.0", "native", "-o", "out").status == 0
    house = tmp_path / "out" / "this"
    offline = ("--no-index", "--find-links", house, "-r", house / "requirements.txt")
    quiet = ("install", "-q", "--target")
    pip: list[str | Path] = [sys.executable, "-m", "pip", *quiet, tmp_path / "pip", *offline]
    uv: list[str | Path] = [find_uv_bin(), "pip", *quiet, tmp_path / "uv", *offline]
    for command in (pip, uv):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    for folder in ("pip", "uv"):
        assert {"alpha", "beta", "gamma", "native"} <= {
            path.name for path in (tmp_path / folder).iterdir()
        }


def test_building_twice_from_nothing_gives_the_same_bytes(run: Run, tmp_path: Path) -> None:
    for number in ("1", "2"):
        store = str(tmp_path / f"store{number}")
        arguments = ("alpha==1.0", "native", "sourced", *TWO, "-o", f"out{number}")
        done = run("build", *arguments, WHEELYARD_STORE=store)
        assert done.status == 0, done.err
    for target in ("this", "manylinux_2_28_aarch64"):
        first = content(tmp_path / "out1" / target)
        second = content(tmp_path / "out2" / target)
        assert first.keys() == second.keys()
        # Only how long a step took may differ, and the page that shows it.
        timed = {"manifest.json", "report.html"}
        assert {n: b for n, b in first.items() if n not in timed} == {
            n: b for n, b in second.items() if n not in timed
        }
        one, other = (json.loads(each["manifest.json"]) for each in (first, second))
        for found in (one, other):
            del found["report_sha256"]  # of that page
            for wheel in found["wheels"]:
                del wheel["seconds"]
        assert one == other


def test_a_second_run_changes_nothing(run: Run, tmp_path: Path) -> None:
    first = run("build", "alpha==1.0", "sourced", "-o", "out")
    assert first.status == 0
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*")}
    second = run("build", "alpha==1.0", "sourced", "-o", "out")
    assert second.status == 0
    assert "unchanged" in second.out
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*")} == before


def test_a_third_run_notices_what_changed_since(run: Run, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    make_wheel(own, "delta-1.0-py3-none-any.whl")
    file = write(tmp_path, "requirements.txt", "delta\n")
    asked = ("build", "-r", file, "-f", own, "-o", "out")
    for _ in range(2):
        assert run(*asked).status == 0
    assert "unchanged" in run(*asked).out
    (tmp_path / "out" / "this" / "delta-1.0-py3-none-any.whl").unlink()
    assert "unchanged" not in run(*asked).out
    assert run("verify", "out/this").status == 0
    make_wheel(own, "delta-1.1-py3-none-any.whl")
    assert run(*asked).status == 0
    assert manifest(tmp_path / "out" / "this")["delta"]["version"] == "1.1"
    file.write_text("delta==1.0\n")
    assert run(*asked).status == 0
    assert manifest(tmp_path / "out" / "this")["delta"]["version"] == "1.0"
    write(tmp_path, "pip.conf", "[global]\nfind-links = /nowhere\n")
    changed = run(*asked, PIP_CONFIG_FILE=str(tmp_path / "pip.conf"))
    assert changed.status == 0, "our own argument wins over pip's configuration"


def test_offline_works_from_the_store(run: Run, tmp_path: Path, links: Path) -> None:
    own = tmp_path / "links"
    own.mkdir()
    for path in links.iterdir():
        if path.is_file():
            (own / path.name).write_bytes(path.read_bytes())
    asked = ("alpha==1.0", "sourced", "-o", "out", "-f", own)
    assert run("build", *asked).status == 0
    house = content(tmp_path / "out" / "this")
    for path in (tmp_path / "out" / "this").iterdir():
        path.unlink()
    done = run("build", "--offline", *asked)
    assert done.status == 0, done.err
    assert content(tmp_path / "out" / "this") == house


def test_a_foreign_target_gets_its_own_wheels_and_marker_results(run: Run, tmp_path: Path) -> None:
    line = "native ; platform_machine == 'aarch64'\nalpha==1.0 ; platform_machine == 'x86_64'\n"
    requirements = write(tmp_path, "requirements.txt", line)
    done = run("build", "-r", requirements, *TWO, "--python", "3.12", "-o", "out")
    assert done.status == 0, done.err
    arm = manifest(tmp_path / "out" / "manylinux_2_28_aarch64")
    assert [w["filename"] for w in arm.values()] == [
        "native-1.0-cp312-cp312-manylinux_2_17_aarch64.whl"
    ]
    assert set(manifest(tmp_path / "out" / "this")) == {"alpha", "beta", "gamma"}


def test_a_failed_build_leaves_the_rest_and_the_exit_code_says_so(run: Run, tmp_path: Path) -> None:
    done = run("build", "alpha==1.0", "stubborn", "-o", "out")
    assert done.status == 4
    assert "error: flux.h not found" in done.err
    assert "1 failed" in done.out
    assert set(manifest(tmp_path / "out" / "this")) == {"alpha", "beta", "gamma"}
    assert run("verify", "out/this").status == 0


def test_two_versions_are_both_built_and_one_is_chosen(run: Run, tmp_path: Path) -> None:
    requirements = write(tmp_path, "requirements-pure.txt", "beta==2.0\nbeta==3.0\n")
    assert run("build", "-r", requirements, "--no-deps", "-o", "out").status == 0
    house = tmp_path / "out" / "this"
    assert sorted(path.name for path in house.glob("*.whl")) == [
        "beta-2.0-py3-none-any.whl",
        "beta-3.0-py3-none-any.whl",
    ]
    assert (house / "requirements.txt").read_text().startswith("beta==3.0 ")
    notes = json.loads((house / "manifest.json").read_text())["notes"]
    assert any("beta is listed at 2.0, 3.0" in note for note in notes)
    assert any("beta 3.0 asks for gamma" in note for note in notes)


def test_the_configuration_names_targets_types_and_the_version_to_prefer(
    run: Run, tmp_path: Path
) -> None:
    write(tmp_path, "list.txt", "beta==2.0\nbeta==3.0\nnative\n")
    write(
        tmp_path,
        "wheelyard.toml",
        'requirements = ["list.txt"]\nno-deps = true\n'
        '[targets.nas]\nuse = "dsm-7.2-aarch64"\npython = "3.11"\n'
        '[package.beta]\nprefer = "2.0"\n',
    )
    done = run("build", "-o", "out")
    assert done.status == 0, done.err
    house = tmp_path / "out" / "nas"
    assert "beta==2.0 " in (house / "requirements.txt").read_text()
    assert (house / "native-1.0-cp311-cp311-manylinux_2_17_aarch64.whl").exists()


def test_a_git_requirement_is_pinned_to_its_commit(run: Run, tmp_path: Path) -> None:
    make_sdist(tmp_path, "gitted", "2.5")
    tree = tmp_path / "gitted-2.5"
    done_at = commit(tree, "init", "-q")
    subprocess.run(["git", "tag", "v2.5"], cwd=tree, check=True)
    line = f"git+{tree.as_uri()}@v2.5#egg=gitted==2.5\n"
    requirements = write(tmp_path, "requirements-crossenv.txt", line)
    done = run("build", "-r", requirements, "-o", "out")
    assert done.status == 0, done.err
    wheel = manifest(tmp_path / "out" / "this")["gitted"]
    assert wheel["direct_url"] == {
        "url": tree.as_uri(),
        "vcs_info": {"vcs": "git", "commit_id": done_at},
    }
    assert (tmp_path / "out/this/requirements.txt").read_text().startswith("gitted==2.5 --hash")


def test_a_changed_folder_is_built_anew_and_an_unchanged_one_is_not(
    run: Run, tmp_path: Path
) -> None:
    make_sdist(tmp_path, "local", "1.0")
    tree = tmp_path / "local-1.0"
    asked = ("build", "./local-1.0", "-o", "out")
    assert run(*asked).status == 0
    assert "unchanged" in run(*asked).out
    backend = tree / "backend.py"
    backend.write_text(backend.read_text().replace("version = {VERSION!r}", "version = 'new'"))
    done = run(*asked)
    assert done.status == 0, done.err
    assert "unchanged" not in done.out
    wheel = tmp_path / "out" / "this" / "local-1.0-py3-none-any.whl"
    assert b"version = 'new'" in zipfile.ZipFile(wheel).read("local/__init__.py")


def test_a_source_named_by_its_place_says_its_name(run: Run, tmp_path: Path) -> None:
    for name in ("first", "second"):
        make_sdist(tmp_path, name, "1.0")
    (tmp_path / "mono").mkdir()
    for name in ("first", "second"):
        (tmp_path / f"{name}-1.0").rename(tmp_path / "mono" / name)
    commit(tmp_path / "mono", "init", "-qb", "main")
    places = (
        "./mono#subdirectory=first",
        f"git+{(tmp_path / 'mono').as_uri()}#subdirectory=second",
    )
    done = run("build", *places, "-o", "out")
    assert done.status == 0, done.err
    assert set(manifest(tmp_path / "out" / "this")) == {"first", "second"}
    (tmp_path / "mono" / "first" / "pyproject.toml").unlink()
    nameless = run("build", places[0], "-o", "out")
    assert nameless.status == 3
    assert "its name can't be read: mono: neither pyproject.toml nor setup.py" in nameless.err
    assert "write it before the place: 'name @ file://" in nameless.err


def test_a_branch_stays_at_its_commit_until_an_upgrade(run: Run, tmp_path: Path) -> None:
    make_sdist(tmp_path, "branched", "1.0")
    tree = tmp_path / "branched-1.0"
    first = commit(tree, "init", "-qb", "main")
    asked = ("build", f"git+{tree.as_uri()}@main#egg=branched==1.0", "-o", "out")
    assert run(*asked).status == 0
    (tree / "README").write_text("more")
    second = commit(tree)
    kept = run(*asked)
    assert "unchanged" in kept.out
    assert commit_of(tmp_path / "out" / "this", "branched") == first
    assert run(*asked, "--upgrade").status == 0
    assert commit_of(tmp_path / "out" / "this", "branched") == second


def commit(tree: Path, *init: str) -> str:
    """Commit what is in a folder and give the commit."""
    who = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a",
           "GIT_COMMITTER_EMAIL": "a@b"}  # fmt: skip
    for command in ([init] if init else []) + [("add", "."), ("commit", "-qm", "x")]:
        subprocess.run(["git", *command], cwd=tree, check=True, env={**os.environ, **who})
    return subprocess.check_output(["git", "rev-parse", "HEAD"], cwd=tree, text=True).strip()


def commit_of(house: Path, name: str) -> str:
    direct = manifest(house)[name]["direct_url"]
    assert isinstance(direct, dict)
    return str(direct["vcs_info"]["commit_id"])


def test_our_own_lock_is_an_input_again(run: Run, tmp_path: Path) -> None:
    assert run("build", "alpha==1.0", "native", "-o", "one").status == 0
    done = run("build", "-r", "one/this/pylock.toml", "-o", "two", "--no-index", PIP_FIND_LINKS="")
    assert done.status == 0, done.err
    first, second = (manifest(tmp_path / name / "this") for name in ("one", "two"))
    assert {n: w["sha256"] for n, w in first.items()} == {n: w["sha256"] for n, w in second.items()}


def test_a_universal_lock_is_evaluated_for_each_target(run: Run, tmp_path: Path) -> None:
    line = "native\nalpha==1.0 ; platform_machine == 'x86_64'\n"
    requirements = write(tmp_path, "requirements.txt", line)
    locked = run("lock", "-r", requirements, "--python", "3.11")
    assert locked.status == 0, locked.err
    text = (tmp_path / "pylock.toml").read_text()
    assert "sha256" in text
    done = run("build", "-r", "pylock.toml", *TWO, "--python", "3.11", "-o", "out")
    assert done.status == 0, done.err
    assert set(manifest(tmp_path / "out" / "manylinux_2_28_aarch64")) == {"native"}
    assert set(manifest(tmp_path / "out" / "this")) == {"native", "alpha", "beta", "gamma"}


class TestBadInput:
    def test_every_syntax_error_is_named_at_once(self, run: Run, tmp_path: Path) -> None:
        file = write(tmp_path, "requirements.txt", "alpha==\nbeta\n--frobnicate\n-r gone.txt\n")
        done = run("build", "-r", file)
        assert done.status == 2
        for place in (f"{file}:1: ", f"{file}:3: unknown option", f"{file}:4: cannot read"):
            assert place in done.err
        assert "Traceback" not in done.err
        assert not (tmp_path / "wheelhouse").exists()

    def test_a_missing_version_is_named_with_its_line(self, run: Run, tmp_path: Path) -> None:
        file = write(tmp_path, "requirements.txt", "beta==9.9\nnowhere\n")
        done = run("build", "-r", file)
        assert done.status == 3
        assert f"{file}:1: beta==9.9: no such version" in done.err
        assert "3.0" in done.err
        assert f"{file}:2: nowhere: the index has no files" in done.err

    def test_conflicting_pins_name_both_sides(self, run: Run) -> None:
        done = run("build", "alpha==1.0", "beta<2")
        assert done.status == 3
        assert "alpha 1.0 wants beta>=2" in done.err or "no such version" in done.err

    def test_a_wheel_with_a_wrong_hash_is_refused(self, run: Run, tmp_path: Path) -> None:
        text = f"beta==2.0 --hash=sha256:{'0' * 64}\n"
        file = write(tmp_path, "requirements.txt", text)
        done = run("build", "-r", file, "--no-deps", "-o", "out")
        assert done.status == 5
        assert f"the requirements allow {'0' * 64}" in done.err
        assert not list((tmp_path / "out").glob("*/*.whl"))

    def test_a_changed_wheel_is_neither_verified_nor_installed(
        self, run: Run, tmp_path: Path
    ) -> None:
        assert run("build", "beta==2.0", "-o", "out").status == 0
        wheel = tmp_path / "out" / "this" / "beta-2.0-py3-none-any.whl"
        data = bytearray(wheel.read_bytes())
        data[200] ^= 1
        wheel.unlink()
        wheel.write_bytes(data)
        verified = run("verify", "out/this")
        assert verified.status == 5
        assert "beta-2.0-py3-none-any.whl" in verified.err
        installed = run("install", "--wheelhouse", "out/this", "--target", "lib")
        assert installed.status == 5
        assert not (tmp_path / "lib" / "beta").exists()

    def test_a_wheelhouse_of_another_machine_is_not_installed(self, run: Run) -> None:
        assert run("build", "native", "-t", "manylinux_2_28_aarch64", "-o", "out").status == 0
        done = run("install", "--wheelhouse", "out/manylinux_2_28_aarch64", "--venv", "env")
        assert done.status == 6
        assert "it is for aarch64, and the target is x86_64" in done.err

    def test_an_unreachable_index_is_named(self, run: Run) -> None:
        done = run("build", "beta", "-i", "http://127.0.0.1:9/simple", PIP_NO_INDEX="",
                   PIP_RETRIES="0", PIP_FIND_LINKS="")  # fmt: skip
        assert done.status == 6
        assert "127.0.0.1:9" in done.err
        assert "Traceback" not in done.err

    def test_an_unknown_target_gets_a_suggestion(self, run: Run) -> None:
        done = run("build", "beta", "-t", "debian-12-armfh")
        assert done.status == 2
        assert "debian-12-armhf" in done.err

    def test_a_folder_that_is_no_wheelhouse_is_left_alone(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "out" / "this").mkdir(parents=True)
        keep = write(tmp_path / "out" / "this", "thesis.txt", "years of work")
        done = run("build", "beta==2.0", "-o", "out")
        assert done.status == 2
        assert "no wheelhouse" in done.err
        assert keep.read_text() == "years of work"

    def test_a_folder_in_place_of_a_file_is_named(self, run: Run, tmp_path: Path) -> None:
        done = run("build", "-r", tmp_path)
        assert done.status == 2
        assert f"cannot read {tmp_path}: Is a directory" in done.err

    def test_a_place_that_cannot_be_written_is_named(self, run: Run) -> None:
        done = run("build", "beta==2.0", "-o", "/proc/out")
        assert done.status == 6
        assert "/proc/out" in done.err
        assert "Traceback" not in done.err

    def test_errors_are_json_too(self, run: Run) -> None:
        done = run("build", "beta==9.9", "--json")
        assert json.loads(done.out)["exit_code"] == 3


def test_a_hostile_wheel_fails_its_cell_as_a_security_matter(
    run: Run, tmp_path: Path, links: Path
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    wheel = make_wheel(own, "evil-1.0-py3-none-any.whl")
    wheel.write_bytes(wheel.read_bytes() + b"trailing")
    done = run("build", "evil", "alpha==1.0", "-f", own, "-f", links, "-o", "out")
    assert done.status == 5
    assert "evil-1.0-py3-none-any.whl: refused" in done.err
    assert set(manifest(tmp_path / "out" / "this")) == {"alpha", "beta", "gamma"}


@pytest.mark.parametrize(
    ("project", "option"), [("sourced", "--only-binary"), ("gamma", "--no-binary")]
)
def test_a_lock_holds_only_the_files_that_may_be_taken(run: Run, project: str, option: str) -> None:
    assert run("lock", project, "--python", "3.11").status == 0
    for chosen in (project, ":all:"):
        assert run("lock", project, "--python", "3.11", option, chosen).status == 3


def test_a_lock_without_an_index_asks_none(run: Run, links: Path) -> None:
    # The public index has a project of this name; nothing may come from there.
    done = run("lock", "requests", "--no-index", "-f", links)
    assert (done.status, "requests was not found" in done.err) == (3, True), done.err


def test_a_lock_in_the_place_of_a_folder_is_refused_before_anything_else(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "pylock.toml").mkdir()
    done = run("lock", "alpha")
    assert (done.status, "can't be written" in done.err) == (2, True)
