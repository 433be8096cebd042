"""``comity weigh fit``: what it prints is what ``items.json`` takes."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.running import ok, run
from tests.weighing.trial.published import publish, raw


def test_the_members_it_prints_weigh_and_check(tmp_path: Path) -> None:
    own = tmp_path / "own.jsonl"
    own.write_bytes(raw(publish()))
    told = run("weigh", "fit", own)
    assert told.code == 0, told.err
    start = told.out.index('"knowledge"')
    members = json.loads("{" + told.out[start : told.out.index("On the latest")].strip().rstrip(",") + "}")
    said = ok("weigh", "fit", own, "--json").one("fitted")
    assert said["knowledge_digest"] == members["knowledge_digest"]
    assert said["loss"] <= said["loss_stated"]
    tool = publish()[0]["item"]
    graded = {"origin": "us", "reliability": "A", "credibility": "1"}
    file = tmp_path / "items.json"
    stated = {
        "version": 1,
        "question": "Which cluster?",
        "hypotheses": "knowledge",
        "items": [{"id": "tool", "observed": tool, **graded}],
        "deception_prior": 0.1,
        "planting": 0.3,
        "name_at": 0.9,
        **members,
    }
    file.write_text(json.dumps(stated))
    weighed = ok("weigh", file, "--json").one("assessment")
    assert weighed["knowledge"]["name"] == members["knowledge"]
    # The same reports read otherwise are other knowledge.
    plain = run("weigh", file, "--knowledge", own)
    assert plain.code != 0
    assert "weighing.knowledge" in plain.err
    wrong = run("weigh", file, "--knowledge", f"{own} (floor 7, doubt 1)")
    assert wrong.code == 2
    assert "knowledge.smoothing" in wrong.err


def test_what_cannot_be_fitted_is_told(tmp_path: Path) -> None:
    few = tmp_path / "few.jsonl"
    few.write_bytes(raw(publish()[:40]))
    told = run("weigh", "fit", few)
    assert told.code == 2
    assert "trial.few" in told.err
    assert run("weigh", "fit", few, "--before", "soon").code == 2
