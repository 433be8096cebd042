"""What every form that is sent has to show: that a session is open, and that the form was made for it."""

from __future__ import annotations

import hmac
from typing import Any

from litestar import Request

from comity.errors import Malformed
from comity.web.sessions import Session, Sessions
from comity.web.typed import Typed


def session_of(sessions: Sessions, request: Request[Any, Any, Any]) -> Session:
    """The session of whoever asks; ``Malformed`` (``page.session``) where it has ended."""
    found = sessions.of(request)
    if found is None:
        raise Malformed(
            "page.session", "", "the session has ended; sign in again and send the form once more"
        )
    return found


def require_own(typed: Typed, session: Session) -> None:
    """Return only if the form was made for this session; ``Malformed`` (``page.form-session``) otherwise."""
    if not hmac.compare_digest(typed.one("csrf").encode("utf-8", "surrogatepass"), session.csrf.encode()):
        why = "this form was made for another session; open it again, and nothing was signed by it"
        raise Malformed("page.form-session", "form", why)


def same_site(request: Request[Any, Any, Any]) -> bool:
    """Whether the browser says that the page which sent this is of this site, where it says anything."""
    return request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
