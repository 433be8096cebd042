"""``comity weigh bench``: a table for people, figures for scripts."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.running import run
from tests.weighing.trial.published import publish, raw

DAYS = ["--fit-before", "2018-01-01", "--test-from", "2018-01-01", "--draws", "1"]


def test_it_prints_every_figure_in_both_voices(tmp_path: Path) -> None:
    path = tmp_path / "reports.jsonl"
    path.write_bytes(raw(publish()))
    asked = ["weigh", "bench", "--observations", str(path), *DAYS]
    told = run(*asked)
    assert told.code == 0, told.err
    assert "agrees with the published label" in told.out
    assert "False flag, smart" in told.out
    said = run(*asked, "--false-flag", "random", "--json")
    lines = [json.loads(line) for line in said.out.splitlines()]
    kinds = {line["type"] for line in lines}
    assert kinds == {"trial", "figure", "moved", "floor", "kinds"}
    parts = {line["part"] for line in lines if line["type"] == "figure"}
    assert parts == {"clean", "random", "copies"}
    moved = {line["model"]: line["value"] for line in lines if line["type"] == "moved"}
    assert moved["comity"] == moved["deception mixture"] == 0
    assert moved["naive bayes 0.05"] > 0.1
    assert "Circular reporting: each report told three times" in told.out
    assert all(
        line["low"] <= line["value"] <= line["high"] for line in lines if "value" in line and "low" in line
    )


def test_of_too_many_cases_some_are_drawn_and_it_is_said(tmp_path: Path) -> None:
    path = tmp_path / "reports.jsonl"
    path.write_bytes(raw(publish()))
    asked = [
        "weigh",
        "bench",
        "--observations",
        str(path),
        *DAYS,
        "--false-flag",
        "random",
        "--most-cases",
        "24",
    ]
    told = run(*asked)
    assert told.code == 0, told.err
    assert "24 were drawn by the seed (--most-cases)" in told.out
    # As few as are allowed are enough: what cannot be fitted on is left out before they are drawn.
    asked[-1] = "20"
    told = run(*asked)
    assert told.code == 0, told.err
    assert "Fitted on 20 cases before 2018-01-01" in told.out
    assert "more case" in told.out
    baseline = next(line for line in told.out.splitlines() if line.lstrip().startswith("jaccard"))
    assert baseline.split()[-2] == "–"


def test_a_day_that_is_none_is_named(tmp_path: Path) -> None:
    path = tmp_path / "reports.jsonl"
    path.write_bytes(b"{}")
    told = run("weigh", "bench", "--observations", path, "--fit-before", "soon", "--test-from", "2018-01-01")
    assert told.code == 2
    assert "trial.date" in told.err
    told = run("weigh", "bench", "--observations", path, *DAYS)
    assert told.code == 2
    assert "reports.jsonl:1" in told.err
