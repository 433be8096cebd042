"""What any other node may ask of this one (``spec/08-ledger.md`` §6).

All of it is public or proves itself: the party's card, the ledger as static files, published dossiers,
an inbox for sealed messages, and the witness. Bodies are bounded; work runs in threads.
"""

from __future__ import annotations

import re
import threading
import time
from functools import partial

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, RawBody

from comity.errors import Malformed, Unavailable
from comity.exchange import couriering, joining, recovery, witnessing, working
from comity.exchange.authoring import checkpoint
from comity.exchange.delivery import MESSAGE_LIMIT
from comity.exchange.node import Node
from comity.web import faults
from comity.web.witness import CHECKPOINT_LIMIT, answer_add_checkpoint

GUEST_LIMIT = 16 * 1024 * 1024

BODIES = {
    "/x/inbox": MESSAGE_LIMIT,
    "/x/guest": GUEST_LIMIT,
    couriering.COURIER: 2 * couriering.JOB_LIMIT,
    "/add-checkpoint": CHECKPOINT_LIMIT,
}
"""Where strangers send bodies, each with its longest."""

_TILE = re.compile(r"(entries|[0-9]|[1-5][0-9]|6[0-3])(/x[0-9]{3}){0,6}/[0-9]{3}(\.p/[1-9][0-9]{0,2})?")
_PARTY = re.compile(r"[0-9a-f]{64}")
_DOSSIER = re.compile(r"[0-9a-f]{64}\.comity")
_FRESH = {"cache-control": "no-cache"}
_FOREVER = {"cache-control": "public, max-age=31536000, immutable"}

COPIES_EVERY = 30.0
"""How long an answer about copies is given again before another is made, in seconds."""

COPIES_KEPT = 64 * 1024 * 1024
"""How much of such answers is kept at most, in bytes, beside the newest."""


class _Copies:
    """Answers about copies. One is made at a time, and for one party again only after a while: anyone may
    ask, all of a party's cases are read for it, and only that party can open it."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._making = threading.Lock()
        self._made: dict[str, tuple[float, bytes]] = {}

    def of(self, party: str) -> bytes:
        """What is held of this party's ledger and cases, sealed to it; ``Unavailable`` while another
        is made."""
        made = self._made.get(party)
        if made is not None and time.monotonic() < made[0] + COPIES_EVERY:
            return made[1]
        if not self._making.acquire(blocking=False):
            raise Unavailable("copies.busy", "copies", "another copy is being made; ask again")
        try:
            sealed = recovery.answer_copies(self._node, party)
            kept = len(sealed)
            for other, (at, answer) in sorted(self._made.items(), key=lambda each: -each[1][0]):
                kept += len(answer)
                if other == party or kept > COPIES_KEPT or time.monotonic() >= at + COPIES_EVERY:
                    del self._made[other]
            self._made[party] = time.monotonic(), sealed
            return sealed
        finally:
            self._making.release()


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
        # A file like the others: whoever asks waits for no act, and none waits for whoever asks.
        raw = node.public.read("checkpoint")
        return _text(raw.decode("utf-8", "replace") if raw else checkpoint(node), _FRESH)

    copied = _Copies(node)

    @get("/x/heads/{party:str}", sync_to_thread=True)
    def heads(party: FromPath[str]) -> Response[bytes]:
        raw = recovery.answer_heads(node, _party(party))
        return Response(raw, media_type="application/cbor", headers={"cache-control": "no-store"})

    @get("/x/copies/{party:str}", sync_to_thread=True)
    def copies(party: FromPath[str]) -> Response[bytes]:
        sealed = copied.of(_party(party))
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
    def guest_reply(body: RawBody) -> Response[dict[str, object]]:
        # A notice opened from a file has no origin, and must learn whether its reply was taken. The reply
        # says all by its signatures; no cookie counts here.
        records = working.take_guest_reply(node, body)
        said: dict[str, object] = {"registered": records}
        if records:
            said["receipts"] = joining.render_receipts(node, records).hex()
        return Response(said, headers={"access-control-allow-origin": "*"})

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
