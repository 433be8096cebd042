"""Who may see the pages: whoever came once with the token that the node's starter was given.

The token in an address becomes a cookie and goes from the address at once. The cookie holds not the
token but what follows from it, and bears the party's name, so that nodes on one host do not take
each other's; browsers do send it to other ports of that host, and that is all it opens.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response

from comity.errors import Refused
from comity.web import faults, render, words
from comity.web.phrases import phrase


def cookie_name(party: str) -> str:
    """The name of the cookie of one party's node."""
    return f"comity-{party[:12]}"


def cookie_value(token: str) -> str:
    """What the cookie holds: a keyed hash, which does not give the token back."""
    return hmac.new(token.encode(), b"comity/web/cookie", hashlib.sha256).hexdigest()


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), wanted.encode())


def require_token(
    token: str | None, name: Callable[[], str]
) -> Callable[[Request[Any, Any, Any]], Response[bytes] | None]:
    """A check before every page. Without a token (None) no page is shown to anyone.

    ``name`` gives the cookie's name, once the party is known.
    """
    if token is not None and len(token) < 16:
        raise Refused("token.short", "token", "the token of the pages has at least 16 characters")

    def check(request: Request[Any, Any, Any]) -> Response[bytes] | None:
        if token is None:
            return _closed(request, words.ENTRIES["none"])
        given = request.query_params.get("token")
        if given is not None:
            if not _same(str(given), token):
                return _closed(request, words.ENTRIES["other"])
            return _let_in(request, name(), cookie_value(token))
        if _same(request.cookies.get(name(), ""), cookie_value(token)):
            return None
        return _closed(request, words.ENTRIES["closed"])

    return check


def _let_in(request: Request[Any, Any, Any], name: str, value: str) -> Response[bytes]:
    # One slash at the front, so that the address stays on this host whatever the path looks like.
    path = "/" + request.url.path.lstrip("/\\")
    rest = urlencode([(k, v) for k, v in request.query_params.multi_items() if k != "token"])
    cookie = f"{name}={value}; HttpOnly; SameSite=Strict; Path=/; Max-Age=2592000"
    if request.url.scheme == "https":
        cookie += "; Secure"
    headers = {"location": f"{path}?{rest}" if rest else path, "set-cookie": cookie}
    return Response(b"", status_code=303, headers=headers)


def _closed(request: Request[Any, Any, Any], why: str) -> Response[bytes]:
    if request.url.path.endswith(".json"):
        return faults.problem(403, "page.token", "", str(why))
    return render.page(
        "entry.html", {"title": phrase("Not open to you"), "why": why}, status=403, request=request
    )
