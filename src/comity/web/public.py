"""What any other node may ask of this one (``spec/08-ledger.md`` §6).

All of it is public or proves itself: the party's card, the ledger as static files, published dossiers,
an inbox for sealed messages, and the witness. Bodies are bounded; work runs in threads.
"""

from __future__ import annotations

import re
import threading
from functools import partial

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, RawBody

from comity.errors import Malformed, Unavailable
from comity.exchange import couriering, recovery, witnessing, working
from comity.exchange.authoring import checkpoint
from comity.exchange.delivery import MESSAGE_LIMIT
from comity.exchange.node import Node
from comity.web import faults
from comity.web.witness import CHECKPOINT_LIMIT, answer_add_checkpoint

GUEST_LIMIT = 16 * 1024 * 1024

_TILE = re.compile(r"(entries|[0-9]|[1-5][0-9]|6[0-3])(/x[0-9]{3}){0,6}/[0-9]{3}(\.p/[1-9][0-9]{0,2})?")
_PARTY = re.compile(r"[0-9a-f]{64}")
_DOSSIER = re.compile(r"[0-9a-f]{64}\.comity")
_FOREVER = {"cache-control": "public, max-age=31536000, immutable"}


def peer_routes(node: Node) -> list[HTTPRouteHandler]:
    """Every public route of a node but the stylesheet and the way into its ledger (``web.door``)."""

    @get("/healthz", sync_to_thread=True)
    def healthz() -> Response[bytes]:
        node.journal.size()
        return _text("ok\n")

    @get("/card", sync_to_thread=True)
    def card() -> Response[bytes]:
        return Response(node.party_file(node.party.id).render(), media_type="application/cbor")

    @get("/checkpoint", sync_to_thread=True)
    def newest_checkpoint() -> Response[bytes]:
        return _text(checkpoint(node), {"cache-control": "no-cache"})

    # One at a time: what is asked for after a disaster is no way to keep a node busy.
    copying = threading.Lock()

    @get("/x/heads/{party:str}", sync_to_thread=True)
    def heads(party: FromPath[str]) -> Response[bytes]:
        return Response(recovery.answer_heads(node, _party(party)), media_type="application/cbor")

    @get("/x/copies/{party:str}", sync_to_thread=True)
    def copies(party: FromPath[str]) -> Response[bytes]:
        if not copying.acquire(blocking=False):
            raise Unavailable("copies.busy", "copies", "another copy is being made; ask again")
        try:
            sealed = recovery.answer_copies(node, _party(party))
        finally:
            copying.release()
        return Response(sealed, media_type="application/octet-stream")

    @get("/tile/{path:path}", sync_to_thread=True)
    def tile(path: FromPath[str]) -> Response[bytes]:
        name = path.removeprefix("/")
        raw = node.public.read(f"tile/{name}") if _TILE.fullmatch(name) else None
        if raw is None:
            return faults.problem(404, "tile.unknown", "tile", "this ledger has no such tile")
        return Response(raw, media_type="application/octet-stream", headers=_FOREVER)

    @get("/dossiers/{name:str}", sync_to_thread=True)
    def dossier(name: FromPath[str]) -> Response[bytes]:
        raw = node.public.read(f"dossiers/{name}") if _DOSSIER.fullmatch(name) else None
        if raw is None:
            return faults.problem(
                404, "dossier.unknown", "dossiers", "no dossier of this digest is published here"
            )
        disposition = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(raw, media_type="application/x-tar", headers=_FOREVER | disposition)

    @post("/x/inbox", sync_to_thread=True, request_max_body_size=MESSAGE_LIMIT, status_code=200)
    def inbox(body: RawBody) -> dict[str, list[str]]:
        return {"new": working.receive_and_receipt(node, body)}

    @post("/x/guest", sync_to_thread=True, request_max_body_size=GUEST_LIMIT, status_code=200)
    def guest_reply(body: RawBody) -> dict[str, list[str]]:
        return {"registered": working.take_guest_reply(node, body)}

    @post(
        couriering.COURIER,
        sync_to_thread=True,
        request_max_body_size=2 * couriering.JOB_LIMIT,
        status_code=200,
    )
    def courier(body: RawBody) -> dict[str, bool]:
        couriering.take_job(node, body)
        return {"taken": True}

    @post("/add-checkpoint", sync_to_thread=True, request_max_body_size=CHECKPOINT_LIMIT, status_code=200)
    def add_checkpoint(body: RawBody) -> Response[bytes]:
        return answer_add_checkpoint(partial(witnessing.cosign, node), body)

    return [
        healthz,
        card,
        newest_checkpoint,
        heads,
        copies,
        tile,
        dossier,
        inbox,
        guest_reply,
        courier,
        add_checkpoint,
    ]


def _party(text: str) -> str:
    if not _PARTY.fullmatch(text):
        raise Malformed("party.id", "party", "a party is named by 64 lower-case hex digits")
    return text


def _text(text: str, headers: dict[str, str] | None = None) -> Response[bytes]:
    return Response(text.encode(), media_type="text/plain", headers=headers or {})
