"""Assessments made in the pages: from offers, weighed, signed; and a suggestion that becomes a request."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator

import pytest

from comity.exchange import findings
from comity.findings.finding import Parameters
from comity.records import kinds
from tests.web.acting import Person, mistakes, person_at
from tests.web.stage import RULE, Live, tell
from tests.web.test_pages import text_of

TAGGED = RULE.replace(b"logsource", b"tags: [attack.t1114.002]\nlogsource")


@pytest.fixture(scope="module")
def acted(tmp_path_factory: pytest.TempPathFactory) -> Live:
    live = tell(tmp_path_factory.mktemp("assessed"))
    node = live.world.nodes[0]
    told = Parameters(zone="+00:00", logsource=(("product", "mail"),))
    findings.report(node, live.case, live.seal, [("tagged.yml", TAGGED)], told)
    live.world.settle()
    return live


@pytest.fixture
def analyst(acted: Live) -> Iterator[Person]:
    with person_at(acted.world.nodes[0]) as person:
        yield person


def file_of(acted: Live, **more: object) -> dict[str, object]:
    return {
        "version": 1,
        "question": "Which cluster was behind the export?",
        "unknown_prior": 0.2,
        "deception_prior": 0.1,
        "planting": 0.3,
        "name_at": 0.9,
        "hypotheses": [{"id": "Heron"}, {"id": "Otter"}],
        "items": [
            {
                "id": "night",
                "text": "exports at night",
                "origin": "gateway",
                "reliability": "B",
                "credibility": "2",
                "record": acted.finding,
                "likelihoods": {"Heron": [0.3, 0.5], "others": 0.1, "unknown": 0.1},
            }
        ],
        "asks": [
            {
                "id": "lease",
                "text": "Was the address leased that day?",
                "to": acted.world.nodes[1].party.id,
                "record": acted.seal,
                "levels": ["rows"],
                "reliability": "A",
                "credibility": "2",
                "likelihoods": {"Heron": 0.8, "others": 0.2, "unknown": 0.2},
            }
        ],
        **more,
    }


def test_an_assessment_is_made_and_what_it_suggests_is_asked_in_one_step(
    acted: Live, analyst: Person
) -> None:
    path = f"/act/{acted.case}/assess"
    assert path in analyst.open(f"/case/{acted.case}")
    review = text_of(analyst.review(path, {"items": json.dumps(file_of(acted))}))
    for told in (
        "Which cluster was behind the export?",
        "Not enough evidence",
        "a cluster without a name is a complete answer",
        "1 item; 2 named hypotheses",
    ):
        assert told in review, told
    record = analyst.sign(path, {"items": json.dumps(file_of(acted))})
    page = analyst.open(f"/assessments/{record}")
    assert "Computed again by this node from the same inputs" in page
    found = re.search(r'<a class="do" href="([^"]*)">Ask for it<', page)
    assert found is not None
    link = html.unescape(found[1])
    asked = analyst.sign(
        link,
        {
            "to": acted.world.nodes[1].party.id,
            "type": "evidence",
            "text": "Was the address leased that day?",
            "due": "2099-01-01 10:00",
            "item": acted.seal,
            "levels": ["rows"],
        },
    )
    form = analyst.open(link)
    assert "Was the address leased that day?</textarea>" in form
    assert f'<option value="{acted.world.nodes[1].party.id}" selected>' in form
    assert 'value="rows" id="f-levels" checked' in form
    content = acted.world.nodes[0].state(acted.case).accepted[asked].content
    assert isinstance(content, kinds.Request)
    assert (content.items, content.levels) == ((acted.seal,), ("rows",))


def test_what_findings_offer_goes_into_the_file_with_the_grades_of_who_takes_it(
    acted: Live, analyst: Person
) -> None:
    path = f"/act/{acted.case}/assess"
    form = analyst.open(path)
    assert "T1114.002, by the rule" in form
    offer = re.search(r'name="offer" value="([^"]*)"', form)
    assert offer is not None
    chosen: dict[str, str | list[str]] = {"offer": [offer[1]]}
    refused = analyst.send(path, "fill", chosen)
    assert mistakes(refused.text) == [
        "Choose your grade of their source.",
        "Choose your grade of what they say.",
    ]
    graded = chosen | {"reliability": "C", "credibility": "3"}
    text = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", analyst.send(path, "fill", graded).text, re.DOTALL)
    assert text is not None
    file = json.loads(html.unescape(text[1]))
    assert [(i["observed"], i["reliability"], i["credibility"]) for i in file["items"]] == [
        ("T1114.002", "C", "3")
    ]
    again = analyst.send(path, "fill", graded | {"items": json.dumps(file)})
    text = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", again.text, re.DOTALL)
    assert text is not None
    assert json.loads(html.unescape(text[1])) == file, "an offer is taken once"


@pytest.mark.parametrize(
    ("items", "told"),
    [
        ("", "Give a file of items."),
        ("{", "items.form"),
        ('{"version": 2}', "items.form"),
        ("knowledge", "In pages reports are one of attack, galaxies"),
        ("one", "hypothes"),
        ("beyond", "from 0.000001 to 0.999999"),
    ],
)
def test_what_cannot_be_weighed_is_told_and_kept(acted: Live, analyst: Person, items: str, told: str) -> None:
    files = {
        "knowledge": file_of(acted, knowledge="/etc/passwd"),
        "one": file_of(acted, hypotheses=[]),
        "beyond": file_of(acted, unknown_prior=1.5),
    }
    text = json.dumps(files[items]) if items in files else items
    answer = analyst.send(f"/act/{acted.case}/assess", "review", {"items": text})
    assert answer.status_code == 422
    assert any(told in why for why in mistakes(answer.text)), mistakes(answer.text)
    assert html.escape(text[:40], quote=True).replace("&quot;", "&#34;") in answer.text


def test_a_label_with_a_partys_name_is_told_wherever_the_answer_stands(acted: Live, analyst: Person) -> None:
    node = acted.world.nodes[0]
    party = node.name_of(node.state(acted.case).members[0])
    path = f"/act/{acted.case}/assess"
    file = json.dumps(file_of(acted, hypotheses=[{"id": "Heron", "name": party}, {"id": "Otter"}]))
    care = f"“{party}” has a word of the name of {party}"
    assert care in text_of(analyst.send(path, "review", {"items": file}).text)
    record = analyst.sign(path, {"items": file})
    other = analyst.sign(path, {"items": json.dumps(file_of(acted))})
    assert care in text_of(analyst.open(f"/assessments/{record}"))
    assert care in text_of(analyst.open(f"/assessments/{other}/against/{record}"))


def test_two_assessments_stand_side_by_side(acted: Live, analyst: Person) -> None:
    path = f"/act/{acted.case}/assess"
    file = file_of(acted)
    items = file["items"]
    assert isinstance(items, list)
    night = items[0]
    other = file_of(
        acted,
        deception_prior=0,
        items=[
            {**night, "reliability": "D", "likelihoods": {"Heron": 0.2, "others": 0.1, "unknown": 0.1}},
            {**night, "id": "more", "text": "an export by day", "origin": "proxy"},
        ],
    )
    first, second = (analyst.sign(path, {"items": json.dumps(each)}) for each in (file, other))
    against = f"/assessments/{first}/against/{second}"
    assert against in analyst.open(f"/assessments/{first}")
    text = text_of(analyst.open(against))
    for told in (
        "Two assessments side by side",
        "prior of planted evidence 10 % 0 %",
        "item “night”: likelihoods “Heron” 30.0 to 50.0 % “Heron” 20.0 %",
        "source “gateway” B (90.0 %) D (50.0 %)",
        "item “more” – an export by day",
        "Limits of these figures",
        "The second: 2 items of 2 declared origins",
        "A cluster is no person, organisation or state",
        "That they differ makes neither right.",
    ):
        assert told in text, told
    assert re.search(r"item “more” – an export by day [0-9.]+ % → [0-9.]+ %", text)
    told = json.loads(analyst.client.get(f"{against}.json").text)
    assert told["second"]["record"]["id"] == second
    same = text_of(analyst.open(f"/assessments/{first}/against/{first}"))
    assert "Nowhere: the same explanations, judgements, settings and reports." in same
    assert analyst.client.get(f"/assessments/{first}/against/{acted.seal}").status_code == 404
