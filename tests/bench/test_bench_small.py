"""The work of the other benchmarks, done and checked once on a small input."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import (
    bench_append,
    bench_disclose,
    bench_find,
    bench_find_peers,
    bench_fold,
    bench_ledger,
    bench_match,
    bench_weigh,
)
from bench.figure import Figure, measure
from demo.cast import FORWARD
from demo.evidence import RULES, generate


def run_each(figures: Iterator[Figure]) -> list[str]:
    names = []
    for figure in figures:
        measured = measure(figure, runs=1)
        # The processor time of so little work may round to nothing.
        least = -1 if figure.name.startswith("processor time") else 0
        assert all(value > least for sample in measured.samples for value in sample.values), figure.name
        names.append(figure.name)
    return names


def test_folding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_fold, "SIZES", (20, 60, 120))
    monkeypatch.setattr(bench_fold, "ADDED", 20)
    assert run_each(bench_fold.figures(tmp_path)) == [
        "fold of 20 records, per record",
        "fold of 60 records, per record",
        "one record more, in a case of 60",
        "fold of 120 records, per record",
        "one record more, in a case of 120",
        "cost of one record in 120, over one in 60",
    ]


def test_appending(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_ledger, "CASES", (12,))
    monkeypatch.setattr(bench_ledger, "APPENDS", 64)
    assert run_each(bench_ledger.figures(tmp_path)) == [
        "journal alone, 1 to a commit",
        "journal alone, 64 to a commit",
        "one act after another, in a case of 12",
        "processor time of one act, in a case of 12",
    ]


def test_finding(tmp_path: Path) -> None:
    manifest = generate(tmp_path / "evidence", FORWARD)
    rules = [path for path in sorted(RULES.iterdir()) if path.suffix == ".yml"]
    smallest = min(manifest.files, key=lambda one: one.bytes)
    figure = bench_find.figure_of_demo("rules", rules, tmp_path, tmp_path / "evidence", [smallest])
    assert run_each(iter([figure])) == ["the demo's evidence, its rules"]


def test_finding_beside_peers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_find_peers, "OBSERVED", 20)
    monkeypatch.setattr(bench_find_peers, "BINARY", 13_000_000)
    for figure in (bench_find_peers.figure_of_stix(tmp_path), bench_find_peers.figure_of_yara(tmp_path)):
        peers = [peer.name for peer in figure.peers] + [name for name, _ in figure.absent]
        assert peers == (["stix2-matcher"] if "STIX" in figure.name else ["yara-python"])
        assert "4 of 4 alike" in figure.note or "words" in figure.note or figure.absent
        assert (run_each(iter([figure]))) == [figure.name]


def test_registering(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_append, "CHAINS", 4)
    monkeypatch.setattr(bench_append, "EACH", 3)
    monkeypatch.setattr(bench_append, "LEAVES", 1000)
    monkeypatch.setattr(bench_append, "COLD", 700)
    monkeypatch.setattr(bench_append, "SAMPLE", 100)
    names = run_each(bench_append.figures(tmp_path))
    assert names == [
        "envelopes registered, in process",
        "processor time of one of these",
        "of which form and signature",
        "receipts given together",
        "envelopes registered over HTTP, 4 clients",
        "time to the acknowledgement in those runs, 99th percentile",
        "processor time of one of these answers",
        "root over 1,000 leaf hashes",
        "cold verification of 700 published entries",
    ]


def test_weighing() -> None:
    inputs = bench_weigh.generate_inputs(12, 6, 2)
    assert run_each(bench_weigh.figures_of(inputs, "small")) == [
        "mixture with deception, small",
        "each item left out, small",
        "smallest planted set, small",
        "value of 12 answers, small",
        "value of 15 answers, small, each origin repeated",
        "ranges where all are judged by intervals, small",
    ]


def test_matching(tmp_path: Path) -> None:
    assert run_each(bench_match.figures(tmp_path, asked=20, listed=60)) == [
        "private matching, 20 × 60, processor time of both parties",
        "a list of 20 computed by its holder, processor time",
    ]
    # Every tenth of what is asked is in the list, up to its end.
    assert bench_match.match(20, 1000) == 10


def test_looking_at_a_disclosure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_disclose, "CHOSEN", 2000)
    assert len(run_each(bench_disclose.figures(tmp_path))) == 6
