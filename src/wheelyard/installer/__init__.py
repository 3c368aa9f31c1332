"""Puts a wheelhouse into an environment: verified, all or nothing, without a network.

Standard library only, Python 3.9 and later, as it is shipped to the machines installed to.
"""

from wheelyard.installer.core import install
from wheelyard.installer.environment import Destination
from wheelyard.installer.values import (
    Change,
    Compatibility,
    InstallReport,
    InstallRequest,
    Options,
)

__all__ = [
    "Change",
    "Compatibility",
    "Destination",
    "InstallReport",
    "InstallRequest",
    "Options",
    "install",
]
