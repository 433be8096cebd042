"""A case of 25 acts by five parties ends in the same state on five nodes, and in the dossier."""

from __future__ import annotations

import json

import pytest

from comity.case.clocks import Clock, clocks, notices
from comity.case.closings import closings
from comity.case.extensions import extensions
from comity.case.state import State
from comity.case.statements import statements
from comity.case.support import AssertionFacts, assertions
from comity.records import bodies
from comity.records.kinds import Endorse
from tests.exchange.five_parties import DAY, Story, contents, differences, end_lines, facts_of, tell


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    said: list[str] = []
    story = tell(tmp_path_factory.mktemp("five"), said.append)
    # What was said to whoever reads along is what was done.
    assert [line.split(".")[0].strip() for line in said if "tries" not in line] == [
        str(n) for n in range(1, 26)
    ]
    return story


@pytest.fixture(scope="module")
def dossier(story: Story) -> State:
    return contents(story).state


@pytest.fixture(params=["alder", "birch", "cedar", "doum", "elm", "dossier"])
def state(request: pytest.FixtureRequest, story: Story, dossier: State) -> State:
    """Each of the five nodes' states, and the dossier's: every fact below is asked of all six."""
    return {
        **dict(zip(("alder", "birch", "cedar", "doum", "elm"), story.states, strict=True)),
        "dossier": dossier,
    }[request.param]


def asked(story: Story, state: State, name: str) -> Clock:
    return {c.request: c for c in clocks(state, story.late)}[story.ids[name]]


def stated(story: Story, state: State, name: str, n: int = 0) -> AssertionFacts:
    return {(f.target.record, f.target.n): f for f in assertions(state)}[story.ids[name], n]


def by(story: Story, name: str) -> str:
    return {n.party.card.name: n.party.id for n in story.world.nodes}[name]


def test_five_nodes_end_in_one_state(story: Story) -> None:
    assert story.acts == 25
    assert len({state.canonical() for state in story.states}) == 1
    assert len(set(facts_of(story))) == 1
    for state in story.states:
        assert not state.refused
        assert not state.waiting
        assert not state.forks
    for one in (assertions, statements, closings):
        assert all(one(state) == one(story.states[0]) for state in story.states)
    assert all(clocks(state, story.late) == clocks(story.states[0], story.late) for state in story.states)


def test_the_dossier_ends_in_that_state_too(story: Story, dossier: State) -> None:
    assert differences(story, dossier) == {}
    assert statements(dossier) == statements(story.states[0])
    assert {f.assertion.text for f in assertions(dossier)} == {
        f.assertion.text for f in assertions(story.states[0])
    }
    # Closed in it are grants, which say only who may read, and what was erased.
    here = json.loads(facts_of(story)[0])["records"]
    closed = {r for r, f in dossier.records.items() if f.value.content is None}
    assert {here[r].get("kind") for r in closed} == {"case.grant", "claim.state"}
    assert [r for r in closed if here[r].get("kind") == "claim.state"] == [story.ids["slip"]]
    assert dossier.records.keys() <= story.states[0].records.keys()


def test_a_silent_respondent_and_a_silent_claimant_read_alike(story: Story, state: State) -> None:
    silent = [asked(story, state, f"silent {who}") for who in ("respondent", "claimant")]
    assert [(c.status, c.basis, c.answers, c.settled) for c in silent] == [
        ("no-answer-by-time-asked", "asked", (), "")
    ] * 2
    # Silence is nowhere an acceptance.
    assert not any({by(story, "Birch"), by(story, "Alder")} & {*f.accepted_by} for f in assertions(state))


def test_a_refused_request_keeps_its_ground(story: Story, state: State) -> None:
    clock = asked(story, state, "refused")
    assert (clock.status, clock.disposition) == ("refused", "refused")
    assert clock.settled == story.ids["refusal"]


def test_a_wrong_address_signs_and_writes_nothing(story: Story, state: State) -> None:
    assert story.wrong_address is not None
    assert (story.wrong_address.code, story.written_by_it) == ("rule.19", 0)
    assert by(story, "Cedar") not in {n.to.party for n in notices(state, story.world.nodes[0].parties())}


def test_an_extension_moves_the_time_and_only_that_lapses(story: Story, state: State) -> None:
    clock = asked(story, state, "agreed")
    assert (clock.status, clock.basis) == ("lapsed", "agreed")
    assert clock.due - clock.asked_due == 2 * DAY
    ((proposal,),) = (extensions(state)[story.ids["agreed"]],)
    assert (proposal.record, proposal.answer) == (story.ids["proposal"], "accepted")
    assert bodies.time_text(proposal.due) == bodies.time_text(clock.due)
    assert [c.status for c in clocks(state, story.late)].count("lapsed") == 1


def test_a_finding_was_run_again_and_is_contested_without_reasons(story: Story, state: State) -> None:
    claim = stated(story, state, "claim")
    assert claim.supports[0].rerun == "same"
    assert claim.supports[0].access == "disclosed"
    (bare,) = claim.contests
    assert (bare.by, bare.reasons, bare.evidence) == (by(story, "Doum"), False, ())
    assert set(claim.marks) == {"amended", "contested"}
    assert (claim.assertion.proposition, claim.assertion.standard) == ("conduct", "balance of probabilities")


def test_two_endorsers_of_the_denial_are_one_origin(story: Story, state: State) -> None:
    denial = stated(story, state, "denial")
    assert {e.by for e in denial.endorsements} == {by(story, "Cedar"), by(story, "Doum")}
    assert (denial.origins, denial.undeclared) == (("lease registry",), 0)
    assert len(state.of("endorsement.make")) == 2
    assert all(isinstance(r.content, Endorse) for r in state.of("endorsement.make"))


def test_a_contest_with_reasons_and_the_withdrawal_both_stay(story: Story, state: State) -> None:
    lease = stated(story, state, "claim", 1)
    assert lease.withdrawn == story.ids["withdrawal"]
    (contest,) = lease.contests
    assert (contest.by, contest.reasons) == (by(story, "Elm"), True)
    assert [t.record for t in lease.answered_by] == [story.ids["denial"]]


def test_an_amendment_carries_nothing_over(story: Story, state: State) -> None:
    newer = stated(story, state, "amendment")
    assert newer.amends is not None
    assert (newer.amends.record, newer.marks, newer.contests) == (story.ids["claim"], (), ())


def test_a_correction_stands_beside_the_first_words(story: Story, state: State) -> None:
    (statement,) = statements(state)
    (sentence,) = statement.sentences
    assert sentence.text == "Birch exported mail."
    assert [c.text for c in sentence.corrections] == ["Mail went through a host at Birch."]


def test_what_was_erased_is_nowhere_and_its_place_is_kept(story: Story, state: State, dossier: State) -> None:
    slip = story.ids["slip"]
    assert state.records[slip].value.content is None
    assert slip not in state.accepted
    assert story.ids["erasure"] in state.accepted
    assert b"clerk" not in story.dossier
    assert (state.records[slip].value.frame is None) == (state is dossier)


def test_each_was_told_or_is_said_not_to_have_been(story: Story, state: State) -> None:
    told = {
        (n.target.record, n.target.n, n.to.name): n.state
        for n in notices(state, story.world.nodes[0].parties())
    }
    claim, denial, newer = (story.ids[name] for name in ("claim", "denial", "amendment"))
    assert told == {
        (claim, 0, "Birch"): "received",
        (claim, 1, "Elm"): "received",
        (denial, 0, "Alder"): "none",
        (newer, 0, "Birch"): "none",
    }
    (closing,) = closings(state)
    assert (closing.by, closing.outcome) == (by(story, "Elm"), "settled")


def test_the_end_is_told_in_words(story: Story) -> None:
    told = "\n".join(end_lines(story))
    for words in (
        "'All.': refused, with its ground",
        "'Rows.': lapsed: the time was agreed, and has passed",
        "'Yours?': no answer recorded by the time asked; nobody agreed to that time",
        "'Which zone?': no answer recorded by the time asked; nobody agreed to that time",
        "Doum disputes, without reasons, without evidence",
        "2 endorsements, 1 declared origin, 0 undeclared",
        "then corrected to 'Mail went through a host at Birch.'",
    ):
        assert words in told
