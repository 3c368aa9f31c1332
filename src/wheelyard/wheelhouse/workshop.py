"""Everything that making wheels takes, put together in one place and closed again."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

from wheelyard.builders.artifacts import Artifacts
from wheelyard.builders.cross.gcc import GCC, gcc_digest
from wheelyard.builders.cross.host import host_of
from wheelyard.builders.cross.native import (
    libraries_for,
    native_environment,
    native_packages,
    native_settings,
    python_packages,
)
from wheelyard.builders.download import Download
from wheelyard.builders.host import host_identity
from wheelyard.builders.interpreters import Interpreters
from wheelyard.builders.isolation import detect_isolation
from wheelyard.builders.locker import Locker
from wheelyard.builders.pep517 import Bench, Build, Describe, Prepare
from wheelyard.builders.processes import Processes, ProcessLimits
from wheelyard.builders.prove import Prover
from wheelyard.builders.repair import Repair
from wheelyard.builders.repository import IndexRepository
from wheelyard.builders.retag import Retag
from wheelyard.errors import BuildError, HostError
from wheelyard.executors.local import StorePerformer
from wheelyard.executors.schedule import Limits
from wheelyard.plans.finder import ProjectMetadata
from wheelyard.plans.plan import (
    CROSS,
    DOWNLOAD,
    METADATA,
    PEP517,
    PREPARE,
    REPAIR,
    RETAG,
    build_step,
)
from wheelyard.plans.request import PackageSettings
from wheelyard.plans.step import BuildSettings, Cross, Failure, Step, Success
from wheelyard.store.store import Store
from wheelyard.targets.detect import detect_this
from wheelyard.wheel import normalize_name, parse_metadata

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from wheelyard.builders.sysroots import PackageProvider
    from wheelyard.index.client import IndexClient
    from wheelyard.plans.release import File
    from wheelyard.plans.request import RequirementLine
    from wheelyard.targets.target import Target
    from wheelyard.wheel import Metadata
    from wheelyard.wheel.names import NormalizedName


_UNSPEAKABLE = frozenset("\"'\\")  # to zig, which reads its own lists of files, and to meson-python
# What a target's description says that no build depends on.
_NOT_BUILT_FOR = frozenset({"name", "kernel", "distro", "rename"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Means:
    """What a workshop is made from.

    ``identity`` says which indexes answer, without credentials: resolutions are remembered under
    it. ``locked`` are files that a lock names, which are taken before any index is asked.
    ``own_sysroots`` are the names of targets for which the user has one.
    """

    store: Path
    client: IndexClient
    sysroots: Callable[[Store], PackageProvider]
    identity: str
    own_sysroots: frozenset[str] = frozenset()
    locked: Mapping[NormalizedName, tuple[File, ...]] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    process_limits: ProcessLimits = field(default_factory=ProcessLimits)
    epoch: int = 315532800


class Workshop:
    """A store, a repository and a performer that know one another."""

    def __init__(self, means: Means, build_constraints: tuple[RequirementLine, ...]) -> None:
        self.means = means
        self.build_constraints = tuple(sorted(_constraint_text(line) for line in build_constraints))
        self.store = Store(means.store)
        self.processes = Processes(means.process_limits)
        self.artifacts = Artifacts(self.store, means.client)
        self.repository = IndexRepository(
            means.client, self.artifacts, self._backend_metadata, means.locked
        )
        lock, lock_for_host = (
            Locker(self.repository, self.artifacts, self._make, settings, build_constraints)
            for settings in (self._plain_settings, self._host_settings)
        )
        sysroots = means.sysroots(self.store)
        self._sysroots = sysroots
        self._interpreters = Interpreters(sysroots, self.store)
        bench = Bench(
            artifacts=self.artifacts,
            processes=self.processes,
            isolation=detect_isolation,
            lock=lock,
            lock_for_host=lock_for_host,
            interpreter=self._interpreters,
            sysroots=sysroots,
        )
        self.prover = Prover(bench, jobs=means.limits.builds)
        build = Build(bench)
        self.performer = StorePerformer(
            {
                DOWNLOAD: Download(self.artifacts),
                PREPARE: Prepare(bench),
                PEP517: build,
                METADATA: Describe(bench),
                CROSS: build,
                REPAIR: Repair(bench.artifacts, bench.sysroots),
                RETAG: Retag(bench.artifacts),
            },
            self.store,
        )

    def settings(self, target: Target, package: PackageSettings | None) -> BuildSettings:
        """Say how a build on this machine is set; its interpreter has the target's version."""
        host = self._interpreters(_short(target)).target
        return BuildSettings(
            python=_full(host),
            machine=host_identity(host),
            config_settings=package.config_settings if package else (),
            environment=package.environment if package else (),
            epoch=self.means.epoch,
            constraints=self.build_constraints,
        )

    def cross_settings(self, target: Target, package: PackageSettings) -> BuildSettings:
        """Say how a cross build for a target is set; its interpreter runs here, of its version.

        Raises:
            HostError: When there is no such interpreter, or the store lies where none can compile.
            UsageError: When no compiler for the target is known.
        """
        host_of(target)
        if not _UNSPEAKABLE.isdisjoint(str(self.store.root.absolute())):
            raise HostError(
                f"nothing is cross-built below {self.store.root}: compilers and build systems "
                "don't take quotes or backslashes in a path. Name another folder with --store"
            )
        own = target.name in self.means.own_sysroots  # which is known by the target's name
        left = _NOT_BUILT_FOR - ({"name"} if own else set())
        described = {k: v for k, v in target.as_dict().items() if k not in left}
        toolchain = package.toolchain.removeprefix("zig")
        # No suite has libraries for musl: there, projects are left to their own copies.
        packages = native_packages(package.name)
        left_alone = target.libc.family == "musl" and packages != ()
        known = () if left_alone else packages
        libraries = known if package.native is None else package.native
        # zig has a C library, of any age; GCC is given the sysroot's, which its libraries fit.
        libraries = (
            (*libraries, "libc6-dev") if toolchain == GCC else libraries_for(target, libraries)
        )
        native = (*python_packages(target), *libraries)
        cross = Cross(
            host=json.dumps(described, sort_keys=True),
            native=native,
            sysroot=self._sysroots(target, native).digest if own else "",
            toolchain=toolchain,
            compiler=gcc_digest(toolchain, target, self._sysroots) if "/" in toolchain else "",
        )
        settings = self.settings(target, package)
        wanted = () if left_alone else native_environment(package.name)
        environment = {**dict(wanted), **dict(settings.environment)}
        return replace(
            settings,
            cross=cross,
            environment=tuple(sorted(environment.items())),
            config_settings=(*native_settings(package.name), *settings.config_settings),
        )

    def _plain_settings(self, host: Target, _: NormalizedName) -> BuildSettings:
        return self.settings(host, None)

    def _host_settings(self, host: Target, name: NormalizedName) -> BuildSettings:
        return self.cross_settings(host, PackageSettings(name=name))

    def _make(self, step: Step) -> Success:
        """Run a step that another step needs."""
        result = self.performer(step)
        if isinstance(result, Failure):
            raise BuildError(f"{step.source.filename}: {result.cause}")
        return result

    def _backend_metadata(self, _: NormalizedName, file: File) -> ProjectMetadata:
        metadata = self.describe(file)
        return ProjectMetadata(version=metadata.version, requires_dist=metadata.requires_dist)

    def describe(self, source: File) -> Metadata:
        """Ask a source's backend for the metadata, under the running interpreter.

        Raises:
            BuildError: When it can't say it.
        """
        prepare = Step(
            kind=PREPARE,
            project=normalize_name(source.filename),  # the project's own name may not be known
            version="",
            source=source,
            build=self.settings(detect_this(), None),
            requires=(),
            reason="its metadata is not static",
        )
        prepared = self._make(prepare)
        artifact = self._make(build_step(prepare, prepared, METADATA)).artifact
        return parse_metadata(self.store.path(artifact.sha256).read_bytes())

    def close(self) -> None:
        """End every child process and remove what is unfinished."""
        self.processes.stop()
        self.repository.close()
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _constraint_text(line: RequirementLine) -> str:
    return f"{line.name}{line.specifier}; {line.marker} {' '.join(sorted(line.hashes))}".strip()


def _short(target: Target) -> str:
    suffix = "t" if target.python.free_threaded else ""
    return f"{target.python.version[0]}.{target.python.version[1]}{suffix}"


def _full(target: Target) -> str:
    return target.python.full_version + ("t" if target.python.free_threaded else "")
