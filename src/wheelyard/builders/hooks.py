"""Calling a backend's hooks in its environment, isolated, with a log."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pyproject_hooks

from wheelyard.builders import BuildFailedError
from wheelyard.builders.isolation import wrap
from wheelyard.builders.processes import TimeLimitError
from wheelyard.builders.remedies import cause_of, remedy_for, tail_of
from wheelyard.builders.rust import cargo_home
from wheelyard.store.store import is_full

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from wheelyard.builders.backend import BuildSystem
    from wheelyard.builders.pep517 import Bench
    from wheelyard.plans.step import BuildSettings, Step

_T = TypeVar("_T")
_MESON_FOLDER = ("builddir", "build-dir")  # as meson-python calls it; all versions know the first
_KEPT = ("LANG", "LC_ALL", "TERM", "TZ")
_SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"
# setuptools takes CFLAGS in the place of what the interpreter was compiled with, so that these have
# to be there as well: without -O, zig even makes programs that stop at what C leaves undefined.
_FLAGS = "-O2 -DNDEBUG -fwrapv"


@dataclass(frozen=True, kw_only=True, slots=True)
class Workplace:
    """Where a backend works.

    ``environ``, ``path`` (folders that go first on PATH), ``writable`` (caches), ``settings``
    (config settings by backend) and ``notes`` (for the report) are what a cross build adds.
    """

    scratch: Path
    project: Path
    python: Path
    environ: Mapping[str, str] = field(default_factory=dict)
    path: tuple[Path, ...] = ()
    writable: tuple[Path, ...] = ()
    settings: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


class Hooks:
    """The hooks of one project's backend."""

    def __init__(self, bench: Bench, place: Workplace, step: Step) -> None:
        self._bench = bench
        self._place = place
        self._scratch = scratch = place.scratch
        self._project = place.project
        self._python = place.python
        self._step = step
        self._log = scratch / "log"
        self._log.touch()
        (scratch / "home").mkdir()
        (scratch / "out").mkdir()

    def requires_for_wheel(self, system: BuildSystem) -> tuple[str, ...]:
        """Give what ``get_requires_for_build_wheel`` asks for besides."""
        config = self._config_settings(system)
        found = self._call(lambda: self._caller(system).get_requires_for_build_wheel(config))
        if not isinstance(found, list | tuple):
            raise self._failed(0, f"the build backend requires {found!r}, which is no list")
        return tuple(str(one) for one in found)

    def build_wheel(self, system: BuildSystem) -> Path:
        """Build the wheel and give its path in the scratch folder."""
        out = self._scratch / "out"
        config = self._config_settings(system)
        return self._result(self._call(lambda: self._caller(system).build_wheel(str(out), config)))

    def metadata(self, system: BuildSystem) -> Path:
        """Give the ``.dist-info`` folder that the backend prepares, by building if it must."""
        out = self._scratch / "out"
        config = self._config_settings(system)
        return self._result(
            self._call(
                lambda: self._caller(system).prepare_metadata_for_build_wheel(str(out), config)
            )
        )

    def _result(self, name: object) -> Path:
        """Give what a hook says that it made, where that is there."""
        made = self._scratch / "out" / Path(str(name)).name
        if not made.exists() or made == self._scratch / "out":
            raise self._failed(0, f"the build backend made nothing: it names {name!r}")
        return made

    def keep_log(self) -> str:
        """Put the log into the store and give its digest."""
        return self._bench.artifacts.store.add_bytes(self._said())

    def _said(self) -> bytes:
        """Give the log without the name of the scratch folder, which is new each time."""
        return self._log.read_bytes().replace(str(self._scratch).encode(), b"/build")

    def _caller(self, system: BuildSystem) -> pyproject_hooks.BuildBackendHookCaller:
        return pyproject_hooks.BuildBackendHookCaller(
            str(self._project),
            system.backend,
            list(system.backend_path) or None,
            runner=self._run,
            python_executable=str(self._python),
        )

    def _config_settings(self, system: BuildSystem) -> Mapping[str, str | list[str]] | None:
        settings = self._step.build.config_settings if self._step.build else ()
        merged: dict[str, str | list[str]] = {}
        for key, value in (*self._place.settings.get(system.backend, ()), *settings):
            known = merged.get(key)
            merged[key] = value if known is None else [*_listed(known), value]
        if system.backend == "mesonpy" and merged.keys().isdisjoint(_MESON_FOLDER):
            # meson-python's own choice is a new name each time, which projects write into modules.
            merged[_MESON_FOLDER[0]] = str(self._project / ".mesonpy")
        return merged or None

    def _call(self, hook: Callable[[], _T]) -> _T:
        try:
            return hook()
        except _StatusError as error:
            raise self._failed(error.status) from None
        except TimeLimitError as error:
            raise self._failed(0, str(error)) from None
        except pyproject_hooks.BackendUnavailable as error:
            raise self._failed(0, f"the build backend can't be imported: {error}") from None
        except (pyproject_hooks.HookMissing, pyproject_hooks.UnsupportedOperation) as error:
            raise self._failed(0, f"the build backend can't do this: {error}") from None
        except (OSError, ValueError, TypeError) as error:
            if isinstance(error, OSError) and is_full(error):
                raise
            raise self._failed(0, f"the build backend gave no result: {error}") from None

    def _failed(self, status: int, cause: str = "") -> BuildFailedError:
        text = self._said().decode("utf-8", "replace")
        tail = tail_of(text)
        return BuildFailedError(
            cause or cause_of(tail, status), remedy_for(text), tail, self.keep_log()
        )

    def _run(
        self,
        cmd: Sequence[str],
        cwd: str | None = None,
        extra_environ: Mapping[str, str] | None = None,
    ) -> None:
        # pyproject-hooks exchanges files with the backend by way of a folder that it names last.
        # Its parent holds those of other builds.
        writable = (self._scratch, Path(cmd[-1]), *self._place.writable)
        command = wrap(cmd, self._bench.isolation(), writable=writable)
        environ = {**self._environ(), **(extra_environ or {})}
        with self._log.open("ab") as log:
            status = self._bench.processes.run(
                command, folder=Path(cwd or self._project), environ=environ, log=log
            )
        if status != 0:
            raise _StatusError(status)

    def _environ(self) -> dict[str, str]:
        settings = self._step.build
        epoch = settings.epoch if settings else 0
        bin_folder = self._python.parent
        cargo = cargo_home()
        # What is compiled tells where its source lay: crates lie in a folder of the user's.
        ours = {str(self._scratch): "/build"}
        crates = {**ours, cargo["CARGO_HOME"]: "/cargo"}
        flags = " ".join((_FLAGS, *_moved("-ffile-prefix-map", ours)))
        environ = {name: os.environ[name] for name in _KEPT if name in os.environ}
        environ |= {
            "PATH": os.pathsep.join(
                [*map(str, (*self._place.path, bin_folder)), os.environ.get("PATH", _SYSTEM_PATH)]
            ),
            "HOME": str(self._scratch / "home"),
            "TMPDIR": str(self._scratch),
            "VIRTUAL_ENV": str(bin_folder.parent),
            "SOURCE_DATE_EPOCH": str(epoch),
            "PYTHONHASHSEED": "0",
            "PYTHONNOUSERSITE": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "CFLAGS": flags,
            "CXXFLAGS": flags,
            "RUSTFLAGS": " ".join(_moved("--remap-path-prefix", crates)),
            **cargo,
            **self._place.environ,
        }
        if self._step.version and self._step.source.url.startswith(("git+", "file:")):
            # What the tags of a checkout would say is not in an archive without its .git.
            environ["SETUPTOOLS_SCM_PRETEND_VERSION"] = self._step.version
        return environ | _extended(environ, settings)


def _moved(option: str, folders: Mapping[str, str]) -> list[str]:
    """Give the flags that name folders otherwise; not those that flags can't name.

    Build systems split flags at spaces, and some take quotes for such.
    """
    return [f"{option}={old}={new}" for old, new in folders.items() if shlex.quote(old) == old]


def _extended(environ: Mapping[str, str], settings: BuildSettings | None) -> dict[str, str]:
    """Give the configured variables; flags are added to ours rather than put in their place."""
    given = dict(settings.environment) if settings else {}
    flags = {"CFLAGS", "CXXFLAGS", "RUSTFLAGS"}
    return {k: f"{environ[k]} {v}" if k in flags else v for k, v in given.items()}


def _listed(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]


class _StatusError(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status
