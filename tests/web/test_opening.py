"""Beginning in the pages alone: a card is read out before it is kept, a case is opened as it was shown."""

from __future__ import annotations

import base64
import html
import json
import re
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from comity.case.party_keys import witness_keys
from comity.errors import Unavailable
from comity.exchange.confirming import authentication
from comity.exchange.node import Node
from comity.records import kinds
from comity.web.app import make_app
from tests.exchange.network import World
from tests.web.acting import KEY, Fields, OnceKeys, Person, hidden, mistakes, person_at
from tests.web.stage import TOKEN

FORM = {"title": "Mail", "date": "2026-10-05", "quorum": "1", "approvals": "0"}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, ["alder", "birch"])


def app_that_asks(node: Node, world: World) -> Litestar:
    """The pages of a node that asks the others of its world for their cards."""

    def ask(address: str) -> bytes:
        for other in world.nodes:
            if any(c.address == address for c in other.party.card.contacts):
                return other.party_file(other.party.id).render()
        raise Unavailable("peer.unreachable", address, "nobody listens there")

    return make_app(node, token=TOKEN, title="t", keys=OnceKeys(KEY), ask_card=ask)


def stranger(tmp_path: Path) -> Node:
    """A node that none of the world knows."""
    return World(tmp_path / "elsewhere", ["cedar"]).nodes[0]


def test_a_card_is_read_out_before_it_is_kept(world: World, tmp_path: Path) -> None:
    a, other = world.nodes[0], stranger(tmp_path)
    world.nodes.append(other)
    address = next(c.address for c in other.party.card.contacts if c.kind == "node")
    with TestClient(app_that_asks(a, world)) as client:
        person = Person(client).sign_in()
        assert "None yet" not in person.open("/parties")
        said = person.send("/parties/learn", "read", {"address": address})
        assert said.status_code == 303 or said.status_code == 200, said.text
        assert "Before you keep it" in said.text
        assert other.party.id[:4] in said.text
        assert "Compare this fingerprint" in html.unescape(said.text)
        assert other.party.id not in a.parties()
        kept = person.send("/parties/learn", "keep", {"way": "call-back", "note": "Vera, 12 May"}, said.text)
        assert kept.status_code == 303
        assert other.party.id in a.parties()
        found = authentication(a, other.party.id).confirmed
        assert found is not None
        assert (found.way, found.note) == ("call-back", "Vera, 12 May")
        page = person.open(kept.headers["location"])
        assert "Cedar" in page
        assert "Vera, 12 May" in page
        changed = person.send(f"/parties/confirm?party={other.party.id}", "", {"way": "", "note": ""})
        assert changed.status_code == 303
        assert authentication(a, other.party.id).confirmed is None


def test_a_card_comes_as_a_file_too(world: World, tmp_path: Path) -> None:
    a, other = world.nodes[0], stranger(tmp_path)
    raw = other.party_file(other.party.id).render()
    with person_at(a) as person:
        carried = hidden(person.open("/parties/learn"))
        fields = {
            "csrf": carried["csrf"][0],
            "step": "read",
            "expected": ":".join(re.findall("....", other.party.id)).upper(),
        }
        said = person.client.post("/parties/learn", data=fields, files={"file": ("cedar.card", raw)})
        assert "This is the fingerprint that you were told" in said.text
        wrong = {**fields, "expected": a.party.id}
        said = person.client.post("/parties/learn", data=wrong, files={"file": ("cedar.card", raw)})
        assert said.status_code == 422
        assert other.party.id[:16] in mistakes(said.text)[0]
        said = person.client.post("/parties/learn", data=fields, files={"file": ("x", raw[:-1])})
        assert said.status_code == 422
        assert "[" in mistakes(said.text)[0]
    assert other.party.id not in a.parties()


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({}, "Give the address"),
        ({"address": "cert.example"}, "Write the address as https://"),
        ({"address": "https://cert.example/?x=1"}, "Write the address as https://"),
        ({"address": "https://a:b@cert.example"}, "Write the address as https://"),
        ({"address": "http://nobody.example"}, "Nobody listens there"),
        ({"card": "!"}, "no card; begin again"),
        ({"card": base64.b64encode(b"nothing").decode()}, "No card could be taken"),
    ],
)
def test_what_is_no_card_is_told_beside_its_field(world: World, fields: dict[str, str], why: str) -> None:
    a = world.nodes[0]
    before = len(a.parties())
    with TestClient(app_that_asks(a, world)) as client:
        person = Person(client).sign_in()
        said = person.send("/parties/learn", "keep", fields)
        assert said.status_code == 422
        assert any(why in each for each in mistakes(said.text)), mistakes(said.text)
    assert len(a.parties()) == before


def test_ones_own_card_and_unknown_parties(world: World) -> None:
    a = world.nodes[0]
    own = base64.b64encode(a.party_file(a.party.id).render()).decode()
    with person_at(a) as person:
        said = person.send("/parties/learn", "keep", {"card": own})
        assert mistakes(said.text) == ["This is this node's own card."]
        for party in (a.party.id, "0" * 64):
            assert person.client.get("/parties/confirm", params={"party": party}).status_code == 404
        other = world.nodes[1].party.id
        said = person.send(f"/parties/confirm?party={other}", "", {"way": "", "note": "by phone"})
        assert said.status_code == 422
        data = {"csrf": "of another", "party": other, "way": "directory", "note": "by phone"}
        late = person.client.post("/parties/confirm", data=data)
        assert late.status_code == 422
        assert 'value="by phone"' in late.text
        assert authentication(a, other).confirmed is None
        assert "The card is kept" not in person.open(f"/parties?kept={'0' * 64}")


def test_whoever_only_reads_learns_and_opens_nothing(world: World) -> None:
    a = world.nodes[0]
    with TestClient(make_app(a, token=TOKEN, title="t", keys=OnceKeys(KEY))) as client:
        assert client.get("/parties").status_code == 403
        assert client.get(f"/parties?token={TOKEN}").status_code == 200
        page = client.get("/parties").text
        assert "Birch" in page
        assert "/parties/learn" not in page
        assert "/open-case" not in client.get("/").text
        for path in ("/parties/learn", "/parties/confirm", "/open-case"):
            assert client.get(path).status_code == 403
            assert client.post(path, data={"step": "sign"}).status_code == 403
        data = client.get("/parties.json").json()
        assert data["others"][0]["who"]["name"] == "Birch"
    assert a.cases() == []


def test_a_case_is_opened_as_it_was_shown(world: World) -> None:
    a, b = world.nodes
    both = [a.party.id, b.party.id]
    fields: Fields = {**FORM, "witness": both, "quorum": "2", "courier": b.party.id}
    with person_at(a) as person:
        assert "Open a case" in person.open("/")
        page = person.review("/open-case", fields)
        assert a.cases() == []
        shown = re.search(r"<pre dir=\"ltr\">(.*?)</pre>", page, re.DOTALL)
        assert shown
        told = json.loads(html.unescape(shown[1]))
        done = person.send("/open-case", "sign", {}, page)
        assert done.status_code == 303
        (case,) = a.cases()
        assert done.headers["location"] == f"/case/{case}?opened=1"
        opening = a.state(case).opening
        assert opening is not None
        content = opening.content
        assert isinstance(content, kinds.Open)
        assert content.key_hash == told["key_hash"]
        assert content.title == "Mail"
        assert content.policy.quorum == 2
        assert [w.party for w in content.policy.witnesses] == [a.party.id, b.party.id]
        assert content.policy.couriers == (b.party.id,)
        assert "Invite a party" in person.open(done.headers["location"])
        # Sent once more, it leads to the same case.
        again = person.send("/open-case", "sign", {}, page)
        assert again.headers["location"] == done.headers["location"]
        assert a.cases() == [case]
        # A case opened so is one like any other: the other party joins it.
        person.sign(f"/act/{case}/invite", {"party": b.party.id})
        # With nobody left to invite, the case leads to where another is learned, and not to a refusal.
        page = person.open(f"/case/{case}")
        assert f"/act/{case}/invite" not in page
        assert '<a href="/parties/learn">Learn a party\'s card</a>' in page
    world.settle()
    assert b.cases() == [case]


def test_a_review_that_this_process_forgot_is_shown_anew(world: World) -> None:
    a = world.nodes[0]
    fields = {**FORM, "witness": a.party.id}
    with person_at(a) as person:
        page = person.review("/open-case", fields)
        assert "no time of its records will be proven" in " ".join(page.split())
    with person_at(a) as person:
        # Of a session that ended, what was typed comes back and nothing is signed.
        late = person.client.post("/open-case", data={**hidden(page), "step": "sign"})
        assert late.status_code == 422
        assert 'value="Mail"' in late.text
        carried = {**hidden(page), "csrf": hidden(person.open("/open-case"))["csrf"]}
        said = person.client.post("/open-case", data={**carried, "step": "sign"}, follow_redirects=False)
        assert "has changed" in said.text
        assert a.cases() == []
        done = person.send("/open-case", "sign", {}, said.text)
        assert done.status_code == 303
    assert len(a.cases()) == 1


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"date": "5 October"}, "date"),
        ({"date": "2026-02-30"}, "date"),
        ({"date": ""}, "date"),
        ({"quorum": "3"}, "quorum"),
        ({"quorum": "0"}, "quorum"),
        ({"witness": []}, "witness"),
        ({"witness": "0" * 64}, "witness"),
        ({"authorities": "-----BEGIN CERTIFICATE-----"}, "authorities"),
        ({"policy": "quorum"}, "policy"),
        ({"approvals": "9"}, "approvals"),
        ({"title": "x" * 201}, "title"),
    ],
)
def test_every_mistake_stands_beside_its_field(world: World, fields: dict[str, str], field: str) -> None:
    a, b = world.nodes
    with person_at(a) as person:
        said = person.send("/open-case", "review", {**FORM, "witness": [a.party.id, b.party.id], **fields})
        assert said.status_code == 422
        assert f'href="#f-{field}"' in said.text, mistakes(said.text)
        assert a.cases() == []


def test_a_policy_as_text_names_witnesses_that_are_no_party(world: World) -> None:
    a, b = world.nodes
    vkey = witness_keys(b.party)[-1]
    policy = f"witness one {vkey} http://w.example\nquorum one"
    with person_at(a) as person:
        page = person.review("/open-case", {**FORM, "policy": policy})
        assert person.send("/open-case", "sign", {}, page).status_code == 303
    (case,) = a.cases()
    found = a.state(case).policy
    assert found is not None
    assert [(w.party, w.url) for w in found.witnesses] == [(b.party.id, "http://w.example")]


def test_where_nobody_is_left_to_invite_the_page_leads_to_learning_a_card(world: World) -> None:
    a, b = world.nodes
    with person_at(a) as person:
        page = person.review("/open-case", {**FORM, "witness": a.party.id})
        link = person.send("/open-case", "sign", {}, page).headers["location"]
        case = a.cases()[0]
        assert link.startswith(f"/case/{case}")
        person.sign(f"/act/{case}/invite", {"party": b.party.id})
        said = person.client.get(f"/act/{case}/invite")
        assert said.status_code == 409
        assert 'href="/parties/learn"' in said.text
        assert f'href="/case/{case}"' in said.text
