"""A person at the acting pages of a node, without a browser: opens a form, fills it in, reviews, signs."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx
from litestar import Litestar
from litestar.testing import TestClient

from comity.exchange.node import Node
from comity.web.app import make_app
from tests.web.stage import TOKEN

KEY = "a-key-of-these-tests"
Fields = Mapping[str, str | list[str]]


class OnceKeys:
    """``web.sessions.SignInKeys`` that holds what it is given."""

    def __init__(self, *keys: str) -> None:
        self.held = set(keys)
        self.word = ""

    def era(self) -> str:
        return self.word

    def take(self, key: str, now: int) -> bool:
        found = key in self.held
        self.held.discard(key)
        return found


def acting_app(node: Node, *keys: str) -> Litestar:
    """The app of a node in whose pages the holders of these keys act."""
    return make_app(node, token=TOKEN, title=node.party.card.name, keys=OnceKeys(*(keys or (KEY,))))


class Person:
    """Someone signed in at a node."""

    def __init__(self, client: TestClient[Litestar]) -> None:
        self.client = client

    def sign_in(self, key: str = KEY) -> Person:
        assert self.client.get("/sign-in", params={"key": key}).status_code == 200
        assert self.client.post("/sign-in", data={"key": key}).status_code == 200
        return self

    def open(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text[-800:]
        return answer.text

    def send(self, path: str, step: str, fields: Fields, page: str = "") -> httpx.Response:
        """Send a form, with whatever the page it stands on carries unseen."""
        carried = hidden(page or self.open(path))
        action = path.partition("?")[0]
        data = {**carried, "laid-out": "1", **fields, "step": step}
        answer = self.client.post(action, data=data, follow_redirects=False)
        if "?held=" in answer.headers.get("location", ""):
            return self.client.get(answer.headers["location"], follow_redirects=False)
        return answer

    def review(self, path: str, fields: Fields) -> str:
        answer = self.send(path, "review", fields)
        assert answer.status_code == 200, mistakes(answer.text)
        assert '<input type="hidden" name="seen"' in answer.text
        return answer.text

    def sign(self, path: str, fields: Fields) -> str:
        """Fill in, review and sign; the id of the record."""
        page = self.review(path, fields)
        answer = self.send(path, "sign", {}, page)
        assert answer.status_code == 303, mistakes(answer.text) or answer.text[-500:]
        link = answer.headers["location"]
        assert "Signed." in self.open(link)
        return link.removeprefix("/record/").partition("?")[0]


@contextmanager
def person_at(node: Node) -> Iterator[Person]:
    """Someone signed in to act at this node."""
    with TestClient(acting_app(node)) as client:
        yield Person(client).sign_in()


def hidden(page: str) -> dict[str, list[str]]:
    """The hidden fields of the form that acts on a page."""
    form = page[page.index('<form class="act') :]
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form):
        found.setdefault(html.unescape(name), []).append(html.unescape(value))
    return found


def mistakes(page: str) -> list[str]:
    """What the page says is wrong."""
    found = re.search(r'<section class="errors".*?</section>', page, re.DOTALL)
    return (
        [html.unescape(re.sub("<[^>]*>", "", m)) for m in re.findall("<li>(.*?)</li>", found[0])]
        if found
        else []
    )
