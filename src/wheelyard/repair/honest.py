"""The tags that a wheel may honestly carry: no more than its compiled parts keep. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wheelyard.repair.audit import glibc_floor, is_for, musl_floor
from wheelyard.repair.isa import exceeds
from wheelyard.repair.limited import STABLE, broken_claim, claimed, stable_abi_of
from wheelyard.repair.policy import NEWEST, glibc_policy, is_floor, musl_policy, provided
from wheelyard.targets.isa import baseline
from wheelyard.targets.platform_tag import parse_platform
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


def machine_of(objects: Iterable[SharedObject], tags: Iterable[Tag] = ()) -> Machine | None:
    """Give the machine that shared objects are for, as they say; None where that is not one.

    On 32-bit ARM they say it vaguely (a linker keeps the attributes of the first thing that it
    reads, such as a start file), so there the architecture of the wheel's own tags comes first.
    """
    found = tuple(objects)
    kinds = {(one.code.machine, one.code.bits, one.code.little) for one in found}
    if kinds == {_ARM}:
        claimed_archs = (parse_platform(tag.platform).arch for tag in tags)
        said = [_ARM_ARCHS.get(one.code.isa, "armv7l") for one in found]
        arch = next((arch for arch in claimed_archs if arch and is_for(found[0], arch)), max(said))
        return Machine(arch, arch, _floats(found), baseline(arch))
    known = _ARCHS.get(kinds.pop()) if len(kinds) == 1 else None
    return Machine(known, known, None, baseline(known)) if known else None


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
    beyond = _beyond_any_level(found, machine)
    if beyond:
        return _plain(machine, *beyond)
    (family,) = families or {built_for.family if built_for else "glibc"}
    if family == "musl":
        return _musllinux(found, machine, built_for)
    return _manylinux(found, machine)


def _beyond_any_level(found: tuple[SharedObject, ...], machine: Machine) -> tuple[str, ...]:
    """Say what keeps shared objects from the tags that many machines accept."""
    promised = baseline(machine.arch)
    too_much = [one for one in found if exceeds(one.code.isa, promised)]
    reasons = [f"{one.path} is compiled for {one.code.isa}" for one in too_much]
    if machine.float_abi == "soft":
        reasons.append("it has soft floats, and all other tags mean hard ones")
    return tuple(reasons)


def _manylinux(found: tuple[SharedObject, ...], machine: Machine) -> Honest:
    arch = "armv7l" if machine.arch == "armv8l" else machine.arch
    if not has_manylinux(machine):
        return _plain(machine, f"there is no manylinux for {machine.arch}")
    major, newest = NEWEST.version
    oldest = max(glibc_floor(found)[1], oldest_glibc(arch)[1])
    for minor in range(oldest, max(oldest, newest) + 1):
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
            if library not in inside and library not in names and not is_floor(version)
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


def untrue(tags: Iterable[Tag], objects: Iterable[SharedObject]) -> tuple[str, ...]:
    """Say what tags promise and the shared objects of a wheel don't keep, a sentence each."""
    given, found = tuple(tags), tuple(objects)
    platforms = dict.fromkeys(tag.platform for tag in given)
    broken = [f"{one}: {why}" for one in platforms for why in _untrue_platform(one, found)]
    return (*broken, *broken_claim(given, found))


def _untrue_platform(tag: str, found: tuple[SharedObject, ...]) -> tuple[str, ...]:
    platform = parse_platform(tag)
    if platform.arch is None:
        return tuple(f"{one.path} runs on one machine alone" for one in found[:1])
    foreign = [one.path for one in found if not is_for(one, platform.arch)]
    if foreign:
        return tuple(f"{path} is not for {platform.arch}" for path in foreign)
    libc = platform.floor
    if libc is None:
        return ()
    machine = Machine(platform.arch, platform.arch, _floats(found), baseline(platform.arch))
    other = [one for one in found if one.libc and one.libc != libc.family]
    if other:
        return tuple(f"{one.path} is linked with {one.libc}" for one in other)
    newer = [one for one in found if libc.family == "glibc" and one.floor > libc.version]
    policy = (
        glibc_policy(libc.version, platform.arch)
        if libc.family == "glibc"
        else musl_policy(libc.version)
    )
    return (
        *_beyond_any_level(found, machine),
        *(f"{one.path} needs glibc {one.floor[0]}.{one.floor[1]}" for one in newer),
        *_missing(found, policy),
    )


def _floats(found: tuple[SharedObject, ...]) -> str | None:
    said = {one.code.float_abi for one in found}
    return next((kind for kind in ("soft", "hard") if kind in said), None)
