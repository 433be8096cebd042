"""Whose key it is: one party's own finding, which goes nowhere and stands for every card of that key."""

from __future__ import annotations

from pathlib import Path

import pytest
from litestar.testing import TestClient

from comity.errors import ComityError, Refused
from comity.exchange import acts, guests
from comity.exchange.confirming import authentication, confirm, unconfirm
from comity.exchange.notices import forms
from comity.records import kinds
from comity.records.kinds import Assertion, Named
from tests.exchange.network import World
from tests.web.stage import app_of, enter


def test_a_guest_reads_not_authenticated_until_it_was_confirmed(tmp_path: Path) -> None:
    world = World(tmp_path, ["alder", "birch"])
    a, b = world.nodes
    witness = kinds.Witness(vkey=a.party.card.witness, party=a.party.id)
    case = acts.open_case(a, "2026-10-05", kinds.Policy(quorum=1, witnesses=(witness,)))
    acts.invite(a, case, b.party.id)
    quay = Named(name="Quay Hosting")
    claim = acts.state_claim(a, case, "t", [Assertion(text="x", level="tactical", about=(quay,))])
    notice = acts.give_notice(a, case, claim.value.id, [0], quay, "Named.").value.id
    raw = forms.write_text(forms.notice_data(a, case, notice), "en")
    reply = guests.answer_notice(
        raw, name="Quay Hosting", seed=b"q" * 32, effects=a.effects, acknowledge="Read."
    )
    first = guests.take_reply(a, reply)
    # The same key goes on in the same chain; under another it is refused.
    more = guests.answer_notice(
        raw,
        name="Quay Hosting",
        seed=b"q" * 32,
        effects=a.effects,
        positions=[kinds.Position(n=0, position="disputes")],
        after=reply,
    )
    assert guests.take_reply(a, more)[:1] == first
    assert not a.state(case).forks
    with pytest.raises(Refused, match=r"reply\.other"):
        guests.answer_notice(raw, name="Q", seed=b"r" * 32, effects=a.effects, acknowledge="x", after=reply)
    world.settle()
    guest = a.state(case).of("notice.acknowledge")[0].author
    digest = a.state(case).digest()

    def page(node: object = a) -> str:
        with TestClient(app_of(a if node is a else b)) as client:
            enter(client)
            return client.get(f"/case/{case}").text

    assert "sender not authenticated" in page()
    before = a.journal.size()
    made = confirm(a, guest, "call-back", "our own book")
    assert authentication(a, guest).confirmed == made
    assert a.journal.size() == before
    assert a.state(case).digest() == digest
    assert "confirmed here by a call back" in page()
    # What one party found out binds no other.
    assert authentication(b, guest).confirmed is None
    assert "confirmed here" not in page(b)
    unconfirm(a, guest)
    assert authentication(a, guest).confirmed is None
    with pytest.raises(Refused, match=r"party\.self"):
        confirm(a, a.party.id, "directory")
    with pytest.raises(ComityError):
        confirm(a, "0" * 64, "directory")
