"""The story's page: lines in chapters, links to nodes, a button that only its own form can press."""

from __future__ import annotations

import re

import pytest
from litestar.testing import TestClient

from comity.web.story import StoryLine, link_to, make_story_app, told_since

NODES = [("Alder", "http://127.0.0.1:8001/?token=abc"), ("Bad", "javascript:alert(1)")]


class Feed:
    """``web.story.StoryFeed`` that a test tells."""

    def __init__(self) -> None:
        self._lines: list[StoryLine] = []
        self.paused = False

    def tell(self, chapter: str, text: str, node: str = "", link: str = "") -> None:
        self._lines.append(StoryLine(at="10:00:00", chapter=chapter, text=text, node=node, link=link))

    def lines(self) -> list[StoryLine]:
        return list(self._lines)

    def pause(self) -> None:
        self.paused = True

    def resume(self) -> None:
        self.paused = False


@pytest.fixture
def feed() -> Feed:
    feed = Feed()
    feed.tell("One", "First <b>line</b>.", "Alder", "/case/x#a1")
    feed.tell("One", "Second\u202e line.")
    feed.tell("Two", "Third line.", "Bad", "/x")
    return feed


def test_lines_come_in_chapters_from_any_number(feed: Feed) -> None:
    chapters, following = told_since(feed, dict(NODES), 1)
    assert [(c, [n for n, _, _ in lines]) for c, lines in chapters] == [("One", [1]), ("Two", [2])]
    assert following == 3
    assert told_since(feed, {}, 99) == ([], 3)


@pytest.mark.parametrize(
    ("node", "path", "address"),
    [
        ("Alder", "/case/x#a1", "http://127.0.0.1:8001/case/x?token=abc#a1"),
        ("Alder", "//evil.example/", ""),
        ("Alder", "javascript:alert(1)", ""),
        ("Bad", "/x", ""),
        ("Nobody", "/x", ""),
    ],
)
def test_links_lead_to_known_nodes_only(node: str, path: str, address: str) -> None:
    assert link_to(dict(NODES), node, path) == address


def test_the_page_shows_what_was_told(feed: Feed) -> None:
    with TestClient(make_story_app(feed, NODES), base_url="http://127.0.0.1") as client:
        answer = client.get("/")
        assert "First &lt;b&gt;line&lt;/b&gt;." in answer.text
        assert "⟦U+202E⟧" in answer.text
        assert "javascript:" not in answer.text
        assert "Intact and reproduced is not the same as true." in answer.text
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]
        told = client.get("/story.json?from=1").json()
        assert [line["n"] for line in told["lines"]] == [1, 2]
        assert "⟦U+202E⟧" in told["lines"][0]["text"]
        assert client.get("/story.json?from=-1").status_code == 400
        assert client.get("/static/story.js").status_code == 200


def test_only_its_own_form_presses_the_button(feed: Feed) -> None:
    with TestClient(make_story_app(feed, NODES), base_url="http://127.0.0.1") as client:
        found = re.search(r'name="csrf" value="([0-9a-f]{64})"', client.get("/story").text)
        assert found is not None
        for form in ({"turn": "pause"}, {"turn": "pause", "csrf": "0" * 64}, {"turn": "pause", "csrf": "ü"}):
            assert client.post("/story/turn", data=form).status_code == 403
            assert not feed.paused
        assert client.post("/story/turn", content=b"\xff").status_code == 400
        csrf = found[1]
        assert client.post("/story/turn", data={"turn": "pause", "csrf": csrf}).status_code == 200
        assert feed.paused
        client.post("/story/turn", data={"turn": "resume", "csrf": csrf})
        assert not feed.paused


@pytest.mark.parametrize(
    ("host", "status"),
    [("127.0.0.1:80", 200), ("[::1]", 200), ("localhost:9", 200), ("evil.example", 403), ("[", 403)],
)
def test_a_name_that_points_here_is_not_enough(feed: Feed, host: str, status: int) -> None:
    with TestClient(make_story_app(feed, NODES)) as client:
        assert client.get("/story", headers={"host": host}).status_code == status
    with TestClient(make_story_app(feed, NODES, hosts=["demo.example"])) as client:
        assert client.get("/story", headers={"host": "demo.example"}).status_code == 200
