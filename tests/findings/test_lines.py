"""Long lists taken apart by the piece are the same lists."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.findings import lines
from comity.findings.lines import lines_of, lines_that, sort_lines

some = st.lists(
    st.text(st.sampled_from("abé\U0001f600"), min_size=1, max_size=3).map(str.encode), max_size=30
)


def join(listed: list[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in listed)


@given(some, st.integers(1, 9))
def test_lines_are_those_of_the_whole(listed: list[bytes], piece: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "PIECE", piece)
        raw = join(listed)
        assert list(lines_of(raw)) == listed
        assert lines_that(raw, lambda line: b"a" in line) == join([line for line in listed if b"a" in line])
        assert lines_that(raw, lambda _: True) is raw


@given(st.lists(some.map(sorted).filter(bool), max_size=6), st.integers(1, 40))
def test_runs_are_sorted_together(runs: list[list[bytes]], share: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "SHARE", share)
        told = [join(run) for run in runs]
        assert sort_lines(told) == join(sorted({line for run in runs for line in run}))
        assert not told
