"""Errors as answers: the only place where an error of Comity becomes an HTTP status.

Other nodes and programs get ``application/problem+json`` with code, where and why; people get a page.
"""

from __future__ import annotations

import logging
import re
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException

from comity.errors import ComityError, Malformed, NotVerified, Refused, Unavailable
from comity.exchange.ports import Conflict
from comity.exchange.quotas import RETRY_AFTER
from comity.web import render
from comity.web.phrases import phrase
from comity.web.reasons import explain

_LOG = logging.getLogger("comity.web")

HELD = ("journal.behind", "journal.forked", "journal.twin", "journal.unsure")
"""Codes of the refusal to sign while the journal is, or may be, an old copy of itself."""

_LATER = {429: RETRY_AFTER, 503: 10}
"""Seconds after which to ask again, told with these statuses."""

NO_PAGE = phrase("No page of this node has this address. It may be incomplete, or of another node.")
REPLACED = phrase(
    "The software of this node was changed while it runs. "
    "Whoever keeps the node stops it and starts it again."
)
NO_CASE = phrase(
    "No case of this name is held here. "
    "A case that another party opened appears once its invitation has come."
)
IN_THE_ADDRESS = frozenset(f"page.{each}" for each in ("number", "text", "instant", "words", "language"))
"""Codes of what an address asks for in a way that no page understands."""
NO_WAY = phrase("This address does not take what was sent to it.")
ON_THE_WAY = {"invite.nobody": ("/parties/learn", phrase("Learn a party's card"))}
"""What to do first, by the code of a refusal."""
_OF_A_CASE = re.compile(r"/(?:case|act)/([0-9a-f]{64})(?:/|$)")

STATUS_WORDS = {
    400: "This was not understood",
    403: "Not open to you",
    404: "Nothing here by that name",
    405: "Not done this way",
    409: "Not now",
    413: "Too much at once",
    422: "This does not hold",
    429: "Too much for now",
    500: "Something broke in this node",
    503: "Not reachable just now",
}


def status_of(error: ComityError) -> int:
    """What another node is told: 403, 409, 413, 429 for a refusal, 422 for what does not verify, 503."""
    match error:
        case Conflict():
            return 409
        case Refused(code=code) if code.startswith(HELD):
            return 503  # what was sent is kept by its sender, and tried again once signing goes on
        case Refused(code=code) if code.startswith("quota."):
            return 429
        case Refused(code=code) if code.endswith(".busy"):
            return 409
        case Refused(code=code) if code.endswith(".size"):
            return 413
        case Refused():
            return 403
        case Malformed() | NotVerified():
            return 422
        case Unavailable():
            return 503
    return 500


def page_status_of(error: ComityError) -> int:
    """What a reader of pages is told; what is stored here and does not verify is this node's fault."""
    match error:
        case Malformed(code=code) if code.startswith("page."):
            return 404 if code == "page.unknown" else 400
        case Refused(code=code) if code.endswith((".unknown", ".absent")):
            return 404
        case Refused():
            return 409
        case Unavailable():
            return 503
    return 500


def problem(status: int, code: str, where: str, why: str) -> Response[bytes]:
    """An RFC 9457 problem with this system's own three members."""
    raw = problem_body(status, code, where, why)
    later = _LATER.get(status)
    headers = {"retry-after": str(later)} if later else {}
    return Response(raw, status_code=status, media_type="application/problem+json", headers=headers)


def problem_body(status: int, code: str, where: str, why: str) -> bytes:
    """The JSON of such a problem, in English."""
    title, why = STATUS_WORDS.get(status, "Not done"), str(why)  # of a phrase its text
    return msgspec.json.encode(
        {"title": title, "status": status, "code": code, "where": where, "why": why, "detail": why}
    )


def problem_page(
    request: Request[Any, Any, Any], status: int, code: str, where: str, why: str
) -> Response[bytes]:
    """A problem as JSON where JSON was asked for, else as a page."""
    if request.url.path.endswith(".json") or request.headers.get("accept", "") == "application/json":
        return problem(status, code, where, why)
    title = STATUS_WORDS.get(status, "Not done")
    fields = {"title": phrase(title), "code": code, "where": where, "why": _explain(code, where, why)}
    return render.page(
        "problem.html",
        {**fields, "ways": _ways_on(request.url.path, code)},
        status=status,
        request=request,
    )


def _explain(code: str, where: str, why: str) -> str:
    """The reason as a sentence that says what it is about."""
    if code in IN_THE_ADDRESS:
        return phrase("What the address says as “{}” cannot be used: {}.", where, why)
    if code == "case.unknown" and why == "names no case here":
        return NO_CASE
    return explain(code, why)


def _ways_on(path: str, code: str) -> tuple[tuple[str, str], ...]:
    """Where to go from a problem: what is to be done first, the case that it is about, the list it is of."""
    ways = [ON_THE_WAY[code]] if code in ON_THE_WAY else []
    if (case := _OF_A_CASE.match(path)) and code not in ("case.unknown", "page.id"):
        ways.append((f"/case/{case[1]}", phrase("Back to the case")))
    elif path.startswith("/evidence/"):
        ways.append(("/evidence", phrase("Evidence")))
    return tuple(ways)


def tell_peer(_: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """The answer to another node or a program."""
    assert isinstance(error, ComityError)
    return problem(status_of(error), error.code, error.where, error.why)


def tell_size(request: Request[Any, Any, Any], _: Exception) -> Response[bytes]:
    """The answer to another node, a program or the page of a notice that sent more than is taken."""
    told = problem(413, "http.413", "body", too_large(request))
    # The page of a notice may be a file, and has no origin then (``web.public``).
    told.headers["access-control-allow-origin"] = "*"
    return told


def too_large(request: Request[Any, Any, Any]) -> str:
    """How much was sent, where the sender said it, and how much is taken at this address."""
    limit = request.route_handler.resolve_request_max_body_size() or 0
    most = f"{limit * 1000 // 2**20 / 1000:.15g}"
    length = request.headers.get("content-length", "")
    if not (length.isascii() and length.isdigit() and len(length) < 20):
        return phrase("Too large: at most {} MB are taken here.", most)
    # Rounded up, and the limit down: what is a byte too long never reads as if it fitted.
    sent = f"{-(-int(length) * 10 // 2**20) / 10:.15g}"
    return phrase("Too large: {} MB, and at most {} MB are taken here.", sent, most)


def answer(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """The answer to a reader of pages, and to whatever no route takes."""
    if isinstance(error, ComityError):
        status = page_status_of(error)
        if status == 500:
            _LOG.error("what is stored here does not hold: %s", error)
        return problem_page(request, status, error.code, error.where, error.why)
    if isinstance(error, HTTPException):
        status = error.status_code
        if status < 500:
            why = NO_PAGE if status == 404 else too_large(request) if status == 413 else NO_WAY
            return problem_page(request, status, f"http.{status}", "", why)
    _LOG.error("a request failed", exc_info=error)
    if isinstance(error, ImportError):
        return problem_page(request, 503, "node.replaced", "", REPLACED)
    return problem_page(request, 500, "node.failed", "", "The node's own log says more.")
