"""Routes of the parties that a node knows: the list, learning another's card, noting whose key it is.

A card proves that one key signed it and nothing about whose key that is; so a card is read out before it is
kept, with the fingerprint that somebody has to compare by another way. None of this signs a record.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
from collections.abc import Callable
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import RawBody
from multipart import MultipartError, MultipartParser, parse_options_header

from comity.errors import ComityError, Malformed, Refused
from comity.exchange import confirming, delivery
from comity.exchange.node import Node, PartyFile, parse_party_file
from comity.records.parties import Party
from comity.web import render
from comity.web.acting import wrong_of
from comity.web.chrome import Chrome
from comity.web.forms import Choice, Field, Form, Section, Shown, errors_of, line, radio
from comity.web.party_views import view_parties, view_party
from comity.web.phrases import phrase
from comity.web.posting import require_own, session_of
from comity.web.reading import Names
from comity.web.reasons import explain
from comity.web.sessions import Session
from comity.web.typed import Checking, NotTaken, Typed, Wrong
from comity.web.words import WAYS

AskCard = Callable[[str], bytes]
"""What the node at an address gives as its party's card and key records; raises where it does not."""
LIMIT: Final = 1 << 20
"""Bytes of a form with a card in it."""

_Ask = Request[Any, Any, Any]
_ADDRESS = re.compile(r"https?://[^\s/?#@]+(/[^\s?#]*)?")


def party_routes(node: Node, chrome: Chrome) -> list[HTTPRouteHandler]:
    """Whom this node knows, for whoever may read its pages."""

    @get("/parties", sync_to_thread=True)
    def known(request: _Ask) -> Response[bytes]:
        kept = render.text_of(request, "kept", 64)
        view = view_parties(node)
        known_here = kept in {line.who.id for line in view.others}
        return chrome.answer(
            request, "parties.html", view, phrase("Parties"), kept=kept if known_here else ""
        )

    @get("/parties.json", sync_to_thread=True)
    def known_json(request: _Ask) -> Response[bytes]:
        return chrome.answer(request, "parties.html", view_parties(node), phrase("Parties"), is_json=True)

    return [known, known_json]


def learning_routes(node: Node, chrome: Chrome, ask: AskCard | None) -> list[HTTPRouteHandler]:
    """Learning a card, and noting whose key it is. ``ask`` reaches other nodes; without it only files."""
    sessions = chrome.sessions

    def lay_out(request: _Ask, typed: Typed, wrong: tuple[Wrong, ...] = ()) -> Response[bytes]:
        view = {"typed": typed, "wrong": wrong, "errors": errors_of(wrong), "can_ask": ask is not None}
        title = phrase("Learn a party's card")
        heading = phrase("Not taken yet: {}", title) if wrong else title
        return chrome.answer(request, "learn.html", view, heading, status=422 if wrong else 200)

    def read_out(
        request: _Ask, typed: Typed, file: PartyFile, party: Party, wrong: tuple[Wrong, ...] = ()
    ) -> Response[bytes]:
        view = {
            "line": view_party(node, Names(node), party),
            "known": party.id in node.parties(),
            "card": base64.b64encode(file.render()).decode(),
            "wrong": wrong,
            "errors": errors_of(wrong),
            "compared": _expected(typed) == party.id,
            "section": Section(title="Whose key it is", fields=_way_fields(typed)),
        }
        return chrome.answer(
            request, "learned.html", view, phrase("Before you keep it"), status=422 if wrong else 200
        )

    @get("/parties/learn", sync_to_thread=True)
    def fresh(request: _Ask) -> Response[bytes]:
        return lay_out(request, Typed((str(k), str(v)) for k, v in request.query_params.multi_items()))

    @post("/parties/learn", sync_to_thread=True, request_max_body_size=LIMIT, status_code=303)
    def brought(request: _Ask, body: RawBody) -> Response[bytes]:
        session = session_of(sessions, request)
        typed, raw = _read_form(request.headers.get("content-type", ""), body)
        check = Checking(typed)
        try:
            _require_own(typed, session)
            file = _take_file(check, typed, raw, ask)
            party = _take_party(check, node, file)
            _compare(check, party)
        except NotTaken as error:
            return lay_out(request, typed, error.wrong)
        if typed.one("step") != "keep":
            return read_out(request, typed, file, party)
        try:
            way, note = _take_way(typed)
        except NotTaken as error:
            return read_out(request, typed, file, party, error.wrong)
        delivery.learn_party(node, file)
        if way:
            confirming.confirm(node, party.id, way, note)  # type: ignore[arg-type]  # one of WAYS
        return _see(f"/parties?kept={party.id}#p{party.id[:12]}")

    def lay_out_way(
        request: _Ask, party: str, typed: Typed, wrong: tuple[Wrong, ...] = ()
    ) -> Response[bytes]:
        found = node.author(party)
        form = Form(
            title=phrase("Whose key it is: {}", found.card.name),
            lead="A name in a card proves nothing. What you note here stays in this node and changes nothing "
            "that others see.",
            sections=(Section(title="How it was learned", fields=_way_fields(typed)),),
            button="Keep this note",
        )
        view = {
            "shown": Shown(
                form=form, action="/parties/confirm", hidden=(), wrong=wrong, errors=errors_of(wrong)
            ),
            "line": view_party(node, Names(node), found),
        }
        return chrome.answer(request, "confirm.html", view, phrase(form.title), status=422 if wrong else 200)

    @get("/parties/confirm", sync_to_thread=True)
    def confirm_page(request: _Ask) -> Response[bytes]:
        party = _other(node, render.text_of(request, "party", 64))
        held = confirming.authentication(node, party).confirmed
        typed = Typed()
        if held:
            typed = typed.with_field("way", held.way).with_field("note", held.note)
        return lay_out_way(request, party, typed)

    @post("/parties/confirm", sync_to_thread=True, request_max_body_size=LIMIT, status_code=303)
    def confirmed(request: _Ask, body: RawBody) -> Response[bytes]:
        session = session_of(sessions, request)
        typed = Typed.read(body)
        party = _other(node, typed.one("party"))
        try:
            _require_own(typed, session)
            way, note = _take_way(typed)
        except NotTaken as error:
            return lay_out_way(request, party, typed, error.wrong)
        if way:
            confirming.confirm(node, party, way, note)  # type: ignore[arg-type]  # one of WAYS
        else:
            confirming.unconfirm(node, party)
        return _see(f"/parties#p{party[:12]}")

    return [fresh, brought, confirm_page, confirmed]


def _see(link: str) -> Response[bytes]:
    return Response(b"", status_code=303, headers={"location": link})


def _require_own(typed: Typed, session: Session) -> None:
    """As ``require_own``; what was typed in a session that ended is laid out anew, and kept by nobody."""
    try:
        require_own(typed, session)
    except Malformed as error:
        raise NotTaken((wrong_of(error),)) from None


def _other(node: Node, text: str) -> str:
    party = render.full_id(text, "party")
    if party not in node.parties() or party == node.party.id:
        raise Refused("party.unknown", party[:12], "no other party of this id is known here")
    return party


def _way_fields(typed: Typed) -> tuple[Field, ...]:
    choices = (
        Choice(value="", words=phrase("not yet")),
        *(Choice(value=value, words=words) for value, words in WAYS.items()),
    )
    return (
        radio(
            typed,
            "way",
            "How it was confirmed that the key is theirs",
            choices,
            hint="Call a number you had before and have the fingerprint read to you; find it where the "
            "office publishes it; or ask a directory.",
        ),
        line(typed, "note", "Who, when, which number or place", hint="Kept here only."),
    )


def _take_way(typed: Typed) -> tuple[str, str]:
    check = Checking(typed)
    way = check.choice("way", "how it was confirmed", WAYS, required=False)
    note = check.line("note", "who, when and where", limit=500)
    if note and not way:
        check.refuse("way", phrase("Choose how it was confirmed, or leave the note empty."))
    check.done()
    return way, note


def _read_form(content_type: str, body: bytes) -> tuple[Typed, bytes]:
    """The fields of the form, and the file in it (empty where there is none)."""
    kind, options = parse_options_header(content_type)
    if kind != "multipart/form-data" or not options.get("boundary"):
        return Typed.read(body), b""
    try:
        parts = list(
            MultipartParser(io.BytesIO(body), options["boundary"], spool_limit=LIMIT, memory_limit=2 * LIMIT)
        )
        typed = Typed((part.name, part.value) for part in parts if not part.filename)
    except (MultipartError, UnicodeDecodeError) as error:
        raise Malformed("page.form", "form", f"not a whole form: {error}") from None
    return typed, next((part.raw for part in parts if part.name == "file" and part.filename), b"")


def _take_file(check: Checking, typed: Typed, raw: bytes, ask: AskCard | None) -> PartyFile:
    """The card that was chosen, is carried along, or is asked of an address."""
    carried, address = typed.one("card"), typed.one("address")
    try:
        if raw:
            return parse_party_file(raw, "file")
        if carried:
            return parse_party_file(base64.b64decode(carried, validate=True), "card")
        if not address:
            check.refuse("address", phrase("Give the address of its node, or choose its card as a file."))
        elif not _ADDRESS.fullmatch(address) or len(address) > 200:
            check.refuse(
                "address", phrase("Write the address as https://… or http://…, without a question mark.")
            )
        elif ask is None:
            check.refuse("address", phrase("This node does not ask others here; choose the card as a file."))
        else:
            return parse_party_file(ask(address.rstrip("/")), address)
    except binascii.Error:
        check.refuse("address", phrase("What was carried along is no card; begin again."))
    except ComityError as error:
        _refuse_card(check, "file" if raw else "address", error)
    raise NotTaken(check.wrong)


def _take_party(check: Checking, node: Node, file: PartyFile) -> Party:
    try:
        party = delivery.check_party(node, file)
    except ComityError as error:
        _refuse_card(check, "address", error)
        raise NotTaken(check.wrong) from None
    if party.id == node.party.id:
        check.refuse("address", phrase("This is this node's own card."))
    check.done()
    return party


def _refuse_card(check: Checking, field: str, error: ComityError) -> None:
    check.refuse(field, phrase("No card could be taken. {} [{}]", explain(error.code, error.why), error.code))


def _expected(typed: Typed) -> str:
    return re.sub(r"[\s:]", "", typed.one("expected")).lower()


def _compare(check: Checking, party: Party) -> None:
    expected = _expected(check.typed)
    if expected and expected != party.id:
        why = phrase("The card is of another party: its fingerprint begins {}.", party.id[:16])
        check.refuse("expected", why)
    check.done()
