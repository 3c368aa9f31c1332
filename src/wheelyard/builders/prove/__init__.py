"""Proving wheels: they are installed as on the target and imported by the target's interpreter."""

from wheelyard.builders.prove.prover import Prover

__all__ = ["Prover"]
