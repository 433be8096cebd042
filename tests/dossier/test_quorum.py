"""A reader's own policy of witnesses is a third result, over every head, by C2SP tlog-policy."""

from __future__ import annotations

import json

import pytest

from comity.dossier.compare import exit_code
from comity.dossier.identity import parse_trust
from comity.dossier.quorum import IN_PART, MET, NO_RECORD, NOT_MET, OTHER_LOG, Quorum, WitnessedLedger
from comity.dossier.render_text import verdict_json, verdict_text
from comity.dossier.verify import (
    INTACT_AND_CONFIRMED,
    MISIDENTIFIED,
    NOT_IDENTIFIED,
    NOT_INTACT,
    NOT_WITNESSED,
    verify,
)
from comity.ledger import note
from comity.ledger.policy import parse_policy
from comity.records import ed25519
from tests import world as w
from tests.dossier.story import Story, tell

OUTSIDER = note.vkey_of("outsider.example", ed25519.public_of(w.derive("outsider")), note.COSIGNATURE)


@pytest.fixture(scope="module")
def story() -> Story:
    return tell("quorum")


@pytest.fixture(scope="module")
def dossier(story: Story) -> bytes:
    return story.publish(story.a)


def witness_lines(story: Story) -> str:
    lines = [f"witness w{n} {x.party.card.witness}" for n, x in enumerate(story.witnesses, 1)]
    return "\n".join([*lines, f"witness out {OUTSIDER}", ""])


def judged(story: Story, raw: bytes, rest: str) -> Quorum:
    verdict = verify(raw, policy=parse_policy((witness_lines(story) + rest).encode()))
    assert verdict.failures == ()
    assert verdict.quorum is not None
    assert verdict.exit_code == (NOT_IDENTIFIED if verdict.quorum.met else NOT_WITNESSED)
    return verdict.quorum


def of(quorum: Quorum, home: str) -> WitnessedLedger:
    return next(ledger for ledger in quorum.ledgers if ledger.ledger == home)


@pytest.mark.parametrize(
    ("rest", "met"),
    [
        ("quorum w1\n", True),
        ("quorum none\n", True),
        ("group all all w1 w2 w3\nquorum all\n", True),
        ("group some 2 w1 out\nquorum some\n", False),
        ("quorum out\n", False),
        ("group north all w1 w2\ngroup south any w3 out\ngroup both all north south\nquorum both\n", True),
        ("group north all w1 w2\ngroup south all w3 out\ngroup both all north south\nquorum both\n", False),
        ("group north all w1 w2\ngroup south all w3 out\ngroup both any north south\nquorum both\n", True),
    ],
)
def test_groups_of_groups_are_judged_ledger_by_ledger(
    story: Story, dossier: bytes, rest: str, met: bool
) -> None:
    quorum = judged(story, dossier, rest)
    assert quorum.met is met
    assert {x.result for x in quorum.ledgers} <= {MET if met else NOT_MET, NO_RECORD}
    assert {s.name for s in of(quorum, story.a.id).checkpoint.by} == {"w1", "w2", "w3"}


def test_a_dossier_without_a_policy_says_nothing_of_it(dossier: bytes) -> None:
    verdict = verify(dossier)
    assert verdict.quorum is None
    assert "witnesses" not in verdict_json(verdict, "x")
    assert "of your policy" not in verdict_text(verdict, "x")


def test_an_earlier_head_with_the_quorum_covers_the_records_in_it(story: Story) -> None:
    """The newest checkpoint has no cosignature: what attestations brought counts up to their size."""
    draft = story.material(story.a)
    bare = {
        home: type(view)(
            checkpoint=story.world.by_id(home).checkpoint(), paths=view.paths, consistency=view.consistency
        )
        for home, view in draft.ledgers.items()
    }
    quorum = judged(story, story.publish(story.a, ledgers=bare), "group g 2 w1 w2 w3\nquorum g\n")
    ledger = of(quorum, story.a.id)
    assert (ledger.result, ledger.checkpoint.by) == (IN_PART, ())
    assert ledger.proven is not None
    assert 0 < ledger.covered < ledger.records
    assert ledger.proven.size < ledger.checkpoint.size
    # The publication stands behind every checkpoint, so it is not counted.
    assert 0 < ledger.case_covered <= ledger.covered
    assert not quorum.met
    assert (quorum.case_quorum, quorum.case_of) == (2, 3)


def test_two_heads_make_no_quorum_together(story: Story) -> None:
    """One witness on one head, another on another: nobody showed both the same."""
    draft = story.material(story.a)
    first = story.witnesses[0]
    views = {}
    for home, view in draft.ledgers.items():
        keeper = story.world.by_id(home)
        text = keeper.checkpoint()
        lines = [] if keeper is first else [first.cosign(text, story.world.now)]
        text = note.merge_signatures(text, lines)
        views[home] = type(view)(checkpoint=text, paths=view.paths, consistency=view.consistency)
    raw = story.publish(story.a, ledgers=views, attestations=())
    assert of(judged(story, raw, "quorum w1\n"), story.a.id).result == MET
    assert of(judged(story, raw, "group g all w1 w2\nquorum g\n"), story.a.id).result == NOT_MET


def test_only_the_logs_that_a_policy_names_are_known(story: Story, dossier: bytes) -> None:
    known = f"log {story.a.party.card.checkpoint}\nquorum w1\n"
    quorum = judged(story, dossier, known)
    assert of(quorum, story.a.id).result == MET
    assert of(quorum, story.b.id).result == OTHER_LOG
    assert not quorum.met
    homes = {x.ledger for x in quorum.ledgers if x.records}
    every = "".join(f"log {story.world.by_id(home).party.card.checkpoint}\n" for home in sorted(homes))
    assert judged(story, dossier, f"{every}quorum w1\n").met


def test_a_witness_key_that_its_party_revoked_counts_for_nothing() -> None:
    told = tell("revoked witness", recovery=True)
    thief = told.witnesses[0]
    told.world.invite(told.case, told.a, thief)
    told.say("before", thief, w.request(told.a, told.world.now + w.DAY))
    rest = "quorum w1\n"
    assert of(judged(told, told.publish(told.a), rest), told.a.id).result == MET
    told.rotations.setdefault(thief.id, []).append(thief.revoke(0, "witness"))
    quorum = judged(told, told.publish(told.a), rest)
    assert of(quorum, told.a.id).result == NOT_MET
    assert {s.name for s in of(quorum, told.a.id).checkpoint.by} == {"w2", "w3"}


def test_a_keeper_that_is_its_own_witness_is_told(story: Story) -> None:
    own = f"witness self {story.a.party.card.witness}\nquorum self\n"
    draft = story.material(story.a)
    views = {}
    for home, view in draft.ledgers.items():
        line = [story.a.cosign(view.checkpoint, story.world.now)]
        merged = note.merge_signatures(view.checkpoint, line)
        views[home] = type(view)(checkpoint=merged, paths=view.paths, consistency=view.consistency)
    verdict = verify(story.publish(story.a, ledgers=views), policy=parse_policy(own.encode()))
    assert verdict.quorum is not None
    assert [s.own for s in of(verdict.quorum, story.a.id).checkpoint.by] == [True]
    assert [s.own for s in of(verdict.quorum, story.b.id).checkpoint.by] == [False]
    assert "self at" in verdict_text(verdict, "x")
    assert "(the keeper itself)" in verdict_text(verdict, "x")


def test_the_three_results_are_told_apart(story: Story, dossier: bytes) -> None:
    bad = parse_policy((witness_lines(story) + "quorum out\n").encode())
    good = parse_policy((witness_lines(story) + "quorum w1\n").encode())
    trust = parse_trust(story.trust())
    assert verify(dossier, trust, policy=good).exit_code == INTACT_AND_CONFIRMED
    assert verify(dossier, policy=good).exit_code == NOT_IDENTIFIED
    assert verify(dossier, trust, policy=bad).exit_code == NOT_WITNESSED
    wrong = parse_trust(f"{story.a.id} Somebody Else\n")
    assert verify(dossier, wrong, policy=bad).exit_code == MISIDENTIFIED
    broken = verify(dossier[:-1] + bytes([dossier[-1] ^ 1]), trust, policy=bad)
    assert broken.exit_code == NOT_INTACT
    assert broken.quorum is None
    verdict = verify(dossier, trust, policy=bad)
    assert (verdict.intact, verdict.identity) == (True, "confirmed")
    told = verdict_json(verdict, "x")["witnesses"]
    assert isinstance(told, dict)
    assert told["result"] == "not met"
    assert told["case_policy"] == {"quorum": 2, "of": 3}
    text = verdict_text(verdict, "x")
    assert "witnesses of your policy: NOT MET" in text
    assert "by the case's own policy (2 of 3)" in text
    one, two = verify(dossier, trust, policy=bad), verify(dossier, policy=good)
    assert exit_code({"a": one, "b": two}, None) == NOT_WITNESSED
    assert exit_code({"a": verify(dossier, wrong, policy=good), "b": one}, None) == MISIDENTIFIED


def test_names_of_a_policy_cannot_act_on_a_terminal(story: Story, dossier: bytes) -> None:
    key = str(story.witnesses[0].party.card.witness).encode()
    raw = b"witness \xe2\x80\xae\xff " + key + b"\nquorum \xe2\x80\xae\xff\n"
    verdict = verify(dossier, policy=parse_policy(raw))
    assert verdict.quorum is not None
    assert verdict.quorum.met
    text = verdict_text(verdict, "x")
    assert "\\u{202e}\\xff at" in text
    assert "\u202e" not in text
    json.dumps(verdict_json(verdict, "x"), ensure_ascii=False).encode()
