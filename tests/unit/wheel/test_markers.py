"""Markers against the reference implementation."""

from __future__ import annotations

import pytest
from packaging.markers import Marker

from wheelyard.wheel import InvalidMarkerError, evaluate_marker

ENVIRONMENT = {
    "implementation_name": "cpython",
    "implementation_version": "3.11.2",
    "os_name": "posix",
    "platform_machine": "x86_64",
    "platform_python_implementation": "CPython",
    "platform_release": "6.1.0-13-amd64",
    "platform_system": "Linux",
    "platform_version": "#1 SMP",
    "python_full_version": "3.11.2",
    "python_version": "3.11",
    "sys_platform": "linux",
    "extra": "",
}


@pytest.mark.parametrize(
    "text",
    [
        "python_version < '3.9'",
        "python_version>='3.9' and os_name=='posix'",
        "'3.9' <= python_version",
        "python_version in '3.10 3.11'",
        'python_version not  in "3.10"',
        "python_version ~= '3.8'",
        "python_version === '3.11'",
        "python_version == '3.*'",
        "python_version != '3.11.*'",
        "python_version > '3.11'",
        "python_version >= 'x'",
        "python_version >= '3.9,<4'",
        "python_full_version < '3.11.2.post1'",
        "os_name == 'nt' or sys_platform == 'linux' and python_version < '3'",
        "(os_name == 'nt' or sys_platform == 'linux') and python_version > '3'",
        "os_name == 'posix' or os_name == 'nt' and os_name == 'java'",
        "((python_version=='3.11'))",
        "extra == 'x'",
        "extra == ''",
        "platform_release >= '5'",
        "platform_release == '6.1.0-13-amd64'",
        "platform_version < '3'",
        "os_name > 'a'",
        "os_name >= 'posix'",
        "os_name in 'posix' and 'linux' in sys_platform",
        "'lin' not in sys_platform",
        "os_name=='posix'and'linux'==sys_platform",
        "os.name == 'posix'",
        "python_implementation == 'CPython'",
    ],
)
def test_answers_as_packaging_does(text: str) -> None:
    assert evaluate_marker(text, ENVIRONMENT) == Marker(text).evaluate(dict(ENVIRONMENT))


@pytest.mark.parametrize(
    "text",
    [
        "", "or", "python_version 3.11", "(python_version == '3.11'", "python_version == '3.11')",
        "unknown == 'x'", "os_name == posix", "'a' == 'a'", "os_name == sys_platform",
        "os_name == 'it''s'", "os_name == 'x';", "os_name notin 'x'", "os_name ~= 'a'",
        "os_name == 'posix' or", "os_name == 'posix' or unknown == 'x'",
        f"{'(' * 3000}os_name == 'posix'{')' * 3000}",
    ],
)  # fmt: skip
def test_what_is_no_marker_is_refused_wherever_it_is_wrong(text: str) -> None:
    with pytest.raises(InvalidMarkerError, match="is no environment marker"):
        evaluate_marker(text, ENVIRONMENT)
