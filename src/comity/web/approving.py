"""Routes of approvals: what waits for whom, a proposal as a page and as a file, and approvals that come in.

Whoever brings an approval needs no session: it is signed by a key that this node never holds, over exactly
what is kept here, and anything else is refused.
"""

from __future__ import annotations

import io
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, RawBody
from multipart import MultipartError, MultipartParser, parse_options_header

from comity.errors import ComityError, Malformed
from comity.exchange import proposing
from comity.exchange.node import Node
from comity.web import render
from comity.web.approval_views import view_approvals, view_proposal
from comity.web.chrome import Chrome
from comity.web.phrases import phrase
from comity.web.posting import require_own, same_site, session_of
from comity.web.reasons import explain
from comity.web.typed import Typed

_Ask = Request[Any, Any, Any]
LIMIT = 4 << 20
"""Bytes of a form with a proposal file in it."""


def approval_routes(node: Node, chrome: Chrome) -> list[HTTPRouteHandler]:
    """Pages of approvals, for whoever may read this node's pages."""

    @get("/approvals", sync_to_thread=True)
    def waiting(request: _Ask) -> Response[bytes]:
        office = render.text_of(request, "office", 64)
        view = view_approvals(node, render.full_id(office, "office") if office else "")
        title = phrase("Waits for {}", view.office) if view.office else phrase("Approvals")
        return chrome.answer(request, "approvals.html", view, title)

    def show(request: _Ask, case: str, name: str, wrong: str = "") -> Response[bytes]:
        found = node.find_case(render.full_id(case, "case"))
        view = view_proposal(node, found, render.full_id(name, "proposal"))
        status = 422 if wrong else 200
        return chrome.answer(
            request, "proposal.html", view, phrase("Approve a disclosure"), status=status, wrong=wrong
        )

    @get("/case/{case:str}/approvals/{name:str}", sync_to_thread=True)
    def one(request: _Ask, case: FromPath[str], name: FromPath[str]) -> Response[bytes]:
        return show(request, case, name)

    @get("/case/{case:str}/approvals/{name:str}/proposal.cbor", sync_to_thread=True)
    def as_file(case: FromPath[str], name: FromPath[str]) -> Response[bytes]:
        found = node.find_case(render.full_id(case, "case"))
        proposal = proposing.proposal_at(node, found, render.full_id(name, "proposal"))
        disposition = {"content-disposition": f'attachment; filename="proposal-{proposal.id[:12]}.cbor"'}
        return Response(proposal.render(), media_type="application/cbor", headers=disposition)

    @post(
        "/case/{case:str}/approvals/{name:str}",
        sync_to_thread=True,
        request_max_body_size=LIMIT,
        status_code=303,
    )
    def approved(request: _Ask, case: FromPath[str], name: FromPath[str], body: RawBody) -> Response[bytes]:
        found = node.find_case(render.full_id(case, "case"))
        proposal = render.full_id(name, "proposal")
        try:
            if not same_site(request):
                raise Malformed("page.form", "form", "this form was sent from a page of another site")
            raw = read_brought(request.headers.get("content-type", ""), body)
            proposing.take_approvals(node, found, proposal, raw)
        except ComityError as error:
            why = phrase("{} [{}]", explain(error.code, error.why), f"{error.code}, {error.where}")
            return show(request, found, proposal, why)
        return _see(f"/case/{found}/approvals/{proposal}#offices")

    return [waiting, one, as_file, approved]


def dropping_routes(node: Node, chrome: Chrome) -> list[HTTPRouteHandler]:
    """What only whoever is signed in does with a proposal."""

    @post("/act/{case:str}/drop-proposal", sync_to_thread=True, request_max_body_size=4096, status_code=303)
    def dropped(request: _Ask, case: FromPath[str], body: RawBody) -> Response[bytes]:
        typed = Typed.read(body)
        require_own(typed, session_of(chrome.sessions, request))
        found = node.find_case(render.full_id(case, "case"))
        proposing.drop(node, found, render.full_id(typed.one("proposal"), "proposal"))
        return _see("/approvals")

    return [dropped]


def _see(link: str) -> Response[bytes]:
    return Response(b"", status_code=303, headers={"location": link})


def read_brought(content_type: str, body: bytes) -> bytes:
    """The file of a form, or else the line that was pasted into it; ``Malformed`` (``page.form``) where it
    brings neither."""
    kind, options = parse_options_header(content_type)
    if kind != "multipart/form-data" or not options.get("boundary"):
        raise Malformed("page.form", "form", "not a form with a file")
    try:
        parts: dict[str, bytes] = {
            part.name: part.raw
            for part in MultipartParser(
                io.BytesIO(body), options["boundary"], spool_limit=LIMIT, memory_limit=2 * LIMIT
            )
        }
    except MultipartError as error:
        raise Malformed("page.form", "form", f"not a whole form: {error}") from None
    brought = parts.get("file") or parts.get("line", b"").strip()
    if not brought:
        raise Malformed("page.form", "form", "choose the file, or paste the line")
    return brought
