"""Putting files into a staging folder: hard links from the cache where the file system can."""

from __future__ import annotations

import errno
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from wheelyard.installer.plan import Link, Placed, Text

# Another file system, no hard links on it, too many of one file, or another owner's file.
_NO_LINK = {errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EACCES, errno.ENOSYS, errno.EOPNOTSUPP}

_BATCH = 400  # links: enough that threads seldom meet in a folder, few enough to share out


def stage(root: Path, placed: Sequence[Placed], jobs: int) -> None:
    """Put every file of ``placed`` below ``root``, in ``jobs`` threads.

    A path that several wheels share is put there once: their content was found to be the same.
    """
    links = list({link.path: link for wheel in placed for link in wheel.links}.values())
    batches = [links[at : at + _BATCH] for at in range(0, len(links), _BATCH)]
    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(lambda batch: _link_all(root, batch), batches))
    for text in {text.path: text for wheel in placed for text in wheel.texts}.values():
        _write(root / text.path, text)


def _link_all(root: Path, links: Sequence[Link]) -> None:
    for folder in {link.path.rpartition("/")[0] for link in links}:
        (root / folder).mkdir(parents=True, exist_ok=True)
    for link in links:
        target = f"{root}/{link.path}"
        try:
            os.link(link.source, target)
        except OSError as error:
            if error.errno not in _NO_LINK:
                raise
            shutil.copy2(link.source, target)  # bytecode holds the time: it must stay


def _write(path: Path, text: Text) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as stream:  # never through a link into the cache
        stream.write(text.content)
    path.chmod(0o755 if text.executable else 0o644)
