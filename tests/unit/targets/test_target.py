from __future__ import annotations

import json
import pickle
from typing import Any

import pytest

from wheelyard.errors import UsageError
from wheelyard.targets.catalog import find_target, target_names
from wheelyard.targets.markers import marker_environment
from wheelyard.targets.target import target_from_dict


def test_every_target_survives_json_and_pickle() -> None:
    for name in target_names():
        target = find_target(name, "3.12")
        assert target_from_dict(json.loads(json.dumps(target.as_dict()))) == target
    assert pickle.loads(pickle.dumps(target)) == target  # noqa: S301 - our own


@pytest.mark.parametrize(
    "change", [{"machine": {"cpu": "x"}}, {"libc": {"family": "glibc"}}, {"python": None}]
)
def test_description_that_is_none_is_refused(change: dict[str, Any]) -> None:
    data = {**find_target("debian-12-arm64", None).as_dict(), **change}
    with pytest.raises(UsageError, match="not the description of a target"):
        target_from_dict(data)


def test_markers_of_a_system_with_its_own_python_know_the_patch() -> None:
    assert marker_environment(find_target("debian-12-armhf", None)) == {
        "implementation_name": "cpython",
        "implementation_version": "3.11.2",
        "os_name": "posix",
        "platform_machine": "armv7l",
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": "Linux",
        "platform_version": "",
        "python_full_version": "3.11.2",
        "python_version": "3.11",
        "sys_platform": "linux",
    }


def test_markers_take_the_kernels_machine_not_the_programs() -> None:
    environment = marker_environment(find_target("raspbian-12-armv8l", None))
    assert environment["platform_machine"] == "aarch64"


def test_markers_of_dsm_know_the_kernel() -> None:
    environment = marker_environment(find_target("dsm-7.2-x64", "3.12"))
    assert environment["platform_release"] == "4.4.302"
