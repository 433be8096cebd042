"""A standard of proof is declared per proposition: on every way in, and as its author's on every way out."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
from litestar.testing import TestClient

from comity.case.support import assertions
from comity.dossier.facts import derive_facts
from comity.dossier.render_text import verdict_text
from comity.dossier.verify import verify
from comity.errors import Refused
from comity.exchange import acts, publishing
from comity.law.catalogue import catalogue
from comity.law.matrix import declared
from comity.law.naming import tell_element
from comity.records import canonical, kinds
from comity.records.assertions import Assertion, LegalElement, Proposition
from comity.web.forms_of_law import PROPOSITIONS
from tests.cli.running import ok, run
from tests.exchange.network import World
from tests.web.acting import Person, acting_app, mistakes
from tests.web.stage import app_of, enter

FIELDS = {
    "title": "The lease",
    "text-1": "The host was leased by a clerk of the office.",
    "level-1": "operational",
    "stance-1": "claims",
    "proposition-1": "person",
    "standard-1": "prima-facie",
    "law-1": "un-7:access; other:Act of Nowhere 7:entry",
    "supports-1": "1",
    "assertions": "1",
}
SAID = "prima facie (proposition: by which person or group)"


def opened(world: World) -> str:
    (node,) = world.nodes
    witness = kinds.Witness(vkey=node.party.card.witness, party=node.party.id)
    return acts.open_case(node, "2026-10-05", kinds.Policy(quorum=1, witnesses=(witness,)))


def test_kinds_of_proposition_are_those_of_the_list() -> None:
    kinds_of = set(get_args(Proposition)) - {""}
    assert kinds_of == set(catalogue().propositions) == set(PROPOSITIONS)
    assert {k: str(words) for k, words in PROPOSITIONS.items()} == dict(catalogue().propositions)


def test_a_page_takes_it_an_amendment_keeps_it_and_the_dossier_says_it(tmp_path: Path) -> None:
    world = World(tmp_path, ["alder"])
    (node,) = world.nodes
    case = opened(world)
    with TestClient(acting_app(node)) as client:
        person = Person(client).sign_in()
        wrong = person.send(f"/act/{case}/claim", "review", {**FIELDS, "law-1": "un-7:nothing"})
        assert "No provision and element of this name: un-7:nothing" in str(mistakes(wrong.text))
        claim = person.sign(f"/act/{case}/claim", FIELDS)
        person.sign(
            f"/act/{case}/amend?target={claim}.0",
            {**FIELDS, "text-1": "A clerk leased it.", "reason": "Shorter."},
        )
        form = person.open(f"/act/{case}/amend?target={claim}.0")
        assert "un-7:access; other:Act of Nowhere 7:entry" in form
    first, newer = assertions(node.state(case))
    for stated in (first.assertion, newer.assertion):
        assert (stated.proposition, stated.standard) == ("person", "prima facie")
        assert stated.law == (
            LegalElement(provision="un-7", element="access"),
            LegalElement(provision="Act of Nowhere 7", element="entry"),
        )
        assert declared(stated) == SAID
    assert node.state(case).accepted[claim].frame.rules == 2
    with TestClient(app_of(node)) as client:
        enter(client)
        assert SAID in client.get(f"/case/{case}/law").text
        assert SAID in client.get(f"/case/{case}").text
    _, dossier = publishing.publish(node, case, without_notice="law")
    verdict = verify(dossier)
    assert not verdict.failures
    text = verdict_text(verdict, "x.tar")
    assert f"standard of proof, as its author says: {SAID}" in text
    assert "bears, as its author says, on " + tell_element(stated.law[0]) in text
    assert "bears, as its author says, on Act of Nowhere 7: entry" in text
    facts = canonical.parse(derive_facts(node.state(case), node.parties(), node.party.id, node.effects.now()))
    assert [a["proposition"] for a in facts["assertions"]] == ["person", "person"]  # type: ignore[index, union-attr, call-overload]


def test_without_one_nothing_is_said(tmp_path: Path) -> None:
    assert declared(Assertion(text="x", level="tactical")) == ""
    assert declared(Assertion(text="x", level="tactical", standard="own words")) == "own words"
    only = Assertion(text="x", level="tactical", proposition="event")
    assert declared(only) == "none (proposition: that something happened)"


def test_a_case_under_the_first_rules_has_no_place_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path, ["alder"])
    (node,) = world.nodes
    with monkeypatch.context() as older:
        older.setattr(kinds, "rules_needed", lambda _: 1)
        case = opened(world)
    stated = Assertion(text="It was entered.", level="tactical", proposition="event")
    with pytest.raises(Refused) as raised:
        acts.state_claim(node, case, "t", [stated])
    assert raised.value.code == "case.rules"
    acts.state_claim(node, case, "t", [Assertion(text="It was entered.", level="tactical")])


def test_commands_take_it_and_list_it(tmp_path: Path) -> None:
    home = tmp_path / "Alda"
    ok("init", home, "--name", "Alda", "--listen", "127.0.0.1:9")
    ok("case", "open", "--title", "The relay", "--home", home)
    words = (
        "--text",
        "The relay was opened.",
        "--standard",
        "balance",
        "--law",
        "un-7:access",
        "--home",
        home,
    )
    ok("claim", *words, "--proposition", "conduct")
    told = ok("law", "matrix", "--home", home)
    assert "[declared standard: balance of probabilities (proposition: that something was done)]" in told.out
    assert {each["id"] for each in ok("law", "list", "--json").of("proposition")} == set(PROPOSITIONS)
    assert run("claim", *words, "--proposition", "guilt").code == 2
