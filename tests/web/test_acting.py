"""Every form: shows the exact record first, signs what was shown, and gives back what it cannot take."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest
from litestar.testing import TestClient

from comity.exchange import acts
from comity.records import kinds
from comity.statements.lint import lint_sentences
from comity.web.acting import FORMS
from tests.web.acting import hidden, mistakes, person_at
from tests.web.stage import Live, app_of, tell

LATER = "2099-01-01 10:00"


@pytest.fixture(scope="module")
def acted(tmp_path_factory: pytest.TempPathFactory) -> Live:
    """A live case of these tests' own, because they sign."""
    return tell(tmp_path_factory.mktemp("acted"))


def content_at(live: Live, n: int, record: str) -> kinds.Content:
    content = live.world.nodes[n].state(live.case).accepted[record].content
    assert content is not None
    return content


def test_asking_and_answering(acted: Live) -> None:
    a, b, _ = acted.world.nodes
    fields = {"to": a.party.id, "type": "preserve", "text": "Keep\r\nthe logs.", "due": LATER, "about": ""}
    with person_at(b) as person:
        asked = person.sign(f"/act/{acted.case}/request", fields)
    content = content_at(acted, 1, asked)
    assert isinstance(content, kinds.Request)
    assert (content.to, content.type, content.text) == (a.party.id, "preserve", "Keep\nthe logs.")
    assert content.due == "2099-01-01T10:00:00Z"
    acted.world.settle()
    path = f"/act/{acted.case}/answer?about-record={asked}"
    with person_at(a) as person:
        assert "Keep\nthe logs." in person.open(path)
        answered = person.sign(path, {"disposition": "accepted", "text": "", "agrees": content.due})
        assert "Answer it" in person.open(f"/case/{acted.case}")
    answer = content_at(acted, 0, answered)
    assert isinstance(answer, kinds.Answer)
    assert (answer.request, answer.agrees) == (asked, content.due)


def test_the_review_shows_what_is_then_signed(acted: Live) -> None:
    a, b, c = acted.world.nodes
    fields = {"to": a.party.id, "type": "clarify", "text": "Which zone?", "due": LATER}
    path = f"/act/{acted.case}/request"
    with person_at(b) as person:
        before = b.journal.size()
        page = person.review(path, fields)
        assert b.journal.size() == before
        shown = re.search(r"<pre dir=\"ltr\">(.*?)</pre>", page, re.DOTALL)
        assert shown
        told = json.loads(shown[1].replace("&#34;", '"'))
        assert told["text"] == "Which zone?"
        for node in (a, c):
            assert node.party.card.name in page
        answer = person.send(path, "sign", {}, page)
        record = answer.headers["location"].removeprefix("/record/").partition("?")[0]
        held = b.journal.held_record(record)
        assert held is not None
        assert held.opening is not None
        assert held.opening.content is not None
        assert json.loads(held.opening.content) == told
        assert b.journal.size() == before + 1
        # The same page sent again leads to the same record.
        again = person.send(path, "sign", {}, page)
        assert again.headers["location"] == answer.headers["location"]
        assert b.journal.size() == before + 1


def test_what_is_not_seen_in_a_text_is_signed_as_it_was_typed(acted: Live) -> None:
    """A mark of direction belongs to Hebrew, Arabic and Persian; the review spells it out."""
    a, b, _ = acted.world.nodes
    typed = "\u05e9\u05dc\u05d5\u05dd\u200f! soft\u00adhyphen, \u202etxet\u202c <b>&amp;"
    fields = {"to": a.party.id, "type": "clarify", "text": typed, "due": "no time"}
    path = f"/act/{acted.case}/request"
    with person_at(b) as person:
        again = person.send(path, "review", fields)
        assert again.status_code == 422
        (text,) = re.findall(r"<textarea[^>]*>\n(.*?)</textarea>", again.text, re.DOTALL)
        assert html.unescape(text) == typed
        page = person.review(path, {**fields, "due": LATER})
        assert "⟦U+202E⟧" in page
        assert hidden(page)["text"] == [typed]
        answer = person.send(path, "sign", {}, page)
        assert answer.status_code == 303, mistakes(answer.text)
        record = answer.headers["location"].removeprefix("/record/").partition("?")[0]
    content = content_at(acted, 1, record)
    assert isinstance(content, kinds.Request)
    assert content.text == typed


def test_what_changed_since_the_review_is_shown_and_not_signed(acted: Live) -> None:
    a, b, _ = acted.world.nodes
    path = f"/act/{acted.case}/request"
    fields = {"to": a.party.id, "type": "clarify", "text": "Which zone?", "due": LATER}
    with person_at(b) as person:
        page = person.review(path, fields)
        before = b.journal.size()
        answer = person.send(path, "sign", {"text": "Which other zone?"}, page)
        assert answer.status_code == 200
        assert "has changed. This is what it is now." in answer.text
        assert "Which other zone?" in answer.text
        assert b.journal.size() == before
        back = person.send(path, "edit", {}, page)
        assert "Which zone?</textarea>" in back.text
        assert LATER in back.text


def test_a_form_that_cannot_be_taken_keeps_everything(acted: Live) -> None:
    _, b, _ = acted.world.nodes
    path = f"/act/{acted.case}/request"
    typed = {"to": "", "type": "clarify", "text": "<b>Wh\u00e4t</b> & \u6587 \u202e?", "due": "yesterday"}
    with person_at(b) as person:
        answer = person.send(path, "review", typed)
        assert answer.status_code == 422
        found = mistakes(answer.text)
        assert any("whom you ask" in m for m in found)
        assert any("'yesterday' is no such instant" in m for m in found)
        assert "&lt;b&gt;Wh\u00e4t&lt;/b&gt; &amp; \u6587" in answer.text
        assert 'value="yesterday"' in answer.text
        assert 'href="#f-due"' in answer.text
        assert 'id="f-due"' in answer.text
        assert "<title>Not taken yet:" in answer.text
        past = person.send(path, "review", {**typed, "due": "2001-01-01 10:00"})
        assert any("has passed" in m for m in mistakes(past.text))
        long = person.send(path, "review", {**typed, "text": "x" * 20_001})
        assert any("20,001" in m for m in mistakes(long.text))
        control = person.send(path, "review", {**typed, "text": "x\x07"})
        assert any("control characters" in m for m in mistakes(control.text))


def test_a_claim_of_two_assertions_with_their_supports(acted: Live) -> None:
    a, b, _ = acted.world.nodes
    path = f"/act/{acted.case}/claim"
    fields: dict[str, str | list[str]] = {
        "title": "Two things",
        "assertions": "2",
        "text-1": "A mailbox was exported.",
        "level-1": "tactical",
        "stance-1": "claims",
        "about-1": [b.party.id],
        "named-1": "The Heron Group; Third Bureau",
        "supports-1": "2",
        "on-1-1": acted.finding,
        "why-1-1": "The rows are exports.",
        "cite-1-2": "A public report",
        "why-1-2": "It names the same host.",
        "text-2": "It was ordered.",
        "level-2": "strategic",
        "stance-2": "claims",
        "standard-2": "balance of probabilities",
    }
    with person_at(a) as person:
        more = person.send(path, "more:assertions=2", {"text-1": "kept"})
        assert "Assertion 2" in more.text
        assert "kept</textarea>" in more.text
        record = person.sign(path, fields)
        assert "Give notice next" in person.review(path, fields)
    content = content_at(acted, 0, record)
    assert isinstance(content, kinds.State)
    first, second = content.assertions
    assert [n.name for n in first.about] == [b.party.card.name, "The Heron Group", "Third Bureau"]
    assert [s.kind for s in first.supports] == ["finding", "citation"]
    assert second.level == "strategic"
    assert second.standard == "balance of probabilities"
    with person_at(a) as person:
        told = f"/act/{acted.case}/notice?target={record}"
        given = person.sign(told, {"to": "name:Third Bureau", "text": "You are named.", "language": "nb"})
    notice = content_at(acted, 0, given)
    assert isinstance(notice, kinds.Give)
    assert (notice.to.name, notice.assertions, notice.language) == ("Third Bureau", (0,), "nb")


def test_a_claim_against_nothing_and_a_denial_of_nothing_are_told(acted: Live) -> None:
    path = f"/act/{acted.case}/claim"
    target = f"{acted.claim}.0"
    with person_at(acted.world.nodes[1]) as person:
        base = {"title": "t", "text-1": "x", "level-1": "tactical"}
        found = mistakes(person.send(path, "review", {**base, "stance-1": "denies", "against-1": ""}).text)
        assert any("that it is against" in m for m in found)
        found = mistakes(
            person.send(path, "review", {**base, "stance-1": "claims", "against-1": target}).text
        )
        assert any("against nothing" in m for m in found)
        found = mistakes(
            person.send(path, "review", {**base, "stance-1": "claims", "why-1-1": "because"}).text
        )
        assert any("drawn from" in m for m in found)


def test_responding_denying_endorsing_acknowledging_withdrawing(acted: Live) -> None:
    _, b, c = acted.world.nodes
    state = b.state(acted.case)
    (notice,) = [r.id for r in state.of("notice.give") if getattr(r.content, "target", "") == acted.claim]
    with person_at(b) as person:
        acknowledged = person.sign(f"/act/{acted.case}/acknowledge?about-record={notice}", {"text": ""})
        page = person.open(f"/act/{acted.case}/respond?target={acted.claim}")
        assert "Mailboxes were exported at night." in page
        responded = person.sign(
            f"/act/{acted.case}/respond?target={acted.claim}",
            {
                "position-0": "disputes-in-part",
                "reasons-0": "Not at night.",
                "assertions": "1",
                "text-1": "The export ran at noon.",
                "level-1": "tactical",
                "stance-1": "counters",
                "against-1": f"{acted.claim}.0",
            },
        )
        empty = person.send(f"/act/{acted.case}/respond?target={acted.claim}", "review", {})
        assert any("Take a position" in m for m in mistakes(empty.text))
    assert isinstance(content_at(acted, 1, acknowledged), kinds.Acknowledge)
    response = content_at(acted, 1, responded)
    assert isinstance(response, kinds.Response)
    assert response.positions[0].position == "disputes-in-part"
    assert response.assertions[0].stance == "counters"
    acted.world.settle()
    with person_at(c) as person:
        path = f"/act/{acted.case}/endorse?target={responded}.0"
        fields = {"basis": "trust", "origins": "b; a", "reservation": "Not the hour."}
        endorsed = content_at(acted, 2, person.sign(path, fields))
        none = person.send(path, "review", {"basis": "own-evidence"})
        assert any("Own evidence is named" in m for m in mistakes(none.text))
    assert isinstance(endorsed, kinds.Endorse)
    assert endorsed.origins == ("a", "b")
    acted.world.settle()
    with person_at(b) as person:
        path = f"/act/{acted.case}/withdraw?target={responded}"
        taken = content_at(acted, 1, person.sign(path, {"numbers": ["0"], "reason": "We were wrong."}))
        assert isinstance(taken, kinds.Withdraw)
        assert person.client.get(f"/act/{acted.case}/withdraw?target={acted.claim}").status_code == 409


def flags_of(page: str) -> list[tuple[str, str, str]]:
    """Of each flag of wording in a review: which sentence, the rule, and the words flagged."""
    where = r'<p class="kicker">([^<]*) \u00b7 <code>([^<]*)</code></p>'
    said = r'<q class="said" lang="">([^<]*)</q>'
    return re.findall(rf"{where}\n<p>{said}", page)


def test_wording_is_flagged_before_signing_alike_for_a_claim_and_a_denial(acted: Live) -> None:
    a, b, _ = acted.world.nodes
    text = "Clearly, nobody ever read the mailbox on server 7."
    fields: dict[str, str] = {"title": "t", "text-1": text, "level-1": "tactical", "stance-1": "claims"}
    path = f"/act/{acted.case}/claim"
    against = f"{acted.claim}.0"
    denial = {**fields, "stance-1": "denies", "against-1": against}
    told = [("assertion 1", flag.rule, flag.text) for _, flag in lint_sentences([("", text)])]
    assert told
    with person_at(b) as person:
        claimed, denied = person.review(path, fields), person.review(path, denial)
        assert flags_of(claimed) == flags_of(denied) == told
        for _, flag in lint_sentences([("", text)]):
            assert html.escape(flag.reason[1:], quote=False) in html.unescape(claimed)
            assert flag.suggestion in html.unescape(claimed)
        answering = f"/act/{acted.case}/respond?target={acted.claim}"
        answered = person.review(answering, {"assertions": "1", **denial})
        assert flags_of(answered) == told
        # Nothing is stopped, and nothing of it is signed.
        answer = person.send(path, "sign", {}, denied)
        assert answer.status_code == 303
        sober = person.review(path, {**fields, "text-1": "The file mail.log has 60 rows."})
        assert not flags_of(sober)
        assert "Nothing is flagged." in sober
    with person_at(a) as person:
        amended = {**fields, "reason": "x"}
        assert flags_of(person.review(f"/act/{acted.case}/amend?target={against}", amended)) == told
        asked = {"to": b.party.id, "type": "clarify", "text": text, "due": LATER}
        assert "Its wording" not in person.review(f"/act/{acted.case}/request", asked)


def test_the_wording_of_a_statement_and_of_its_correction_is_flagged(acted: Live) -> None:
    path = f"/act/{acted.case}/statement"
    fields = {"title": "t", "sentences": "Mail was read. [1]\nClearly, it was theirs.", "status": "draft"}
    with person_at(acted.world.nodes[0]) as person:
        page = person.review(path, {**fields, "language": "en"})
        assert ("sentence 2", "wording.certainty", "Clearly") in flags_of(page)
        # A tie is told of otherwise.
        assert not any(rule.startswith("tie.") for _, rule, _ in flags_of(page))
        made = person.sign(path, {**fields, "language": "en"})
        corrections = {"corrections": "2 It was undeniably theirs.\n1", "reason": "x"}
        page = person.review(f"/act/{acted.case}/correct?about-record={made}", corrections)
        assert {where for where, _, _ in flags_of(page)} == {"sentence 2"}
        page = person.review(path, {**fields, "language": "fr"})
        assert not flags_of(page)
        assert "no rules of wording for this language" in page


def test_a_rule_of_the_case_that_forbids_it_is_told_in_the_form(acted: Live) -> None:
    _, b, _ = acted.world.nodes
    state = b.state(acted.case)
    (notice,) = [r.id for r in state.of("notice.give") if getattr(r.content, "target", "") == acted.claim]
    with person_at(acted.world.nodes[2]) as person:  # it was not given to this party
        path = f"/act/{acted.case}/acknowledge?about-record={notice}"
        answer = person.send(path, "review", {"text": "kept words"})
        assert answer.status_code == 422
        assert any("[rule." in m for m in mistakes(answer.text))
        assert "kept words</textarea>" in answer.text


def test_publishing_says_what_becomes_public(tmp_path: Path) -> None:
    live = tell(tmp_path)
    a = live.world.nodes[0]
    path = f"/act/{live.case}/publish"
    with person_at(a) as person:
        assert live.seal[:8]
        page = person.review(path, {"without-notice": "", "withhold": [live.seal]})
        assert "Everyone." in page
        assert "case.grant" in page
        before = a.journal.size()
        record = person.sign(path, {"without-notice": ""})
        assert a.journal.size() == before + 2
    content = content_at(live, 0, record)
    assert isinstance(content, kinds.Publish)
    assert kinds.PUBLIC in a.state(live.case).audiences[live.claim]
    with person_at(a) as person:  # what is public goes into every dossier, and is not offered to be withheld
        html = person.open(path)
        assert f'value="{live.claim}"' not in html
        assert "Public already, and in every dossier: " in html
        answer = person.send(path, "review", {"without-notice": "", "withhold": [live.claim]})
        assert answer.status_code == 422


def test_publishing_without_notice_wants_a_reason(tmp_path: Path) -> None:
    live = tell(tmp_path)
    a = live.world.nodes[0]
    named = kinds.Named(name="Cedar", party=live.world.nodes[2].party.id)
    acts.state_claim(a, live.case, "t", [kinds.Assertion(text="x", level="tactical", about=(named,))])
    with person_at(a) as person:
        answer = person.send(f"/act/{live.case}/publish", "review", {"without-notice": ""})
        assert any("publish.no-notice" in m for m in mistakes(answer.text))
        record = person.sign(f"/act/{live.case}/publish", {"without-notice": "An operation under way."})
    content = content_at(live, 0, record)
    assert isinstance(content, kinds.Publish)
    assert content.without_notice == "An operation under way."


@pytest.mark.parametrize("query", ["", "?target=" + "0" * 64, "?about-record=zz", "?target=%00.9"])
def test_what_is_not_there_is_told(acted: Live, query: str) -> None:
    with person_at(acted.world.nodes[0]) as person:
        for name in ("answer", "respond", "endorse", "withdraw", "notice", "acknowledge"):
            answer = person.client.get(f"/act/{acted.case}/{name}{query}")
            assert answer.status_code == 404, (name, answer.status_code)
        assert person.client.get(f"/act/{acted.case}/nothing").status_code == 404
        assert person.client.get(f"/act/{'0' * 64}/request").status_code == 404
        assert person.client.get("/act/zz/request").status_code == 400


def test_every_form_says_who_speaks_and_that_it_stays(acted: Live) -> None:
    a = acted.world.nodes[0]
    with person_at(a) as person:
        for name in ("claim", "request", "publish"):
            page = person.open(f"/act/{acted.case}/{name}")
            assert "cannot be taken back" in page
            assert a.party.card.name in page
            assert "script" not in page
            assert hidden(page)["csrf"]
    assert {"claim", "request", "answer", "respond", "endorse", "notice"} <= set(FORMS)


def test_a_notice_gets_its_link_and_loses_it(acted: Live) -> None:
    node = acted.world.nodes[0]
    given = next(r.id for r in node.state(acted.case).of("notice.give") if r.author == node.party.id)
    place, making = f"/record/{given}", f"/act/{acted.case}/notice-link"
    with person_at(node) as us, TestClient(app_of(node)) as anyone:
        page = us.client.get(place).text
        assert "Make the link" in page
        mark = re.search(r'name="csrf" value="([^"]+)"', page)
        assert mark is not None
        data = {"csrf": mark[1], "notice": given}
        made = us.client.post(making, data=data, follow_redirects=False)
        assert made.headers["location"] == f"{place}#addressee"
        link = re.search(r'href="(/notice/[0-9a-f]{32})"', us.client.get(place).text)
        assert link is not None
        assert anyone.get(link[1]).status_code == 200
        assert anyone.get(f"{link[1]}.txt").headers["content-type"].startswith("text/plain")
        assert us.client.post(making, data={"notice": given}).status_code >= 400
        us.client.post(making, data={**data, "step": "revoke"})
        assert anyone.get(link[1]).status_code == 404
    with person_at(acted.world.nodes[1]) as other:
        assert "Make the link" not in other.client.get(place).text


def test_a_party_is_brought_in_by_a_form(tmp_path: Path) -> None:
    live = tell(tmp_path)
    a, b, c = live.world.nodes
    assert set(a.state(live.case).members) >= {b.party.id, c.party.id}
    with person_at(a) as us:
        nobody = us.client.get(f"/act/{live.case}/invite")
        assert "Every party with a node known here is in the case" in nobody.text
        assert nobody.status_code == 409
    policy = kinds.Policy(quorum=1, witnesses=(kinds.Witness(vkey=b.party.card.witness, party=b.party.id),))
    case = acts.open_case(a, "2026-11-02", policy, "Another")
    with person_at(a) as us:
        path = f"/act/{case}/invite"
        assert any("Choose a party" in m for m in mistakes(us.send(path, "review", {}).text))
        page = us.review(path, {"party": b.party.id})
        assert b.party.card.name in page
        us.sign(path, {"party": b.party.id})
    live.world.settle()
    assert b.party.id in a.state(case).members
    assert case in b.cases()
