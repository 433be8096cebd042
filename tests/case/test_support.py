"""What stands behind an assertion: access, re-runs and origins, each by itself, for either side."""

from __future__ import annotations

import pytest

from comity.case.support import AssertionFacts, assertions, recount
from comity.records import kinds
from tests import world as w
from tests.rulebook import Scene, item_of, published, scene
from tests.rulebook_of_reruns import of_own
from tests.world import Said


def only(s: Scene, n: int = 0) -> AssertionFacts:
    return assertions(s.state)[n]


def sealed(s: Scene, actor: w.Actor, origin: str, of: kinds.Item | None = None) -> Said:
    return s.say(actor, w.seal(of or w.item(actor.name, len(s.facts)), origin=origin))


def on_finding(s: Scene, origin: str = "mail gateway") -> tuple[Said, Said, Said]:
    seal = sealed(s, s.a, origin)
    found = s.say(s.a, w.report(item_of(seal)), seal)
    return seal, found, s.say(s.a, w.claim(w.on(found)), found)


def test_access_goes_from_stated_to_disclosed() -> None:
    s = scene()
    seal, _, _ = on_finding(s)
    s.say(s.a, w.claim(w.cite()))
    assert [only(s, n).supports[0].access for n in (0, 1)] == ["sealed", "stated"]
    s.say(s.a, w.disclose(seal, s.b.id, [3]), seal)
    support = only(s).supports[0]
    assert support.access == "disclosed"
    assert [(x.level, x.to, x.rows) for x in support.shown] == [("rows", (s.b.id,), ((3, 1),))]


def test_nobody_discloses_what_another_sealed_by_sealing_it_again() -> None:
    s = scene()
    seal, _, _ = on_finding(s)
    again = sealed(s, s.b, "planted", item_of(seal))
    s.say(s.b, w.disclose(again, s.c.id, [3]), again)
    support = only(s).supports[0]
    assert (support.access, support.origin) == ("sealed", "mail gateway")


@pytest.mark.parametrize(
    ("verdicts", "shown"),
    [
        ([], "not-tried"),
        (["shown-rows-match"], "shown-rows-match"),
        (["same"], "same"),
        (["shown-rows-match", "same"], "same"),
        (["different"], "different"),
        (["same", "different"], "mixed"),
        (["not-possible"], "not-possible"),
        (["not-possible", "shown-rows-match"], "shown-rows-match"),
    ],
)
def test_re_runs_are_told_together_and_no_difference_is_hidden(verdicts: list[str], shown: str) -> None:
    s = scene()
    _, found, _ = on_finding(s)
    for actor, verdict in zip((s.b, s.c), verdicts, strict=False):
        s.say(actor, w.rerun(found, verdict), found)
    assert only(s).supports[0].rerun == shown


def test_a_re_run_by_its_author_or_of_its_origin_adds_nothing() -> None:
    s = scene()
    _, found, _ = on_finding(s)
    sealed(s, s.b, "mail gateway")
    s.say(s.a, w.rerun(found), found)
    s.say(s.b, w.rerun(found), found)
    support = only(s).supports[0]
    assert support.rerun == "not-tried"
    assert [r.counts for r in support.reruns] == ["author", "origin"]


def test_a_re_run_over_an_own_item_is_neither_for_nor_against() -> None:
    s = scene()
    _, found, _ = on_finding(s)
    own = sealed(s, s.b, "another")
    s.say(s.b, of_own(found, own), found, own)
    support = only(s).supports[0]
    assert support.rerun == "not-tried"
    assert [r.counts for r in support.reruns] == ["other-item"]


def test_a_re_run_of_a_support_is_not_one_of_the_assertion() -> None:
    names = set(AssertionFacts.__dataclass_fields__)
    assert not {"rerun", "score", "verdict", "rung", "rank"} & names


def test_a_derived_item_traces_to_the_origin_of_its_source() -> None:
    s = scene()
    source, result = sealed(s, s.a, "mail gateway"), sealed(s, s.a, "")
    content = kinds.Derive(source=item_of(source), result=item_of(result), tool="lines", version="1")
    s.say(s.a, content, source, result)
    s.say(s.a, w.claim(w.on(result)), result)
    assert only(s).supports[0].origin == "mail gateway"


def endorse(
    s: Scene,
    actor: w.Actor,
    stated: Said,
    *own: Said,
    basis: str = "own-evidence",
    named: tuple[str, ...] = (),
) -> Said:
    content = kinds.Endorse(
        target=w.target(stated),
        basis=basis,  # type: ignore[arg-type]
        supports=tuple(w.on(r) for r in own),
        origins=named,
    )
    return s.say(actor, content, stated, *own)


def test_copies_of_one_origin_count_once() -> None:
    s = scene()
    _, _, stated = on_finding(s)
    for actor in (s.b, s.c):
        endorse(s, actor, stated, sealed(s, actor, "mail gateway"))
    facts = only(s)
    assert (facts.origins, facts.undeclared) == (("mail gateway",), 0)
    assert len(facts.endorsements) == 2


def test_one_item_sealed_again_under_another_origin_is_one_origin() -> None:
    s = scene()
    seal, _, stated = on_finding(s)
    for actor in (s.b, s.c):
        endorse(s, actor, stated, sealed(s, actor, f"of {actor.name}", item_of(seal)))
    assert only(s).origins == ("mail gateway",)


def test_another_origin_counts_and_an_undeclared_one_is_unknown() -> None:
    s = scene()
    _, _, stated = on_finding(s)
    endorse(s, s.b, stated, sealed(s, s.b, "exchange point"))
    endorse(s, s.c, stated, sealed(s, s.c, ""))
    facts = only(s)
    assert (facts.origins, facts.undeclared) == (("exchange point", "mail gateway"), 1)


def test_reviewing_and_trusting_add_no_origin() -> None:
    s = scene()
    _, _, stated = on_finding(s)
    endorse(s, s.b, stated, basis="reviewed")
    endorse(s, s.c, stated, basis="trust")
    facts = only(s)
    assert (facts.origins, facts.undeclared) == (("mail gateway",), 1)


@pytest.mark.parametrize("basis", ["own-evidence", "reviewed", "trust", "undeclared"])
def test_a_source_named_in_words_alone_is_shown_and_counts_for_nothing(basis: str) -> None:
    s = scene()
    seal, _, stated = on_finding(s)
    own = [sealed(s, s.b, "of its own", item_of(seal))] if basis == "own-evidence" else []
    endorse(s, s.b, stated, *own, basis=basis)
    without = only(s)
    t = scene()
    seal, _, stated = on_finding(t)
    own = [sealed(t, t.b, "of its own", item_of(seal))] if basis == "own-evidence" else []
    endorse(t, t.b, stated, *own, basis=basis, named=("another sensor", "one more"))
    facts = only(t)
    assert (facts.origins, facts.undeclared) == (without.origins, without.undeclared)
    assert facts.endorsements[0].named == ("another sensor", "one more")
    assert facts.endorsements[0].undeclared == without.endorsements[0].undeclared


def test_endorsing_again_counts_once() -> None:
    s = scene()
    _, _, stated = on_finding(s)
    endorse(s, s.b, stated, sealed(s, s.b, "one"))
    endorse(s, s.b, stated, sealed(s, s.b, "two"))
    assert [e.counts for e in only(s).endorsements] == ["", "repeated"]
    assert only(s).origins == ("mail gateway", "one")


def test_a_claim_and_its_denial_pass_through_the_same_facts() -> None:
    s = scene()
    _, _, stated = on_finding(s)
    seal = sealed(s, s.b, "border proxy")
    found = s.say(s.b, w.report(item_of(seal)), seal)
    denial = w.claim(w.on(found), stance="denies", against=w.target(stated))
    denied = s.say(s.b, denial, found, stated)
    s.say(s.c, w.rerun(found), found)
    endorse(s, s.c, denied, basis="reviewed")
    claim, denial_facts = assertions(s.state)
    assert claim.answered_by == (w.target(denied),)
    assert denial_facts.supports[0].rerun == "same"
    assert denial_facts.endorsements[0].origins == ("border proxy",)


def test_withdrawing_is_marked_and_hides_nothing() -> None:
    s = scene()
    _, _, stated = on_finding(s)
    record = s.say(
        s.a, kinds.Withdraw(target=stated.value.id, assertions=(0,), reason="No longer held."), stated
    )
    assert only(s).withdrawn == record.value.id
    assert only(s).marks == ("withdrawn",)
    assert only(s).supports


def test_positions_contest_a_support_or_the_whole() -> None:
    s = scene()
    _, _, stated = on_finding(s)
    positions = (
        kinds.Position(n=0, position="disputes", reasons="Shared address."),
        kinds.Position(n=0, position="needs-evidence", support=0),
    )
    s.say(s.b, kinds.Response(target=stated.value.id, positions=positions), stated)
    agrees = (kinds.Position(n=0, position="accepts"),)
    s.say(s.c, kinds.Response(target=stated.value.id, positions=agrees), stated)
    facts = only(s)
    assert facts.marks == ("contested",)
    assert [(c.position, c.support, c.reasons) for c in facts.contests] == [
        ("disputes", None, True),
        ("needs-evidence", 0, False),
    ]
    assert [c.position for c in facts.supports[0].contests] == ["needs-evidence"]
    assert facts.accepted_by == (s.c.id,)


def test_a_fork_keeps_what_is_adverse_and_loses_what_is_favourable() -> None:
    s = scene()
    _, found, stated = on_finding(s)
    s.say(s.b, published())
    s.say(s.b, w.rerun(found), found)
    own = sealed(s, s.b, "another")
    endorse(s, s.b, stated, own)
    both = (kinds.Position(n=0, position="disputes"), kinds.Position(n=0, position="accepts", support=0))
    s.say(s.b, kinds.Response(target=stated.value.id, positions=both), stated)
    before = only(s)
    assert (before.supports[0].rerun, before.origins) == ("same", ("another", "mail gateway"))
    s.facts.append(s.b.fork(published(), case=s.case, seq=1))
    facts = only(s)
    assert facts.supports[0].rerun == "not-tried"
    assert facts.supports[0].reruns[0].counts == "forked"
    assert facts.origins == ("mail gateway",)
    assert facts.contests == ()
    assert facts.accepted_by == (s.b.id,)


def test_an_assertion_after_a_fork_is_marked() -> None:
    s = scene()
    s.say(s.b, published())
    s.claimed(s.b)
    s.facts.append(s.b.fork(published(), case=s.case, seq=0, references=[s.case.opening]))
    assert only(s).marks == ("forked",)


@pytest.mark.parametrize(
    ("verdicts", "false", "shown"),
    [
        (["different"], [0], "not-tried"),
        (["different", "same"], [0], "same"),
        (["different", "same"], [1], "different"),
        (["different", "same"], [], "mixed"),
    ],
)
def test_a_re_run_that_a_reader_found_false_is_not_counted_and_stays_listed(
    verdicts: list[str], false: list[int], shown: str
) -> None:
    s = scene()
    _, found, _ = on_finding(s)
    for actor, verdict in zip((s.b, s.c), verdicts, strict=False):
        s.say(actor, w.rerun(found, verdict), found)
    facts = only(s)
    runs = facts.supports[0].reruns
    again = recount(facts, {runs[n].record for n in false}).supports[0]
    assert again.rerun == shown
    assert [n for n, run in enumerate(again.reruns) if run.counts == "not-held"] == false
    assert ("re-run-by-another-party" in again.could_add) == (shown == "not-tried")
    assert recount(facts, ()) == facts


def test_what_adds_nothing_already_keeps_its_reason() -> None:
    s = scene()
    _, found, _ = on_finding(s)
    s.say(s.a, w.rerun(found), found)
    facts = only(s)
    own = facts.supports[0].reruns[0]
    assert recount(facts, {own.record}).supports[0].reruns == (own,)
