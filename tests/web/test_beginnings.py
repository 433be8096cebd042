"""Requests begun from a template: the text comes by a button, blanks are filled, and what was typed stays."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.exchange.notices.words import LANGUAGES
from comity.exchange.request_templates import templates
from comity.records import kinds
from comity.web import beginnings, forms_of_notices
from comity.web.beginnings import BLANKS, open_blanks, put_template
from comity.web.typed import NotTaken, Typed
from tests.web.acting import mistakes, person_at
from tests.web.stage import Live, tell

LATER = "2099-01-01 10:00"


@pytest.fixture(scope="module")
def acted(tmp_path_factory: pytest.TempPathFactory) -> Live:
    return tell(tmp_path_factory.mktemp("acted"))


def area(page: str) -> str:
    """What stands in the text of the request."""
    found = re.search(r'<textarea id="f-text"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    assert found
    return html.unescape(found[1])


def test_every_blank_and_language_has_its_words() -> None:
    assert {name for t in templates().values() for name in t.blanks} == BLANKS.keys()
    assert set(forms_of_notices.LANGUAGES) == set(LANGUAGES)


def test_a_request_is_begun_from_a_template_filled_and_signed(acted: Live) -> None:
    a, b, _ = acted.world.nodes
    path = f"/act/{acted.case}/request"
    template = templates()["preserve-treaty"]
    typed = {"to": a.party.id, "type": "evidence", "text": "", "due": "tomorrow", "template": template.id}
    with person_at(b) as person:
        page = person.open(path)
        for each in templates().values():
            assert f'<option value="{each.id}">{html.escape(each.title)}' in page
        before = b.journal.size()
        filled = person.send(path, "fill", {**typed, "spoken": "ar"}, page)
        assert filled.status_code == 200
        assert area(filled.text) == template.texts["ar"]
        assert 'value="tomorrow"' in filled.text  # typed, and not judged yet
        assert re.search(r'value="preserve"[^>]* checked', filled.text)
        assert f'<option value="{a.party.id}" selected>' in filled.text
        # The same in another language, as nobody changed it.
        again = person.send(path, "fill", {**typed, "text": area(filled.text), "spoken": "fr"}, filled.text)
        assert area(again.text) == template.texts["fr"]
        for name in template.blanks:
            assert f"{{{name}}}: {BLANKS[name]}</label>" in again.text
        assert beginnings.cite_instrument(template) in html.unescape(again.text)
        # With a blank open it is not reviewed; each is named.
        given = {**typed, "text": area(again.text), "due": LATER, "type": "preserve"}
        given |= {f"blank-{name}": f"<{name}> {{what}}" for name in template.blanks[1:]}
        given |= {"instrument": beginnings.cite_instrument(template)}
        held = person.send(path, "review", {**given, "blank-authority": " "}, again.text)
        assert held.status_code == 422
        assert mistakes(held.text) == ["Fill in {authority}, or take it out of the text."]
        given["text"] = given["text"].replace("{authority}", "le parquet")
        page = person.send(path, "review", given, again.text).text
        assert "Before you sign" in page
        assert b.journal.size() == before
        back = person.send(path, "edit", {}, page).text
        assert area(back) == given["text"]
        assert f'value="{html.escape(given["blank-facts"])}"' in back
        answer = person.send(path, "sign", {}, page)
        record = answer.headers["location"].removeprefix("/record/").partition("?")[0]
    content = b.state(acted.case).accepted[record].content
    assert isinstance(content, kinds.Request)
    values = {name: f"<{name}> {{what}}" for name in template.blanks} | {"authority": "le parquet"}
    assert content.text == template.fill("fr", values)
    assert (content.type, content.instrument) == ("preserve", beginnings.cite_instrument(template))


def test_the_button_wants_a_template_and_keeps_the_rest(acted: Live) -> None:
    path = f"/act/{acted.case}/request"
    with person_at(acted.world.nodes[1]) as person:
        for chosen in ("", "nothing"):
            answer = person.send(path, "fill", {"text": "Mine.", "template": chosen, "spoken": "nb"})
            assert answer.status_code == 422
            assert mistakes(answer.text) == ["Choose a template."]
            assert area(answer.text) == "Mine."
        # Braces of one's own are no blanks.
        own = {"to": acted.world.nodes[0].party.id, "type": "clarify", "text": "Why {what}?", "due": LATER}
        assert "Why {what}?" in person.review(path, own)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@given(
    texts, st.lists(st.tuples(st.sampled_from(sorted(templates())), st.sampled_from(LANGUAGES)), max_size=4)
)
def test_what_was_typed_is_never_lost(own: str, chosen: list[tuple[str, str]]) -> None:
    typed = Typed([("text", own), ("to", "x"), ("blank-what", own), ("due", own)])
    for id_, language in chosen:
        typed = put_template(typed.with_field("template", id_).with_field("spoken", language))
        assert typed.one("text").startswith(Typed([("text", own)]).one("text"))
        assert typed.one("text").endswith(templates()[id_].texts[language])
        assert set(templates()[id_].blanks) <= set(open_blanks(typed))
    for name in ("to", "blank-what", "due"):
        assert typed.one(name) == Typed([("x", "x" if name == "to" else own)]).one("x")


def test_a_language_that_is_none_is_told() -> None:
    with pytest.raises(NotTaken):
        put_template(Typed([("template", "clarify"), ("spoken", "xx")]))
