"""A docket is read by words, by party and by kind; a case page ends with its newest entries."""

from __future__ import annotations

from dataclasses import replace

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from comity.errors import Malformed
from comity.records.kinds import State
from comity.web.cases import NEWEST, view_case
from comity.web.docket_page import PAGE, view_docket_page
from comity.web.reading import Reading
from tests.web.stage import Live, node_of
from tests.world import FullCase


@pytest.fixture
def reading(full: FullCase) -> Reading:
    return Reading(node_of(full, full.claimant), full.case.id)


def test_all_of_it_is_found_page_by_page(reading: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("comity.web.docket_page.PAGE", 7)
    numbers: list[int] = []
    first = 1
    while first:
        view = view_docket_page(reading, first)
        assert len(view.entries) <= 7
        assert [m.number for m in view.lanes.marks] == [e.record.number for e in view.entries]
        numbers += [e.record.number for e in view.entries]
        first = view.later
    assert numbers == list(range(1, len(reading.state.ordered) + 1))
    assert view.earlier


def test_what_is_asked_narrows_it(reading: Reading) -> None:
    everything = view_docket_page(reading)
    by_party = {w.id: view_docket_page(reading, by=w.id).found for w in everything.authors}
    by_family = {s: view_docket_page(reading, family=s).found for s, _ in everything.families}
    assert sum(by_party.values()) == sum(by_family.values()) == everything.size == everything.found
    some = view_docket_page(reading, query="GATEWAY mail")
    assert 0 < some.found < everything.size
    assert view_docket_page(reading, query="gateway zebra").found == 0
    assert view_docket_page(reading, query="gateway zebra").entries == ()
    with pytest.raises(Malformed, match="symbols of a docket"):
        view_docket_page(reading, family="☂")


def test_digests_answer_no_words_and_ids_answer_themselves(reading: Reading) -> None:
    record = reading.state.ordered[3]
    assert view_docket_page(reading, query=record.id[:12]).found == 1
    few = [view_docket_page(reading, query=digits).found for digits in ("dead", "beef", "cafe", "abba")]
    assert (
        sum(few) < 12
    )  # an id of 64 digits holds one of them by chance; hundreds of digests are not looked at


def test_the_case_page_ends_with_the_newest(client: TestClient[Litestar], full: FullCase) -> None:
    size = len(client.get(f"/case/{full.case.id}.json").json()["docket"])
    page = client.get(f"/case/{full.case.id}").text
    assert page.count('<tr id="n') == NEWEST
    assert f'<tr id="n{size}">' in page
    assert f"The newest {NEWEST} of {size} entries" in page
    docket = client.get(f"/case/{full.case.id}/docket", params={"q": "", "from": "1"}).text
    assert docket.count('<tr id="n') == min(PAGE, size)
    assert f'href="/case/{full.case.id}/docket"' in page


def test_words_lead_to_records_of_any_case(client: TestClient[Litestar], full: FullCase) -> None:
    answer = client.get("/find", params={"q": "mail gateway"}).text
    assert f"/case/{full.case.id}" in answer
    assert "/record/" in answer
    hits = client.get("/find.json", params={"q": "gateway"}).json()["hits"]
    passages = [hit["passage"].casefold() for hit in hits if hit["passage"]]
    assert passages
    assert all("gateway" in passage for passage in passages)
    assert "no record holds these words" in client.get("/find", params={"q": "zebra"}).text


def test_the_case_lists_what_is_sealed_shown_and_found(holder: TestClient[Litestar], live: Live) -> None:
    data = holder.get(f"/case/{live.case}.json").json()["evidence"]
    assert data
    assert all(each["rows"] > 0 for each in data)
    assert any(each["findings"] for each in data)
    assert any(each["shown"] for each in data)
    page = holder.get(f"/case/{live.case}").text
    for each in data:
        assert f'href="/evidence/{each["root"]}"' in page


def test_notices_of_which_all_but_the_assertion_is_the_same_share_a_line(
    client: TestClient[Litestar], full: FullCase, reading: Reading
) -> None:
    data = client.get(f"/case/{full.case.id}.json").json()["notices"]
    page = client.get(f"/case/{full.case.id}").text
    table = page.partition('<h2 id="notices">')[2].partition("</section>")[0]
    for each in data:
        assert f'href="#a{each["assertion"]["number"]}"' in table
    view = view_case(reading)
    one = view.notices[0]
    alike = replace(one, assertion=replace(one.assertion, number=one.assertion.number + 1))
    other = replace(alike, to=next(each.who for each in view.parties if each.who != one.to))
    groups = replace(view, notices=(one, alike, other)).notices_alike()
    assert groups == ((one, alike), (other,))


def test_a_case_is_listed_by_its_title_and_claims_stay_on_its_page(
    holder: TestClient[Litestar], live: Live
) -> None:
    titles = holder.get(f"/case/{live.case}.json").json()["head"]["titles"]
    assert sum(1 for each in titles if each["title"]) == 1
    listed = holder.get("/").text
    page = holder.get(f"/case/{live.case}").text
    for each in titles:
        assert not each["title"] or each["title"] in listed
        for claim in each["claims"]:
            assert claim not in listed
            assert claim in page


def test_of_a_long_record_the_first_texts_are_looked_through(
    reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = _first_words(reading)
    assert view_docket_page(reading, query=words).found
    monkeypatch.setattr("comity.web.docket_page.READ", 0)
    assert not view_docket_page(reading, query=words).found


def _first_words(reading: Reading) -> str:
    """What an author says, and no docket tells of it."""
    claims = [each.content for each in reading.state.of("claim.state") if isinstance(each.content, State)]
    return claims[0].assertions[0].text
