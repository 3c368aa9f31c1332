"""Environment markers of a target (PEP 508), for ``packaging.markers.Marker.evaluate``.

Runs on Python 3.9 with the standard library alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wheelyard.targets.target import Target


def marker_environment(target: Target) -> dict[str, str]:
    """Every marker variable but ``extra``, which belongs to the requirement.

    Where the catalogue does not know a machine's kernel, ``platform_release`` and
    ``platform_version`` are empty, as uv has them for a foreign platform.
    """
    python = target.python
    return {
        "implementation_name": "cpython",
        "implementation_version": python.full_version,
        "os_name": "posix",
        "platform_machine": target.machine.uname,
        "platform_python_implementation": "CPython",
        "platform_release": target.kernel.release,
        "platform_system": "Linux",
        "platform_version": target.kernel.version,
        "python_full_version": python.full_version,
        "python_version": f"{python.version[0]}.{python.version[1]}",
        "sys_platform": "linux",
    }
