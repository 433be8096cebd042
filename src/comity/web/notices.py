"""Notices to parties without an account (``exchange/notices``): a page behind a link, for whoever has it.

Nothing is recorded of a visit, here or in the page. The page is the same bytes as the file.
"""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from comity.errors import Refused
from comity.exchange.node import Node
from comity.exchange.notices.forms import write_page, write_text
from comity.exchange.notices.links import follow_link
from comity.exchange.notices.page import policy
from comity.exchange.notices.reading import read_signed
from comity.exchange.notices.words import LANGUAGES, nearest, words_in
from comity.web import render
from comity.web.phrases import phrase

NO_NOTICE = phrase("No notice here")


def notice_routes(node: Node) -> list[HTTPRouteHandler]:
    """``/notice/NAME``, the page, and ``/notice/NAME.txt``, the text. ``?in=fr`` opens it in a language; else
    it opens in that of the notice, where that is one of ours."""

    @get("/notice/{name:str}", sync_to_thread=True)
    def notice(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
        try:
            data, written = follow_link(node, name.removesuffix(".txt"))
        except Refused:
            return _gone(request, name)
        language = _language(request, written)
        if name.endswith(".txt"):
            disposition = {"content-disposition": 'attachment; filename="comity-notice.txt"'}
            return Response(write_text(data, language), media_type="text/plain", headers=disposition)
        allowed = f"{policy(read_signed(data).reply_to)}; frame-ancestors 'none'"
        return Response(
            write_page(data, language),
            media_type="text/html",
            headers={"content-security-policy": allowed, "x-robots-tag": "noindex"},
        )

    return [notice]


def _gone(request: Request[Any, Any, Any], name: str) -> Response[bytes]:
    """A link that leads nowhere, told in every language there is: whoever follows it may have no account, and
    nobody else to ask."""
    told = [words_in(language) for language in LANGUAGES]
    if name.endswith(".txt") or "text/html" not in request.headers.get("accept", ""):
        text = "\n".join(words.lines["gone"] for words in told)
        return Response(f"{text}\n".encode(), status_code=404, media_type="text/plain")
    return render.page("gone.html", {"title": NO_NOTICE, "told": told}, status=404, request=request)


def _language(request: Request[Any, Any, Any], written: str) -> str:
    asked = str(request.query_params.get("in", ""))
    if asked in LANGUAGES:
        return asked
    return nearest(written)
