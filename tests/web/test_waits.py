"""What waits for this party stands first, with its time and the form that answers it."""

from __future__ import annotations

from pathlib import Path

import pytest
from litestar.testing import TestClient

from comity.case.awaiting import What
from comity.errors import NotVerified
from comity.exchange import acts, disclosing, handing_over
from comity.exchange.node import Node
from comity.records import kinds
from comity.web.acting import FORMS
from comity.web.cases import AwaitedView, view_case
from comity.web.reading import Reading
from comity.web.waits import ANSWERS, Wait, list_waits
from tests.exchange.network import World
from tests.web.acting import acting_app, person_at
from tests.web.stage import Live, app_of, enter, tell

HOUR = 3600


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Alder opens two cases with Birch; in each it asks Birch for something, and is asked once."""
    world = World(tmp_path, ["alder", "birch"])
    alder, birch = world.nodes
    for hours in (50, 5):
        witness = kinds.Witness(vkey=alder.party.card.witness, party=alder.party.id)
        case = acts.open_case(alder, "2026-10-05", kinds.Policy(quorum=1, witnesses=(witness,)))
        acts.invite(alder, case, birch.party.id)
        world.settle()
        for node, other in ((alder, birch), (birch, alder)):
            asked = kinds.Request(
                to=other.party.id,
                type="preserve",
                text=f"Keep the logs of {hours} hours, says {node.party.card.name}.",
                due=acts.time_in(node, hours * HOUR),
            )
            acts.request(node, case, asked)
    world.settle()
    return world


def _waits(node: Node, as_of: int | None = None) -> tuple[Wait, ...]:
    return list_waits(Reading(node, case, as_of) for case in node.cases())


def test_what_is_due_first_stands_first_over_all_cases(world: World) -> None:
    birch = world.nodes[1]
    found = _waits(birch)
    assert [wait.text for wait in found] == [
        f"Keep the logs of {hours} hours, says {world.nodes[0].party.card.name}." for hours in (5, 50)
    ]
    assert all(wait.link.endswith(f"answer?about-record={wait.record.id}") for wait in found)
    later = _waits(birch, birch.effects.now() + 6 * HOUR)
    assert [wait.state.code for wait in later if wait.state] == ["no-answer-by-time-asked", "open"]
    acts.answer(
        birch,
        found[0].case,
        kinds.Answer(request=found[0].record.id, disposition="refused", ground="law"),
    )
    assert [wait.record for wait in _waits(birch)] == [found[1].record]


def test_the_first_page_says_what_waits_and_leads_to_its_form(world: World) -> None:
    birch = world.nodes[1]
    first, second = _waits(birch)
    with TestClient(app_of(birch)) as client:
        enter(client)
        page = client.get("/").text
        head, _, rest = page.partition('<h2 id="all-cases">')
        assert head.index(first.text) < head.index(second.text)
        assert first.link not in page  # nobody is signed in
        assert "comity page-key" not in head  # this node lets nobody sign in
        # What this party asked of others stands with the case, and its own is not told twice.
        assert first.text not in rest
        assert rest.count("Requests to others without an answer") == 2
        assert "says Birch" in client.get(f"/case/{first.case}").text
    with TestClient(acting_app(birch)) as client:
        enter(client)
        assert "comity page-key" in client.get("/").text
    with person_at(birch) as person:
        assert f'href="{first.link}"' in person.client.get("/").text
        assert f'href="{first.link}"' in person.client.get(f"/case/{first.case}").text
        assert person.client.get(first.link).status_code == 200


def test_a_node_for_which_nothing_waits_says_so(live: Live) -> None:
    with TestClient(app_of(live.world.nodes[2])) as client:
        enter(client)
        page = client.get("/").text
    assert ("Nothing: no request" in page) == (not _waits(live.world.nodes[2]))


def test_a_notice_waits_until_it_is_acknowledged(live: Live) -> None:
    waits = [wait for wait in _waits(live.world.nodes[1]) if wait.what == "Notice, not acknowledged"]
    assert [wait.link.partition("?")[0] for wait in waits] == [f"/act/{live.case}/acknowledge"]


def test_each_thing_that_can_be_awaited_leads_to_a_form() -> None:
    assert set(ANSWERS) == set(What.__args__)  # type: ignore[attr-defined]
    assert {form for _, form in ANSWERS.values()} <= FORMS.keys()


def test_what_was_disclosed_is_read_opened_and_answered_from_where_it_waits(tmp_path: Path) -> None:
    live = tell(tmp_path)
    alder, birch, _ = live.world.nodes
    (wait,) = [w for w in _waits(birch) if w.record.id == live.rows]
    assert wait.read == f"/shown/{live.rows}"
    assert wait.what.endswith("3 rows of mail.csv")
    with person_at(birch) as person:
        page = person.open("/")
        assert f'href="{wait.read}"' in page
        assert f'href="{wait.link}"' in page
        assert "not that they are true" in person.open(wait.link)
        assert "every proof holds" in person.review(wait.link, {})
        person.sign(wait.link, {})
        assert live.rows not in person.open("/")
    live.world.settle()
    assert [r.author for r in alder.state(live.case).of("disclosure.receipt")] == [birch.party.id]


def test_a_whole_item_that_was_disclosed_is_opened_in_the_pages(tmp_path: Path) -> None:
    live = tell(tmp_path)
    alder, birch, _ = live.world.nodes
    whole = handing_over.disclose_whole(
        alder, live.case, live.seal, to=[birch.party.id], use="defence", basis="our own law"
    )
    live.world.settle()
    (wait,) = [w for w in _waits(birch) if w.record.id == whole.value.id]
    assert wait.read == ""
    with person_at(birch) as person:
        assert "not held whole here" in person.open(f"/evidence/{live.root}")
        assert "every proof holds" in person.review(wait.link, {})
        assert "not held whole here" in person.open(f"/evidence/{live.root}")  # a review keeps nothing
        person.sign(wait.link, {})
        assert "not held whole here" not in person.open(f"/evidence/{live.root}")


def test_a_proof_that_does_not_hold_is_signed_as_that_in_the_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = tell(tmp_path)
    birch = live.world.nodes[1]

    def refuse(*_: object) -> None:
        raise NotVerified("disclosure.rows", "here", "shows other rows than it announced")

    monkeypatch.setattr(disclosing, "open_package", refuse)
    link = f"/act/{live.case}/open-shown?about-record={live.rows}"
    with person_at(birch) as person:
        assert "a proof does not hold (disclosure.rows)" in person.review(link, {})
        said = person.sign(link, {})
    content = birch.state(live.case).accepted[said].content
    assert content == kinds.Checked(disclosure=live.rows, result="failed", code="disclosure.rows")


def test_what_is_awaited_alike_shares_a_line(live: Live) -> None:
    view = view_case(Reading(live.world.nodes[0], live.case))
    assert sum(map(len, view.awaited_alike())) == len(view.awaited)
    for group in view.awaited_alike():
        assert len({(one.by, one.to, one.what) for one in group}) == 1
    assert all(isinstance(one, AwaitedView) for group in view.awaited_alike() for one in group)


def test_the_first_screen_of_a_case_says_every_sentence_once_in_short(live: Live) -> None:
    with TestClient(app_of(live.world.nodes[0])) as client:
        enter(client)
        page = client.get(f"/case/{live.case}").text
    brief = page.partition('<h2 id="brief">')[2].partition("</section>")[0]
    for said in ("Mailboxes were exported at night.", "No export took place."):
        assert brief.count(said) == 1
    assert page.index('id="brief"') < page.index('id="assertions"')
