"""The clocks of all cases as a feed for calendar programs, which bring no cookie: the address is the secret.

It follows from the token of the pages and does not give it back; a new token makes a new address.
"""

from __future__ import annotations

import hashlib
import hmac

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from comity.exchange.due import list_due, render_calendar
from comity.exchange.node import Node


def feed_path(token: str) -> str:
    """The path of the feed under this token of the pages."""
    name = hmac.new(token.encode(), b"comity/web/calendar", hashlib.sha256).hexdigest()
    return f"/calendar/{name}.ics"


def calendar_routes(node: Node, token: str | None) -> list[HTTPRouteHandler]:
    """The feed; nothing is served where the node was started without a token."""

    @get("/calendar/{name:str}", sync_to_thread=True)
    def feed(name: FromPath[str]) -> Response[bytes]:
        wanted = feed_path(token) if token else ""
        if not wanted or not hmac.compare_digest(f"/calendar/{name}".encode(), wanted.encode()):
            return Response(b"No calendar here.\n", status_code=404, media_type="text/plain")
        now = node.effects.now()
        raw = render_calendar(list_due(node, now), f"Comity: {node.party.card.name}", now)
        return Response(raw, media_type="text/calendar; charset=utf-8")

    return [feed]
