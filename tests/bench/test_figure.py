"""The harness measures what it is given: in turns, in the unit, beside the peers."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from bench import main as bench_main
from bench.figure import Contender, Figure, Measured, Sample, measure


def test_contenders_run_in_turns_after_one_warm_round() -> None:
    calls: list[str] = []

    def note(name: str) -> Callable[[], float]:
        def run() -> float:
            calls.append(name)
            return float(len(calls))

        return run

    ours = Contender(name="a", run=note("a"))
    figure = Figure(name="n", unit="x", ours=ours, peers=(Contender(name="b", run=note("b")),))
    measured = measure(figure, runs=2)
    assert calls == ["a", "b", "a", "b", "b", "a"]
    assert [sample.values for sample in measured.samples] == [(3.0, 6.0), (4.0, 5.0)]


def test_a_rate_is_the_amount_over_the_time() -> None:
    contender = Contender(name="a", run=lambda: None)
    rate = measure(Figure(name="n", unit="MB/s", ours=contender, amount=1.0, runs=3))
    time = measure(Figure(name="n", unit="µs", ours=contender, runs=3))
    assert min(rate.samples[0].values) > 1.0
    assert all(0 < value < 1e6 for value in time.samples[0].values)


def test_text_and_json_hold_the_same_values() -> None:
    ours = Contender(name="comity", run=lambda: 1.0)
    figure = Figure(name="n", unit="MB/s", ours=ours, absent=(("other", "not installed"),))
    samples = (Sample(name="comity", values=(4.0, 2.0, 3.0)), Sample(name="peer", values=(6.0,)))
    measured = Measured(figure=figure, samples=samples)
    text = bench_main.to_text("seal", measured)
    assert "3.00" in text
    assert "0.5 ×" in text
    assert "other" in text
    found = json.loads(json.dumps(bench_main.to_json("seal", measured)))
    assert found["ours"] == {"name": "comity", "runs": 3, "min": 2.0, "median": 3.0, "max": 4.0}
    assert found["peers"][0]["ours_over_peer"] == 0.5
    assert found["absent"] == [{"name": "other", "why": "not installed"}]


def test_an_unknown_benchmark_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        bench_main.main(["nothing-like-it"])
    assert "nothing-like-it" in capsys.readouterr().err


def test_the_machine_is_described() -> None:
    machine = bench_main.describe_machine()
    assert machine["cores"]
    assert machine["memory_gib"]
    assert str(machine["python"]).startswith("CPython")
