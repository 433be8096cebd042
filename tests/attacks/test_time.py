"""Attacks on when something was: no one party, witness, authority or clock moves a deadline."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from comity.case.clocks import clocks
from comity.case.time import intervals, reasons
from comity.case.verified import verify_attestation
from comity.dossier.verify import verify
from comity.errors import Malformed, NotVerified
from comity.exchange import acts, publishing
from comity.ledger import stamps
from comity.records import bodies, kinds
from tests import world as w
from tests.authority import USAGE, TestAuthority, authority, certify, info_of, sign_token
from tests.case.test_clocks import Asked
from tests.case.test_time import CLOCK, DIAL, stamped, witnessed
from tests.exchange.test_stamping import Asked as Answers
from tests.exchange.test_stamping import answering, give, world_with
from tests.rulebook import Scene
from tests.world import DAY, Actor, fold_case

EARLY, LATE = -400 * DAY, 400 * DAY


def _answered(
    s: Scene, due: int, at: int | None = None, **attested: Mapping[Actor, int] | Mapping[TestAuthority, int]
) -> str:
    """How the answer to a request due at ``due`` is judged, given what its ledger's checkpoint shows."""
    asked = s.say(s.a, w.request(s.b, due))
    content = kinds.Answer(request=asked.value.id, disposition="fulfilled")
    s.say(s.b, content, asked, at=s.world.now if at is None else at)
    proof = s.b.attest(s.case, attested.get("by", {}), stamped=attested.get("stamped", {}))  # type: ignore[arg-type]
    (clock,) = clocks(fold_case(s.case, [*s.facts, proof]), due + 1000 * DAY)
    return clock.status


@pytest.mark.parametrize("claimed", [EARLY, -DAY, 0, DAY, LATE])
@pytest.mark.parametrize(("proven", "status"), [(-60, "in-time"), (60, "timing-unproven")])
def test_a_forged_at_decides_nothing(claimed: int, proven: int, status: str) -> None:
    s, watching = witnessed()
    due = s.world.now + 5 * DAY
    assert _answered(s, due, due + claimed, by=dict.fromkeys(watching, due + proven)) == status


def test_a_stale_citation_makes_nothing_early() -> None:
    """Who cites an old checkpoint, or none, is not shown late; it is not shown in time either."""
    asked = Asked()
    asked.agree()
    old = asked.prove(asked.s.a, asked.due - 4 * DAY)
    content = kinds.Answer(request=asked.request.value.id, disposition="fulfilled")
    said = asked.s.b.say(content, case=asked.s.case, references=[asked.request, old], at=asked.due - DAY)
    asked.s.facts.append(said)
    asked.prove(asked.s.b, asked.due + DAY)
    assert asked.clock(asked.due + 2 * DAY).status == "timing-unproven"


def test_a_citation_of_what_was_not_seen_is_refused_or_later() -> None:
    """A cited attestation that nobody made is no bound, and one of later is a bound against who cites it."""
    asked = Asked()
    asked.agree()
    later = asked.prove(asked.s.a, asked.due + DAY)
    content = kinds.Answer(request=asked.request.value.id, disposition="fulfilled")
    said = asked.s.b.say(content, case=asked.s.case, references=[asked.request, later], at=asked.due - DAY)
    asked.s.facts.append(said)
    assert asked.clock(asked.due + 2 * DAY).status == "late"


@pytest.mark.parametrize("lie", [EARLY, LATE])
def test_one_lying_authority_of_two(lie: int) -> None:
    """Both are needed: the liar can withhold a proof and make none, in time or late."""
    for honest, allowed in ((-60, {"in-time", "timing-unproven"}), (60, {"timing-unproven"})):
        s, _ = stamped(2, CLOCK, DIAL)
        due = s.world.now + 5 * DAY
        assert _answered(s, due, stamped={CLOCK: due + honest, DIAL: due + lie}) in allowed


@pytest.mark.parametrize("lie", [EARLY, LATE])
def test_one_lying_authority_of_three_changes_nothing(lie: int) -> None:
    third = authority("Invented Sundial")
    for honest, status in ((-60, "in-time"), (60, "timing-unproven")):
        s, _ = stamped(2, CLOCK, DIAL, third)
        due = s.world.now + 5 * DAY
        times = {CLOCK: due + honest, DIAL: due + honest, third: due + lie}
        assert _answered(s, due, stamped=times) == status


def test_a_quorum_of_one_trusts_each_alone() -> None:
    """A policy gets what it asks for: the first attester that lies decides, and the reasons name it."""
    s, _ = stamped(1, CLOCK, DIAL)
    due = s.world.now + 5 * DAY
    asked = s.say(s.a, w.request(s.b, due))
    said = s.say(s.b, kinds.Answer(request=asked.value.id, disposition="fulfilled"), asked)
    proof = s.b.attest(s.case, {}, stamped={CLOCK: due + DAY, DIAL: due - DAY})
    why = reasons(fold_case(s.case, [*s.facts, proof]))[said.value.id].not_after
    assert why is not None
    assert [(a.name, a.decisive) for a in why.attesters] == [(DIAL.name, True), (CLOCK.name, False)]


@pytest.mark.parametrize("lie", [EARLY, -1, 1, LATE])
@pytest.mark.parametrize("liar", [0, 1, 2])
def test_a_witness_with_a_wrong_clock(lie: int, liar: int) -> None:
    for honest, status in ((-DAY, "in-time"), (DAY, "timing-unproven")):
        s, watching = witnessed()
        due = s.world.now + 5 * DAY
        times = dict.fromkeys(watching, due + honest)
        times[watching[liar]] += lie
        assert _answered(s, due, by=times) == status


@pytest.mark.parametrize("jump", [EARLY, -1, LATE])
def test_a_clock_that_jumps_under_a_running_node(tmp_path: Path, jump: int) -> None:
    """The author's own clock goes back, or ahead; what was proven stays, and what it signs still counts."""
    world, case = world_with(tmp_path, 1, witness=True)
    a, b = world.nodes
    acts.invite(a, case, b.party.id)
    world.settle()
    first = acts.state_claim(a, case, "Before", [kinds.Assertion(text="One.", level="tactical")])
    world.settle()
    before = intervals(a.state(case))
    world.clocks[0].time += jump
    second = acts.state_claim(a, case, "After", [kinds.Assertion(text="Two.", level="tactical")])
    world.settle()
    state = b.state(case)
    after = intervals(state)
    assert not state.refused
    assert {r: after[r] for r in before} == dict(before)
    found = after[second.value.id]
    assert found.not_before is not None
    assert found.not_after is not None
    # The witness's clock alone tells it, and that did not jump.
    assert 0 <= found.not_after - found.not_before < DAY
    assert found.not_after >= (after[first.value.id].not_after or 0)


@pytest.mark.parametrize("text", ["2031-06-30T23:59:60Z", "2031-02-29T00:00:00Z", "2031-06-30T24:00:00Z"])
def test_an_instant_that_has_no_number(text: str) -> None:
    """As a claimed time, as a deadline, and in an authority's token."""
    with pytest.raises(Malformed, match=r"time\.calendar"):
        bodies.parse_time(text)
    packed = "".join(c for c in text if c.isalnum()).replace("T", "")
    info = info_of(bytes(32), packed)
    token = sign_token(info, CLOCK.chain[0], f"{CLOCK.name} signer")
    with pytest.raises(Malformed, match="UTC time"):
        stamps.verify_stamp(token, CLOCK.chain, bytes(32))


# -- what a token needs later ------------------------------------------------------------------------


def expired(start: datetime) -> TestAuthority:
    """An authority all of whose certificates ended thirty days after they began."""
    root, between, signer = (f"Old Clock {part}" for part in ("root", "issuer", "signer"))
    return TestAuthority(
        name="Old Clock",
        chain=(
            certify(signer, between, usage=USAGE, start=start, days=30),
            certify(between, root, ca=True, path_length=0, start=start, days=30),
            certify(root, ca=True, start=start, days=30),
        ),
    )


def test_a_token_outlives_its_certificates(tmp_path: Path) -> None:
    """The chain is archived beside the token, in the journal and in a dossier; nothing else is asked."""
    old = expired(datetime(2001, 9, 1, tzinfo=UTC))
    at = int(datetime(2001, 9, 9, tzinfo=UTC).timestamp())
    world, case = world_with(tmp_path, 1, old)
    a, b = world.nodes

    def stamp(request: bytes) -> bytes:
        return _at(old, at, request)

    give(world, 0, Answers(answers={"http://old.example": stamp}))
    acts.invite(a, case, b.party.id)
    world.settle()
    assert datetime.fromtimestamp(world.clocks[0].time, UTC) > datetime(2001, 9, 1, tzinfo=UTC) + timedelta(
        30
    )
    (raw,) = (raw for _, raw in b.journal.attestations(case))
    # Another node, which was never given the certificates, verifies it from these bytes and the card alone.
    fact = verify_attestation(raw, a.party, [], "attestation")
    assert [s.latest for s in fact.value.stamps] == [at + 1]
    _, dossier = publishing.publish(a, case)
    verdict = verify(dossier)
    assert verdict.failures == ()
    assert verdict.contents is not None
    opening = verdict.contents.state.opening
    assert opening is not None
    assert intervals(verdict.contents.state)[opening.id].not_after == at + 1


def _at(by: TestAuthority, at: int, request: bytes) -> bytes:
    from comity.ledger import der
    from tests.exchange.test_stamping import request_of

    imprint, nonce = request_of(request)
    token = by.stamp(imprint, at, nonce=nonce)
    return der.write_sequence([der.write_sequence([der.write_integer(0)]), token])


def test_a_token_made_after_its_certificates_ended() -> None:
    old = expired(datetime(2001, 9, 1, tzinfo=UTC))
    token = old.stamp(bytes(32), int(datetime(2002, 1, 1, tzinfo=UTC).timestamp()))
    with pytest.raises(NotVerified, match="not valid at the time of the token"):
        stamps.verify_stamp(token, old.chain, bytes(32))


def test_lying_authorities_add_up_only_with_each_other(tmp_path: Path) -> None:
    """An authority that answers for another's address is the other in no one's count."""
    world, case = world_with(tmp_path, 2, CLOCK, DIAL)
    a, b = world.nodes
    both = {"http://clock.example": answering(CLOCK), "http://dial.example": answering(CLOCK)}
    give(world, 0, Answers(answers=both))
    acts.invite(a, case, b.party.id)
    world.settle()
    assert all(i.not_after is None for i in intervals(a.state(case)).values())
