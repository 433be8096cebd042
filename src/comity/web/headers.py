"""What every answer says to the browser: nothing from elsewhere, no scripts, no frames, no guessing."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

from litestar import Request, Response
from litestar.types import Message, Scope

_BASE = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
PLAIN = _BASE
SCRIPTED = f"{_BASE}; script-src 'self'; connect-src 'self'"
"""For the story page alone, which adds lines as they come."""

_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)

ALWAYS = (*_ALWAYS, (b"content-security-policy", PLAIN.encode()), (b"cache-control", b"no-store"))
"""What is added where an answer does not say it itself."""


async def secure(message: Message, _: Scope) -> None:
    """Add the headers that are missing, to pages, files and errors alike."""
    if message["type"] != "http.response.start":
        return
    there = {name.lower() for name, _ in message["headers"]}
    message["headers"] = [*message["headers"], *(pair for pair in ALWAYS if pair[0] not in there)]


def only_hosts(names: Sequence[str]) -> Callable[[Request[Any, Any, Any]], Response[bytes] | None]:
    """A check that lets pass numeric addresses, ``localhost`` and these names, in the Host header."""
    allowed = {"localhost", *(n.lower() for n in names)}

    def check(request: Request[Any, Any, Any]) -> Response[bytes] | None:
        host = _host_of(request.headers.get("host", ""))
        if host in allowed or _numeric(host):
            return None
        text = b"This address is not one that these pages are shown under.\n"
        return Response(text, status_code=403, media_type="text/plain")

    return check


def _host_of(header: str) -> str:
    try:
        return (urlsplit(f"//{header}").hostname or "").lower()
    except ValueError:
        return ""


def _numeric(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
