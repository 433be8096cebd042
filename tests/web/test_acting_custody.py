"""Custody in the pages: handed over and received, held and let go, erased, and what each page then tells."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from comity.adapters.access_file import AccessFile, AccessReader
from comity.evidence.seal import Declared
from comity.exchange import evidence
from comity.records import kinds
from comity.web.app import make_app
from tests.web.acting import Person, mistakes, person_at
from tests.web.stage import TOKEN, Live, enter, tell
from tests.web.test_pages import text_of


@pytest.fixture(scope="module")
def acted(tmp_path_factory: pytest.TempPathFactory) -> Live:
    return tell(tmp_path_factory.mktemp("custody"))


@pytest.fixture
def officer(acted: Live) -> Iterator[Person]:
    with person_at(acted.world.nodes[0]) as person:
        yield person


@pytest.fixture
def other(acted: Live) -> Iterator[Person]:
    with person_at(acted.world.nodes[1]) as person:
        yield person


def test_an_item_is_handed_over_and_received(acted: Live, officer: Person, other: Person) -> None:
    case, birch = acted.case, acted.world.nodes[1].party.id
    page = officer.open(f"/evidence/{acted.root}")
    assert f"/act/{case}/transfer?seal={acted.seal}" in page
    handed = officer.sign(
        f"/act/{case}/transfer?seal={acted.seal}",
        {"to": birch, "purpose": "To look at it", "copy": "working", "means": "sealed disk"},
    )
    assert "signed by one side only" in officer.open(f"/evidence/{acted.root}")
    acted.world.settle()
    refused = other.send(f"/act/{case}/receive?about-record={handed}", "review", {"condition": "damaged"})
    assert any("what you checked" in why for why in mistakes(refused.text))
    assert any("your words" in why for why in mistakes(refused.text))
    other.sign(f"/act/{case}/receive?about-record={handed}", {"condition": "intact", "checked": "container"})
    acted.world.settle()
    told = text_of(officer.open(f"/evidence/{acted.root}"))
    assert "intact; the container's seal looked at" in told
    assert officer.client.get(f"/act/{case}/receive?about-record={handed}").status_code != 200


def test_a_hold_keeps_what_was_erased_and_letting_go_destroys_it(
    acted: Live, officer: Person, other: Person
) -> None:
    case = acted.case
    hold = f"/act/{case}/hold?seal={acted.seal}"
    assert "Hold an item against erasure" in officer.open(hold)
    officer.sign(hold, {"basis": "An order to preserve"})
    assert "Let go of a hold" in officer.open(hold)
    assert "held against erasure" in officer.open(f"/evidence/{acted.root}")
    erase = f"/act/{case}/erase-item?seal={acted.seal}"
    form = {"copies": "all", "basis": "Our law on retention", "sure": "yes"}
    assert "A hold keeps this item" in officer.send(erase, "review", form).text
    unsure = officer.send(erase, "review", {"copies": "all", "basis": "Our law"})
    assert mistakes(unsure.text) == ["Say that you know it is for good."]
    officer.sign(hold, {"basis": "The order has ended"})

    assert acted.root in evidence.held_items(acted.world.nodes[0])
    node = acted.world.nodes[0]
    raw = b"".join(evidence.item_bytes(node, acted.root))
    again, _ = evidence.seal_item(node, case, [raw], "copy.log", "lines/1", Declared())
    evidence.derive_item(node, case, acted.seal, again.value.id, "copier", "1")
    review = text_of(officer.review(erase, form))
    assert "copy.log tells the same" in review
    assert "Another item here has the same bytes, so the file stays" in review
    assert "held whole here, and is destroyed when this is signed" in review
    assert "Shown before to: " in review
    assert acted.root in evidence.held_items(acted.world.nodes[0]), "a review destroys nothing"
    officer.sign(erase, form)
    assert acted.root not in evidence.held_items(acted.world.nodes[0])
    page = text_of(officer.open(f"/evidence/{acted.root}"))
    assert "Committed, erased." in page
    assert "declares every copy erased" in page
    assert "Our law on retention" in page
    acted.world.settle()
    assert "only who sealed an item" in other.open(erase).lower()


def test_the_content_of_a_record_is_erased(acted: Live, officer: Person) -> None:
    case = acted.case
    path = f"/act/{case}/erase-record?about-record={acted.claim}"
    assert path in officer.open(f"/record/{acted.claim}")
    answer = officer.send(path, "review", {"basis": "A name stood in it", "sure": "yes"})
    assert mistakes(answer.text) == ["Say whether to erase it although others build on it."]
    officer.sign(path, {"basis": "A name stood in it", "sure": "yes", "anyway": "yes"})
    held = acted.world.nodes[0].journal.held_record(acted.claim)
    assert held is not None
    assert held.opening is not None
    assert held.opening.content is None
    opening = next(r for r in acted.world.nodes[0].state(case).ordered if r.frame.kind == "case.open")
    assert f"erase-record?about-record={opening.id}" not in officer.open(f"/record/{opening.id}")
    refused = officer.client.get(f"/act/{case}/erase-record?about-record={opening.id}")
    assert "judged by records of this kind" in refused.text


def test_the_item_tells_who_opened_it_here_and_gives_its_provenance(live: Live, tmp_path: Path) -> None:
    node, log = live.world.nodes[0], tmp_path / "access.jsonl"
    note = AccessFile(log, "duty desk", node.effects.now)
    app: Litestar = make_app(node, token=TOKEN, title="t", openings=AccessReader(log))
    with TestClient(app) as client:
        enter(client)
        assert "Not opened here so far." in client.get(f"/evidence/{live.root}").text
        note("rows", live.root)
        page = text_of(client.get(f"/evidence/{live.root}").text)
        assert "1 opening noted" in page
        assert "duty desk its rows were read" in page
        log.write_bytes(b"")
        assert "cannot be trusted or read" in client.get(f"/evidence/{live.root}").text
        found = client.get(f"/evidence/{live.root}/provenance.jsonld")
        assert found.headers["content-type"].startswith("application/ld+json")
        assert "@graph" in found.json()
        assert client.get(f"/evidence/{'0' * 64}/provenance.jsonld").status_code == 404
    sealed = node.state(live.case).accepted[live.seal].content
    assert isinstance(sealed, kinds.Seal)
