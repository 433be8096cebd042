"""Layers behave as the dictionary that they stand for, and every version stays as it was."""

from __future__ import annotations

import itertools
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from comity.case import layers as module
from comity.case.layers import STEP, Layers

SMALL = 4
keys = st.integers(0, 40 * SMALL)
steps = st.lists(st.lists(st.tuples(keys, st.integers()), max_size=8 * SMALL), max_size=12)


@given(steps)
def test_layers_are_the_dictionaries_they_stand_for(batches: list[list[tuple[int, int]]]) -> None:
    with patch.multiple(module, SMALL=SMALL, STEP=2):
        check(batches)


def test_layers_are_few_and_no_two_of_one_size() -> None:
    """However entries come, there are log n layers: what keeps a look-up, and an entry more, cheap."""
    for page in (1, 70, 1_000):
        layers: Layers[int, int] = Layers()
        for start in range(0, 20_000, page):
            growing = layers.branch()
            for key in range(start, start + page):
                growing[key] = key
            layers = growing.settle()
        sizes = [len(part) for part in layers._parts[1:]]
        assert all(below >= STEP * above for above, below in itertools.pairwise(sizes)), sizes
        assert len(layers._parts[0]) <= module.SMALL


def check(batches: list[list[tuple[int, int]]]) -> None:
    versions: list[tuple[Layers[int, int], dict[int, int]]] = [(Layers(), {})]
    for number, batch in enumerate(batches):
        before, plain = versions[-1 if number % 3 else 0]
        growing, plain = before.branch(), dict(plain)
        for key, value in batch:
            if value % 2:
                growing[key] = value
                plain[key] = value
            else:
                assert growing.setdefault(key, value) == plain.setdefault(key, value)
        versions.append((growing.settle(), plain))
    for layers, plain in versions:
        assert layers == plain
        assert list(layers) == list(plain)
        assert len(layers) == len(plain)
        assert list(layers.items()) == list(plain.items())
        for key in range(40 * SMALL + 2):
            assert (key in layers) == (key in plain)
            assert layers.get(key) == plain.get(key)
            assert layers.get(key, "none") == plain.get(key, "none")
        assert repr(layers) == repr(plain)
