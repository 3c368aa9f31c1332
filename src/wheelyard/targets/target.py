"""A target: a machine, or a class of machines, that wheels must run on.

Values only. Runs on Python 3.9 with the standard library alone (it is shipped to targets).
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from wheelyard.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Python:
    """The interpreter of a target.

    Attributes:
        implementation: the tag's short name; ``"cp"`` is the only one so far.
        version: ``(3, 11)``.
        full_version: ``"3.11.7"``; what ``requires-python`` is compared with.
        free_threaded: built without the global lock (PEP 703).
        abi: ``"cp311"``, ``"cp313t"``, ``"cp313d"``.
        ext_suffix: ``".cpython-311-aarch64-linux-gnu.so"``.
    """

    implementation: str
    version: tuple[int, int]
    full_version: str
    free_threaded: bool
    abi: str
    ext_suffix: str

    @property
    def release(self) -> tuple[int, ...]:
        """The numbers of the version alone: those of 3.14.0rc1 and 3.14.0+ are 3.14.0's."""
        numbers = re.match(r"[0-9.]*[0-9]", self.full_version)
        return tuple(map(int, numbers[0].split("."))) if numbers else self.version


@dataclass(frozen=True)
class Machine:
    """The processor as programs see it.

    Attributes:
        arch: the architecture of programs, as in ``linux_<arch>``: ``"armv7l"``. A 32-bit system
            on a 64-bit ARM kernel is ``"armv8l"``, as packaging calls it.
        uname: what ``uname -m`` says there; differs from ``arch`` for a 32-bit system on a
            64-bit kernel.
        float_abi: ``"hard"``, ``"soft"``, ``"spe"`` (PowerPC e500), or None where an architecture
            has only one.
        isa: the instruction set that may be used: ``"x86-64-v1"``, ``"armv6"``, ``"armv7-a"``.
    """

    arch: str
    uname: str
    float_abi: str | None
    isa: str


@dataclass(frozen=True)
class Libc:
    """The C library: ``family`` is ``"glibc"`` or ``"musl"``, ``version`` is ``(2, 28)``."""

    family: str
    version: tuple[int, int]

    def __str__(self) -> str:
        return f"{self.family} {self.version[0]}.{self.version[1]}"


@dataclass(frozen=True)
class Distro:
    """The distribution: ``id`` and ``version`` as in ``/etc/os-release`` (``"debian"``, ``"12"``).

    DSM and SRM have no such file; they are ``"dsm"`` and ``"srm"`` here.
    """

    id: str
    version: str


@dataclass(frozen=True)
class Kernel:
    """The kernel: ``uname -r`` and ``uname -v``; empty where the catalogue can't know."""

    release: str = ""
    version: str = ""


@dataclass(frozen=True)
class Target:
    """A machine, or a class of machines, that wheels must run on.

    Attributes:
        name: as in the catalogue or the configuration; names the wheelhouse's folder.
        rename: platform wheels are renamed to ``linux_<uname -m>``, as spksrc does.
    """

    name: str
    python: Python
    machine: Machine
    libc: Libc
    distro: Distro | None = None
    kernel: Kernel = Kernel()
    rename: bool = False

    def as_dict(self) -> dict[str, Any]:
        """All fields as JSON values in a fixed order; ``target_from_dict`` reads them back."""
        return asdict(self)


def target_from_dict(data: Mapping[str, Any]) -> Target:
    """Read back what ``Target.as_dict`` gave, also after a trip through JSON.

    Raises:
        UsageError: a field is missing, unknown or of the wrong shape.
    """
    try:
        distro = data.get("distro")
        return Target(
            name=str(data["name"]),
            python=_python_from_dict(data["python"]),
            machine=Machine(**data["machine"]),
            libc=Libc(data["libc"]["family"], _pair(data["libc"]["version"])),
            distro=Distro(**distro) if distro else None,
            kernel=Kernel(**data.get("kernel", {})),
            rename=bool(data.get("rename", False)),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UsageError(
            f"This is not the description of a target: {error!r}. "
            "Take it again with `wheelyard target detect --json` on the machine."
        ) from error


def _python_from_dict(data: Mapping[str, Any]) -> Python:
    return Python(**{**data, "version": _pair(data["version"])})


def _pair(value: Any) -> tuple[int, int]:
    major, minor = value
    return int(major), int(minor)
