from __future__ import annotations

import pytest

from wheelyard.targets.catalog import find_target
from wheelyard.targets.explain import Fit, explain
from wheelyard.wheel.filename import parse_wheel_filename


def fit(tag: str, target: str, python: str = "3.11") -> Fit:
    return explain(parse_wheel_filename(f"a-1-{tag}.whl"), find_target(target, python))


def test_best_of_several_tags_counts() -> None:
    found = fit("cp38-abi3-manylinux2014_aarch64.manylinux_2_17_aarch64", "debian-12-arm64")
    assert found.fits
    assert str(found.tag) == "cp38-abi3-manylinux_2_17_aarch64"
    assert found.reason == (
        "cp38-abi3-manylinux_2_17_aarch64 fits debian-12-arm64: it is for CPython 3.8 or later "
        "(abi3); it needs glibc 2.17 or later, and the target has glibc 2.36."
    )
    assert found.remedy == ""


@pytest.mark.parametrize(
    ("tag", "target", "reason"),
    [
        ("py3-none-any", "debian-12-arm64", "it is for Python 3; it has no compiled code"),
        ("cp311-cp311-linux_ppc", "dsm-6.2.4-qoriq", "it is for any Linux on ppc"),
    ],
)
def test_fitting_wheel_is_explained(tag: str, target: str, reason: str) -> None:
    found = fit(tag, target)
    assert found.fits
    assert found.rank is not None
    assert reason in found.reason


@pytest.mark.parametrize(
    ("tag", "target", "reason"),
    [
        (
            "cp311-cp311-manylinux_2_28_x86_64",
            "dsm-6.2.4-x64",
            "it needs glibc 2.28 or later, and the target has glibc 2.20",
        ),
        (
            "cp311-cp311-manylinux_2_17_x86_64",
            "debian-12-arm64",
            "it is for x86_64, and the target is aarch64",
        ),
        (
            "cp311-cp311-manylinux_2_17_x86_64",
            "alpine-3.20-x86_64",
            "it needs glibc, and the target has musl 1.2",
        ),
        (
            "cp311-cp311-manylinux2014_armv7l",
            "dsm-6.2.4-hi3535",
            "manylinux for armv7l is hard float (PEP 599), and the target is soft float",
        ),
        (
            "cp312-abi3-linux_aarch64",
            "debian-12-arm64",
            "it is for CPython 3.12 or later (abi3), and the target runs CPython 3.11",
        ),
        (
            "cp310-cp310-linux_aarch64",
            "debian-12-arm64",
            "it is for CPython 3.10, and the target runs CPython 3.11",
        ),
        ("py312-none-any", "debian-12-arm64", "it is for Python 3.12 or later"),
        ("py2-none-any", "debian-12-arm64", "it is for Python 2, and"),
        ("cp311-cp311-win_amd64", "debian-12-arm64", "it is for Windows, and the target is Linux"),
        ("pp310-pypy310_pp73-linux_aarch64", "debian-12-arm64", "it is for PyPy 3.10, ABI"),
        ("cp311-abi3-any", "debian-12-arm64", "the combination cp311-abi3-any is not one"),
    ],
)
def test_wheel_that_does_not_fit_says_why(tag: str, target: str, reason: str) -> None:
    found = fit(tag, target)
    assert (found.fits, found.tag, found.rank) == (False, None, None)
    assert reason in found.reason


def test_free_threaded_target_refuses_abi3_by_name() -> None:
    found = fit("cp38-abi3-linux_aarch64", "debian-12-arm64", "3.13t")
    assert "does not load abi3 modules, only abi3t" in found.reason
    assert "abi3t of Python 3.13 or earlier" in found.remedy


def test_reason_is_the_nearest_tags() -> None:
    found = fit("cp310.cp311-cp311-manylinux_2_17_x86_64.musllinux_1_1_aarch64", "debian-12-arm64")
    assert found.reason.count(";") == 0


def test_remedy_names_what_would_fit() -> None:
    found = fit("cp39-cp39-win32", "dsm-6.2.4-x64")
    assert "a wheel for cp311, or abi3 of Python 3.11 or earlier" in found.remedy
    assert "manylinux_2_20_x86_64 or an older glibc" in found.remedy
    assert "linux_armv5tel" in fit("cp39-cp39-win32", "dsm-6.2.4-88f6281").remedy
