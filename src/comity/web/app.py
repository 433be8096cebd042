"""One app for one node: the public face for other nodes, the pages for the party's own people.

Nothing is global, so several nodes can live in one process.
"""

from __future__ import annotations

from litestar import Litestar, Router

from comity.errors import ComityError
from comity.exchange.node import Node
from comity.web import entry, faults, headers, pages, public, render
from comity.web.grouping import GroupCommit
from comity.web.story import StoryFeed, story_routes


def make_app(node: Node, *, token: str | None, title: str, story: StoryFeed | None = None) -> Litestar:
    """The app of ``node``. ``token`` (16 characters or more) opens the pages; None leaves them closed.

    ``title`` names the node in the head of every page; ``story`` adds a page that tells it.
    """
    entries = GroupCommit(node)
    guarded = pages.page_routes(node, title)
    if story is not None:
        guarded += story_routes(story, [])
    return Litestar(
        [
            Router(
                "/",
                route_handlers=public.peer_routes(node, entries),
                exception_handlers={ComityError: faults.tell_peer},
            ),
            Router(
                "/",
                route_handlers=guarded,
                before_request=entry.require_token(token, lambda: entry.cookie_name(node.party.id)),
            ),
            render.static_route(),
        ],
        before_send=[headers.secure],
        on_shutdown=[entries.close],
        exception_handlers={Exception: faults.answer},
        openapi_config=None,
        logging_config=None,
    )
