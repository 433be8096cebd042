"""One case from sealing to answers, by verbs alone, over a network that can fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from comity.adapters.key_files import KeyFiles
from comity.case.clocks import clocks, notices
from comity.case.support import assertions
from comity.dossier.verify import verify
from comity.errors import NotVerified, Refused
from comity.evidence.seal import Declared
from comity.exchange import acts, delivery, evidence, findings, guests, handing_over, publishing
from comity.exchange.founding import rotate
from comity.exchange.notices import forms
from comity.exchange.working import take_guest_reply
from comity.findings.finding import Parameters
from comity.records import kinds
from comity.records.kinds import Assertion, Named, Position, Support, Target
from tests.exchange.network import World, lines

RULE = b"""title: Night export
logsource: {product: mail}
detection:
  sel: {action: export}
  condition: sel
"""


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, ["alder", "birch", "cedar"])


def log() -> object:
    rows = ["time,user,action"] + [
        f"2026-10-03T{h:02d}:{m:02d}:00,u{m},{'export' if (h, m) in ((1, 7), (23, 9)) else 'read'}"
        for h in range(24)
        for m in range(60)
    ]
    return lines(rows)


def open_case(world: World) -> str:
    a, b, c = world.nodes
    policy = kinds.Policy(
        quorum=1,
        witnesses=tuple(kinds.Witness(vkey=n.party.card.witness, party=n.party.id) for n in (a, b, c)),
    )
    case = acts.open_case(a, "2026-10-05", policy, "Mail system")
    for other in (b, c):
        acts.invite(a, case, other.party.id)
    world.settle()
    return case


def test_a_case_goes_all_the_way(world: World) -> None:
    a, b, c = world.nodes
    case = open_case(world)
    assert b.state(case).members == a.state(case).members == c.state(case).members
    assert not b.state(case).waiting

    declared = Declared(zone="+00:00", origin="gateway")
    seal, _ = evidence.seal_item(a, case, log(), "mail.csv", "csv/1", declared)  # type: ignore[arg-type]
    told = Parameters(
        zone="+00:00",
        since="2026-10-03T22:00:00Z",
        until="2026-10-04T04:00:00Z",
        logsource=(("product", "mail"),),
    )
    finding, run = findings.report(a, case, seal.value.id, [("night.yml", RULE)], told)
    assert run.finding.rows
    named = Named(name="Birch", party=b.party.id)
    claim = acts.state_claim(
        a,
        case,
        "Night export",
        [
            Assertion(
                text="Mailboxes were exported at night.",
                level="tactical",
                about=(named,),
                supports=(
                    Support(kind="finding", record=finding.value.id, inference="export rows at night"),
                ),
            ),
            Assertion(
                text="By Quay Hosting's customer.", level="operational", about=(Named(name="Quay Hosting"),)
            ),
        ],
    )
    notice = acts.give_notice(a, case, claim.value.id, [0], named, "We are about to publish this.")
    world.settle()
    facts = {n.to.name: n.state for n in notices(a.state(case), a.parties())}
    assert facts == {"Birch": "received", "Quay Hosting": "none"}
    acts.acknowledge(b, case, notice.value.id)

    due = acts.time_in(b, 7200)
    asked = acts.request(
        b,
        case,
        kinds.Request(
            to=a.party.id,
            type="evidence",
            text="Show the rows.",
            due=due,
            about=Target(record=claim.value.id, n=0),
        ),
    )
    world.settle()
    acts.answer(a, case, kinds.Answer(request=asked.value.id, disposition="accepted", agrees=due))
    rows = findings.rows_matched(findings.reported_at(a.state(case), finding.value.id))
    shown = handing_over.disclose_rows(
        a, case, seal.value.id, rows, to=[b.party.id], use="defence", basis="our own law"
    )
    world.settle()
    _, comparison = findings.replicate(b, case, finding.value.id)
    assert comparison.verdict == "shown rows match"
    with pytest.raises(Refused):
        handing_over.open_package(c, case, shown.value.id)
    whole = handing_over.disclose_whole(
        a, case, seal.value.id, to=[b.party.id], use="defence", basis="our own law"
    )
    acts.answer(
        a,
        case,
        kinds.Answer(
            request=asked.value.id, disposition="fulfilled", fulfils=tuple(sorted((whole.value.id,)))
        ),
    )
    world.settle()
    handing_over.open_package(b, case, whole.value.id)
    _, comparison = findings.replicate(b, case, finding.value.id)
    assert comparison.verdict == "same"
    other = Parameters(zone="+02:00", since=told.since, until=told.until, logsource=told.logsource)
    _, comparison = findings.replicate(b, case, finding.value.id, parameters=other)
    assert (comparison.verdict, comparison.cause, comparison.parts) == ("different", "parameters", ("zone",))

    acts.respond(
        b,
        case,
        claim.value.id,
        [Position(n=0, position="disputes", reasons="The zone is declared wrongly.", support=0)],
        [
            Assertion(
                text="No export took place.",
                level="tactical",
                stance="denies",
                against=Target(record=claim.value.id, n=0),
            )
        ],
    )
    world.settle()
    acts.endorse(c, case, kinds.Endorse(target=Target(record=claim.value.id, n=0), basis="reviewed"))
    acts.withdraw(a, case, claim.value.id, [1], "It rests on nothing.")
    world.settle()
    states = [n.state(case) for n in world.nodes]
    assert not any(s.waiting or s.refused for s in states), [s.refused for s in states] + [
        s.waiting for s in states
    ]
    told_facts = assertions(states[0])
    assert told_facts[0].supports[0].access == "disclosed"
    assert told_facts[0].supports[0].rerun == "mixed"
    assert told_facts[0].marks == ("contested",)
    assert told_facts[1].withdrawn
    assert told_facts[0].origins == ("gateway",)
    (clock,) = clocks(states[0], a.effects.now())
    assert (clock.basis, clock.status) == ("agreed", "in-time")
    assert assertions(states[1])[0] == told_facts[0]

    with pytest.raises(Refused) as refused:
        publishing.publish(a, case)
    assert refused.value.code == "publish.no-notice"  # nobody told Quay Hosting
    _, ours = publishing.publish(a, case, without_notice="It has no address that we know of.")
    world.settle()
    _, theirs = publishing.publish(b, case)
    world.settle()
    for raw in (ours, theirs):
        verdict = verify(raw)
        assert not verdict.failures, verdict.failures
        assert not any(n.state(case).refused or n.state(case).waiting for n in world.nodes)


def test_a_guest_answers_from_a_file(world: World) -> None:
    a, b, _ = world.nodes
    case = open_case(world)
    quay = Named(name="Quay Hosting")
    claim = acts.state_claim(
        a, case, "t", [Assertion(text="A customer of Quay.", level="operational", about=(quay,))]
    )
    notice = acts.give_notice(a, case, claim.value.id, [0], quay, "You are named.")
    raw = forms.write_text(forms.notice_data(a, case, notice.value.id), "en")
    read = forms.read_notice(raw).notice
    assert read.giver.id == a.party.id
    with pytest.raises(NotVerified):
        forms.read_notice(raw.replace(b"A customer", b"B customer"))
    reply = guests.answer_notice(
        raw,
        name="Quay Hosting",
        seed=b"q" * 32,
        effects=a.effects,
        acknowledge="Read.",
        positions=[Position(n=0, position="disputes-in-part", reasons="Leased, not ours.")],
    )
    done = take_guest_reply(a, reply)
    assert len(done) == 2
    assert take_guest_reply(a, reply) == done
    world.settle()
    for node in world.nodes:
        state = node.state(case)
        assert not state.waiting
        assert not state.refused
        assert assertions(state)[0].contests[0].reasons
    assert notices(b.state(case), b.parties())[0].state == "acknowledged"


def test_a_peer_that_is_down_gets_everything_later_in_order(world: World) -> None:
    a, b, _ = world.nodes
    case = open_case(world)
    world.network.down.add("http://birch.example")
    for n in range(3):
        acts.state_claim(a, case, f"c{n}", [Assertion(text=f"t{n}", level="tactical")])
    for _ in range(3):
        world.pass_time(4000)
        delivery.send_due(a, world.network)
    assert len(b.state(case).of("claim.state")) == 0
    world.network.down.clear()
    world.pass_time(4000)
    world.settle()
    assert len(b.state(case).of("claim.state")) == 3
    assert set(b.state(case).records) == set(world.nodes[2].state(case).records)


def test_a_new_key_travels_with_the_next_record(world: World) -> None:
    a, b, _ = world.nodes
    case = open_case(world)
    signer = a.signer
    assert isinstance(signer, KeyFiles)
    rotate(a, signer.prepare(), "Yearly.")
    claim = acts.state_claim(a, case, "t", [Assertion(text="Signed anew.", level="tactical")])
    world.settle()
    assert claim.value.id in b.state(case).accepted
    assert len(b.parties()[a.party.id].keys) == 2
    assert not b.state(case).records[claim.value.id].stale


def test_many_records_are_granted_in_several_acts(world: World) -> None:
    a, b, _ = world.nodes
    case = open_case(world)
    me = a.party.id
    said = [
        acts.say(
            a, case, kinds.State(title="t", assertions=(Assertion(text=str(n), level="tactical"),)), to=[me]
        )
        for n in range(acts.GRANTED + 5)
    ]
    acts.grant(a, case, [s.value.id for s in said], [b.party.id])
    world.settle()
    assert all(s.value.id in b.state(case).accepted for s in said)


def test_what_a_member_said_before_it_knew_of_an_invitation_reaches_the_invited(world: World) -> None:
    a, b, c = world.nodes
    policy = kinds.Policy(quorum=1, witnesses=(kinds.Witness(vkey=b.party.card.witness, party=b.party.id),))
    case = acts.open_case(a, "2026-10-05", policy)
    acts.invite(a, case, b.party.id)
    world.settle()
    # Both act before either hears of the other.
    claim = acts.state_claim(b, case, "t", [Assertion(text="Said meanwhile.", level="tactical")])
    acts.invite(a, case, c.party.id)
    world.settle()
    assert claim.value.id in c.state(case).records
    assert set(c.state(case).records) == set(a.state(case).records) == set(b.state(case).records)
