"""How far a record may be passed on is shown and chosen before it is signed."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from comity.web.phrases import messages_in
from tests.web.acting import Person, hidden, mistakes, person_at
from tests.web.stage import Live, tell
from tests.web.test_every_form import _offered

LATER = "2099-01-01 10:00"
TLP = ["TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"]


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Live:
    """A live case of these tests' own, because they sign."""
    return tell(tmp_path_factory.mktemp("marked"))


def offered(page: str) -> list[str]:
    """Markings that a review lets be chosen."""
    return re.findall(r'<input type="radio" name="marking" value="([^"]+)"', page)


def chosen(page: str) -> list[str]:
    return re.findall(r'<input type="radio" name="marking" value="([^"]+)" checked>', page)


def signed_as(person: Person, live: Live, n: int, path: str, page: str, marking: str) -> str:
    """Sign what a review shows with the marking chosen on it; the marking of the record."""
    answer = person.send(path, "sign", {"marking": marking} if marking else {}, page)
    assert answer.status_code == 303, mistakes(answer.text)
    record = answer.headers["location"].removeprefix("/record/").partition("?")[0]
    return live.world.nodes[n].state(live.case).accepted[record].frame.marking


def asking(live: Live) -> dict[str, str]:
    to = live.world.nodes[0].party.id
    return {"to": to, "type": "clarify", "text": "Which zone?", "due": LATER}


def test_a_review_shows_the_marking_and_lets_it_be_chosen(marked: Live) -> None:
    path = f"/act/{marked.case}/request"
    node = marked.world.nodes[1]
    with person_at(node) as person:
        page = person.review(path, asking(marked))
        assert offered(page) == TLP
        assert chosen(page) == ["TLP:AMBER"]
        assert signed_as(person, marked, 1, path, page, "TLP:RED") == "TLP:RED"
        page = person.review(path, asking(marked))
        assert signed_as(person, marked, 1, path, page, "") == "TLP:AMBER"
    assert node.marking is None


def test_what_was_chosen_is_kept_on_the_way_back(marked: Live) -> None:
    path = f"/act/{marked.case}/request"
    with person_at(marked.world.nodes[1]) as person:
        page = person.review(path, asking(marked))
        back = person.send(path, "edit", {"marking": "TLP:GREEN"}, page)
        assert hidden(back.text)["marking"] == ["TLP:GREEN"]
        again = person.send(path, "review", asking(marked), back.text)
        assert chosen(again.text) == ["TLP:GREEN"]
        assert "marking" not in hidden(again.text)
        # Where what would be signed has changed, it is shown anew with what was chosen.
        other = {"text": "Which other zone?", "marking": "TLP:RED"}
        changed = person.send(path, "sign", other, page)
        assert changed.status_code == 200
        assert chosen(changed.text) == ["TLP:RED"]


def test_a_word_that_is_no_marking_is_refused(marked: Live) -> None:
    path = f"/act/{marked.case}/request"
    node = marked.world.nodes[1]
    with person_at(node) as person:
        page = person.review(path, asking(marked))
        before = node.journal.size()
        assert person.send(path, "sign", {"marking": "TLP:WHITE"}, page).status_code == 400
        assert node.journal.size() == before


def test_what_everybody_may_read_is_marked_for_everybody_without_a_choice(tmp_path: Path) -> None:
    live = tell(tmp_path)
    alder, birch = live.world.nodes[:2]
    path = f"/act/{live.case}/publish"
    with person_at(alder) as person:
        page = person.review(path, {"without-notice": "law"})
        assert "Marked TLP:CLEAR." in page
        assert offered(page) == []
        assert signed_as(person, live, 0, path, page, "TLP:RED") == "TLP:CLEAR"
    live.world.settle()
    path = f"/act/{live.case}/respond?target={live.claim}"
    with person_at(birch) as person:
        page = person.review(path, {"position-0": "disputes", "marking": "TLP:RED"})
        assert "Everyone." in page
        assert offered(page) == []
        assert "marking" not in hidden(page)
        path = f"/act/{live.case}/respond"
        assert signed_as(person, live, 1, path, page, "TLP:RED") == "TLP:CLEAR"


def test_a_case_is_opened_as_it_was_marked(marked: Live) -> None:
    node = marked.world.nodes[0]
    form = {
        "title": "Mail",
        "date": "2026-10-05",
        "quorum": "1",
        "approvals": "0",
        "witness": node.party.id,
    }
    with person_at(node) as person:
        page = person.review("/open-case", form)
        assert offered(page) == TLP
        back = person.send("/open-case", "edit", {"marking": "TLP:RED"}, page)
        page = person.send("/open-case", "review", form, back.text).text
        assert chosen(page) == ["TLP:RED"]
        answer = person.send("/open-case", "sign", {"marking": "TLP:GREEN"}, page)
        assert answer.status_code == 303, mistakes(answer.text)
        case = answer.headers["location"].removeprefix("/case/").partition("?")[0]
    opening = node.state(case).opening
    assert opening is not None
    assert opening.frame.marking == "TLP:GREEN"


@pytest.mark.parametrize("who", [0, 1, 2])
def test_no_review_leaves_it_out(marked: Live, who: int) -> None:
    """Every review that a form gives without anything typed shows the marking."""
    node = marked.world.nodes[who]
    seen = 0
    with person_at(node) as person:
        for link in _offered(person, node, marked):
            answer = person.client.get(link)
            if answer.status_code != 200:
                continue
            sent = person.send(link, "review", {}, answer.text)
            if 'name="seen"' in sent.text and "Approvals needed:" not in sent.text:
                seen += 1
                assert offered(sent.text) == TLP or "Marked TLP:CLEAR." in sent.text, link
    assert seen or who == 2


@pytest.mark.parametrize("language", ["nb", "zh"])
def test_it_is_said_in_the_language_of_the_reader(marked: Live, language: str) -> None:
    with person_at(marked.world.nodes[1]) as person:
        person.client.headers["accept-language"] = language
        page = person.review(f"/act/{marked.case}/request", asking(marked))
    held = messages_in(language)
    for said in ("How far it may be passed on", "to nobody: its readers alone"):
        assert html.escape(held[said]) in page


def test_a_marking_stands_in_the_record_page(marked: Live) -> None:
    path = f"/act/{marked.case}/request"
    with person_at(marked.world.nodes[1]) as person:
        page = person.review(path, asking(marked))
        answer = person.send(path, "sign", {"marking": "TLP:AMBER+STRICT"}, page)
        assert "TLP:AMBER+STRICT" in person.open(answer.headers["location"])
