"""Every benchmark's work is done and checked once, on a small input."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import bench_seal
from bench.figure import measure
from comity.ledger.native import load_kernels


def test_sealing_is_measured_for_each_format(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_seal, "MEGABYTES", 0.05)
    monkeypatch.setattr(bench_seal, "PROVEN", 2000)
    names = []
    for figure in bench_seal.figures(tmp_path):
        measured = measure(figure, runs=1)
        is_sealing = figure.name.startswith("sealing")
        assert not is_sealing or [sample.name for sample in measured.samples][:2] == [
            "comity seal_stream",
            "hashlib.file_digest",
        ]
        assert all(value > 0 for sample in measured.samples for value in sample.values)
        names.append(figure.name)
    formats = ["lines/1", "csv/1", "jsonl/1"]
    ways = ["", ", compiled loops"] if load_kernels() else [""]
    sealing = [name for name in names if name.startswith("sealing")]
    assert sealing == [f"sealing {name}{way}" for way in ways for name in formats]
    assert len([name for name in names if name.startswith("proof")]) == 3
