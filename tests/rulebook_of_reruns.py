"""Ways to break rule 16 with what a re-run says of which rows, which rules and which item."""

from __future__ import annotations

from typing import Any

from comity.records import kinds
from tests import world as w
from tests.rulebook import Scene, breaks, changed, item_of
from tests.world import Said


def of_rows(found: Said, **changes: Any) -> kinds.Replicate:
    """A re-run over rows 3 and 9 that found row 3 of the three that the finding names."""
    report = found.value.content
    assert isinstance(report, kinds.Report)
    made = w.rerun(found, "different", scope="rows", cause="engine")
    match = kinds.Match(rule=report.rules[0].digest, rows=((3, 1),))
    told: kinds.Replicate = changed(made, rows=((3, 1), (9, 1)), matches=(match,))
    return changed(told, **changes)  # type: ignore[no-any-return]


def of_own(found: Said, own: Said, **changes: Any) -> kinds.Replicate:
    """A re-run over an item of its author's own."""
    made = w.rerun(found, "different", cause="evidence")
    return changed(made, item=item_of(own), **changes)  # type: ignore[no-any-return]


def play_reruns(s: Scene) -> None:
    """What rule 16 accepts: rows with a result on some, rows that do not help, an item of one's own."""
    found, own = s.found(s.a), s.sealed(s.b)
    s.say(s.b, of_rows(found), found)
    joined = of_rows(found).matches[0].rule
    left = of_rows(found, verdict="not-possible", cause="", matches=(), left_out=(joined,))
    s.say(s.c, left, found)
    s.say(s.c, of_rows(found, verdict="shown-rows-match", cause="", matches=()), found)
    s.say(s.b, of_own(found, own), found, own)


@breaks(16)
def names_its_rows_under_the_first_rules(s: Scene) -> Said:
    found = s.found(s.a)
    return s.say(s.b, of_rows(found), found, s.case.opening, frame={"rules": 1})


@breaks(16)
def names_rows_of_the_whole_item(s: Scene) -> Said:
    found = s.found(s.a)
    return s.say(s.b, of_rows(found, scope="whole"), found)


@breaks(16)
def ran_over_a_row_beyond_the_item(s: Scene) -> Said:
    found = s.found(s.a)
    return s.say(s.b, of_rows(found, rows=((3, 1), (99, 2))), found)


@breaks(16)
def matches_a_row_that_it_did_not_run(s: Scene) -> Said:
    found = s.found(s.a)
    return s.say(s.b, of_rows(found, rows=((4, 1), (9, 1))), found)


@breaks(16)
def matches_by_a_rule_that_it_left_out(s: Scene) -> Said:
    found = s.found(s.a)
    made = of_rows(found)
    return s.say(s.b, changed(made, left_out=(made.matches[0].rule,)), found)


@breaks(16)
def leaves_out_a_rule_that_was_not_run(s: Scene) -> Said:
    found = s.found(s.a)
    return s.say(s.b, of_rows(found, left_out=(w.digest("no rule"),)), found)


@breaks(16)
def ran_over_an_own_item_that_it_did_not_seal(s: Scene) -> Said:
    found, other = s.found(s.a), s.sealed(s.c)
    return s.say(s.b, of_own(found, other), found, other)


@breaks(16)
def says_same_of_another_item(s: Scene) -> Said:
    found, own = s.found(s.a), s.sealed(s.b)
    return s.say(s.b, changed(w.rerun(found), item=item_of(own)), found, own)


@breaks(16)
def calls_the_finding_s_item_its_own(s: Scene) -> Said:
    found = s.found(s.a)
    report = found.value.content
    assert isinstance(report, kinds.Report)
    own = s.say(s.b, w.seal(report.item))
    return s.say(s.b, of_own(found, own), found, own)
