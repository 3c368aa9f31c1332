from __future__ import annotations

from tests.fuzz import harness
from tests.fuzz.seeds import LARGEST, seeds


def test_every_seed_is_a_result_or_a_refusal() -> None:
    inputs = [seed for seed in seeds() if len(seed) <= LARGEST]
    for seed in inputs:
        harness.run(seed)
    assert {seed[0] for seed in inputs} == set(range(len(harness.TARGETS)))
