"""Exchange claimant and respondent, and every fact and every word on a page is exchanged; nothing else.

The two tellings ran at the same time as processes of their own, with keys of their own. What is compared is
what their nodes hold, what their pages say, and what their dossiers state; ``mirror`` names it by its
place in the story.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from litestar.testing import TestClient

from comity.exchange.node import Node
from comity.web.app import make_app
from demo.cast import ROLES, Role
from tests.demo.mirror import Mirror, name_records
from tests.demo.telling import NODES, SIDES, Telling

TOKEN = "a-token-of-these-tests"

# Which heads a second's turn had cosigned, and at what leaf a record came to stand, depends on the second;
# which of two concurrent records is the earlier on a page, on their ids.
DROPPED = frozenset(
    {"attestations", "checkpoint", "index", "size", "bytes", "number", "lanes", "docket_size"}
)
PROOFS = re.compile(r'<section aria-labelledby="proofs">.*?</section>', re.DOTALL)
TIMED = re.compile(r"<dt>who proves these times</dt><dd>.*?</dd>", re.DOTALL)
PLACED = re.compile(r"<\w+ [a-z]+\.[a-z]+ \d+>|<digest>|<now>|attestation|^\W*and\W*$")


def roles_of(telling: Telling) -> dict[str, Role]:
    """Party id → role; the guest is whoever is not on the stage."""
    roles: dict[str, Role] = {}
    known: set[str] = set()
    for role in NODES:
        with telling.node(role) as node:
            roles[node.party.id] = role
            known |= set(node.parties())
    (guest,) = known - set(roles)
    return {**roles, guest: "fourth"}


def mirror_of(telling: Telling, node: Node) -> Mirror:
    roles = roles_of(telling)
    case = node.cases()[0]
    return Mirror(telling.cast, roles, case, name_records(node.state(case), roles))


def pages_of(telling: Telling, role: Role) -> dict[str, Any]:
    """What a party's pages say, by the page; of records' own pages only what no second decides."""
    shown: dict[str, Any] = {}
    with (
        telling.node(role) as node,
        TestClient(make_app(node, token=TOKEN, title=node.party.card.name)) as client,
    ):
        client.get("/", params={"token": TOKEN})

        def get(path: str) -> str:
            answer = client.get(path)
            assert answer.status_code == 200, (path, answer.text[-300:])
            return answer.text

        mirror = mirror_of(telling, node)
        case = node.cases()[0]
        data = client.get(f"/case/{case}.json").json()
        docket = data.pop("docket")
        mirror.numbers = {e["record"]["number"]: mirror.ids[e["record"]["id"]] for e in docket}
        assert len(docket) == len(node.state(case).accepted)
        shown["case, as data"] = mirror.value(data, DROPPED)
        shown["docket, as data"] = sorted((mirror.value(entry, DROPPED) for entry in docket), key=str)
        page, cut = PROOFS.subn("", get(f"/case/{case}"))
        assert cut == 1
        shown["case"] = mirror.lines(page)
        for path in ("/", "/evidence"):
            shown[path] = mirror.lines(get(path))
        for record in node.state(case).ordered:
            name = mirror.ids[record.id]
            page, cut = TIMED.subn("", get(f"/record/{record.id}"))
            assert cut == 1
            lines = mirror.lines(page)
            shown[f"record {name}"] = sorted({line for line in lines if not PLACED.search(line)})
            if record.frame.kind == "finding.report":
                shown[f"finding {name}"] = mirror.lines(get(f"/findings/{record.id}"))
    return shown


def facts_of(telling: Telling, role: Role) -> Any:
    """The facts of a side's dossier."""
    with telling.node(role) as node:
        return mirror_of(telling, node).value(telling.facts(role), DROPPED)


def narration_of(telling: Telling) -> list[str]:
    """What is told, line by line, from the first chapter on and but for the journalist's report."""
    with telling.node("third") as node:
        mirror = mirror_of(telling, node)
    told = telling.printed[telling.printed.index("── 0.") :].rsplit("\n", 2)[0]
    told = re.sub(r"  │.*\n", "", told).replace("-\n    ", "-").replace("\n    ", " ")
    told = re.sub(r"byte [\d,]+ of [\d,]+", "byte <place>", told)
    return [mirror.text(line).rstrip(" ─") for line in told.splitlines()]


def differences(one: Mapping[str, Any], two: Mapping[str, Any]) -> list[str]:
    return sorted(k for k in {*one, *two} if one.get(k) != two.get(k))


@pytest.mark.parametrize("role", SIDES)
def test_every_fact_of_a_dossier_is_exchanged(told: tuple[Telling, Telling], role: Role) -> None:
    forward, swapped = (facts_of(telling, role) for telling in told)
    assert differences(forward, swapped) == []
    assert forward == swapped


@pytest.mark.parametrize("role", NODES)
def test_every_page_is_exchanged(told: tuple[Telling, Telling], role: Role) -> None:
    forward, swapped = (pages_of(telling, role) for telling in told)
    assert len(forward) > 60
    for name in differences(forward, swapped):
        assert forward[name] == swapped[name], name


def test_every_word_that_is_told_is_exchanged(told: tuple[Telling, Telling]) -> None:
    forward, swapped = (narration_of(telling) for telling in told)
    assert forward == swapped
    assert len(forward) > 80


def test_the_mirror_leaves_no_name_and_every_role(told: tuple[Telling, Telling]) -> None:
    for telling in told:
        text = str(facts_of(telling, "claimant")) + str(pages_of(telling, "claimant"))
        for role in ROLES:
            party = telling.cast.of(role)
            assert party.name not in text
            assert party.label not in text
            assert f"<{role}" in text


def test_the_mirror_is_not_blind(told: tuple[Telling, Telling]) -> None:
    """Under the roles of the other telling, the same facts read differently."""
    forward, swapped = told
    with swapped.node("third") as node:
        roles = roles_of(swapped)
        sides: dict[Role, Role] = {"claimant": "respondent", "respondent": "claimant"}
        wrong = {party: sides.get(role, role) for party, role in roles.items()}
        case = node.cases()[0]
        mirror = Mirror(forward.cast, wrong, case, name_records(node.state(case), wrong))
    read = mirror.value(swapped.facts("claimant"), DROPPED)
    facts = facts_of(forward, "claimant")
    for part in ("publisher", "assertions", "clocks", "notices", "complete"):
        assert read[part] != facts[part], part
