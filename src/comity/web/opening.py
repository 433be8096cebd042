"""Opening a case in the pages: the form, the exact record that opens it, and the signature.

A case has no id before its key is made, so the key is made for the review, waits in this process alone, and
is the one under which the very record that was shown is signed.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import RawBody

from comity.case.party_keys import witness_keys
from comity.case.verified import Verified
from comity.errors import ComityError, Malformed
from comity.exchange import acts
from comity.exchange.node import Node
from comity.exchange.policies import case_policy
from comity.exchange.rehearsing import Rehearsal, rehearse, sign_as_seen
from comity.exchange.stamping import keep_certificate, read_certificates
from comity.ledger import stamps
from comity.ledger.policy import parse_policy
from comity.records import bodies
from comity.records.bundles import Record
from comity.records.kinds import Authority, Policy, Witness
from comity.records.parties import Party, grouped
from comity.web.acting import CHANGED, review_fields, wrong_of
from comity.web.chrome import Chrome
from comity.web.desk import Desk
from comity.web.forms import (
    Choice,
    Form,
    Making,
    Section,
    Shown,
    Told,
    checks,
    errors_of,
    line,
    marking_of,
    pick,
    text,
)
from comity.web.phrases import joined, phrase
from comity.web.posting import require_own, session_of
from comity.web.reasons import explain
from comity.web.typed import FORM_LIMIT, Checking, NotTaken, Typed, Wrong

_Ask = Request[Any, Any, Any]
_KEYS = 64
"""Keys of reviews at once; the oldest is forgotten first, and its review shown anew."""
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ALONE = (
    "Nobody but this party is named to prove time, and its own word never counts for what it signs: no time "
    "of its records will be proven."
)


def opening_routes(node: Node, chrome: Chrome) -> list[HTTPRouteHandler]:
    """The form, its review and the signature."""
    sessions = chrome.sessions
    keys: dict[str, bytes] = {}

    def key_of(once: str) -> bytes:
        return keys.get(once) or node.effects.random(32)

    def keep(once: str, key: bytes) -> None:
        with node.lock:
            keys[once] = key
            while len(keys) > _KEYS:
                del keys[next(iter(keys))]

    def show(request: _Ask, typed: Typed, wrong: tuple[Wrong, ...] = ()) -> Response[bytes]:
        form = _lay_out(node, typed)
        shown = Shown(
            form=form,
            action="/open-case",
            hidden=tuple((n, text) for n, text in typed.pairs if n == "marking"),
            wrong=wrong,
            errors=errors_of(wrong),
            case_link="/",
        )
        heading = phrase(form.title)
        heading = phrase("Not taken yet: {}", heading) if wrong else heading
        return chrome.answer(request, "act_form.html", shown, heading, status=422 if wrong else 200)

    def review(
        request: _Ask, typed: Typed, making: Making, found: Rehearsal, key: bytes, changed: str = ""
    ) -> Response[bytes]:
        once = secrets.token_hex(16)
        keep(once, key)
        view = {
            **review_fields(
                Desk(node, found.frame.case), _lay_out(node, typed), making, found, marking_of(typed)
            ),
            "action": "/open-case",
            "hidden": typed.kept("csrf", "step", "seen", "once", "marking"),
            "once": once,
            "changed": changed,
            "case_title": "",
            "case_link": "/",
        }
        return chrome.answer(
            request, "act_review.html", view, phrase("Before you sign: {}", phrase("Open a case"))
        )

    @get("/open-case", sync_to_thread=True)
    def fresh(request: _Ask) -> Response[bytes]:
        return show(request, Typed())

    @post("/open-case", sync_to_thread=True, request_max_body_size=FORM_LIMIT, status_code=200)
    def sent(request: _Ask, body: RawBody) -> Response[bytes]:
        session = session_of(sessions, request)
        typed = Typed.read(body)
        try:
            require_own(typed, session)
        except Malformed as error:
            # Made in a session that ended: laid out anew with all that was typed, and signed by nobody.
            return show(request, typed, (wrong_of(error),))
        once, marking = typed.one("once"), marking_of(typed)
        if once and once in session.forms:
            return Response(b"", status_code=303, headers={"location": session.forms[once]})
        if typed.one("step") == "edit":
            return show(request, typed)
        try:
            making = _take(node, typed, key := key_of(once))
            case = acts.case_under(node, key)
            if typed.one("step") != "sign":
                return review(request, typed, making, rehearse(node, case, making.act), key)
            done = sign_as_seen(node, case, making.act, typed.one("seen"), marking=marking)
        except NotTaken as error:
            return show(request, typed, error.wrong)
        except (ComityError, bodies.Unwritable) as error:
            return show(request, typed, (wrong_of(error),))
        if isinstance(done, Rehearsal):
            return review(request, typed, making, done, key, CHANGED)
        keys.pop(once, None)
        link = f"/case/{case}?opened=1"
        session.remember(once, link)
        return Response(b"", status_code=303, headers={"location": link})

    return [fresh, sent]


def _witnesses(node: Node) -> Mapping[str, Party]:
    """Parties that cosign, by id: this node's own first, then the others by name."""
    own = node.party.id
    found = (p for p in node.parties().values() if witness_keys(p))
    return {p.id: p for p in sorted(found, key=lambda p: (p.id != own, p.card.name, p.id))}


def _lay_out(node: Node, typed: Typed) -> Form:
    own = node.party.id
    parties = _witnesses(node)
    named = [
        Choice(
            value=p.id,
            words=p.card.name,
            aside=phrase("this party") if p.id == own else phrase("fingerprint {}…", grouped(p.id[:16])),
        )
        for p in parties.values()
    ]
    return Form(
        title="Open a case",
        lead="A case is what parties say to each other about one matter. It has a neutral name; what each "
        "party calls it stands as that party's own words.",
        effect=(
            "Only this party is in the case until it invites others.",
            "Whose word proves a time is fixed for good. It is the same for every party that joins.",
        ),
        sections=(
            Section(
                title="The case",
                fields=(
                    line(typed, "title", "Your title for it", hint="Whoever is invited reads it, as yours."),
                    line(
                        typed if typed.said("date") else typed.with_field("date", _today(node)),
                        "date",
                        "Date in its neutral name",
                        required=True,
                    ),
                ),
            ),
            Section(
                title="Who proves when a record existed",
                legend="A clock of one's own proves nothing to others. A time counts as proven once enough "
                "of those named here have seen the record; a party's own word never counts for what it "
                "signs. Name more than are needed, so that one of them can be away.",
                fields=(
                    checks(
                        typed,
                        "witness",
                        "Parties that witness",
                        named,
                        parties,
                        hint="Parties whose cards are known here. Another is learned under Parties first.",
                    ),
                    pick(
                        typed,
                        "quorum",
                        "How many of them are needed",
                        [Choice(value=str(n), words=str(n)) for n in range(1, 17)],
                        "1",
                    ),
                    text(
                        typed,
                        "authorities",
                        "Certificates of timestamp authorities (RFC 3161)",
                        hint="In PEM, one below the other. Each counts like a witness. This node asks those "
                        "that its settings name (tsa).",
                    ),
                    text(
                        typed,
                        "policy",
                        "Or the witnesses as a policy (C2SP tlog-policy)",
                        hint="Takes the place of the parties and the number above; it can name witnesses "
                        "that are no party.",
                    ),
                ),
            ),
            Section(
                title="What else is fixed",
                fields=(
                    checks(
                        typed,
                        "courier",
                        "Couriers",
                        [choice for choice in named if choice.value != own],
                        hint="Parties whose attempts to deliver a notice count in this case.",
                    ),
                    pick(
                        typed,
                        "approvals",
                        "How many approvals each disclosure bears",
                        [Choice(value=str(n), words=str(n)) for n in range(9)],
                        "0",
                        hint="Offices of the party that discloses approve it first.",
                    ),
                ),
            ),
        ),
    )


def _today(node: Node) -> str:
    return bodies.time_text(node.effects.now())[:10]


def _take(node: Node, typed: Typed, key: bytes) -> Making:
    check = Checking(typed)
    title = check.line("title", "the title")
    date = check.line("date", "the date", required=True)
    if date and not _is_date(date):
        check.refuse("date", phrase("Write the date as 2031-03-01; {} is none.", f"{date!r}"))
    parties = _witnesses(node)
    named = check.several("witness", "parties that witness", parties)
    quorum = int(check.choice("quorum", "how many are needed", map(str, range(1, 17))) or 1)
    certificates = _take_certificates(check)
    written = _take_policy(check, node)
    couriers = check.several("courier", "couriers", [p for p in parties if p != node.party.id])
    approvals = int(check.choice("approvals", "how many approvals", map(str, range(9))) or 0)
    quorum, witnesses = written or (
        quorum,
        tuple(Witness(vkey=witness_keys(parties[p])[-1], party=p) for p in named),
    )
    if not witnesses and not certificates:
        check.refuse("witness", phrase("Name at least one party, authority or witness."))
    elif len(witnesses) + len(certificates) < quorum:
        why = phrase(
            "{} are needed, and only {} are named.", str(quorum), str(len(witnesses) + len(certificates))
        )
        check.refuse("quorum", why)
    check.done()
    policy = Policy(
        quorum=quorum,
        witnesses=witnesses,
        authorities=tuple(
            Authority(certificate=stamps.certificate_id(raw), name=name or "authority")
            for raw, name in certificates.items()
        ),
        couriers=tuple(sorted(couriers)),
        approvals=approvals,
    )
    return Making(
        act=partial(_sign, date=date, policy=policy, title=title, key=key, certificates=tuple(certificates)),
        said=_tell(node, policy, date, title, acts.case_under(node, key)),
        notes=() if _somebody_else(node, policy) else (phrase(_ALONE),),
    )


def _is_date(text_: str) -> bool:
    try:
        datetime.strptime(text_, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return False
    return _DATE.fullmatch(text_) is not None


def _take_certificates(check: Checking) -> dict[bytes, str]:
    raw = check.text("authorities", "the certificates", limit=200_000)
    if not raw:
        return {}
    try:
        found = dict(read_certificates(raw.encode(), "form"))
        for each in found:
            stamps.load_certificate(each, "form")
    except ComityError as error:
        check.refuse("authorities", phrase("{} [{}]", explain(error.code, error.why), error.code))
        return {}
    return found


def _take_policy(check: Checking, node: Node) -> tuple[int, tuple[Witness, ...]] | None:
    written = check.text("policy", "the policy")
    if not written:
        return None
    known = {vkey: p.id for p in node.parties().values() for vkey in witness_keys(p)}
    try:
        return case_policy(parse_policy(f"{written}\n".encode(), "policy"), known)
    except ComityError as error:
        where = f", {error.where}" if error.where else ""
        check.refuse("policy", phrase("{} [{}]", explain(error.code, error.why), f"{error.code}{where}"))
        return None


def _somebody_else(node: Node, policy: Policy) -> bool:
    return bool(policy.authorities) or any(w.party != node.party.id for w in policy.witnesses)


def _tell(node: Node, policy: Policy, date: str, title: str, case: str) -> Told:
    names = [node.name_of(w.party) if w.party else w.vkey.partition("+")[0] for w in policy.witnesses]
    names += [a.name for a in policy.authorities]
    told = [
        ("opens", f"C-{case[:8]}-{date}"),
        ("your title", title or phrase("none")),
        ("proves time", phrase("{} of: {}", str(policy.quorum), joined(names, ", "))),
    ]
    if policy.couriers:
        told.append(("couriers", ", ".join(map(node.name_of, policy.couriers))))
    if policy.approvals:
        told.append(("approvals", str(policy.approvals)))
    return tuple(told)


def _sign(
    node: Node, *, date: str, policy: Policy, title: str, key: bytes, certificates: tuple[bytes, ...]
) -> Verified[Record]:
    for raw in certificates:
        keep_certificate(node, raw)
    return acts.sign_opening(node, date, policy, title, key=key)
