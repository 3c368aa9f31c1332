"""The toolchain file that CMake is given. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from wheelyard.builders.cross.host import Host


def toolchain_file(host: Host, tools: Path, view: Path) -> str:
    """Describe a host to CMake (cmake-toolchains(7)).

    Args:
        host: What the build is for.
        tools: The folder of the wrappers.
        view: The build view of its sysroot; programs and packages come from the build environment.
    """
    return f"""\
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR {host.arch})
set(CMAKE_C_COMPILER "{tools}/cc")
set(CMAKE_CXX_COMPILER "{tools}/c++")
set(CMAKE_AR "{tools}/ar" CACHE FILEPATH "")
set(CMAKE_RANLIB "{tools}/ranlib" CACHE FILEPATH "")
set(CMAKE_STRIP "{tools}/strip" CACHE FILEPATH "")
set(PKG_CONFIG_EXECUTABLE "{tools}/pkg-config" CACHE FILEPATH "")
set(CMAKE_LIBRARY_ARCHITECTURE {host.multiarch})
list(APPEND CMAKE_FIND_ROOT_PATH "{view}")
list(APPEND CMAKE_PREFIX_PATH "/")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE BOTH)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE BOTH)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
"""
