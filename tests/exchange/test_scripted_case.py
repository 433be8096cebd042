"""A case of 25 acts by five parties ends in the same state on five nodes, and in the dossier."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from comity.case.clocks import clocks, notices
from comity.case.closings import closings
from comity.case.statements import statements
from comity.case.support import assertions
from comity.dossier.facts import derive_facts
from comity.dossier.verify import verify
from comity.errors import Refused
from comity.evidence.seal import Declared
from comity.exchange import acts, custody, evidence, findings, publishing
from comity.exchange import acts_of_procedure as procedure
from comity.findings.finding import Parameters
from comity.records import bodies, kinds
from comity.records.kinds import Assertion, Named, Position, Support, Target
from comity.records.kinds_of_procedure import Close
from comity.records.kinds_of_statements import Announce, Correct, Correction, Sentence
from tests.exchange.network import World, lines

RULE = b"""title: Night export
logsource: {product: mail}
detection:
  sel: {action: export}
  condition: sel
"""
DAY = 86_400
NAMES = ["alder", "birch", "cedar", "doum", "elm"]


def log(name: str) -> Any:
    rows = [f"2026-10-03T0{n}:00:00,{name},{'export' if n % 3 == 0 else 'read'}" for n in range(9)]
    return lines(["time,user,action", *rows])


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, NAMES)


def seal(node: Any, case: str, name: str, origin: str) -> str:
    made, _ = evidence.seal_item(
        node, case, log(name), f"{name}.csv", "csv/1", Declared(zone="+00:00", origin=origin)
    )
    return str(made.value.id)


def test_five_nodes_and_the_dossier_end_in_one_state(world: World) -> None:
    alder, birch, cedar, doum, elm = world.nodes
    policy = kinds.Policy(
        quorum=2,
        witnesses=tuple(kinds.Witness(vkey=n.party.card.witness, party=n.party.id) for n in world.nodes),
    )
    case = acts.open_case(alder, "2026-10-05", policy, "Mail system")
    for other in (birch, cedar, doum, elm):
        acts.invite(alder, case, other.party.id)
    # Whoever came later may read how the others were brought in: then all five hold one and the same.
    held = alder.state(case)
    everyone = [node.party.id for node in (birch, cedar, doum, elm)]
    earlier = [r.id for r in held.ordered if r.author == alder.party.id and r.frame.kind != "case.open"]
    acts.grant(alder, case, [r for r in earlier if not set(everyone) <= held.audiences[r]], everyone)
    world.settle()
    done = 0

    def act(made: Any) -> str:
        """One act: its record, once every node holds it."""
        nonlocal done
        done += 1
        world.settle()
        return str(made if isinstance(made, str) else made.value.id)

    # The claimant seals, finds, claims and tells; the respondent it names never answers.
    item = act(seal(alder, case, "gateway", "mail gateway"))
    told = Parameters(zone="+00:00", logsource=(("product", "mail"),))
    found, _ = findings.report(alder, case, item, [("night.yml", RULE)], told)
    finding = act(found)
    birch_named = Named(name="Birch", party=birch.party.id)
    elm_named = Named(name="Elm", party=elm.party.id)
    claim = act(
        acts.state_claim(
            alder,
            case,
            "Night export",
            [
                Assertion(
                    text="Mail was exported through Birch.",
                    level="tactical",
                    about=(birch_named,),
                    supports=(Support(kind="finding", record=finding, inference="Each row is one export."),),
                ),
                Assertion(text="Elm leased the host.", level="operational", about=(elm_named,)),
            ],
        )
    )
    act(acts.give_notice(alder, case, claim, [0], birch_named, "You are named."))
    act(acts.give_notice(alder, case, claim, [1], elm_named, "You are named."))
    # A wrong address: nothing names Cedar, so no notice to it can be signed, and nothing is written.
    before = alder.journal.size()
    with pytest.raises(Refused) as wrong:
        acts.give_notice(alder, case, claim, [0], Named(name="Cedar", party=cedar.party.id), "You are named.")
    assert wrong.value.code == "rule.19"
    assert alder.journal.size() == before

    # Two requests to the claimant: one refused, one agreed and then extended. One to the silent respondent.
    now = alder.effects.now()
    due = bodies.time_text(now + 5 * DAY)
    refused = act(
        acts.request(elm, case, kinds.Request(to=alder.party.id, type="evidence", text="All.", due=due))
    )
    act(
        acts.answer(
            alder, case, kinds.Answer(request=refused, disposition="refused", ground="ongoing-operation")
        )
    )
    asked = act(
        acts.request(
            elm,
            case,
            kinds.Request(
                to=alder.party.id, type="evidence", text="Rows.", due=due, about=Target(record=claim, n=0)
            ),
        )
    )
    act(acts.answer(alder, case, kinds.Answer(request=asked, disposition="accepted", agrees=due)))
    longer = bodies.time_text(now + 7 * DAY)
    more = act(procedure.propose_time(alder, case, asked, longer, "A holiday."))
    act(procedure.answer_time(elm, case, more, accept=True))
    silent = act(
        acts.request(alder, case, kinds.Request(to=birch.party.id, type="clarify", text="Yours?", due=due))
    )

    # The finding is run again over the whole item by one, and contested with and without reasons by others.
    whole = act(
        evidence.disclose_whole(alder, case, item, to=[cedar.party.id], use="defence", basis="our law")
    )
    evidence.open_package(cedar, case, whole)
    run, _ = findings.replicate(cedar, case, finding)
    act(run)
    act(acts.respond(doum, case, claim, [Position(n=0, position="disputes", support=0)]))
    denial = act(
        acts.respond(
            elm,
            case,
            claim,
            [Position(n=1, position="disputes", reasons="The lease ended in September.")],
            [
                Assertion(
                    text="Elm did not lease the host.",
                    level="operational",
                    stance="denies",
                    against=Target(record=claim, n=1),
                    about=(Named(name="Alder", party=alder.party.id),),
                )
            ],
        )
    )
    # Two endorse the denial, on copies of one log: one origin.
    for node in (cedar, doum):
        mine = act(seal(node, case, "registry", "lease registry"))
        content = kinds.Endorse(
            target=Target(record=denial, n=0),
            basis="own-evidence",
            supports=(Support(kind="item", record=mine, inference="The lease is not in it."),),
        )
        act(acts.endorse(node, case, content))

    # The claimant takes the second assertion back, says the first otherwise, and corrects what it published.
    act(acts.withdraw(alder, case, claim, [1], "The lease had ended."))
    newer = act(
        procedure.amend(
            alder,
            case,
            claim,
            [(0, _again(alder.state(case), claim, "Mail was exported through a host at Birch."))],
            "A host, not the office.",
        )
    )
    text = act(
        procedure.announce(
            alder,
            case,
            Announce(
                title="On the export",
                status="final",
                sentences=(Sentence(text="Birch exported mail.", assertions=(Target(record=newer, n=0),)),),
                without_notice="ongoing operation",
            ),
        )
    )
    act(
        procedure.correct(
            alder,
            case,
            Correct(
                statement=text,
                corrections=(Correction(n=0, text="Mail went through a host at Birch."),),
                reason="The office did nothing that we show.",
            ),
        )
    )
    # A third party said too much of a person: its content goes everywhere, and the tombstone stays.
    slip = act(
        acts.state_claim(cedar, case, "A name", [Assertion(text="The clerk was on duty.", level="tactical")])
    )
    erased, carried = custody.erase_record(cedar, case, slip, "Names a natural person; no legal basis.")
    act(erased)
    assert carried.records == (slip,)

    act(procedure.close_case(elm, case, Close(outcome="settled", text="The lease is cleared up.")))
    assert done >= 25

    # Witnesses see every ledger, the time runs out, and all five compute the same.
    world.settle()
    states = [node.state(case) for node in world.nodes]
    assert len({state.digest() for state in states}) == 1
    state = states[0]
    assert not state.refused
    assert not state.waiting
    for one in states:
        assert one.records[slip].value.content is None
        assert one.records[slip].value.frame is not None
        assert slip not in one.accepted
    late = now + 30 * DAY
    parties = alder.parties()
    facts = {derive_facts(one, parties, alder.party.id, late) for one in states}
    assert len(facts) == 1

    by_request = {clock.request: clock for clock in clocks(state, late)}
    assert by_request[refused].status == "refused"
    assert (by_request[asked].status, by_request[asked].basis) == ("lapsed", "agreed")
    assert bodies.time_text(by_request[asked].due) == longer
    # Nobody agreed to this one, so nothing lapsed; and silence is nowhere an acceptance.
    assert by_request[silent].status == "no-answer-by-time-asked"
    places = {(f.target.record, f.target.n): f for f in assertions(state)}
    assert not any(birch.party.id in f.accepted_by for f in places.values())
    assert [(c.by == doum.party.id, c.reasons) for c in places[claim, 0].contests] == [(True, False)]
    assert places[claim, 0].supports[0].rerun == "same"
    assert "amended" in places[claim, 0].marks
    assert places[claim, 1].withdrawn
    assert places[denial, 0].origins == ("lease registry",)
    assert len(places[denial, 0].endorsements) == 2
    told_of = {(n.target.record, n.target.n, n.to.name): n for n in notices(state, parties)}
    assert told_of[claim, 0, "Birch"].state == "received"
    assert told_of[denial, 0, "Alder"].state == "none"
    (statement,) = statements(state)
    assert [c.text for c in statement.sentences[0].corrections] == ["Mail went through a host at Birch."]
    assert [c.outcome for c in closings(state)] == ["settled"]

    # The dossier says the same: whoever verifies it computes the state again from its records.
    _, dossier = publishing.publish(alder, case, without_notice="ongoing operation")
    world.settle()
    verdict = verify(dossier)
    assert not verdict.failures, verdict.failures
    assert verdict.contents is not None
    shown = verdict.contents.state
    assert {(f.target.record, f.target.n, f.origins, f.marks) for f in assertions(shown)} >= {
        (f.target.record, f.target.n, f.origins, f.marks)
        for f in assertions(state)
        if f.target.record in shown.accepted
    }


def _again(state: Any, record: str, text: str) -> Assertion:
    import msgspec

    content = state.accepted[record].content
    assert isinstance(content, kinds.State)
    return msgspec.structs.replace(content.assertions[0], text=text)
