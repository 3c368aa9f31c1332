"""The site file that every ``configure`` reads, whoever calls it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wheelyard.builders.cross.host import Host


def config_site(host: Host, build: str) -> str:
    """Give what ``CONFIG_SITE`` names (Autoconf manual, "Setting Site Defaults").

    It is read before the host's type is worked out, so that it stands for ``--host``, which those
    who call ``configure`` from a setup.py seldom pass on.

    Args:
        host: What the build is for.
        build: The GNU name of the machine that builds.
    """
    return f"""\
if test -z "$host_alias"; then
  build_alias={build}
  host_alias={host.gnu_type}
  cross_compiling=yes
fi
# Answers that running a program would give.
ac_cv_func_malloc_0_nonnull=${{ac_cv_func_malloc_0_nonnull=yes}}
ac_cv_func_realloc_0_nonnull=${{ac_cv_func_realloc_0_nonnull=yes}}
"""
