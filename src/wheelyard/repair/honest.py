"""The tags that a wheel may honestly carry: no more than its compiled parts keep. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wheelyard.repair.audit import glibc_floor, musl_floor
from wheelyard.repair.isa import exceeds
from wheelyard.repair.limited import STABLE, claimed, stable_abi_of
from wheelyard.repair.policy import NEWEST, glibc_policy, musl_policy, provided
from wheelyard.targets.isa import baseline
from wheelyard.targets.platforms import LEGACY_MANYLINUX, has_manylinux, oldest_glibc
from wheelyard.targets.target import Libc, Machine
from wheelyard.wheel.tags import Tag

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wheelyard.repair.elf import SharedObject
    from wheelyard.repair.policy import Policy
    from wheelyard.targets.target import Target

# The architecture of ELF's number, bits and byte order (little).
_ARCHS: Mapping[tuple[int, int, bool], str] = {
    (3, 32, True): "i686",
    (20, 32, False): "ppc",
    (21, 64, False): "ppc64",
    (21, 64, True): "ppc64le",
    (22, 64, False): "s390x",
    (62, 64, True): "x86_64",
    (183, 64, True): "aarch64",
    (243, 64, True): "riscv64",
    (258, 64, True): "loongarch64",
}
_ARM = (40, 32, True)
_ARM_ARCHS = {"armv4": "armv5tel", "armv4t": "armv5tel", "armv5t": "armv5tel", "armv6": "armv6l"}
_ARM_ARCHS |= {"armv5te": "armv5tel"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Honest:
    """The platforms of a wheel, and why it is for no more machines; empty where it is for all."""

    platforms: tuple[str, ...]
    reasons: tuple[str, ...] = ()


def machine_of(objects: Iterable[SharedObject]) -> Machine | None:
    """Give the machine that shared objects are for, as they say; None where that is not one."""
    found = {_machine(one) for one in objects}
    return found.pop() if len(found) == 1 else None


def _machine(one: SharedObject) -> Machine | None:
    code = one.code
    key = (code.machine, code.bits, code.little)
    arch = _ARM_ARCHS.get(code.isa, "armv7l") if key == _ARM else _ARCHS.get(key)
    if arch is None:
        return None
    return Machine(arch, arch, (code.float_abi or None) if key == _ARM else None, baseline(arch))


def honest_platforms(
    objects: Iterable[SharedObject], machine: Machine, built_for: Libc | None = None
) -> Honest:
    """Give the platform tags of a wheel with these shared objects, for as many machines as can be.

    Args:
        objects: all of the wheel.
        machine: that they are for.
        built_for: the C library that they were compiled against, where that is known: musl's
            symbols have no versions, so it decides for musl.
    """
    found = tuple(objects)
    families = {one.libc for one in found} - {""}
    if len(families) > 1:
        return _plain(machine, "it is linked with two C libraries")
    if machine.float_abi == "soft":
        return _plain(machine, "it has soft floats, and all other tags mean hard ones")
    promised = baseline(machine.arch)
    for one in found:
        if exceeds(one.code.isa, promised):
            return _plain(machine, f"{one.path} is compiled for {one.code.isa}")
    (family,) = families or {built_for.family if built_for else "glibc"}
    if family == "musl":
        return _musllinux(found, machine, built_for)
    return _manylinux(found, machine)


def _manylinux(found: tuple[SharedObject, ...], machine: Machine) -> Honest:
    arch = "armv7l" if machine.arch == "armv8l" else machine.arch
    if not has_manylinux(machine):
        return _plain(machine, f"there is no manylinux for {machine.arch}")
    major, newest = NEWEST.version
    for minor in range(max(glibc_floor(found)[1], oldest_glibc(arch)[1]), newest + 1):
        if not _missing(found, glibc_policy((major, minor), arch)):
            alias = LEGACY_MANYLINUX.get((major, minor))
            names = (f"manylinux_{major}_{minor}", *((alias,) if alias else ()))
            return Honest(platforms=tuple(f"{name}_{arch}" for name in names))
    return _plain(machine, *_missing(found, glibc_policy(NEWEST.version, arch)))


def _musllinux(found: tuple[SharedObject, ...], machine: Machine, built_for: Libc | None) -> Honest:
    arch = "armv7l" if machine.arch == "armv8l" else machine.arch
    floor = musl_floor(found)
    level = max(floor, built_for.version) if built_for and built_for.family == "musl" else floor
    missing = _missing(found, musl_policy(level))
    if missing:
        return _plain(machine, *missing)
    return Honest(platforms=(f"musllinux_{level[0]}_{level[1]}_{arch}",))


def _missing(found: tuple[SharedObject, ...], policy: Policy) -> tuple[str, ...]:
    """Say what shared objects take from the machine that no machine of a level need have."""
    inside = provided(found)
    sentences = []
    for one in found:
        names = [name for name in policy.lacking(one) if name not in inside]
        if names:
            sentences.append(f"{one.path} needs {', '.join(names)}")
        sentences += [
            f"{one.path} needs {version} of {library}"
            for library, version in policy.too_new(one)
            if library not in inside and library not in names
        ]
    return tuple(sentences)


def _plain(machine: Machine, *reasons: str) -> Honest:
    return Honest(platforms=(f"linux_{machine.arch}",), reasons=reasons)


def honest_tags(
    tags: Iterable[Tag], objects: Iterable[SharedObject], platforms: tuple[str, ...], target: Target
) -> tuple[Tag, ...]:
    """Give the tags of a wheel that was built for a target, from those that its backend gave it.

    The platforms are replaced. A claim of the stable ABI that the files don't keep is corrected to
    a later Python, or to the target's own where they need what no stable ABI has.
    """
    given, needs = tuple(tags), stable_abi_of(objects)
    oldest = max(needs.since, claimed(given) or needs.since)
    own = f"cp3{target.python.version[1]}"
    kept = Tag(own, target.python.abi, "") if needs.unstable else Tag(f"cp3{oldest[1]}", STABLE, "")
    corrected = [kept if tag.abi == STABLE else tag for tag in given]
    return tuple(
        sorted({replace(tag, platform=platform) for tag in corrected for platform in platforms})
    )
