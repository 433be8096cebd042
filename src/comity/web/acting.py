"""Routes that act: signing in, forms, the review of the exact record, and signing it.

Nothing here works without a session (``web.sessions``), and nothing is signed that was not shown first: the
review carries a digest of what it showed, and signing compares it with what would be signed now. Every page
works without scripts; a form that cannot be taken comes back with everything that was typed.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, RawBody

from comity.errors import ComityError, Malformed, NotVerified, Refused
from comity.exchange import matching, proposing
from comity.exchange.node import Node
from comity.exchange.notices.links import make_link, revoke_link
from comity.exchange.rehearsing import Rehearsal, rehearse, sign_as_seen
from comity.records import bodies, kinds
from comity.web import (
    entry,
    faults,
    forms_of_actions,
    forms_of_approvals,
    forms_of_claims,
    forms_of_consultation,
    forms_of_custody,
    forms_of_disclosures,
    forms_of_evidence,
    forms_of_findings,
    forms_of_matching,
    forms_of_members,
    forms_of_notices,
    forms_of_procedure,
    forms_of_receipts,
    forms_of_requests,
    forms_of_statements,
    render,
)
from comity.web.chrome import Chrome
from comity.web.desk import Desk
from comity.web.forms import ActForm, Form, Making, Shown, errors_of, marking_of
from comity.web.forms_of_assessments import Knowledge, assess_form
from comity.web.matching_views import view_matching
from comity.web.phrases import phrase
from comity.web.posting import require_own, same_site, session_of
from comity.web.reading import Reading
from comity.web.reasons import explain
from comity.web.sessions import Session, Sessions, act_cookie
from comity.web.typed import FORM_LIMIT, NotTaken, Typed, Wrong
from comity.web.wording import flag_wording
from comity.web.words import MARKINGS

_Ask = Request[Any, Any, Any]

FORMS: dict[str, ActForm] = {
    form.name: form
    for form in (
        *forms_of_requests.FORMS,
        *forms_of_claims.FORMS,
        *forms_of_notices.FORMS,
        *forms_of_evidence.FORMS,
        *forms_of_disclosures.FORMS,
        *forms_of_approvals.FORMS,
        *forms_of_receipts.FORMS,
        *forms_of_custody.FORMS,
        *forms_of_findings.FORMS,
        *forms_of_matching.FORMS,
        *forms_of_members.FORMS,
        *forms_of_procedure.FORMS,
        *forms_of_statements.FORMS,
        *forms_of_actions.FORMS,
        *forms_of_consultation.FORMS,
    )
}

CHANGED = phrase("What would be signed, or who would read it, has changed. This is what it is now.")
NOT_HELD = Wrong(
    field="",
    why=phrase("This review is kept no longer. Go back in the browser to what you typed and send it again."),
)
_OWN = ("csrf", "step", "seen", "once", "laid-out")
LOOKED_AT = 60
"""Fields of a form among which the one is looked for that names what is not there."""
_MORE = re.compile(r"more:([a-z0-9-]{1,40})=([0-9]{1,3})")


def sign_in_routes(node: Node, token: str | None, sessions: Sessions) -> list[HTTPRouteHandler]:
    """The way in for whoever was given a key. It is open to all, and opens nothing without one."""

    @get("/sign-in", sync_to_thread=True)
    def sign_in_page(request: _Ask) -> Response[bytes]:
        # Asking uses nothing up: what looks at links before people do must not spend the key.
        key = render.text_of(request, "key")
        if not key or token is None or not sessions.offered:
            return closed(request, "A key is needed to sign in, and this address carries none.")
        fields = {"title": phrase("Sign in to act"), "key": key, "party": node.party.card.name}
        return render.page("sign_in.html", fields, request=request)

    @post("/sign-in", sync_to_thread=True, request_max_body_size=4096, status_code=303)
    def sign_in(request: _Ask, body: RawBody) -> Response[bytes]:
        word = sessions.begin(Typed.read(body).one("key")) if same_site(request) and token else None
        if word is None or token is None:
            return closed(request, "This key was used already, has ended, or is not one of this node.")
        party = node.party.id
        # HttpOnly and Strict: no script reads them, and no link or form of another site carries them here.
        reading = Cookie(
            key=entry.cookie_name(party),
            value=entry.cookie_value(token),
            max_age=2_592_000,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        acting = Cookie(
            key=act_cookie(party),
            value=word,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        return Response(b"", status_code=303, headers={"location": "/"}, cookies=[reading, acting])

    return [sign_in_page, sign_in]


def require_session(sessions: Sessions) -> Callable[[_Ask], Awaitable[Response[bytes] | None]]:
    """A check before every page that acts. What was typed into a form is given back with the refusal."""

    async def check(request: _Ask) -> Response[bytes] | None:
        if request.method != "GET" and not same_site(request):
            return closed(request, "This form was sent from a page of another site.")
        if sessions.of(request) is None:
            why = "You are not signed in, or the session has ended; what was signed before stands."
            return closed(request, why, request.url.path, await _typed_before(request))
        return None

    return check


async def _typed_before(request: _Ask) -> tuple[tuple[str, str], ...]:
    """The fields of a form that comes too late, so that it can be sent once more; none of one with files."""
    length = request.headers.get("content-length", "")
    small = length.isascii() and length.isdigit() and len(length) < 9 and int(length) <= FORM_LIMIT
    kind = request.headers.get("content-type", "")
    if request.method == "GET" or not small or not kind.startswith("application/x-www-form-urlencoded"):
        return ()
    try:
        return Typed.read(await request.body()).kept("csrf", "step", "seen", "once")
    except Malformed:
        return ()


def closed(
    request: _Ask, why: str, action: str = "", kept: tuple[tuple[str, str], ...] = ()
) -> Response[bytes]:
    """A page that says how to sign in, and keeps what was typed."""
    fields = {"title": phrase("Sign in to act"), "why": phrase(why), "action": action, "kept": kept}
    return render.page("act_closed.html", fields, status=403, request=request)


def act_routes(node: Node, chrome: Chrome, knowledge: Knowledge | None = None) -> list[HTTPRouteHandler]:
    """Every page that acts, and leaving. ``knowledge`` gives the reports that an assessment may rest on."""
    sessions = chrome.sessions
    forms = {**FORMS, "assess": assess_form(knowledge)}

    @post("/sign-out", sync_to_thread=True, request_max_body_size=4096, status_code=303)
    def sign_out(request: _Ask, body: RawBody) -> Response[bytes]:
        require_own(Typed.read(body), session_of(sessions, request))
        sessions.end(request)
        return Response(b"", status_code=303, headers={"location": "/"})

    @get("/act/{case:str}/{name:str}", sync_to_thread=True)
    def fresh(request: _Ask, case: FromPath[str], name: FromPath[str]) -> Response[bytes]:
        form = _form(forms, name)
        desk = Desk(node, node.find_case(render.full_id(case, "case")))
        asked = Typed((str(k), str(v)) for k, v in request.query_params.multi_items())
        if word := asked.one("held"):
            # What was sent, as an address of its own: gone back to and forth again, it is as it was.
            session = session_of(sessions, request)
            if word in session.forms:
                return _see(session.forms[word])
            held = session.held(request.url.path, word)
            if held is not None:
                return taken(request, case, form, session, Typed(held), word)
            return _show(chrome, request, desk, form, Typed(asked.kept("held")), (NOT_HELD,))
        return _show(chrome, request, desk, form, asked)

    @post(
        "/act/{case:str}/{name:str}", sync_to_thread=True, request_max_body_size=FORM_LIMIT, status_code=200
    )
    def sent(request: _Ask, case: FromPath[str], name: FromPath[str], body: RawBody) -> Response[bytes]:
        form = _form(forms, name)
        session = session_of(sessions, request)
        typed = Typed.read(body)
        step = typed.one("step")
        try:
            require_own(typed, session)
        except Malformed as error:
            # Made in a session that ended: laid out anew with all that was typed, and signed by nobody.
            desk = Desk(node, node.find_case(render.full_id(case, "case")))
            wrong = () if step == "edit" else (wrong_of(error),)
            return _show(chrome, request, desk, form, typed, wrong)
        if step != "sign":
            word = session.hold(request.url.path, typed.kept("csrf", "seen", "once"))
            return _see(f"{request.url.path}?held={word}")
        with session.signing:
            once = typed.one("once")
            if once and once in session.forms:
                return _see(session.forms[once])  # sent twice: signed once
            return taken(request, case, form, session, typed)

    def taken(
        request: _Ask, case: str, form: ActForm, session: Session, typed: Typed, word: str = ""
    ) -> Response[bytes]:
        """A form that was sent; ``word`` is what it is kept under."""
        step, once, marking = typed.one("step"), typed.one("once"), marking_of(typed)
        desk = Desk(node, node.find_case(render.full_id(case, "case")))
        if (more := _MORE.fullmatch(step)) is not None:
            typed = typed.with_field(more[1], more[2])
            return _show(chrome, request, desk, form, typed)
        if step == "edit":
            return _show(chrome, request, desk, form, typed)
        try:
            if step == "fill" and form.fill is not None:
                return _show(chrome, request, desk, form, form.fill(desk, typed))
            making = form.take(desk, typed)
            if making.propose is not None:
                return propose(request, desk, form, typed, making, word)
            if step == "sign":
                marking = None if making.everyone else marking
                done = sign_as_seen(node, desk.case, making.act, typed.one("seen"), making.agreed, marking)
                if not isinstance(done, Rehearsal):
                    link = f"/record/{done.value.id}?signed=1"
                    session.remember(once, link)
                    return _see(link)
                return _review(chrome, request, desk, form, typed, making, done, CHANGED)
            found = rehearse(node, desk.case, making.act)
        except NotTaken as error:
            return _show(chrome, request, desk, form, typed, error.wrong)
        except NotVerified:
            raise
        except (ComityError, bodies.Unwritable) as error:
            return _show(chrome, request, desk, form, typed, (wrong_of(error),))
        return _review(chrome, request, desk, form, typed, making, found, word=word)

    def propose(
        request: _Ask, desk: Desk, form: ActForm, typed: Typed, making: Making, word: str
    ) -> Response[bytes]:
        assert making.propose is not None
        found = proposing.sketch(node, desk.case, making.propose.draft)
        changed = ""
        if typed.one("step") == "sign":
            if typed.one("seen") == found.digest:
                made = proposing.propose(node, desk.case, making.propose.seal, making.propose.draft)
                link = f"/case/{desk.case}/approvals/{made}"
                session_of(sessions, request).remember(typed.one("once"), link)
                return _see(link)
            changed = CHANGED
        return _review(chrome, request, desk, form, typed, making, found, changed, word)

    @post("/act/{case:str}/match-read", sync_to_thread=True, request_max_body_size=4096, status_code=303)
    def match_read(request: _Ask, case: FromPath[str], body: RawBody) -> Response[bytes]:
        typed = Typed.read(body)
        require_own(typed, session_of(sessions, request))
        found = node.find_case(render.full_id(case, "case"))
        try:
            matching.read_answer(node, found, render.full_id(typed.one("ask"), "ask"))
        except ComityError as error:
            view = view_matching(Reading(node, found))
            why = wrong_of(error).why
            return chrome.answer(
                request, "matching.html", view, phrase("Private matching"), status=422, problem=why
            )
        return _see(f"/case/{found}/matching")

    @post("/act/{case:str}/notice-link", sync_to_thread=True, request_max_body_size=4096, status_code=303)
    def notice_link(request: _Ask, case: FromPath[str], body: RawBody) -> Response[bytes]:
        typed = Typed.read(body)
        require_own(typed, session_of(sessions, request))
        found = node.find_case(render.full_id(case, "case"))
        record = render.full_id(typed.one("notice"), "notice")
        if typed.one("step") == "revoke":
            revoke_link(node, found, record)
        else:
            make_link(node, found, record)
        return _see(f"/record/{record}#addressee")

    return [sign_out, fresh, sent, match_read, notice_link]


def _form(forms: Mapping[str, ActForm], name: str) -> ActForm:
    if name not in forms:
        raise Malformed("page.unknown", "act", "there is no such act")
    return forms[name]


def _see(link: str) -> Response[bytes]:
    return Response(b"", status_code=303, headers={"location": link})


def wrong_of(error: ComityError | bodies.Unwritable) -> Wrong:
    """An error of the verb itself, as a mistake of no one field."""
    where = f", {error.where}" if isinstance(error, ComityError) and error.where else ""
    return Wrong(field="", why=phrase("{} [{}]", explain(error.code, error.why), f"{error.code}{where}"))


def _show(
    chrome: Chrome,
    request: _Ask,
    desk: Desk,
    form: ActForm,
    typed: Typed,
    wrong: tuple[Wrong, ...] = (),
) -> Response[bytes]:
    try:
        laid_out = form.lay_out(desk, typed)
    except (Refused, Malformed) as error:
        if not typed.said("step"):
            raise  # an address that leads nowhere
        less = _without_what_is_wrong(desk, form, typed)
        if less is None:
            return faults.problem_page(request, 422, error.code, error.where, error.why)
        name, typed, laid_out = less
        wrong = (Wrong(field=name, why=wrong_of(error).why),)
    fields = {field.name for section in laid_out.sections for field in section.fields}
    shown = Shown(
        form=laid_out,
        action=f"/act/{desk.case}/{form.name}",
        hidden=tuple((n, t) for n, t in typed.kept(*_OWN) if n not in fields),
        wrong=wrong,
        errors=errors_of(wrong),
        case_title=desk.reading.title,
        case_link=f"/case/{desk.case}",
    )
    heading = phrase(laid_out.title)
    if wrong:
        heading = phrase("Not taken yet: {}", heading)
    return chrome.answer(request, "act_form.html", shown, heading, status=422 if wrong else 200)


def _without_what_is_wrong(desk: Desk, form: ActForm, typed: Typed) -> tuple[str, Typed, Form] | None:
    """The form without the one field that keeps it from being laid out, as a choice that was never offered,
    and the name of that field; None where it is not one alone."""
    for name in list(dict.fromkeys(n for n, _ in typed.pairs if n not in _OWN))[:LOOKED_AT]:
        less = Typed(typed.kept(name))
        try:
            return name, less, form.lay_out(desk, less)
        except (Refused, Malformed):
            continue
    return None


def _review(
    chrome: Chrome,
    request: _Ask,
    desk: Desk,
    form: ActForm,
    typed: Typed,
    making: Making,
    found: Rehearsal,
    changed: str = "",
    word: str = "",
) -> Response[bytes]:
    laid_out = form.lay_out(desk, typed)
    view = {
        **review_fields(desk, laid_out, making, found, marking_of(typed)),
        "action": f"/act/{desk.case}/{form.name}",
        "hidden": typed.kept("csrf", "step", "seen", "once", "marking"),
        "once": word or secrets.token_hex(16),
        "changed": changed,
        "case_title": desk.reading.title,
        "case_link": f"/case/{desk.case}",
    }
    title = phrase("Before you sign: {}", phrase(laid_out.title))
    return chrome.answer(request, "act_review.html", view, title)


def review_fields(
    desk: Desk, laid_out: Form, making: Making, found: Rehearsal, marking: kinds.Marking | None = None
) -> dict[str, object]:
    """What a review shows of the record that would be signed, and of who would read it. ``marking`` is what
    was chosen for it so far: it can be chosen where not everybody reads the record, and it is signed next."""
    audience = found.frame.audience
    everyone = making.everyone or kinds.PUBLIC in audience
    return {
        "form": laid_out,
        "making": making,
        "outcome": making.outcome(bodies.parse_content(found.frame.kind, found.content))
        if making.outcome
        else (),
        "wording": flag_wording(making.wording) if making.wording and making.wording.sentences else None,
        "seen": making.agreed or found.digest,
        "needed": making.propose.needed if making.propose else 0,
        "kind": found.frame.kind,
        "by": desk.reading.who(desk.own),
        "everyone": everyone,
        "readers": desk.reading.whos(a for a in audience if a != desk.own),
        "marking": found.frame.marking if everyone or marking is None else marking,
        "markings": () if everyone or making.propose else tuple(MARKINGS.items()),
        "references": desk.reading.refs(r for r in found.frame.references if not r.startswith("t:")),
        "content": msgspec.json.format(found.content, indent=2).decode(),
        "size": len(found.content),
    }
