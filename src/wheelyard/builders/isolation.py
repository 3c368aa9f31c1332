"""Keeping a build off the network and off everything else: bubblewrap, or what the kernel has.

Which of them works is found by trying, once a process; the report says which it was.
"""

from __future__ import annotations

import enum
import functools
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class Isolation(enum.StrEnum):
    """How builds are kept off the network."""

    BUBBLEWRAP = "bubblewrap"
    """No network, no devices, and only the folders named can be written."""
    NAMESPACES = "namespaces"
    """The same by ``unshare`` and ``mount``, which every Linux has."""
    UNSHARE = "unshare"
    """No network: where mounting isn't allowed."""
    NONE = "none"
    """Nothing could be had: builds can reach the network."""


@functools.cache
def detect_isolation() -> Isolation:
    """Give the best that works on this machine for this user."""
    with tempfile.TemporaryDirectory() as scratch:
        for kind in (Isolation.BUBBLEWRAP, Isolation.NAMESPACES, Isolation.UNSHARE):
            probe = wrap(("true",), kind, writable=(Path(scratch),))
            if shutil.which(probe[0]) and _succeeds(probe):
                return kind
    return Isolation.NONE


def _succeeds(command: Sequence[str]) -> bool:
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def wrap(
    command: Sequence[str], isolation: Isolation, *, writable: Sequence[Path]
) -> tuple[str, ...]:
    """Give the command that runs another one isolated.

    Args:
        command: What to run.
        isolation: By which means.
        writable: The folders that it may write to, the first one of them its own.
    """
    folders = tuple(str(path.resolve()) for path in writable)  # as mountinfo names them
    if isolation is Isolation.BUBBLEWRAP:
        binds = [part for path in folders for part in ("--bind", path, path)]
        return ("bwrap", *_BWRAP, *binds, "--", *command)
    user = () if os.geteuid() == 0 else ("--user", "--map-current-user")
    # A process space of its own, so that everything below ends when we are killed.
    space = ("--net", "--fork", "--pid", "--kill-child")
    if isolation is Isolation.NAMESPACES:
        capable = ("--keep-caps",) if user else ()
        mounting = ("--ipc", "--mount", "--mount-proc", "--", "/bin/sh", "-c", _MOUNTS, "sh")
        return ("unshare", *user, *capable, *space, *mounting, *folders, "--", *command)
    if isolation is Isolation.UNSHARE:
        return ("unshare", *user, *space, "--", *command)
    return tuple(command)


_BWRAP = (
    *("--ro-bind", "/", "/"),
    *("--dev", "/dev"),
    *("--proc", "/proc"),
    "--unshare-all",
    "--die-with-parent",
    *("--cap-drop", "ALL"),
)

_MOUNTS = r"""
set -eu
own=$1
for folder in "$@"; do
    [ "$folder" = -- ] && break
    mount --bind "$folder" "$folder"
done
cd "$(pwd -P)"  # on the new mount: we are still below the one that was there before

# Devices that are nobody's: whoever is root could write to disks.
mkdir "$own/.dev"
mount -t tmpfs -o mode=755,nosuid devices "$own/.dev"
for device in null zero full random urandom tty; do
    : > "$own/.dev/$device"
    mount --bind "/dev/$device" "$own/.dev/$device"
done
mkdir -m 1777 "$own/.dev/shm"
ln -s /proc/self/fd "$own/.dev/fd"
ln -s /proc/self/fd/0 "$own/.dev/stdin"
ln -s /proc/self/fd/1 "$own/.dev/stdout"
ln -s /proc/self/fd/2 "$own/.dev/stderr"
mount --rbind "$own/.dev" /dev
umount -l "$own/.dev"
rmdir "$own/.dev"

# All else is only to be read, /proc with the kernel's settings too. A mount keeps the options that
# it has, or the kernel refuses.
lock() {
    point=$1 options=${2#r[wo]}
    shift 2
    case $point in
        /dev | /dev/* | /proc/*) return ;;  # what is seen there now is new
        *\\*) point=$(printf '%b' "$point") ;;  # mountinfo writes a blank as \040
    esac
    for folder in "$@"; do
        [ "$folder" = -- ] && break
        [ "$folder" = "$point" ] && return
    done
    mount -o "remount,bind,ro$options" "$point"
}
while read -r _ _ _ _ point options _; do
    lock "$point" "$options" "$@"
done < /proc/self/mountinfo

while [ "$1" != -- ]; do shift; done
shift
exec setpriv --no-new-privs --securebits +noroot,+noroot_locked \
    --inh-caps -all --ambient-caps -all --bounding-set -all -- "$@"
"""
