"""Every benchmark's work is done and checked once, on a small input."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import bench_seal
from bench.figure import measure


def test_sealing_is_measured_for_each_format(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_seal, "MEGABYTES", 0.05)
    names = []
    for figure in bench_seal.figures(tmp_path):
        measured = measure(figure, runs=1)
        assert [sample.name for sample in measured.samples][:2] == [
            "comity seal_stream",
            "hashlib.file_digest",
        ]
        assert all(value > 0 for sample in measured.samples for value in sample.values)
        names.append(figure.name)
    assert names == ["sealing lines/1", "sealing csv/1", "sealing jsonl/1"]
