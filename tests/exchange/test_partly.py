"""A finding over rows that were not asked whole says so, and so do those who run it again."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from comity.dossier.rows_here import RowsHere
from comity.errors import Refused
from comity.evidence.seal import Declared
from comity.exchange import evidence, findings
from comity.findings.finding import Parameters
from tests.cli.running import run
from tests.exchange.network import lines
from tests.exchange.test_replicate import Two
from tests.findings.test_export_bounds import EVENT, EVERY, OFTEN, RULE

WHY = "it can be read in more ways than are asked of a row"


@pytest.fixture
def two(tmp_path: Path) -> Two:
    """The finding is over three rows, of which the second names every product."""
    made = Two(tmp_path)
    raw = lines([json.dumps(row) for row in ({"a": "b"}, EVERY, EVENT)])
    seal, _ = evidence.seal_item(made.a, made.case, raw, "made.jsonl", "jsonl/1", Declared())
    made.seal = seal.value.id
    found, _ = findings.report(made.a, made.case, made.seal, [("r.yml", RULE)], Parameters())
    made.finding = found.value.id
    made.world.settle()
    return made


def test_a_finding_and_its_re_run_name_rows_that_were_not_asked_whole(two: Two) -> None:
    assert two.report().engine.endswith("; rows not asked whole: 2")
    two.show([2, 3])
    said = two.again()
    assert (said.verdict, said.rows) == ("shown-rows-match", ((2, 2),))
    assert said.engine.endswith("; rows not asked whole: 2")


def test_numbers_of_rows_that_not_all_may_know_are_not_told(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    two.show([2, 3])
    monkeypatch.setattr("comity.exchange.findings._known_to_all", lambda *_: False)
    said = two.again()
    assert "not asked whole" not in said.engine
    assert said.note == "1 of the rows run was not asked whole"


def test_the_commands_tell_of_rows_that_were_not_asked_whole(
    two: Two, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rule = tmp_path / "r.yml"
    rule.write_bytes(RULE)
    monkeypatch.setattr("comity.cli.find.open_home", lambda home: SimpleNamespace(node=two.a))
    signing = ("find", rule, "--case", two.case, "--item", two.seal, "--again")
    said = run(*signing)
    assert said.code == 2
    assert f"in part: 1 row (2) not asked whole: {WHY}; the finding says so" in said.out
    told = run(*signing, "--json")
    assert told.one("report")["partly"] == [{"why": WHY, "rows": [[2, 1]]}]
    # What is signed already was not asked whole either, whoever asks again.
    said = run(*signing[:-1])
    assert (said.code, "nothing was signed" in said.out) == (2, True)
    assert "in part: rows 2 not asked whole, as the finding says" in said.out
    told = run(*signing[:-1], "--json")
    assert told.one("report")["partly"] == [{"why": "the finding says so", "rows": "2"}]
    two.show([2, 3])
    monkeypatch.setattr("comity.cli.disclose.open_home", lambda home: SimpleNamespace(node=two.b))
    said = run("replicate", two.finding, "--case", two.case)
    assert "  not asked whole here: 1 row (2)" in said.out
    assert "  not asked whole where it was run, as the finding says: rows 2" in said.out
    assert run("replicate", two.finding, "--case", two.case, "--json").one("record")["partly"] == [2]


def test_a_rule_that_needs_every_row_signs_no_finding_over_them(two: Two) -> None:
    with pytest.raises(Refused, match="not all of each was asked"):
        findings.report(two.a, two.case, two.seal, [("r.yml", RULE + OFTEN)], Parameters())


def test_whoever_holds_the_rows_alone_tells_it_too(two: Two) -> None:
    shown = {at: json.dumps(row).encode() for at, row in enumerate(({"a": "b"}, EVERY, EVENT), 1)}
    here = RowsHere(two.report(), shown, "jsonl/1")
    assert not isinstance(here.run(Parameters()), str)
    assert here.partly == {2}
