"""One app for one node: the public face for other nodes, the pages for the party's own people.

Nothing is global, so several nodes can live in one process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from litestar import Litestar, Router
from litestar.enums import ScopeType
from litestar.exceptions.http_exceptions import RequestEntityTooLarge

from comity.errors import ComityError
from comity.exchange.node import Node
from comity.web import (
    acting,
    approving,
    calendar,
    editor,
    entry,
    faults,
    headers,
    learning,
    notices,
    opening,
    pages,
    public,
    render,
    uploading,
)
from comity.web.bodies import BodyRoom, hear_out
from comity.web.chrome import Chrome
from comity.web.custody_views import OpeningLog
from comity.web.door import PATH, EntriesDoor
from comity.web.forms_of_assessments import Knowledge
from comity.web.grouping import GroupCommit
from comity.web.intake import Intake
from comity.web.learning import AskCard
from comity.web.sessions import Sessions, SignInKeys, act_cookie
from comity.web.story import StoryFeed, story_routes

if TYPE_CHECKING:
    from litestar.types import LifeSpanReceive, LifeSpanScope, LifeSpanSend, Receive, Scope, Send


class NodeApp(Litestar):
    """Litestar, and in front of it one address, and room for what strangers send."""

    __slots__ = ("bodies", "door")

    door: EntriesDoor
    bodies: BodyRoom

    async def __call__(
        self,
        scope: Scope | LifeSpanScope,
        receive: Receive | LifeSpanReceive,
        send: Send | LifeSpanSend,
    ) -> None:
        if scope["type"] == ScopeType.HTTP and scope["path"] == PATH:  # type: ignore[typeddict-item]
            await self.door(scope, receive, send)  # type: ignore[arg-type]
        elif scope["type"] == ScopeType.HTTP:
            await hear_out(self._answer, scope, receive, send)  # type: ignore[arg-type]
        else:
            await super().__call__(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.bodies.covers(scope):
            await self.bodies(super().__call__, scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def make_app(
    node: Node,
    *,
    token: str | None,
    title: str,
    story: StoryFeed | None = None,
    keys: SignInKeys | None = None,
    openings: OpeningLog | None = None,
    knowledge: Knowledge | None = None,
    ask_card: AskCard | None = None,
) -> NodeApp:
    """The app of ``node``. ``token`` (16 characters or more) opens the pages; None leaves them closed.

    ``title`` names the node in the head of every page; ``story`` adds a page that tells it. ``keys`` let
    those who hold one act in the pages; without them the pages only show. ``openings`` reads the node's own
    log of who opened which item; ``knowledge`` gives reports for assessments made in the pages; ``ask_card``
    asks another node for its party's card.
    """
    entries = GroupCommit(node)
    sessions = Sessions(keys, node.effects.now, lambda: act_cookie(node.party.id))
    chrome = Chrome(node, title, sessions)
    intake = Intake(node)
    guarded = [
        *pages.page_routes(node, chrome, openings),
        *editor.editor_routes(node, chrome),
        *approving.approval_routes(node, chrome),
        *learning.party_routes(node, chrome),
    ]
    if story is not None:
        guarded += story_routes(story, [])
    app = NodeApp(
        [
            Router(
                "/",
                route_handlers=[
                    *public.peer_routes(node),
                    *notices.notice_routes(node),
                    *calendar.calendar_routes(node, token),
                ],
                exception_handlers={
                    ComityError: faults.tell_peer,
                    RequestEntityTooLarge: faults.tell_size,
                },
            ),
            Router(
                "/",
                route_handlers=guarded,
                before_request=entry.require_token(token, lambda: entry.cookie_name(node.party.id)),
            ),
            Router("/", route_handlers=acting.sign_in_routes(node, token, sessions)),
            Router(
                "/",
                route_handlers=[
                    *acting.act_routes(node, chrome, knowledge),
                    *uploading.upload_routes(node, chrome, intake),
                    *approving.dropping_routes(node, chrome),
                    *learning.learning_routes(node, chrome, ask_card),
                    *opening.opening_routes(node, chrome),
                ],
                before_request=acting.require_session(sessions),
            ),
            render.static_route(),
        ],
        before_send=[headers.secure],
        on_shutdown=[intake.close, entries.close],
        exception_handlers={Exception: faults.answer},
        openapi_config=None,
        logging_config=None,
    )
    app.door = EntriesDoor(entries)
    app.bodies = BodyRoom(public.BODIES)
    return app
