"""Every form that a page of a case offers, sent empty and with nonsense: told what is wrong, nothing lost."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import pytest

from comity.exchange.node import Node
from tests.web.acting import Person, mistakes, person_at
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
            nonsense: tuple[dict[str, str], ...] = ({}, dict.fromkeys(texts, NONSENSE))
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
