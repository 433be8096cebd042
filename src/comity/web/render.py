"""Pages from templates, data as JSON, the stylesheet, and what is read from an address or a form.

Every value that enters a template is plain text: unseen characters are spelled out (``plain.show``) and
markup is escaped, always, by the environment and not by each template.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qsl

import jinja2
import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, RawBody
from markupsafe import Markup, escape

from comity.errors import Malformed
from comity.records import bodies
from comity.records.parties import grouped
from comity.web.headers import PLAIN
from comity.web.phrases import ENGLISH, Phrase, phrase, speech_of
from comity.web.plain import show
from comity.web.speaking import spoken_templates
from comity.web.words import name_record

__all__ = ["RawBody", "json_page", "page", "read_form", "show", "static_route", "whole_number"]

MOTTO = phrase("Intact and reproduced is not the same as true.")
_TIMES = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)Z")
ID = re.compile(r"[0-9a-f]{64}")

_STATIC = {"comity.css": "text/css", "story.js": "text/javascript", "files.js": "text/javascript"}


@jinja2.pass_context
def _finalize(context: jinja2.runtime.Context, value: Any) -> Any:
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return show(context["t"].only(value))


@jinja2.pass_context
def _said(context: jinja2.runtime.Context, message: str) -> Markup:
    """Words of a template in the reader's language, safe as text and within double quotes."""
    return Markup(str(escape(context["t"](message))).replace("&#39;", "'"))  # noqa: S704 - escaped just here


@jinja2.pass_context
def _figure(context: jinja2.runtime.Context, number: int) -> str:
    """A number as the reader's language groups its digits."""
    return context["t"].figure(f"{number:,}")  # type: ignore[no-any-return]


@jinja2.pass_context
def _kept(context: jinja2.runtime.Context, text: str) -> Markup:
    """What somebody typed, as it comes back in a form: to the letter, or other words would be signed. What
    is not seen in it is spelled out where it is only shown, in the review above all."""
    return escape(context["t"].only(text))


def _cap(text: str) -> str:
    return text[:1].upper() + text[1:]


def _instant(seconds: int | None) -> str:
    return "" if seconds is None else bodies.time_text(seconds)


@jinja2.pass_context
def _timed(context: jinja2.runtime.Context, text: str) -> Markup:
    """A sentence of this program, its instants written as pages write them, each whole on one line."""
    said = str(escape(show(context["t"].only(text))))
    return Markup(_TIMES.sub(r'<time dir="ltr" datetime="\g<0>">\1 \2 UTC</time>', said))  # noqa: S704 - escaped just here


def _read_static() -> dict[str, bytes]:
    folder = files("comity.web").joinpath("static")
    return {name: folder.joinpath(name).read_bytes() for name in _STATIC}


_FILES = _read_static()
_VERSIONS = {name: hashlib.sha256(data).hexdigest()[:12] for name, data in _FILES.items()}

_ENVIRONMENT = jinja2.Environment(
    loader=spoken_templates("comity.web"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    finalize=_finalize,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters |= {
    "instant": _instant,
    "group": grouped,
    "cap": _cap,
    "kept": _kept,
    "called": name_record,
    "timed": _timed,
}
_ENVIRONMENT.globals |= {"motto": MOTTO, "version": _VERSIONS, "said": _said, "figure": _figure}


def page(
    template: str,
    fields: Mapping[str, Any],
    *,
    status: int = 200,
    csp: str = PLAIN,
    request: Request[Any, Any, Any] | None = None,
) -> Response[bytes]:
    """A page as bytes. ``fields`` are what the template names, all of them; where they bring no speech ``t``,
    it is the one that the ``request`` asks for, else English."""
    speech = speech_of(request.headers.get("accept-language", "")) if request is not None else ENGLISH
    text = _ENVIRONMENT.get_template(template).render({"t": speech, **fields})
    return Response(
        text.encode("utf-8", "replace"),
        status_code=status,
        media_type="text/html",
        headers={"content-security-policy": csp},
    )


def _plain(value: Any) -> str:
    if isinstance(value, Phrase):
        return str(value)  # data speaks English, whoever asks
    raise TypeError(type(value))


def json_page(value: Any, *, status: int = 200) -> Response[bytes]:
    """The data behind a page, as one JSON document."""
    raw = msgspec.json.format(msgspec.json.encode(value, enc_hook=_plain), indent=1)
    return Response(raw + b"\n", status_code=status, media_type="application/json")


def static_route() -> HTTPRouteHandler:
    """The stylesheet and the one script: public, and the same for everyone."""

    @get("/static/{name:str}", sync_to_thread=False)
    def static_file(name: FromPath[str]) -> Response[bytes]:
        if name not in _FILES:
            raise Malformed("page.unknown", "static", "there is no such file")
        headers = {"cache-control": "public, max-age=31536000, immutable"}
        return Response(_FILES[name], media_type=_STATIC[name], headers=headers)

    return static_file


def whole_number(request: Request[Any, Any, Any], name: str, default: int, limit: int) -> int:
    """A query parameter as a number from 0 to ``limit``; ``Malformed`` for anything else."""
    text = request.query_params.get(name, "")
    if not text:
        return default
    if not re.fullmatch(r"[0-9]{1,16}", text) or int(text) > limit:
        raise Malformed("page.number", name, phrase("it is a whole number from 0 to {}", f"{limit:,}"))
    return int(text)


def instant_of(request: Request[Any, Any, Any], name: str) -> int | None:
    """A query parameter as an instant in seconds since 1970 UTC; None where it is absent, ``Malformed`` for
    anything but the one form that records use."""
    text = request.query_params.get(name, "")
    try:
        return bodies.parse_time(text, name) if text else None
    except Malformed:
        raise Malformed(
            "page.instant", name, phrase("it is an instant, written as {}", "2026-10-20T12:00:00Z")
        ) from None


def text_of(request: Request[Any, Any, Any], name: str, limit: int = 200) -> str:
    """A query parameter as text of at most ``limit`` characters; ``Malformed`` if it is longer."""
    text = str(request.query_params.get(name, ""))
    if len(text) > limit:
        raise Malformed("page.text", name, phrase("it has at most {} characters", limit))
    return text


def full_id(text: str, where: str) -> str:
    """64 hex digits, checked before anything is looked up; ``Malformed`` otherwise."""
    if not ID.fullmatch(text):
        raise Malformed("page.id", where, "an id is 64 hex digits, in lower case")
    return text


def read_form(body: bytes) -> dict[str, str]:
    """The fields of a small form; ``Malformed`` where it is none."""
    try:
        return dict(parse_qsl(body.decode("ascii"), max_num_fields=20, strict_parsing=True))
    except ValueError:
        raise Malformed("page.form", "form", "not the fields of a form") from None
