"""``python -m wheelyard``; also ``python wheelyard-X-py3-none-any.whl/wheelyard``, uninstalled."""

import sys

if not __package__:  # run as a folder, here or in a wheel: Python looks for modules inside it
    from pathlib import Path

    sys.path[0] = str(Path(__file__).absolute().parents[1])

from wheelyard.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
