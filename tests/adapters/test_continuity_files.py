"""The mark beside the journal: what is said of one that does not fit its own file."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from comity.adapters.continuity_files import SLACK, ContinuityFiles
from comity.exchange.ports import Mark

MARK = Mark(size=1, root=bytes(32))


def test_a_mark_that_was_just_written_is_not_doubted(tmp_path: Path) -> None:
    kept = ContinuityFiles(tmp_path / "continuity")
    kept.begin(MARK)
    assert (kept.read().mark, kept.read().doubt) == (MARK, "")


def test_a_clock_set_forward_during_the_writing_is_named_beside_a_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The two leave the same trace, and an officer who copied nothing must not go looking for a copy."""
    kept = ContinuityFiles(tmp_path / "continuity")
    before = time.time_ns() - int((SLACK + 1) * 1e9)
    monkeypatch.setattr(time, "time_ns", lambda: before)
    kept.begin(MARK)
    doubt = kept.read().doubt
    assert "put back from a copy" in doubt
    assert "the clock of this machine was set forward" in doubt


def test_a_clock_set_back_after_the_writing_holds_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = ContinuityFiles(tmp_path / "continuity")
    kept.begin(MARK)
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    monkeypatch.setattr(time, "time", lambda: 0.0)
    assert kept.read().doubt == ""
