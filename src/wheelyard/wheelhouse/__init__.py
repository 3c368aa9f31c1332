"""Wheelhouses: made (start reading at ``make``), described, written, verified, locked."""
