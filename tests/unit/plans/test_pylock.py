from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import tomli_w
from tests.unit.plans.world import ARM, X86

from wheelyard.plans.pylock import PylockError, is_pylock, parse_pylock
from wheelyard.targets.markers import marker_environment
from wheelyard.wheel.names import normalize_name

if TYPE_CHECKING:
    from wheelyard.plans.request import RequirementLine

A, B = "a" * 64, "b" * 64
BASE = "file:///work/locks/"


def lock(*packages: dict[str, Any]) -> str:
    data = {"lock-version": "1.0", "created-by": "tests", "packages": list(packages)}
    return tomli_w.dumps(data)


def wheel(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "path": name, "hashes": {"sha256": A}, **more}


def one(package: dict[str, Any]) -> RequirementLine:
    ((line,), _) = parse_pylock(lock(package), "pylock.toml", BASE)
    return line


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("pylock.toml", True),
        ("a/pylock.dev.toml", True),
        ("pylock.toml.txt", False),
        ("my-pylock.toml", False),
    ],
)
def test_lock_is_known_by_its_name(name: str, known: bool) -> None:  # noqa: FBT001
    assert is_pylock(name) is known


def test_package_is_a_pin_with_its_files() -> None:
    name = "six-1.16.0-py3-none-any.whl"
    lines, files = parse_pylock(
        lock(
            {
                "name": "six",
                "version": "1.16.0",
                "requires-python": ">=3",
                "wheels": [wheel(name, size=7, path=f"my wheels/{name}")],
                "sdist": {
                    "name": "six-1.16.0.tar.gz",
                    "url": "https://x.example/six-1.16.0.tar.gz",
                    "hashes": {"sha256": B},
                },
            }
        ),
        "pylock.toml",
        BASE,
    )
    assert [str(line) for line in lines] == ["six==1.16.0"]
    built, source = files[normalize_name("six")]
    assert built.url == "file:///work/locks/my%20wheels/six-1.16.0-py3-none-any.whl"
    assert (built.sha256, built.size, built.requires_python) == (A, 7, ">=3")
    assert (source.url, source.sha256) == ("https://x.example/six-1.16.0.tar.gz", B)


def test_name_that_stands_several_times_keeps_all_its_files() -> None:
    lines, files = parse_pylock(
        lock(
            {
                "name": "six",
                "version": "1.15",
                "marker": "platform_machine == 'aarch64'",
                "wheels": [wheel("six-1.15-py3-none-any.whl")],
            },
            {
                "name": "six",
                "version": "1.16",
                "marker": "platform_machine == 'x86_64'",
                "wheels": [wheel("six-1.16-py3-none-any.whl")],
            },
        ),
        "pylock.toml",
        BASE,
    )
    assert len(files[normalize_name("six")]) == 2
    applying = [
        [line.pinned for line in lines if line.applies_to(marker_environment(target))]
        for target in (ARM, X86)
    ]
    assert applying == [["1.15"], ["1.16"]]


def test_packages_of_extras_and_groups_are_left_out() -> None:
    line = one(
        {
            "name": "six",
            "version": "1",
            "marker": "'dev' in dependency_groups or 'x' in extras",
            "wheels": [wheel("six-1-py3-none-any.whl")],
        }
    )
    assert not line.applies_to(marker_environment(X86))


def test_direct_places_are_urls() -> None:
    archive = {"url": "https://x.example/m.zip", "hashes": {"sha256": A}, "subdirectory": "py"}
    vcs = {"type": "git", "url": "https://x.example/r", "commit-id": "c0ffee"}
    named = {"name": "six", "version": "1"}
    line = one(named | {"archive": archive})
    assert (line.url, line.hashes) == ("https://x.example/m.zip#subdirectory=py", (A,))
    assert one(named | {"vcs": vcs}).url == "git+https://x.example/r@c0ffee"
    assert one(named | {"directory": {"path": "a b"}}).url == "file:///work/locks/a%20b"


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("a = ", "not TOML"),
        ("a = 1", "lock-version"),
        (lock().replace("1.0", "9.0"), "9.0"),
        (lock({"name": "six", "version": 1}), r"packages\[0\]"),
        (lock({"name": "Not Normal"}), r"packages\[0\]"),
        (
            lock(
                {
                    "name": "six",
                    "wheels": [{"path": "six-1-py3-none-any.whl", "hashes": {"sha512": "x"}}],
                }
            ),
            "no sha256 of six-1-py3-none-any.whl",
        ),
        (
            lock({"name": "six", "archive": {"path": "m.zip", "hashes": {"md5": "x"}}}),
            "no sha256 of six",
        ),
    ],
)
def test_what_is_no_lock_is_refused_with_its_place(text: str, cause: str) -> None:
    with pytest.raises(PylockError, match=rf"pylock\.toml: .*{cause}"):
        parse_pylock(text, "pylock.toml", BASE)
