"""The story as it is told: lines that arrive, in chapters, and a button that holds the teller.

The teller fills a ``StoryFeed``; this module only shows it. Works without a script: the page then loads
itself again every few seconds.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote, urlsplit, urlunsplit

from litestar import Litestar, Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from comity.web import faults, headers, render
from comity.web.phrases import phrase

LINES_LIMIT = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryLine:
    """One line of the story. ``at`` is a time as text; ``node`` the name of the node it happens at, or "";
    ``link`` a path on that node (``/case/…``), or ""."""

    at: str
    chapter: str
    text: str
    node: str = ""
    link: str = ""


class StoryFeed(Protocol):
    """What a teller offers. Safe for use by several threads; ``lines`` only ever grows."""

    def lines(self) -> list[StoryLine]: ...

    @property
    def paused(self) -> bool: ...

    def pause(self) -> None: ...

    def resume(self) -> None: ...


def link_to(nodes: Mapping[str, str], node: str, path: str) -> str:
    """The address of a path on a node, keeping the token of its address; "" where there is none.

    Only http and https addresses and local paths are linked.
    """
    base = urlsplit(nodes.get(node, ""))
    if base.scheme not in ("http", "https") or not path.startswith("/") or path.startswith("//"):
        return ""
    place, _, part = path.partition("#")
    return urlunsplit((base.scheme, base.netloc, quote(place, safe="/-._~"), base.query, quote(part)))


def told_since(
    feed: StoryFeed, nodes: Mapping[str, str], first: int
) -> tuple[list[tuple[str, list[tuple[int, StoryLine, str]]]], int]:
    """Lines from number ``first`` on, by chapter in order, each with its address; and the next number."""
    chapters: list[tuple[str, list[tuple[int, StoryLine, str]]]] = []
    lines = feed.lines()
    for number, line in enumerate(lines[first : first + LINES_LIMIT], first):
        if not chapters or chapters[-1][0] != line.chapter:
            chapters.append((line.chapter, []))
        chapters[-1][1].append((number, line, link_to(nodes, line.node, line.link) if line.link else ""))
    return chapters, min(len(lines), first + LINES_LIMIT)


def story_routes(feed: StoryFeed, nodes: Sequence[tuple[str, str]]) -> list[HTTPRouteHandler]:
    """The page, its lines as JSON, and the button. ``nodes`` are (name, address with token)."""
    known = dict(nodes)
    csrf = secrets.token_hex(32)

    @get("/story", sync_to_thread=True)
    def story_page(request: Request[Any, Any, Any]) -> Response[bytes]:
        chapters, following = told_since(feed, known, 0)
        fields = {
            "title": phrase("The story"),
            "chapters": chapters,
            "next": following,
            "paused": feed.paused,
            "csrf": csrf,
            "nodes": [(n, link_to(known, n, "/")) for n, _ in nodes],
        }
        return render.page("story.html", fields, csp=headers.SCRIPTED, request=request)

    @get("/story.json", sync_to_thread=True)
    def story_json(request: Request[Any, Any, Any]) -> Response[bytes]:
        first = render.whole_number(request, "from", 0, 2**31)
        chapters, following = told_since(feed, known, first)
        told = [
            {
                "n": n,
                "at": render.show(x.at),
                "chapter": render.show(c),
                "text": render.show(x.text),
                "node": render.show(x.node),
                "url": url,
            }
            for c, lines in chapters
            for n, x, url in lines
        ]
        return render.json_page({"lines": told, "next": following, "paused": feed.paused})

    @post("/story/turn", sync_to_thread=True, request_max_body_size=1000, status_code=303)
    def story_turn(request: Request[Any, Any, Any], body: render.RawBody) -> Response[bytes]:
        form = render.read_form(body)
        given = form.get("csrf", "")
        if not hmac.compare_digest(given.encode(), csrf.encode()):
            return faults.problem_page(
                request, 403, "story.form", "", "This form is not from this page, or from before a restart."
            )
        if form.get("turn") == "pause":
            feed.pause()
        elif form.get("turn") == "resume":
            feed.resume()
        return Response(b"", status_code=303, headers={"location": "/story"})

    return [story_page, story_json, story_turn]


def make_story_app(
    feed: StoryFeed, nodes: Sequence[tuple[str, str]], *, hosts: Sequence[str] = ()
) -> Litestar:
    """An app that shows the story, and leads to the nodes it happens at.

    It answers only under an address written as a number, ``localhost`` and ``hosts``: the page holds the
    tokens of the nodes, and a name of somebody else's could be made to point here (DNS rebinding).
    """

    @get("/", sync_to_thread=False)
    def story_start() -> Response[bytes]:
        return Response(b"", status_code=303, headers={"location": "/story"})

    return Litestar(
        [story_start, *story_routes(feed, nodes), render.static_route()],
        before_request=headers.only_hosts(hosts),
        before_send=[headers.secure],
        exception_handlers={Exception: faults.answer},
        openapi_config=None,
        logging_config=None,
    )
