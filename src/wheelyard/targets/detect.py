"""The target that an interpreter runs on: this one, or another on this machine.

With ``fingerprint`` the only place that looks at the running machine.
Runs on Python 3.9 with the standard library alone.
"""

from __future__ import annotations

import json
import re
import subprocess
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from wheelyard.errors import HostError, UsageError
from wheelyard.targets import fingerprint
from wheelyard.targets.isa import isa_of
from wheelyard.targets.pythons import OLDEST_PYTHON
from wheelyard.targets.target import Distro, Kernel, Libc, Machine, Python, Target

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

THIS = "this"
_TIMEOUT = 120  # seconds; an emulated interpreter takes 15 on a slow machine
# A 32-bit system on a 64-bit kernel, as packaging names it.
_ARCH_32 = {"x86_64": "i686", "aarch64": "armv8l"}
_ELF_MACHINE_ARM = 40
_EF_ARM_EABI_VERSION_5 = 0x05000000
_EF_ARM_ABI_FLOAT_HARD = 0x00000400  # ELF for the Arm Architecture, IHI 0044
_EF_ARM_EABI_MASK = 0xFF000000


@lru_cache(maxsize=1)
def detect_this() -> Target:
    """Describe the running interpreter and its machine; no process is started, but for musl.

    Raises:
        HostError: not a CPython of 3.9 or later on Linux.
    """
    return target_from_facts(fingerprint.facts(), THIS)


def detect_interpreter(executable: Path, name: str = THIS) -> Target:
    """Describe the target that another interpreter runs on, by running a small script in it.

    Raises:
        HostError: it does not run, or is not a CPython of 3.9 or later on Linux.
    """
    script = fingerprint_script()
    try:
        done = subprocess.run(
            [executable, "-I", "-c", script],
            capture_output=True,
            check=True,
            timeout=_TIMEOUT,
        )
        facts = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise HostError(
            f"{executable} can't tell what it is: {_cause(error)}. "
            "Check that it is a Python of 3.9 or later that runs on this machine."
        ) from error
    return target_from_facts(facts, name)


def fingerprint_script() -> str:
    """Give the script that prints a machine's facts, to be run there by Python 3.9 or later."""
    return resources.files("wheelyard.targets").joinpath("fingerprint.py").read_text("utf-8")


def _cause(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        last_line = error.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        return last_line or str(error)
    return str(error)


def target_from_facts(facts: Mapping[str, Any], name: str) -> Target:
    """Understand what ``fingerprint.facts`` gathered; pure.

    Raises:
        HostError: not a CPython of 3.9 or later on Linux with glibc or musl.
        UsageError: not such facts at all.
    """
    try:
        machine = _machine(facts)
        return Target(
            name=name,
            python=_python(facts),
            machine=machine,
            libc=parse_libc(facts["libc"]),
            distro=_distro(facts),
            kernel=Kernel(**facts["kernel"]),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UsageError(
            f"This is not a fingerprint: {error!r}. Take it again on the machine."
        ) from error


def _python(facts: Mapping[str, Any]) -> Python:
    major, minor = facts["version_info"][:2]
    if facts["implementation"] != "cpython" or (major, minor) < OLDEST_PYTHON:
        raise HostError(
            f"The interpreter is {facts['implementation']} {major}.{minor}; "
            "only CPython 3.9 and later is supported. Choose another one."
        )
    flags = ("t" if facts["free_threaded"] else "") + ("d" if facts["debug"] else "")
    return Python(
        implementation="cp",
        version=(major, minor),
        full_version=facts["python_version"],
        free_threaded=facts["free_threaded"],
        abi=f"cp{major}{minor}{flags}",
        ext_suffix=facts["ext_suffix"],
    )


def _machine(facts: Mapping[str, Any]) -> Machine:
    system, _, arch = facts["platform"].partition("-")
    if system != "linux":
        raise HostError(
            f"This machine is {facts['platform']!r}; wheels are made for Linux. "
            "Name a Linux target instead of `this`."
        )
    arch = arch.replace("-", "_").replace(".", "_")
    if facts["pointer_bits"] == 32:  # noqa: PLR2004 - bits
        arch = _ARCH_32.get(arch, arch)
    return Machine(
        arch=arch,
        uname=facts["uname"],
        float_abi=_float_abi(bytes.fromhex(facts["elf_header"]), facts["ext_suffix"]),
        isa=isa_of(arch, frozenset(facts["cpuinfo"].split())),
    )


def _float_abi(elf_header: bytes, ext_suffix: str) -> str | None:
    """Read the float ABI from a 32-bit ELF header's e_flags; None where there is no choice."""
    if int.from_bytes(elf_header[18:20], "little") == _ELF_MACHINE_ARM:
        flags = int.from_bytes(elf_header[36:40], "little")
        eabi5 = flags & _EF_ARM_EABI_MASK == _EF_ARM_EABI_VERSION_5
        return "hard" if eabi5 and flags & _EF_ARM_ABI_FLOAT_HARD else "soft"
    return "spe" if ext_suffix.endswith("gnuspe.so") else None


def parse_libc(text: str) -> Libc:
    """Read ``"glibc 2.36"``, or what musl's loader prints.

    Only the first two numbers count: forks add their own ("2.20-2014.11").

    Raises:
        HostError: neither of the two.
    """
    match = re.match(r"glibc (\d+)\.(\d+)", text)
    if match:
        return Libc("glibc", (int(match[1]), int(match[2])))
    match = re.match(r"musl[^\n]*\n\s*Version (\d+)\.(\d+)", text)
    if match:
        return Libc("musl", (int(match[1]), int(match[2])))
    raise HostError(
        f"The C library says {text!r}, which is neither glibc nor musl. "
        "Name a target of the catalogue instead of `this`."
    )


def _distro(facts: Mapping[str, Any]) -> Distro | None:
    synology = _assignments(facts["synology"])
    if "productversion" in synology:
        system = "srm" if synology.get("os_name", "").upper() == "SRM" else "dsm"
        return Distro(system, synology["productversion"])
    release = _assignments(facts["os_release"])
    if "ID" not in release:
        return None
    return Distro(release["ID"], release.get("VERSION_ID", ""))


def _assignments(text: str) -> dict[str, str]:
    """Read ``KEY=value`` and ``KEY="value"`` lines, as in os-release(5)."""
    pairs = re.findall(r"""(?m)^(\w+)=["']?(.*?)["']?\s*$""", text)
    return dict(pairs)
