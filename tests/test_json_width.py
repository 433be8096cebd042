"""Values are counted as readers of JSON would make them."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from comity.json_width import has_many_values


@given(
    st.recursive(
        st.none() | st.integers() | st.text('a,[{"\\é', max_size=4),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text('a,[{"\\'), inner, max_size=4),
        max_leaves=30,
    ),
    st.integers(0, 20),
)
def test_marks_are_counted_outside_of_strings(value: Any, most: int) -> None:
    def marks(value: Any) -> int:
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
        return 0 if inner is None else 1 + max(0, len(value) - 1) + sum(map(marks, inner))

    raw = json.dumps({"a": value}).encode()
    assert has_many_values(raw, most) == (marks({"a": value}) > most)
