"""What stands around every page of a node: its name, whether it signs, and who is signed in."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response

from comity.exchange.continuity import low_words, standing
from comity.exchange.node import Node
from comity.web import render
from comity.web.headers import PLAIN
from comity.web.phrases import phrase, speech_of
from comity.web.sessions import Sessions


class Chrome:
    """The frame of a node's pages. ``title`` stands in the head of each."""

    def __init__(self, node: Node, title: str, sessions: Sessions) -> None:
        self.node = node
        self.title = title
        self.sessions = sessions

    def answer(
        self,
        request: Request[Any, Any, Any],
        template: str,
        view: object,
        heading: str,
        *,
        is_json: bool = False,
        status: int = 200,
        csp: str = PLAIN,
        **more: object,
    ) -> Response[bytes]:
        """A page within the frame, or its data, in the language that the browser asks for."""
        if is_json:
            return render.json_page(view, status=status)
        own = self.node.party
        session = self.sessions.of(request)
        found = standing(self.node)
        room = self.node.room() if self.node.room is not None else None
        speech = speech_of(request.headers.get("accept-language", ""))
        fields = {
            "t": speech,
            "view": view,
            "title": heading,
            "node": self.title,
            "party": own.card.name,
            "party_id": own.id,
            "held": phrase("{}; {}.", found.why, found.advice) if found.held else "",
            "low": phrase("{}.", low_words(room)) if room is not None and room.low else "",
            # What a form of this session carries; "" for whoever only reads.
            "acting": session.csrf if session is not None else "",
            "can_sign_in": self.sessions.offered,
            **more,
        }
        return render.page(template, fields, status=status, csp=csp)
