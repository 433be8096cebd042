"""Layers behave as the dictionary that they stand for, and every version stays as it was."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from comity.case.layers import SMALL, Layers

keys = st.integers(0, 3 * SMALL)
steps = st.lists(st.lists(st.tuples(keys, st.integers()), max_size=2 * SMALL), max_size=8)


@given(steps)
def test_layers_are_the_dictionaries_they_stand_for(batches: list[list[tuple[int, int]]]) -> None:
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
        for key in range(3 * SMALL + 2):
            assert (key in layers) == (key in plain)
            assert layers.get(key) == plain.get(key)
            assert layers.get(key, "none") == plain.get(key, "none")
        assert repr(layers) == repr(plain)
