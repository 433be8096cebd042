"""Private matching in the pages: offered, asked, answered and read, within the quota."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from comity.exchange import matching
from comity.records import kinds
from tests.web.acting import Person, mistakes, person_at
from tests.web.stage import Live, tell
from tests.web.test_pages import text_of

LISTED = ["192.0.2.7", "bad.example", "198.51.100.9"]
ASKED = ["192.0.2.7", "203.0.113.5", "bad[.]example", "not an indicator", "10.0.0.1"]


@pytest.fixture(scope="module")
def acted(tmp_path_factory: pytest.TempPathFactory) -> Live:
    return tell(tmp_path_factory.mktemp("matching"))


@pytest.fixture
def offerer(acted: Live) -> Iterator[Person]:
    with person_at(acted.world.nodes[0]) as person:
        yield person


@pytest.fixture
def asker(acted: Live) -> Iterator[Person]:
    with person_at(acted.world.nodes[1]) as person:
        yield person


def test_a_list_is_offered_asked_answered_and_read(acted: Live, offerer: Person, asker: Person) -> None:
    case, birch = acted.case, acted.world.nodes[1]
    assert "No list is offered" in offerer.open(f"/case/{case}/matching")
    path = f"/act/{case}/match-offer"
    wrong = offerer.send(path, "review", {"indicators": "nothing", "quota": "many", "name": "Autumn"})
    told = mistakes(wrong.text)
    assert any("from 1 to" in why for why in told)
    assert any("at least one party" in why for why in told)
    form: dict[str, str | list[str]] = {
        "indicators": "\n".join(["# seen in autumn", *LISTED]),
        "name": "Autumn",
        "purpose": "To find who else was reached",
        "to": [birch.party.id],
        "quota": "3",
        "pad-to": "16",
        "use": "defence",
    }
    review = text_of(offerer.review(path, form))
    assert "3 indicators: 2 addresses (IP), 1 domain names; filled up to 16" in review
    assert "made anew when you sign" in review
    offer = offerer.sign(path, form)
    acted.world.settle()

    page = asker.open(f"/case/{case}/matching")
    ask_path = f"/act/{case}/match-ask?about-record={offer}"
    assert ask_path in page
    assert f"match-ask?about-record={offer}" not in offerer.open(f"/case/{case}/matching")
    fields = {"indicators": "\n".join(ASKED), "purpose": "We saw the same week"}
    seen = text_of(asker.review(ask_path, fields))
    assert "3 indicators: 2 addresses (IP), 1 domain names; blinded" in seen
    assert "Left out, line 4" in seen
    assert "Left out, line 5" in seen
    ask = asker.sign(ask_path, fields)
    record = birch.journal.held_record(ask)
    assert record is not None
    assert record.opening is not None
    assert record.opening.content is not None
    assert b"203.0.113.5" not in record.opening.content
    acted.world.settle()

    offerer.sign(f"/act/{case}/match-answer?about-record={ask}", {})
    acted.world.settle()
    page = asker.open(f"/case/{case}/matching")
    assert "Check its proof, and read what it found" in page
    answer = asker.send(f"/act/{case}/match-read", "", {"ask": ask}, page)
    assert answer.status_code == 303, answer.text
    found = text_of(asker.open(answer.headers["location"]))
    assert "2 of 3 asked are in the list." in found
    assert "192.0.2.7" in found
    assert "bad.example" in found
    assert "203.0.113.5" not in text_of(offerer.open(f"/case/{case}/matching"))
    assert {str(one) for one, _ in matching.results(birch)[0].matches}


def test_what_goes_beyond_the_quota_is_not_taken(acted: Live, asker: Person) -> None:
    offer = acted.world.nodes[1].state(acted.case).of("match.offer")[0]
    assert isinstance(offer.content, kinds.Offer)
    path = f"/act/{acted.case}/match-ask?about-record={offer.id}"
    assert "You may still ask 0 of 3" in asker.open(path)
    answer = asker.send(path, "review", {"indicators": "203.0.113.77", "purpose": "Once more"})
    assert any("match.quota" in why for why in mistakes(answer.text))


def test_indicators_come_from_a_sealed_item(acted: Live, offerer: Person) -> None:
    path = f"/act/{acted.case}/match-offer"
    assert "mail.csv" in offerer.open(path)
    form: dict[str, str | list[str]] = {
        "item": [acted.seal],
        "name": "Logs",
        "purpose": "p",
        "to": [acted.world.nodes[1].party.id],
        "quota": "5",
    }
    answer = offerer.send(path, "review", form)
    assert any("at least one indicator" in why for why in mistakes(answer.text))


def test_an_answer_that_is_not_there_is_told(acted: Live, asker: Person) -> None:
    page = asker.open(f"/act/{acted.case}/request")
    answer = asker.send(f"/act/{acted.case}/match-read", "", {"ask": acted.claim}, page)
    assert answer.status_code == 422
    assert "Not read" in answer.text
