"""Five answers in words, for a reader who has never seen an assessment; no posterior among them."""

from __future__ import annotations

from typing import Any

from comity.weighing.in_short import Short, cut, shorten
from tests import world as w
from tests.weighing.written import item, weighed, written


def short(*items: dict[str, Any], **changed: Any) -> Short:
    return shorten(weighed(written(*items, **changed)))


def test_a_name_is_a_cluster_and_says_what_carries_it() -> None:
    strong = [
        item(f"i{n}", origin=f"o{n}", text=f"sign {n}", likelihoods={"Heron": 0.9, "unknown": 0.01})
        for n in range(4)
    ]
    against = item("z", origin="z", text="a sign against", likelihoods={"Heron": 0.1, "unknown": 0.3})
    told = short(*strong, against, deception_prior=0.01)
    assert told.believed.startswith("By these judgements: cluster “Heron” (“grey heron”).")
    assert "no person and no state" in told.believed
    assert told.why[0].startswith("What speaks for cluster “Heron” (“grey heron”) most: “i0” (“sign 0”); ")
    assert told.why[1] == "What speaks against it most: “z” (“a sign against”)."
    assert any("planted" in line for line in told.change)


def test_not_enough_evidence_says_for_what_and_what_is_missing() -> None:
    told = short(item(origin=""))
    assert told.believed.startswith("No name is given. Of 3 explanations cluster “Heron”")
    assert "A declared origin of 1 of 1 items." in told.missing
    assert "How far its author trusts this basis: it does not say." in told.missing
    asked = shorten(w.assessment(ask=w.World("ask").party("Alder")))
    assert asked.missing[0] == "Most would be learnt from: “what zone shows”"


def test_level_and_unknown_leads_are_told_as_that() -> None:
    alike = item(likelihoods={"Heron": 0.5, "Otter": 0.5, "unknown": 0.5})
    level = short(alike, hypotheses=[{"id": "Heron", "name": "grey heron"}, {"id": "Otter"}])
    assert "none leads: cluster “Heron” (“grey heron”) and cluster “Otter” are level" in level.believed
    assert level.why == ("No item tells the explanations apart.",)
    nobody = short(item(likelihoods={"Heron": 0.001, "Otter": 0.001, "unknown": 0.9}))
    assert "singles out none of those named" in nobody.believed
    before = short(*(item(f"i{n}", origin=f"o{n}") for n in range(2)), unknown_prior=0.9)
    assert before.believed.endswith("by what its author believed before: the evidence speaks against it.")


def test_words_are_cut_on_one_line() -> None:
    assert cut("One\n line.") == "One line"
    assert len(cut("x" * 500)) == len(cut("蛇" * 500)) == 60
    told = "Rows that show a build path of a maintenance host; who claimed by them has withdrawn the claim."
    assert cut(told) == "Rows that show a build path of a maintenance host; who…"


def test_how_sure_says_by_whose_rule() -> None:
    for_heron = {"Heron": 0.9, "Otter": 0.05, "unknown": 0.05}
    told = [item(f"i{n}", origin=f"o{n}", text=f"sign {n}", likelihoods=for_heron) for n in range(4)]
    assert short(*told).sure == "Sure enough for a name, by the rule its author states."
    low = short(*told[:1], name_at=0.55, withstand=0)
    assert low.sure == "Sure enough for a name by the rule its author states, and not by the usual one."
    likely = {"Heron": 0.99, "Otter": 0.005, "unknown": 0.005}
    alone = short(item("a", reliability="A", credibility="1", likelihoods=likely), withstand=0)
    assert alone.sure == low.sure
    weights = [{"id": "Heron", "weight": 400}, {"id": "Otter"}]
    before = short(*told, hypotheses=weights, unknown_prior=0.01)
    assert before.sure == "Sure enough for a name before any evidence, by what its author believed."


def test_how_sure_says_on_what_condition_by_whichever_rule() -> None:
    for_heron = {"Heron": 0.9, "Otter": 0.05, "unknown": 0.05}
    told = [item(f"i{n}", origin=f"o{n}", text=f"sign {n}", likelihoods=for_heron) for n in range(4)]
    only = "its 4 origins are not one"
    assert shorten(weighed(written(*told)), only).sure == (
        "Sure enough for a name, by the rule its author states, only if its 4 origins are not one."
    )
    assert shorten(weighed(written(*told[:1], name_at=0.55, withstand=0)), only).sure == (
        "Sure enough for a name by the rule its author states, only if its 4 origins are not one, and not by "
        "the usual one."
    )
    weights = [{"id": "Heron", "weight": 400}, {"id": "Otter"}]
    before = weighed(written(*told, hypotheses=weights, unknown_prior=0.01))
    assert shorten(before, only).sure == (
        "Sure enough for a name before any evidence, by what its author believed. With the evidence, only if "
        "its 4 origins are not one."
    )
