"""Attacks on records and cases, by their numbers in the list of threats (``test_list.py``)."""

from __future__ import annotations

import itertools
import json

import cbor2
import pytest

from comity.case.clocks import clocks
from comity.case.fold import fold
from comity.case.support import assertions
from comity.case.verified import verify_party, verify_record
from comity.errors import ComityError, Malformed, NotVerified
from comity.ledger import merkle, note, witness
from comity.records import bodies, canonical, ed25519, envelopes, kinds
from comity.records.bundles import Bundle, commitment, make_opening, parse_bundle, render_bundle
from tests import world as w
from tests.case.test_time import witnessed
from tests.generated import generate_case
from tests.rulebook import item_of, published, scene
from tests.world import DAY, World, fold_case, full_case


def test_attack_01_forged_record() -> None:
    """One bit of each byte of every record of a story: none is taken for its author's."""
    story = full_case("attack 1")
    flipped = 0
    for record in itertools.islice(story.records.values(), 0, None, 4):
        author = story.world.authors[record.value.id]
        raw = render_bundle(story.world.bundles[record.value.id])
        for at in range(0, len(raw), 5):
            changed = bytearray(raw)
            changed[at] ^= 1 << at % 8
            with pytest.raises(ComityError):
                verify_record(parse_bundle(bytes(changed)), author.party, author.ledger.party)
            flipped += 1
    assert flipped > 1_000


def test_attack_02_weak_key_repudiation() -> None:
    """A card whose key has small order founds no party: its signatures would cover every message."""
    world = World("attack 2")
    weak = bytes([1]) + bytes(31)
    card = world.card("Mallow")
    frame = kinds.Frame(
        kind="party.card",
        author=kinds.SELF,
        case=kinds.NO_CASE,
        at="2031-03-01T08:00:00Z",
        marking="TLP:CLEAR",
        audience=(kinds.PUBLIC,),
        rules=1,
    )
    fields = {name: getattr(card, name) for name in card.__struct_fields__} | {"statement": weak.hex()}
    opening = make_opening(frame, kinds.Card(**fields), bytes(32), bytes(32))
    honest = envelopes.seal_envelope(
        world.secret("any"),
        iss=kinds.SELF,
        sub=kinds.NO_CASE,
        seq=0,
        prev=kinds.NO_CASE,
        keys=kinds.NO_CASE,
        payload=commitment(opening),
    )
    tag = cbor2.loads(honest.raw)
    header = dict(cbor2.loads(tag.value[0])) | {4: ed25519.thumbprint(weak)}
    header[15], header[envelopes.CHAIN] = dict(header[15]), list(header[envelopes.CHAIN])
    parts = [cbor2.dumps(header, canonical=True), {}, tag.value[2], weak + bytes(32)]
    raw = cbor2.dumps(cbor2.CBORTag(18, parts), canonical=True)
    with pytest.raises(NotVerified) as error:
        verify_party(Bundle(envelope=raw, opening=opening), ())
    assert error.value.code == "key.weak"


def test_attack_03_transplant_to_another_case() -> None:
    """A's honest record of one case, carried to another: no effect there, and A is no forger for it."""
    s = scene("attack 3")
    stated = s.claimed(s.a, s.b)
    other = s.world.open_case(s.a, quorum=2)
    carried = [
        other.opening,
        s.a.say(published(), case=other),
        s.a.fork(published(), case=other, seq=-1),
        s.world.bare(s.a.say(published(), case=other)),
    ]
    before, after = s.state, fold(carried, s.state)
    assert after.accepted == before.accepted
    assert after.forks == {}
    assert assertions(after) == assertions(before)
    assert other.opening.value.id in after.refused
    assert stated.value.id in after.accepted


def test_attack_03_replay() -> None:
    """The same facts again, ten thousand times, are the same facts."""
    s = scene("attack 3 replay")
    s.claimed(s.a, s.b)
    state = s.state
    assert fold(s.facts * 2_500, state) is state
    assert fold_case(s.case, s.facts * 100) == state


def test_attack_03_one_envelope_logged_twice_is_one_record() -> None:
    """A second, later place in the same ledger neither moves a record nor marks it."""
    s = scene("attack 3 twice")
    stated = s.claimed(s.a, s.b)
    s.a.rotate()
    bundle = s.world.bundles[stated.value.id]
    again = s.a.admit(bundle.envelope, bundle.opening)
    assert again.stale
    assert again.index > stated.index
    for facts in ([*s.facts, again], [again, *s.facts]):
        state = fold_case(s.case, facts)
        assert state == s.state
        assert not state.records[stated.value.id].stale


def test_attack_04_equivocation() -> None:
    """Two records at one place: both stay, and nothing favourable to their author after it counts."""
    s = scene("attack 4")
    s.say(s.b, published())
    first = s.claimed(s.b, s.a)
    second = s.b.fork(w.claim(w.cite(), text="The contrary."), case=s.case, seq=-1)
    for facts in itertools.permutations([first, second]):
        state = fold_case(s.case, [f for f in s.facts if f is not first] + list(facts))
        assert state.forks == {s.b.id: 1}
        assert {first.value.id, second.value.id} <= state.accepted.keys()
        assert all("forked" in facts_.marks for facts_ in assertions(state))


def test_attack_04_equivocation_is_provable_from_two_bare_envelopes() -> None:
    s = scene("attack 4 bare")
    s.say(s.b, published())
    first, second = s.say(s.b, published()), s.b.fork(published(), case=s.case, seq=-1)
    others = [f for f in s.facts if f is not first]
    assert fold_case(s.case, [*others, s.world.bare(first), s.world.bare(second)]).forks == {s.b.id: 1}


def test_attack_04_split_view_is_proven_by_two_heads() -> None:
    s = scene("attack 4 split")
    s.say(s.a, published())
    shown = s.a.checkpoint()
    kept = [s.a.tree.node(0, n) for n in range(s.a.tree.size - 1)]
    s.a.tree = merkle.Tree([*kept, bytes(32)])
    split = witness.prove_split(shown, s.a.checkpoint(), note.Vkey.parse(s.a.party.card.checkpoint))
    assert split.roots[0] != split.roots[1]


@pytest.mark.parametrize("days", [-400, -1, 0, 1, 400])
def test_attack_06_back_dating(days: int) -> None:
    """Whatever an author claims, its answer is in time, late or unproven by cosignatures alone."""
    s, watching = witnessed()
    due = s.world.now + 5 * DAY
    asked = s.say(s.a, w.request(s.b, due))
    s.world.now = due + DAY
    content = kinds.Answer(request=asked.value.id, disposition="fulfilled")
    s.say(s.b, content, asked, at=s.world.now + days * DAY)
    proof = s.b.attest(s.case, watching)
    (clock,) = clocks(fold_case(s.case, [*s.facts, proof]), s.world.now + 10 * DAY)
    assert clock.status == "timing-unproven"


@pytest.mark.parametrize("days", [-400, 400])
def test_attack_06_a_lying_witness_moves_no_deadline(days: int) -> None:
    for told, expected in ((-1, "in-time"), (1, "timing-unproven")):
        s, watching = witnessed()
        due = s.world.now + 5 * DAY
        asked = s.say(s.a, w.request(s.b, due))
        s.say(s.b, kinds.Answer(request=asked.value.id, disposition="fulfilled"), asked)
        times = dict.fromkeys(watching, due + told * DAY)
        times[watching[0]] += days * DAY
        (clock,) = clocks(fold_case(s.case, [*s.facts, s.b.attest(s.case, times)]), due + 10 * DAY)
        assert clock.status == expected


def test_attack_07_leap_second() -> None:
    """A deadline never falls on an instant that has no number."""
    with pytest.raises(Malformed) as error:
        bodies.parse_time("2031-06-30T23:59:60Z")
    assert error.value.code == "time.calendar"
    s = scene("attack 7")
    with pytest.raises(ValueError, match="no such instant"):
        s.say(s.a, kinds.Request(to=s.b.id, type="evidence", text="x", due="2031-06-30T23:59:60Z"))


def test_attack_07_skewed_clocks_change_no_judgement() -> None:
    for shift in (-400 * DAY, 0, 400 * DAY):
        s = scene("attack 7")
        sealed = s.sealed(s.a, at=s.world.now + shift)
        s.say(s.b, kinds.Received(record=sealed.value.id), sealed, at=s.world.now - shift)
        assert not s.state.refused


def test_attack_14_the_fold_diverges() -> None:
    """Every permutation of a small case with a fork, a refusal and a record that waits: one state."""
    s = scene("attack 14")
    s.say(s.b, published())
    first = s.claimed(s.b, s.a)
    more = [
        first,
        s.b.fork(published(), case=s.case, seq=-1),
        s.say(s.c, kinds.Invite(to=s.c.id)),
        s.world.bare(s.say(s.a, published())),
        s.say(s.a, kinds.Received(record=first.value.id), first),
    ]
    base = [f for f in s.facts if all(f.value.id != m.value.id for m in more)]
    states = {fold_case(s.case, [*facts, *base]).canonical() for facts in itertools.permutations(more)}
    assert len(states) == 1


def test_attack_14_behind_a_bare_record_every_order_judges_alike() -> None:
    """What an author had seen counts also across a record whose body is not held here."""
    s = scene("attack 14 bare")
    news = [s.say(s.a, published()) for _ in range(2)]
    one = s.say(s.b, published(), news[1], seen=[news[1]])
    hidden = s.say(s.b, published())
    backwards = s.say(s.b, published(), seen=[news[0]])
    facts = [f for f in s.facts if f is not hidden] + [s.world.bare(hidden)]
    late = [one, news[1], backwards]
    states = set()
    for order in itertools.permutations(late):
        state = fold_case(s.case, [f for f in facts if f not in late])
        for fact in order:
            state = fold([fact], state)
        states.add(state.canonical())
        assert state.refused[backwards.value.id].rule == 4
    assert len(states) == 1


def test_attack_15_two_spellings() -> None:
    """No second JSON or CBOR text of a record is taken, though common readers take both."""
    story = full_case("attack 15")
    bundle = story.world.bundles[story.records["claim"].value.id]
    assert bundle.opening is not None
    assert bundle.opening.content is not None
    plain = json.loads(bundle.opening.content)
    for spelling in (
        json.dumps(plain).encode(),
        json.dumps(plain, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
        .encode()
        .replace(b"W", b"\\u0057"),
        b'{"title":"x",' + bundle.opening.content[1:],
        bundle.opening.content + b"\n",
    ):
        assert json.loads(spelling)
        with pytest.raises(Malformed):
            canonical.parse(spelling)
    loose = cbor2.dumps(cbor2.loads(render_bundle(bundle)))
    assert parse_bundle(loose) == bundle  # a list has one order: this is the one spelling
    with pytest.raises(Malformed):
        parse_bundle(b"\x9f" + loose[1:] + b"\xff")


@pytest.mark.parametrize("alg", [-7, -35, -36, -37, -257, -47, 5, 4, 0, -18, -20, 19, "EdDSA", b"\x27", True])
def test_attack_17_algorithm_confusion(alg: object) -> None:
    """The key record fixes the algorithm; a header that names another is not read."""
    story = full_case("attack 17")
    tag = cbor2.loads(story.world.bundles[story.records["claim"].value.id].envelope)
    header = dict(cbor2.loads(tag.value[0])) | {1: alg}
    protected = cbor2.dumps(header, canonical=True)
    signature = ed25519.sign(
        story.claimant.seeds[0], cbor2.dumps(["Signature1", protected, b"", tag.value[2]])
    )
    raw = cbor2.dumps(cbor2.CBORTag(18, [protected, {}, tag.value[2], signature]), canonical=True)
    with pytest.raises(Malformed) as error:
        envelopes.open_envelope(raw)
    assert error.value.code in ("envelope.alg", "envelope.spelling")


def test_attack_25_stolen_key() -> None:
    """A thief of an old key can sign; the ledger's order marks it, whatever time it claims."""
    s = scene("attack 25")
    honest = s.claimed(s.a, s.b)
    s.a.rotate()
    stolen = s.say(s.a, published(), signed_with=0, at=s.world.now - 400 * DAY)
    endorsed = s.claimed(s.b)
    target = kinds.Endorse(target=w.target(endorsed), basis="trust")
    s.say(s.a, target, endorsed, signed_with=0)
    state = s.state
    assert not state.records[honest.value.id].stale
    assert state.records[stolen.value.id].stale
    assert stolen.value.id in state.accepted
    assert [e.counts for f in assertions(state) for e in f.endorsements] == ["forked"]


def test_attack_25_a_stolen_key_takes_up_no_new_one_behind_the_owners() -> None:
    """Two key records at one place: whoever holds the owner's refuses the thief's, and what follows it."""
    a = World("attack 25 rotate").party("Alder")
    thief = World("attack 25 rotate").party("Alder")
    own = a.rotate("every year")
    theirs = [thief.rotate("mine now"), thief.rotate("and again")]
    for rotations in ([own, theirs[0]], [own, theirs[1]], [own, *theirs]):
        with pytest.raises(NotVerified) as error:
            verify_party(a.card, rotations)
        assert error.value.code == "party.chain"


def test_attack_36_planted_evidence_gains_nothing_by_being_sealed_and_re_run() -> None:
    """Altered logs seal and re-run perfectly: the facts say so, and say nothing more."""
    s = scene("attack 36")
    planted = s.say(s.a, w.seal(w.item("planted"), origin="mail gateway"))
    found = s.say(s.a, w.report(item_of(planted)), planted)
    stated = s.say(s.a, w.claim(w.on(found), about=[w.about(s.b)]), found)
    s.say(s.b, w.rerun(found), found)
    own = s.say(s.b, w.seal(w.item("border proxy"), origin="border proxy"))
    position = kinds.Position(n=0, position="disputes", support=0, supports=(w.on(own),))
    s.say(s.b, kinds.Response(target=stated.value.id, positions=(position,)), stated, own)
    (facts,) = assertions(s.state)
    support = facts.supports[0]
    assert (support.access, support.rerun, support.origin) == ("sealed", "same", "mail gateway")
    assert facts.origins == ("mail gateway",)
    assert facts.marks == ("contested",)
    assert support.contests[0].evidence == (w.on(own),)


def test_attack_36_an_origin_cannot_be_taken_over_by_sealing_the_item_again() -> None:
    s = scene("attack 36 again")
    sealed = s.say(s.a, w.seal(w.item("log"), origin="mail gateway"))
    stated = s.say(s.a, w.claim(w.on(sealed)), sealed)
    again = s.say(s.b, w.seal(item_of(sealed), origin="planted"), at=0)
    other = s.say(s.b, w.seal(w.item("other"), origin="planted"))
    content = kinds.Derive(source=item_of(other), result=item_of(again), tool="x", version="1")
    s.say(s.b, content, other, again)
    (facts,) = assertions(s.state)
    assert facts.target.record == stated.value.id
    assert facts.origins == ("mail gateway",)


def test_attack_37_circular_endorsement() -> None:
    """Parties that rest on each other and on one source: one origin, however many voices."""
    s = scene("attack 37")
    sealed = s.say(s.a, w.seal(w.item("log"), origin="mail gateway"))
    stated = s.say(s.a, w.claim(w.on(sealed)), sealed)
    for actor in (s.b, s.c):
        copy = s.say(actor, w.seal(item_of(sealed), origin=f"of {actor.name}"))
        own = kinds.Endorse(target=w.target(stated), basis="own-evidence", supports=(w.on(copy),))
        s.say(actor, own, stated, copy)
        s.say(actor, kinds.Endorse(target=w.target(stated), basis="reviewed"), stated)
    (facts,) = assertions(s.state)
    assert facts.origins == ("mail gateway",)
    assert len(facts.endorsements) == 4
    assert sum(not e.counts for e in facts.endorsements) == 2


def test_attack_37_sources_that_stand_in_words_alone() -> None:
    """Whoever lends its trust names three sensors: one voice without evidence is no source at all."""
    s = scene("attack 37 in words")
    stated = s.say(s.a, w.claim(w.cite()))
    for actor, basis in ((s.b, "trust"), (s.c, "reviewed")):
        names = tuple(f"sensor {n} of {actor.name}" for n in range(3))
        content = kinds.Endorse(
            target=w.target(stated),
            basis=basis,  # type: ignore[arg-type]  # one of four
            origins=names,
        )
        s.say(actor, content, stated)
    (facts,) = assertions(s.state)
    assert (facts.origins, facts.undeclared) == ((), 3)  # the citation, and two voices


def test_attack_37_origins_never_outnumber_the_sealed_items() -> None:
    """Over generated cases: an assertion has at most as many origins as items below it."""
    for seed in range(10):
        made = generate_case(f"attack 37 {seed}", size=40)
        state = made.state
        for facts in assertions(state):
            items = set()
            supports = list(facts.assertion.supports)
            for endorsement in facts.endorsements:
                content = state.accepted[endorsement.record].content
                assert isinstance(content, kinds.Endorse)
                supports += content.supports
            for support in supports:
                record = state.accepted.get(support.record)
                if record is not None and isinstance(record.content, kinds.Seal | kinds.Report):
                    items.add(record.content.item)
            assert len(facts.origins) <= len(items)
