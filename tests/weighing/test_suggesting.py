"""Suggestions come from the reports, stand apart, and promise no more than a source could tell."""

from __future__ import annotations

import msgspec

from comity.weighing.asking import ask
from comity.weighing.recorded import inputs_of, item_of
from comity.weighing.shown import request_command
from comity.weighing.suggesting import suggest
from tests.weighing.written import item, reports, weighed, written

TOLD = (
    ("Heron", "T1", "r1"), ("Heron", "T1", "r2"), ("Heron", "S1", "r1"), ("Heron", "S1", "r2"),
    ("Otter", "T1", "r5"), ("Otter", "T2", "r6"), ("Wren", "T3", "r7"),
)  # fmt: skip


def test_what_separates_best_is_suggested_first() -> None:
    source = reports(*TOLD)
    found = suggest(weighed(written(item(observed="T1", likelihoods={})), source), source, 5)
    assert found[0].question.item.observed == "S1"
    assert "T1" not in {one.question.item.observed for one in found}
    worth = [one.worth.microbits for one in found]
    assert worth == sorted(worth, reverse=True)
    command = request_command(found[0].question)
    assert command.startswith("comity request PARTY --type evidence --text 'Was S1 seen?'")
    assert len(suggest(weighed(written(), None), source, 1)) == 1


def test_a_graded_source_tells_no_more_than_was_said() -> None:
    source = reports(*TOLD)
    content = weighed(written(item(observed="T1", likelihoods={})), source)
    names = [one.id for one in content.hypotheses]
    for one in suggest(content, source, 9):
        for grade in (0, 300_000, 900_000):
            graded = msgspec.structs.replace(one.question.item, reliability=grade)
            (worth,) = ask(inputs_of(content), [item_of(graded, names)])
            assert worth.microbits <= one.worth.microbits


def test_what_nobody_reports_suggests_nothing() -> None:
    assert suggest(weighed(written()), reports(("Wren", "T3", "r7")), 5) == ()
