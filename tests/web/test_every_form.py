"""Every form that a page of a case offers, sent empty, with nonsense and with choices that it never offered:
told what is wrong, nothing lost."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import pytest

from comity.exchange.node import Node
from tests.web.acting import Person, hidden, mistakes, person_at
from tests.web.stage import Live, reading_pages

NONSENSE = "⟨nonsense⟩ <b>\u202e 99-98 'x"
_FIELD = re.compile(r'<(?:input type="text"|textarea)[^>]* name="([^"]+)"')


def _offered(person: Person, node: Node, live: Live) -> Iterator[str]:
    """Addresses of all forms that the pages of this node offer on the live case, one of each kind and about
    each kind of record."""
    seen: set[tuple[str, str]] = set()
    state = node.state(live.case)
    for path in [p for p in reading_pages(live) if "nothing" not in p and "zz" not in p]:
        answer = person.client.get(path)
        for link in map(html.unescape, re.findall(r'href="(/act/[^"#]+)"', answer.text)):
            name = link.partition("?")[0].rpartition("/")[2]
            about = re.search(r"=([0-9a-f]{64})", link)
            record = state.accepted.get(about[1]) if about else None
            kind = (name, record.frame.kind if record else "")
            if kind not in seen and "files" not in name:
                seen.add(kind)
                yield link


@pytest.mark.parametrize("who", [0, 1, 2])
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(live: Live, who: int) -> None:
    node = live.world.nodes[who]
    broken: dict[str, object] = {}
    with person_at(node) as person:
        links = list(_offered(person, node, live))
        assert len(links) > 15
        for link in links:
            answer = person.client.get(link)
            page = answer.text
            if answer.status_code != 200:
                broken[link] = answer.status_code
                continue
            texts = set(map(html.unescape, _FIELD.findall(page)))
            nonsense: tuple[dict[str, str], ...] = (
                {},
                dict.fromkeys(texts, NONSENSE),
                dict.fromkeys(texts, NONSENSE * 1000),
            )
            for fields in nonsense:
                sent = person.send(link, "review", fields, page)
                if sent.status_code not in (200, 422):
                    broken[f"{link} {sorted(fields)}"] = sent.status_code
                elif sent.status_code == 422:
                    if not mistakes(sent.text):
                        broken[f"{link} {sorted(fields)}"] = "no mistake is named"
                    for name in fields.keys() & texts:
                        if html.escape(NONSENSE[:10]) not in sent.text:
                            broken[f"{link} {name}"] = "lost"
    assert broken == {}


_CHOSEN = re.compile(r'<(?:select|input type="(?:radio|checkbox)")[^>]* name="([^"]+)"')


@pytest.mark.parametrize("who", [0, 1, 2])
def test_a_choice_that_was_never_offered_is_told_as_a_mistake(live: Live, who: int) -> None:
    node = live.world.nodes[who]
    broken: dict[str, object] = {}
    with person_at(node) as person:
        for link in _offered(person, node, live):
            page = person.open(link)
            own = {name for name in hidden(page) if name not in ("csrf", "laid-out")}
            texts = dict.fromkeys(map(html.unescape, _FIELD.findall(page)), "Typed.")
            for name in own | set(map(html.unescape, _CHOSEN.findall(page))):
                for value in ("0" * 64, "zz"):
                    sent = person.send(link, "review", {**texts, name: value}, page)
                    words = mistakes(sent.text) or re.findall(r"<h1[^>]*>This does not hold</h1>", sent.text)
                    if sent.status_code != 422 or not words:
                        broken[f"{link} {name}={value[:2]}"] = sent.status_code
                    elif name not in own and texts and "Typed." not in sent.text:
                        broken[f"{link} {name}={value[:2]}"] = "lost"
    assert broken == {}
