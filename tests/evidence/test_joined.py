"""Lines that lie together are the lines they are cut into."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.evidence.joined import JoinedLines

joined = st.lists(st.sampled_from([b"a", b"\n", b"\r", b"bcd"])).map(b"".join)


@pytest.mark.parametrize("arrays", [True, False])
def test_they_are_counted_and_cut_the_same(arrays: bool) -> None:
    @given(joined, st.integers(0, 3))
    def check(raw: bytes, at: int) -> None:
        lines, expected = JoinedLines(raw), raw.split(b"\n")
        assert len(lines) == len(expected)
        assert list(lines) == expected
        assert lines[at % len(expected)] == expected[at % len(expected)]
        assert lines[at:] == expected[at:]

    with pytest.MonkeyPatch.context() as patch:
        if arrays:
            pytest.importorskip("numpy")
        else:
            patch.delitem(sys.modules, "numpy", raising=False)
        check()


@given(joined, st.integers(0, 4))
def test_parts_are_all_of_them_in_order_and_none_is_larger(raw: bytes, most: int) -> None:
    parts = list(JoinedLines(raw).parted(most))
    assert b"\n".join(part.joined for part in parts) == raw
    assert all(len(part) <= max(most, 1) for part in parts)
