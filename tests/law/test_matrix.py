"""The matrix of assertions and elements: declared by authors, never found to be met, and the same for all."""

from __future__ import annotations

from pathlib import Path

import pytest
from litestar.testing import TestClient

from comity.case.support import AssertionFacts, assertions
from comity.dossier.facts import derive_facts
from comity.exchange import acts
from comity.law.catalogue import catalogue
from comity.law.matrix import STATUS_WORDS, lay_out, status_of
from comity.records import canonical, kinds
from comity.records.kinds import Assertion, LegalElement, Position, Support
from tests.exchange.network import World
from tests.web.stage import app_of, enter

CITE = Support(kind="citation", cite="Log of 3 October", inference="It says so.")


def bears(text: str, *elements: str, supports: tuple[Support, ...] = (), standard: str = "") -> Assertion:
    law = tuple(LegalElement(provision=p, element=e) for p, e in (x.split(":") for x in elements))
    return Assertion(text=text, level="tactical", law=law, supports=supports, standard=standard)


@pytest.fixture
def told(tmp_path: Path) -> tuple[World, str, str]:
    """A claim of four assertions at two provisions, of which the other party disputes one."""
    world = World(tmp_path, ["alder", "birch"])
    a, b = world.nodes
    witness = kinds.Witness(vkey=a.party.card.witness, party=a.party.id)
    case = acts.open_case(a, "2026-10-05", kinds.Policy(quorum=1, witnesses=(witness,)))
    acts.invite(a, case, b.party.id)
    world.settle()
    claim = acts.state_claim(
        a,
        case,
        "t",
        [
            bears("Entered.", "budapest-2:access", supports=(CITE,), standard="clear and convincing"),
            bears("On purpose.", "budapest-2:intent"),
            bears("A server.", "budapest-2:system", supports=(CITE,)),
            bears("Own law.", "Act of Nowhere 7:entry", supports=(CITE,)),
        ],
    ).value.id
    world.settle()
    acts.respond(b, case, claim, [Position(n=2, position="disputes", reasons="A printer.")])
    world.settle()
    return world, case, claim


def test_each_element_stands_as_its_assertions_do(told: tuple[World, str, str]) -> None:
    world, case, claim = told
    for node in world.nodes:
        known, other = lay_out(assertions(node.state(case)), catalogue().provisions)
        assert (known.record, known.provision, known.known) == (claim, "budapest-2", True)
        assert {c.element: c.status for c in known.cells} == {
            "access": "supported",
            "system": "contested",
            "intent": "stated",
            "without-right": "not-addressed",
            "security": "not-addressed",
            "data-intent": "not-addressed",
            "connected": "not-addressed",
        }
        assert [c.standards for c in known.cells if c.standards] == [("clear and convincing",)]
        assert (other.provision, other.known) == ("Act of Nowhere 7", False)
        assert [(c.element, c.status, c.text) for c in other.cells] == [("entry", "supported", "")]


def test_what_is_withdrawn_bears_on_nothing_any_more(told: tuple[World, str, str]) -> None:
    world, case, claim = told
    acts.withdraw(world.nodes[0], case, claim, [0], "A mistake.")
    (known, _) = lay_out(assertions(world.nodes[0].state(case)), catalogue().provisions)
    assert known.cells[0].status == "withdrawn"


def test_no_status_says_that_an_element_is_met() -> None:
    assert status_of([]) == "not-addressed"
    for words in STATUS_WORDS.values():
        assert not {"met", "proven", "fulfilled", "shown", "satisfied"} & set(words.split())


def test_the_facts_of_a_dossier_hold_declarations_and_no_catalogue(told: tuple[World, str, str]) -> None:
    world, case, _ = told
    node = world.nodes[1]
    facts = canonical.parse(derive_facts(node.state(case), node.parties(), node.party.id, 1_790_000_000))
    assert isinstance(facts, dict)
    told_law = facts["law"]
    assert isinstance(told_law, list)
    assert [(x["provision"], x["element"], x["status"]) for x in told_law if isinstance(x, dict)] == [
        ("budapest-2", "access", "supported"),
        ("budapest-2", "intent", "stated"),
        ("budapest-2", "system", "contested"),
        ("Act of Nowhere 7", "entry", "supported"),
    ]


def test_a_case_without_law_has_the_facts_that_it_had(tmp_path: Path) -> None:
    world = World(tmp_path, ["alder"])
    node = world.nodes[0]
    witness = kinds.Witness(vkey=node.party.card.witness, party=node.party.id)
    case = acts.open_case(node, "2026-10-05", kinds.Policy(quorum=1, witnesses=(witness,)))
    acts.state_claim(node, case, "t", [Assertion(text="x", level="tactical")])
    facts = canonical.parse(derive_facts(node.state(case), node.parties(), node.party.id, 1_790_000_000))
    assert isinstance(facts, dict)
    assert "law" not in facts


def test_the_page_shows_what_is_not_addressed(told: tuple[World, str, str]) -> None:
    world, case, _ = told
    with TestClient(app_of(world.nodes[1])) as client:
        enter(client)
        text = client.get(f"/case/{case}/law").text
    for words in (
        "Illegal access",
        "not addressed",
        "contested",
        "In our own words",
        "the words are the author",
    ):
        assert words in text
    assert "clear and convincing" in text


def test_law_is_told_in_the_words_of_the_catalogue_and_in_the_readers_language(
    told: tuple[World, str, str],
) -> None:
    world, case, _ = told
    with TestClient(app_of(world.nodes[1])) as client:
        enter(client)
        page = client.get(f"/case/{case}").text
        spoken = client.get(f"/case/{case}/law", headers={"accept-language": "nb"}).text
    assert "the whole or any part of a system was accessed" in page
    assert "budapest-2: access" not in page
    for words in ("ikke berørt", "bestridt", "handling"):
        assert words in spoken
    assert "not addressed" not in spoken


def test_statuses_follow_from_facts_alone(told: tuple[World, str, str]) -> None:
    world, case, _ = told
    found: list[AssertionFacts] = list(assertions(world.nodes[0].state(case)))
    assert status_of(found[2:3]) == "contested"
    assert status_of(found[:3]) == "contested"
    assert status_of(found[:2]) == "supported"
