"""Wheelyard: one verified wheelhouse per machine, installed there without a network.

The whole story starts in :func:`wheelyard.wheelhouse.make.make_wheelhouses`.
"""

__version__ = "0.1.0"
