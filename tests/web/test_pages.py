"""Every page of a full case, for every side: it renders, says what it must, and takes no side."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from comity.law.catalogue import catalogue
from comity.law.naming import find_element
from comity.web.docket import tell
from comity.web.own_words import own_words
from comity.web.reading import Reading
from tests.web.stage import Live, app_of, enter, node_of
from tests.world import FullCase, full_case

MOTTO = "Intact and reproduced is not the same as true."


def paths(full: FullCase) -> list[str]:
    """Every page of a case that has no evidence behind it."""
    found = ["/", "/evidence", "/find", f"/case/{full.case.id}", f"/case/C-{full.case.id[:8]}-2031-03-01"]
    found += [f"/case/{full.case.id}/docket"]
    found += [f"/record/{r.value.id}" for r in full.records.values()]
    found += [f"/assessments/{full.records['assess'].value.id}"]
    found += [f"/findings/{full.records['report'].value.id}"]
    return found


def test_every_page_renders_with_its_headers(client: TestClient[Litestar], full: FullCase) -> None:
    for path in paths(full):
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.text[-500:])
        assert MOTTO in answer.text
        policy = answer.headers["content-security-policy"]
        assert policy.startswith(
            "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'"
        )
        assert "frame-ancestors 'none'; base-uri 'none'" in policy
        assert "script" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert " style=" not in answer.text
        assert "<script" not in answer.text


def test_every_page_is_there_as_data(client: TestClient[Litestar], full: FullCase) -> None:
    for path in paths(full):
        answer = client.get(("/index" if path == "/" else path) + ".json")
        assert answer.status_code == 200, path
        assert answer.headers["content-type"] == "application/json"
        answer.json()


def test_errors_have_the_headers_too(client: TestClient[Litestar]) -> None:
    for path in ("/nothing", "/record/zz", "/static/none", "/tile/9"):
        answer = client.get(path)
        assert 400 <= answer.status_code < 500
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/case/../../etc/passwd", 404),
        ("/case/zz", 400),
        ("/case/00000000", 404),
        ("/case/" + "0" * 65, 400),
        ("/record/" + "0" * 64, 404),
        ("/record/" + "A" * 64, 400),
        ("/record/" + "0" * 63 + "\u202e", 400),
        ("/findings/" + "0" * 64, 404),
        ("/evidence/" + "0" * 64, 404),
        ("/evidence/%00", 400),
        ("/shown/" + "0" * 64, 404),
        ("/find?q=" + "a" * 201, 400),
        ("/case/zz/docket", 400),
        ("/case/00000000/docket", 404),
        ("/record/" + "0" * 64 + ".json", 404),
    ],
)
def test_names_are_checked_before_anything_is_looked_up(
    client: TestClient[Litestar], path: str, status: int
) -> None:
    assert client.get(path).status_code == status


@pytest.mark.parametrize(
    ("path", "way", "said"),
    [
        ("/nonsense", "/", "No page of this node has this address."),
        ("/evidence/" + "0" * 64, "/evidence", "Not an item that is held here"),
        ("/record/" + "0" * 64, "/", "No case here holds a record of this id."),
        ("/act/" + "0" * 64 + "/claim", "/", ""),
        ("/case/" + "0" * 64, "/", "No case of this name is held here."),
        ("/find?q=" + "x" * 300, "/", "says as “q” cannot be used: it has at most 200 characters."),
        ("/record/" + "0" * 63 + "g", "/", "An id is 64 hex digits"),
    ],
)
def test_a_problem_says_what_in_a_sentence_and_leads_on(
    client: TestClient[Litestar], path: str, way: str, said: str
) -> None:
    page = client.get(path).text
    assert f'href="{way}"' in page
    assert said in text_of(page)


@pytest.mark.parametrize("path", ["/nonsense.json", "/find.json?q=" + "x" * 300, f"/case/{'0' * 64}.json"])
def test_a_problem_is_told_as_data_where_data_was_asked_for(client: TestClient[Litestar], path: str) -> None:
    answer = client.get(path)
    assert answer.status_code in (400, 404)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["why"]
    refused = client.delete("/", headers={"accept": "application/json"})
    assert (refused.status_code, refused.json()["code"]) == (405, "http.405")


def test_law_that_can_be_named_is_listed_as_forms_take_it(client: TestClient[Litestar]) -> None:
    page = client.get("/law").text
    for provision in catalogue().provisions.values():
        for element in provision.elements:
            written = f"{provision.id}:{element.id}"
            assert f"<code>{written}</code>" in page
            assert find_element(written) is not None
    assert page.index('id="budapest-2"') < page.index('id="budapest-16"')


@pytest.mark.parametrize("number", ["-1", "1e9", "9" * 30, "0x1", " 1", "١", "1;drop"])
def test_numbers_are_bounded(client: TestClient[Litestar], full: FullCase, number: str) -> None:
    assert client.get(f"/case/{full.case.id}", params={"from": number}).status_code == 400


def test_a_finding_page_wants_a_finding(client: TestClient[Litestar], full: FullCase) -> None:
    assert client.get(f"/findings/{full.records['claim'].value.id}").status_code == 404


def text_of(page: str) -> str:
    """What a reader reads: no markup, one space between words."""
    page = re.sub(r"<head>.*?</head>", "", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", page)))


@pytest.fixture
def case_text(client: TestClient[Litestar], full: FullCase) -> str:
    return text_of(client.get(f"/case/{full.case.id}").text)


def test_the_case_tells_the_three_facts(case_text: str) -> None:
    for said in (
        "Who can see it",
        "Who ran it again",
        "What it traces to",
        "the author's inference: shows it",
        "it agrees with a finding that is false in itself",
        "it does not hold: adds nothing",
        "Stated: nothing sealed stands behind it.",
        "Declared: mail gateway",
        "Not declared: unknown, never counted as independent.",
        "1 endorsement, 1 declared origin, 0 undeclared",
        "withdrawn by its author",
        "What would add to it: sealing what is cited",
    ):
        assert said in case_text, said


def test_the_case_says_for_whom_it_was_computed(case_text: str) -> None:
    assert re.search(
        r"Computed for (Alder|Birch|Cedar) from the records held here, as of 2031-03-0\d", case_text
    )


def test_clocks_are_read_as_of_any_instant(client: TestClient[Litestar], full: FullCase) -> None:
    for instant in ("2001-01-01T00:00:00Z", "2200-01-01T00:00:00Z"):
        told = client.get(f"/case/{full.case.id}.json?as_of={instant}")
        assert told.status_code == 200
        assert instant in told.text
    page = client.get(f"/case/{full.case.id}?as_of=2200-01-01T00:00:00Z").text
    assert "2200-01-01T00:00:00Z" in page
    for bad in ("yesterday", "2031-06-30T23:59:60Z", "2031-01-01T00:00:00", "9" * 30):
        assert client.get(f"/case/{full.case.id}?as_of={bad}").status_code == 400


def test_a_record_page_says_who_proves_its_times(client: TestClient[Litestar], full: FullCase) -> None:
    page = client.get(f"/record/{full.case.opening.value.id}").text
    assert "who proves these times" in page
    assert "not before: unbounded" in page


def test_a_record_is_called_what_a_person_calls_it(client: TestClient[Litestar], full: FullCase) -> None:
    record = full.records["claim"].value.id
    page = client.get(f"/record/{record}").text
    assert re.search(r"<h1>№ \d+ · Claim</h1>", page)
    assert re.search(r"<title>№ \d+ · Claim · ", page)
    assert "<dd>claim.state</dd>" in page
    spoken = client.get(f"/record/{record}", headers={"accept-language": "nb"}).text
    assert re.search(r"<h1>№ \d+ · Påstand</h1>", spoken)


def test_instants_in_a_sentence_read_as_everywhere(client: TestClient[Litestar], full: FullCase) -> None:
    page = client.get(f"/record/{full.records['claim'].value.id}").text
    (said,) = re.findall(r"who proves these times</dt><dd>(.*?)</dd>", page)
    instants = re.findall(r'<time dir="ltr" datetime="([^"]+)">([^<]+)</time>', said)
    assert instants
    assert all(f"{at[:10]} {at[11:19]} UTC" == told for at, told in instants)
    assert not re.search(r"\dT\d", re.sub("<[^>]*>", "", said))


def test_who_may_read_what_everyone_may_is_everyone(client: TestClient[Litestar], full: FullCase) -> None:
    page = text_of(client.get(f"/record/{full.records['claim'].value.id}").text)
    assert "who may read it" in page
    assert "and everyone" not in page


def test_clocks_and_notices_are_told(case_text: str) -> None:
    for said in ("agreed by both", "answered in time", "acknowledged", "no notice recorded", "Law."):
        assert said in case_text, said


def test_a_record_that_is_only_an_envelope_is_shown_as_one(full: FullCase) -> None:
    node = node_of(full, full.claimant, bare=["endorse-claim", "seal-third"])
    record = full.records["endorse-claim"].value.id
    with TestClient(app_of(node)) as client:
        enter(client)
        page = text_of(client.get(f"/case/{full.case.id}").text)
        assert "Held, and without effect here" in page
        assert "Only its envelope is held here" in page
        assert "Withheld or erased" in text_of(client.get(f"/record/{record}").text)


def test_find_leads_to_what_a_hash_names(client: TestClient[Litestar], full: FullCase) -> None:
    record = full.records["claim"].value.id
    for query in (record, record[:12], record[:12].upper(), f" {record} "):
        answer = client.get("/find", params={"q": query}, follow_redirects=False)
        assert answer.headers["location"] == f"/record/{record}"
    assert (
        client.get("/find", params={"q": full.case.id}, follow_redirects=False)
        .headers["location"]
        .startswith("/case/")
    )
    assert "Nothing held here" in client.get("/find", params={"q": "0" * 64}).text
    (party,) = client.get("/find.json", params={"q": full.respondent.id}).json()["found"]
    assert party["link"] in {f"/parties#p{full.respondent.id[:12]}", "/parties#own"}
    assert "<code>&lt;b&gt;</code>" in client.get("/find", params={"q": "<b>"}).text
    assert client.get("/find.json", params={"q": record}).json()["found"][0]["id"] == record


def test_the_envelope_comes_back_byte_for_byte(client: TestClient[Litestar], full: FullCase) -> None:
    record = full.records["claim"]
    answer = client.get(f"/record/{record.value.id}/envelope.cose")
    assert answer.content == record.value.envelope.raw
    assert "attachment" in answer.headers["content-disposition"]


def readings(full: FullCase) -> Iterator[str]:
    """The text of every page as each of the three sides reads it, hashes masked."""
    for side in ("claimant", "respondent", "third"):
        with TestClient(app_of(node_of(full, getattr(full, side)))) as client:
            enter(client)
            for path in paths(full):
                page = text_of(client.get(path).text)
                yield re.sub(r"\b[0-9a-f]{4}( [0-9a-f]{4})+\b|[0-9a-f]{8,}|[A-Za-z0-9+/]{43,}=*", "#", page)


def test_swapping_the_parties_swaps_their_names_and_nothing_else() -> None:
    forward = full_case("swap")
    swapped = full_case("swap", claimant="Birch", respondent="Alder")
    other = {"Alder": "Birch", "Birch": "Alder"}
    for there, here in zip(readings(forward), readings(swapped), strict=True):
        assert re.sub("Alder|Birch", lambda found: other[found[0]], there) == here


def test_a_split_ledger_stands_beside_its_keeper_and_an_attempt_beside_its_notice(
    client: TestClient[Litestar], full: FullCase
) -> None:
    page = client.get(f"/case/{full.case.id}").text
    said = text_of(page)
    assert re.search(r"Witness 3 .*it signed two histories of its ledger, as № ?\d+ proves", said)
    assert full.records["prove"].value.id in page
    assert re.search(r"given № ?\d+ ?, tried № ?\d+", said)
    told = client.get(f"/case/{full.case.id}.json").json()
    assert [x["who"]["name"] for x in told["parties"] if x["split"]] == ["Witness 3"]
    assert any(n["attempts"] for n in told["notices"])


def test_a_record_says_in_words_what_it_says_before_anything_exact(live: Live) -> None:
    with TestClient(app_of(live.world.nodes[1])) as client:
        enter(client)
        page = client.get(f"/record/{live.claim}").text
        said = page.partition('id="words"')[2]
        words, _, exact = said.partition('id="exact"')
        assert "Mailboxes were exported at night." in words
        assert "export rows at night" in words  # what it rests on, in its author's words
        assert "That does not make them true." in words
        assert words.index("Mailboxes") < words.index("signed by") < words.index("who says that it came")
        assert '"assertions"' not in words
        assert "&#34;assertions&#34;" in exact
        assert exact.count("<details") == 3
        notice = live.world.nodes[1].state(live.case).of("notice.give")[0].id
        told = text_of(client.get(f"/record/{notice}").text)
        assert "We are about to publish this." in told


def test_every_text_of_a_record_stands_in_its_words(full: FullCase) -> None:
    """Of each record of a case that has one of every kind, every text that its author wrote is on the page
    before the exact content."""
    node = node_of(full, full.claimant)
    reading = Reading(node, full.case.id)
    names = {"text", "reason", "reasons", "ground", "reservation", "instrument", "purpose", "note", "risks"}

    def texts(value: object) -> Iterator[str]:
        if isinstance(value, dict):
            for name, each in value.items():
                if name in names and isinstance(each, str) and each:
                    yield each
                else:
                    yield from texts(each)
        elif isinstance(value, list):
            for each in value:
                yield from texts(each)

    missing = {}
    for record in reading.state.ordered:
        told = " ".join(word.text for word in own_words(reading, record.id, record.content))
        told += " ".join(part.text for part in tell(reading, record))
        lost = [each for each in texts(msgspec.to_builtins(record.content)) if each not in told]
        if lost and record.frame.kind != "assessment.make":  # its own page tells it
            missing[record.frame.kind] = lost
    assert missing == {}


def test_who_may_read_a_record_is_one_list(live: Live) -> None:
    with TestClient(app_of(live.world.nodes[1])) as client:
        enter(client)
        for language, told in (("en", "Alder, Birch and Cedar"), ("nb", "Alder, Birch og Cedar")):
            page = client.get(f"/record/{live.claim}", headers={"accept-language": language}).text
            assert told in re.sub(r"<[^>]*>", "", page)
