"""Tags of rules that matched are offered, with what they rest on; nothing is taken."""

from __future__ import annotations

import msgspec

from comity.records import kinds
from comity.weighing.offers import offers_of, tags_of
from tests import world as w
from tests.rulebook import item_of, scene

SOURCE = """title: Spray
tags: [attack.initial-access, attack.t1110.003, ATTACK.S0002, attack.t99, cve.2020-1]
"""


def test_tags_of_a_rule() -> None:
    assert tags_of(SOURCE) == ("S0002", "T1110.003")
    assert tags_of("title: [") == tags_of("- a list") == tags_of("tags: one") == ()


def test_a_rule_that_matched_offers_its_tags() -> None:
    s = scene("offers")
    sealed = s.say(s.a, w.seal(w.item("log"), origin="mail gateway"))
    report = w.report(item_of(sealed), [3, 4])
    rule = report.rules[0]
    tagged = kinds.Rule(digest=rule.digest, name="spray.yml", source=SOURCE)
    found = s.say(s.a, msgspec.structs.replace(report, rules=(tagged, *report.rules[1:])), sealed)
    offers = offers_of(s.state)
    assert [one.observed for one in offers] == ["S0002", "T1110.003"]
    assert {one.record for one in offers} == {found.value.id}
    assert {one.origin for one in offers} == {"mail gateway"}
    assert {one.rows for one in offers} == {2}
    assert not s.state.of("assessment.make")
