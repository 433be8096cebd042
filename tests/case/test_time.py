"""Proven intervals: whose cosignatures count, which of them, and who cannot move them."""

from __future__ import annotations

from collections.abc import Sequence

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.case.fold import fold
from comity.case.time import Interval, Reasons, intervals, reasons, stamped_by
from comity.case.verified import Attestation, Verified, verify_attestation
from comity.errors import Malformed, NotVerified
from comity.ledger import note
from comity.ledger.stamps import Stamp, certificate_id
from comity.records import kinds
from tests.authority import TestAuthority, authority
from tests.rulebook import Scene, opening, published
from tests.world import DAY, HOUR, Actor, Said, World, fold_case


def witnessed(quorum: int = 2, names: Sequence[str] = ("W1", "W2", "W3")) -> tuple[Scene, list[Actor]]:
    """A case between two parties, whose time policy names parties that only watch."""
    world = World("time")
    a, b = world.party("Alder"), world.party("Birch")
    watching = [world.party(n) for n in names]
    case = world.open_case(a, witnesses=watching, quorum=quorum)
    s = Scene(world=world, a=a, b=b, c=watching[0], case=case)
    s.facts = [case.opening, world.invite(case, a, b)]
    return s, watching


def interval(s: Scene, record: Said, *attestations: Verified[Attestation]) -> Interval:
    return intervals(fold_case(s.case, [*s.facts, *attestations]))[record.value.id]


def test_without_attestations_nothing_is_proven() -> None:
    s, _ = witnessed()
    record = s.say(s.b, published(), at=s.world.now + 400 * DAY)
    assert interval(s, record) == Interval()


def test_not_after_is_the_quorum_th_smallest_of_the_earliest_checkpoint() -> None:
    s, watching = witnessed()
    record = s.say(s.b, published())
    now = s.world.now
    proof = s.b.attest(s.case, dict(zip(watching, (now + 30, now + 10, now + 20), strict=True)))
    later = s.b.attest(s.case, watching, at=now + DAY)
    found = interval(s, record, proof, later)
    assert (found.not_after, found.by_after) == (now + 20, proof.value.id)
    assert interval(s, record, later).not_after == now + DAY


def test_not_before_is_the_quorum_th_largest_of_what_is_cited() -> None:
    s, watching = witnessed()
    now = s.world.now
    proof = s.a.attest(s.case, dict(zip(watching, (now + 30, now + 10, now + 20), strict=True)))
    record = s.b.say(published(), case=s.case, references=[proof])
    s.facts.append(record)
    found = interval(s, record, proof)
    assert (found.not_before, found.by_before) == (now + 20, proof.value.id)
    # What builds on it inherits the bound; what stands beside it does not.
    after, beside = s.say(s.a, published(), seen=[record]), s.case.opening
    assert interval(s, after, proof).not_before == now + 20
    assert interval(s, beside, proof).not_before is None


def test_fewer_than_the_quorum_prove_nothing() -> None:
    s, watching = witnessed()
    record = s.say(s.b, published())
    assert interval(s, record, s.b.attest(s.case, watching[:1])) == Interval()


def test_cosignatures_in_two_attestations_of_one_checkpoint_add_up() -> None:
    s, watching = witnessed()
    record = s.say(s.b, published())
    one = s.b.attest(s.case, watching[:1], at=s.world.now)
    two = s.b.attest(s.case, watching[1:2], at=s.world.now + 60)
    assert interval(s, record, one).not_after is None
    assert interval(s, record, one, two).not_after == s.world.now + 60


def test_a_checkpoint_before_the_record_says_nothing_of_it() -> None:
    s, watching = witnessed()
    size = s.b.tree.size
    record = s.say(s.b, published())
    assert interval(s, record, s.b.attest(s.case, watching, size=size)) == Interval()


def test_ones_own_cosignature_never_counts() -> None:
    world = World("own")
    a, b = world.party("Alder"), world.party("Birch")
    case = world.open_case(a, witnesses=[a, b], quorum=1)
    world.invite(case, a, b)
    s = Scene(world=world, a=a, b=b, c=b, case=case, facts=[case.opening])
    record = s.say(b, published())
    assert interval(s, record, b.attest(case, [b])) == Interval()
    assert interval(s, record, b.attest(case, [a])).not_after == world.now


def test_the_home_of_a_guest_does_not_count_for_the_guest() -> None:
    world = World("home")
    a, b = world.party("Alder"), world.party("Birch")
    g = world.guest("Guest", b)
    case = world.open_case(a, witnesses=[a, b], quorum=1)
    s = Scene(world=world, a=a, b=b, c=g, case=case, facts=[case.opening])
    world.invite(case, a, g)
    record = s.say(g, published())
    assert interval(s, record, b.attest(case, [b])) == Interval()
    assert interval(s, record, b.attest(case, [a])).not_after == world.now


def test_a_cosignature_added_later_does_not_make_a_record_late() -> None:
    """B cites a checkpoint with one old cosignature; two more are added to it long after."""
    s, watching = witnessed()
    now = s.world.now
    cited = s.a.attest(s.case, {watching[0]: now})
    record = s.b.say(published(), case=s.case, references=[cited])
    s.facts.append(record)
    added = s.a.attest(s.case, dict.fromkeys(watching[1:], now + 90 * DAY), size=cited.value.size)
    assert interval(s, record, cited, added).not_before is None


@given(st.integers(-400 * DAY, 400 * DAY), st.sampled_from([0, 1, 2]))
def test_one_liar_among_three_moves_no_bound_past_the_honest(shift: int, liar: int) -> None:
    s, watching = witnessed()
    now = s.world.now
    honest = [now + 10, now + 20, now + 30]
    told = [t + shift * (n == liar) for n, t in enumerate(honest)]
    others = [t for n, t in enumerate(honest) if n != liar]
    cited = s.a.attest(s.case, dict(zip(watching, told, strict=True)))
    record = s.b.say(published(), case=s.case, references=[cited])
    s.facts.append(record)
    proof = s.b.attest(s.case, dict(zip(watching, told, strict=True)))
    found = interval(s, record, cited, proof)
    assert found.not_before is not None
    assert found.not_after is not None
    # At least one honest witness stands on the safe side of each bound.
    assert min(others) <= found.not_after
    assert found.not_before <= max(others)


@given(st.integers(-400 * DAY, 400 * DAY))
def test_a_claimed_time_changes_nothing(shift: int) -> None:
    found = []
    for at in (0, shift):
        s, watching = witnessed()
        record = s.b.say(published(), case=s.case, at=s.world.now + at)
        s.facts.append(record)
        found.append(interval(s, record, s.b.attest(s.case, watching)).not_after)
    assert found[0] == found[1] == s.world.now


def test_a_second_opening_moves_nobodys_deadline_but_its_openers() -> None:
    s, watching = witnessed()
    liar = s.world.party("Liar")
    record = s.say(s.b, published())
    own = s.say(s.a, published())
    proofs = [s.b.attest(s.case, watching), s.a.attest(s.case, watching)]
    before = interval(s, record, *proofs)
    policy = kinds.Policy(quorum=1, witnesses=(kinds.Witness(vkey=liar.vkey, party=liar.id),))
    chain = s.a.chain.pop(s.case.id)
    s.facts.append(s.a.say(opening(s, s.a, policy=policy), case=s.case, seen=(), at=0))
    s.a.chain[s.case.id] = chain
    lies = s.b.attest(s.case, {liar: 0})
    state = fold_case(s.case, [*s.facts, *proofs, lies])
    assert state.forks == {s.a.id: 0}
    assert intervals(state)[record.value.id] == before
    assert intervals(state)[own.value.id] == Interval()


def test_an_attestation_read_again_with_more_witnesses_says_more() -> None:
    s, watching = witnessed()
    record = s.say(s.b, published())
    raw = s.b.attest(s.case, watching).value.raw
    one = verify_attestation(raw, s.b.party, [watching[0].vkey, watching[1].vkey])
    two = verify_attestation(raw, s.b.party, [watching[1].vkey, watching[2].vkey])
    states = [fold(pair, fold_case(s.case, s.facts)) for pair in ([one, two], [two, one])]
    assert states[0] == states[1]
    assert len(states[0].attestations[one.value.id].value.seen_by) == 3
    assert intervals(states[0])[record.value.id].not_after == s.world.now


@pytest.mark.parametrize("hours", [0, 1])
def test_another_ledgers_checkpoint_may_show_a_record_too(hours: int) -> None:
    """Whoever logs another's envelope and has its own head cosigned proves that it existed."""
    s, watching = witnessed()
    record = s.say(s.b, published())
    index, _ = s.a.log(record.value.envelope.raw)
    assert index
    s.world.now += hours * HOUR
    assert interval(s, record, s.a.attest(s.case, watching)).not_after == s.world.now


# -- timestamp authorities ------------------------------------------------------------------------

CLOCK, DIAL = authority("Invented Clock"), authority("Invented Dial")


def stamped(quorum: int, *authorities: TestAuthority, names: Sequence[str] = ()) -> tuple[Scene, list[Actor]]:
    """A case between two parties, whose time policy names authorities, and parties that only watch."""
    world = World("stamped")
    a, b = world.party("Alder"), world.party("Birch")
    watching = [world.party(n) for n in names]
    case = world.open_case(a, witnesses=watching, quorum=quorum, authorities=authorities)
    s = Scene(world=world, a=a, b=b, c=b, case=case)
    s.facts = [case.opening, world.invite(case, a, b)]
    return s, watching


def test_an_authority_alone_proves_both_bounds_within_its_accuracy() -> None:
    s, _ = stamped(1, CLOCK)
    record = s.say(s.b, published())
    now = s.world.now
    proof = s.b.attest(s.case, [], stamped={CLOCK: now})
    citing = s.a.say(published(), case=s.case, references=[proof])
    s.facts.append(citing)
    assert interval(s, record, proof) == Interval(not_after=now + 1, by_after=proof.value.id)
    assert interval(s, citing, proof) == Interval(not_before=now - 1, by_before=proof.value.id)


def test_an_authority_counts_for_its_customer_too() -> None:
    """It is not a party, so whose it is cannot be told; a party's own cosignature still never counts."""
    s, watching = stamped(2, CLOCK, DIAL, names=["Birch"])
    record = s.say(s.b, published())
    now = s.world.now
    both = s.b.attest(s.case, [], stamped={CLOCK: now, DIAL: now + 60})
    assert interval(s, record, both).not_after == now + 61
    own = s.b.attest(s.case, watching, stamped={CLOCK: now})
    assert interval(s, record, own).not_after is None


def test_witnesses_and_authorities_make_one_quorum() -> None:
    s, watching = stamped(2, CLOCK, names=["W1"])
    record = s.say(s.b, published())
    now = s.world.now
    seen, token = s.b.attest(s.case, watching, at=now + 30), s.b.attest(s.case, [], stamped={CLOCK: now})
    assert interval(s, record, seen).not_after is None
    assert interval(s, record, token).not_after is None
    assert interval(s, record, seen, token).not_after == now + 30
    both = s.a.attest(s.case, dict.fromkeys(watching, now + 30), stamped={CLOCK: now})
    citing = s.b.say(published(), case=s.case, references=[both])
    s.facts.append(citing)
    assert interval(s, citing, both).not_before == now - 1


def test_tokens_of_one_authority_count_once() -> None:
    s, _ = stamped(2, CLOCK, DIAL)
    record = s.say(s.b, published())
    now = s.world.now
    one, two = (s.b.attest(s.case, [], stamped={CLOCK: now + n}) for n in (0, 60))
    assert interval(s, record, one, two).not_after is None


def test_one_token_is_never_two_authorities() -> None:
    """Both the root and the issuer under it are named: the nearer one counts, and it alone."""
    issuer, root = (certificate_id(c) for c in CLOCK.chain[1:])
    policy = kinds.Policy(
        quorum=2,
        witnesses=(),
        authorities=tuple(kinds.Authority(certificate=c, name="Clock") for c in (root, issuer)),
    )
    assert stamped_by(policy, [Stamp(chain=("0" * 64, issuer, root), earliest=1, latest=3)]) == {
        issuer: (1, 3)
    }


def test_an_authority_that_the_case_does_not_name_counts_for_nothing() -> None:
    s, _ = stamped(1, CLOCK)
    record = s.say(s.b, published())
    proof = s.b.attest(s.case, [], stamped={DIAL: s.world.now})
    assert proof.value.stamps[0].chain[-1] == DIAL.anchor
    assert interval(s, record, proof) == Interval()


def test_fewer_than_a_quorum_of_lying_authorities_move_no_bound_past_an_honest_one() -> None:
    s, watching = stamped(2, CLOCK, DIAL, names=["W1"])
    record = s.say(s.b, published())
    now = s.world.now
    for lie in (now - 90 * DAY, now + 90 * DAY):
        proof = s.b.attest(s.case, dict.fromkeys(watching, now), stamped={CLOCK: now, DIAL: lie})
        upper = interval(s, record, proof).not_after
        assert upper is not None
        assert upper >= now
        assert upper <= now + 1


def test_a_token_over_another_checkpoint_refuses_the_whole() -> None:
    s, _ = stamped(1, CLOCK)
    s.say(s.b, published())
    proof = s.b.attest(s.case, [], stamped={CLOCK: s.world.now}).value
    version, _, tokens, rows = cbor2.loads(proof.raw)
    s.say(s.b, published())
    for changed in (
        [version, s.b.checkpoint(), tokens, []],
        [version, s.b.checkpoint(proof.size), tokens * 2, rows],
        [version, s.b.checkpoint(proof.size), [], rows],
        [version, s.b.checkpoint(proof.size), [[tokens[0][0], ["text"]]], rows],
        [version, s.b.checkpoint(proof.size), [[tokens[0][0], tokens[0][1][1:]]], rows],
    ):
        with pytest.raises((Malformed, NotVerified), match=r"attestation\.(token|form)"):
            verify_attestation(cbor2.dumps(changed, canonical=True), s.b.party, [])
    # A cosignature that comes to the note changes nothing for the token.
    text = s.b.checkpoint(proof.size)
    cosigned = note.merge_signatures(text, s.a.cosign(text, s.world.now))
    again = cbor2.dumps([version, cosigned, tokens, rows], canonical=True)
    assert verify_attestation(again, s.b.party, []).value.stamps == proof.stamps


# -- reasons ----------------------------------------------------------------------------------------


def test_reasons_name_everyone_that_counted_and_whose_time_is_the_bound() -> None:
    s, watching = stamped(2, CLOCK, names=["W1", "W2"])
    record = s.say(s.b, published())
    now = s.world.now
    proof = s.b.attest(s.case, dict(zip(watching, (now + 30, now + 10), strict=True)), stamped={CLOCK: now})
    why = reasons(fold_case(s.case, [*s.facts, proof]))[record.value.id]
    assert why.not_before is None
    assert why.not_after is not None
    found = why.not_after
    assert (found.attestation, found.home, found.via) == (proof.value.id, s.b.id, record.value.id)
    assert (found.size, found.quorum, found.instant) == (proof.value.size, 2, now + 10)
    told = [(a.kind, a.party, a.instant, a.decisive) for a in found.attesters]
    assert told == [
        ("authority", "", now + 1, False),
        ("witness", watching[1].id, now + 10, True),
        ("witness", watching[0].id, now + 30, False),
    ]
    assert (found.attesters[0].name, found.attesters[0].key) == (CLOCK.name, CLOCK.anchor)


def test_the_reason_of_a_lower_bound_names_the_record_that_cites() -> None:
    s, watching = witnessed()
    now = s.world.now
    proof = s.a.attest(s.case, dict(zip(watching, (now + 30, now + 10, now + 20), strict=True)))
    citing = s.b.say(published(), case=s.case, references=[proof])
    s.facts.append(citing)
    above = s.say(s.a, published(), seen=[citing])
    found = reasons(fold_case(s.case, [*s.facts, proof]))
    for record in (citing, above):
        why = found[record.value.id].not_before
        assert why is not None
        assert (why.via, why.attestation, why.instant) == (citing.value.id, proof.value.id, now + 20)
        assert [(a.instant - now, a.decisive) for a in why.attesters] == [
            (10, False),
            (20, True),
            (30, False),
        ]
    assert found[s.case.opening.value.id].not_before is None
    assert reasons(fold_case(s.case, s.facts))[above.value.id] == Reasons()


def test_every_bound_has_a_reason_and_its_instant_is_the_decisive_one() -> None:
    for seed in range(12):
        s, watching = witnessed(quorum=1 + seed % 3)
        proofs: list[Verified[Attestation]] = []
        for n in range(6):
            actor = (s.a, s.b)[(n + seed) % 2]
            times = {each: s.world.now + (7 * n * k + seed) % 40 for k, each in enumerate(watching, 1)}
            s.facts.append(actor.say(published(), case=s.case, references=proofs[-1:]))
            proofs.append(actor.attest(s.case, times))
        state = fold_case(s.case, [*s.facts, *proofs])
        why = reasons(state)
        for record, found in intervals(state).items():
            for instant, named, reason in (
                (found.not_before, found.by_before, why[record].not_before),
                (found.not_after, found.by_after, why[record].not_after),
            ):
                assert (instant is None) == (reason is None)
                if reason is not None:
                    assert (reason.instant, reason.attestation) == (instant, named)
                    assert [a.instant for a in reason.attesters if a.decisive] == [instant]
                    assert len(reason.attesters) >= reason.quorum
