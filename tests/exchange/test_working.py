"""What a node does by itself with what arrives, and how a person names a record."""

from __future__ import annotations

from pathlib import Path

import pytest

from comity.errors import Refused
from comity.exchange import acts, guests, working
from comity.exchange.notices import forms
from comity.records import kinds
from comity.records.kinds import Assertion, Named
from tests.exchange.network import World
from tests.world import FullCase, full_case


def test_an_answer_of_a_guest_is_receipted_and_the_guest_may_read_that(tmp_path: Path) -> None:
    world = World(tmp_path, ["alder", "birch"])
    a, b = world.nodes
    witness = kinds.Witness(vkey=a.party.card.witness, party=a.party.id)
    case = acts.open_case(a, "2026-10-05", kinds.Policy(quorum=1, witnesses=(witness,)))
    acts.invite(a, case, b.party.id)
    quay = Named(name="Quay Hosting")
    claim = acts.state_claim(a, case, "t", [Assertion(text="x", level="tactical", about=(quay,))])
    notice = acts.give_notice(a, case, claim.value.id, [0], quay, "Named.").value.id
    raw = forms.write_text(forms.notice_data(a, case, notice), "en")
    position = kinds.Position(n=0, position="disputes")
    reply = guests.answer_notice(
        raw, name="Quay Hosting", seed=b"q" * 32, effects=a.effects, positions=[position]
    )
    working.take_guest_reply(a, reply)
    state = a.state(case)
    (answer,) = state.of("response.make")
    (receipt,) = (r for r in state.of("record.received") if getattr(r.content, "record", "") == answer.id)
    assert {answer.author, b.party.id} <= state.audiences[receipt.id]
    assert working.receipt_what_arrived(a) == (0, [])


@pytest.fixture(scope="module")
def full() -> FullCase:
    return full_case(0)


def test_a_seal_is_named_by_its_item_and_any_record_by_its_id(full: FullCase) -> None:
    state = full.state
    seals = [r for r in state.of("evidence.seal") if isinstance(r.content, kinds.Seal)]
    for record in state.ordered:
        assert acts.find_record(state, record.id[:16]) == record.id
    names = [r.content.name for r in seals if isinstance(r.content, kinds.Seal)]
    for seal in seals:
        assert isinstance(seal.content, kinds.Seal)
        if seal.content.name and names.count(seal.content.name) == 1:
            assert acts.find_record(state, seal.content.name) == seal.id
    for unknown in ("", "abc", "no such log"):
        with pytest.raises(Refused, match=r"record\.unknown"):
            acts.find_record(state, unknown)
