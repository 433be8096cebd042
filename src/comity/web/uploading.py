"""Routes by which files come into the node: chosen or dropped, declared, and watched while they are sealed.

None of them signs anything; the seal of an item is signed by its own form (``forms_of_evidence``). Without
scripts a page of files in work asks for itself again every few seconds.
"""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import ClientException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, RawBody

from comity.errors import ComityError, Refused
from comity.evidence.formats import FORMATS
from comity.evidence.seal import Declared, check_declared
from comity.exchange.node import Node
from comity.records import kinds
from comity.web import render
from comity.web.chrome import Chrome
from comity.web.desk import Desk
from comity.web.forms import Choice, Form, Section, Shown, errors_of, line, pick
from comity.web.forms_of_findings import ZONE
from comity.web.headers import SCRIPTED
from comity.web.intake import Intake, Taken, Upload
from comity.web.phrases import phrase
from comity.web.posting import require_own, session_of
from comity.web.reasons import explain
from comity.web.typed import FORM_LIMIT, Checking, NotTaken, Typed, Wrong

_Ask = Request[Any, Any, Any]
_FORMATS = {
    "lines/1": phrase("lines of text"),
    "csv/1": phrase("rows of a table (CSV, TSV)"),
    "jsonl/1": phrase("JSON lines"),
    "w3c/1": phrase("W3C log (IIS)"),
    "zeek/1": phrase("Zeek log (TSV)"),
    "evtx-jsonl/1": phrase("JSON lines of a Windows event log"),
    "opaque/1": phrase("one piece, not cut into rows"),
}


def upload_routes(node: Node, chrome: Chrome, intake: Intake) -> list[HTTPRouteHandler]:
    """Every page of files on their way in."""
    sessions = chrome.sessions

    def list_page(request: _Ask, case: str, why: str = "") -> Response[bytes]:
        desk = Desk(node, node.find_case(render.full_id(case, "case")))
        files = intake.of(desk.case)
        view = {
            "case": desk.case,
            "case_title": desk.reading.title,
            "case_link": f"/case/{desk.case}",
            "files": files,
            "busy": any(f.stage == "sealing" for f in files),
            "signed": _signed(desk),
            "why": why,
        }
        return chrome.answer(
            request, "files.html", view, phrase("Seal evidence"), status=422 if why else 200, csp=SCRIPTED
        )

    @get("/act/{case:str}/files", sync_to_thread=True)
    def listed(request: _Ask, case: FromPath[str]) -> Response[bytes]:
        return list_page(request, case)

    @post("/act/{case:str}/files", request_max_body_size=None, status_code=303)
    async def taken(request: _Ask, case: FromPath[str]) -> Response[bytes]:
        session = session_of(sessions, request)
        upload = Upload(intake, node.find_case(render.full_id(case, "case")))

        def check(fields: dict[str, str]) -> None:
            # The form's own word comes first, so nothing of another site's form is ever stored.
            require_own(Typed(fields.items()), session)
            if node.room is not None and node.room().low:
                raise Refused("disk.low", "", "too little room is free where this node is kept")

        try:
            await upload.read(request.headers.get("content-type", ""), request.stream(), check)
        except ComityError as error:
            if not upload.taken and error.code.startswith("page."):
                raise
            return list_page(request, case, phrase("{} [{}]", explain(error.code, error.why), error.code))
        except ClientException:
            return list_page(
                request, case, "The connection ended before the file did; nothing of it was kept."
            )
        if not upload.taken:
            return list_page(request, case, "Choose at least one file.")
        one = upload.taken[0].id if len(upload.taken) == 1 else ""
        place = f"/act/{upload.case}/files"
        return Response(b"", status_code=303, headers={"location": f"{place}/{one}" if one else place})

    @get("/act/{case:str}/files/{name:str}", sync_to_thread=True)
    def one(request: _Ask, case: FromPath[str], name: FromPath[str]) -> Response[bytes]:
        desk = Desk(node, node.find_case(render.full_id(case, "case")))
        return _declare(chrome, request, desk, intake.at(desk.case, name), Typed())

    @post(
        "/act/{case:str}/files/{name:str}",
        sync_to_thread=True,
        request_max_body_size=FORM_LIMIT,
        status_code=303,
    )
    def declared(request: _Ask, case: FromPath[str], name: FromPath[str], body: RawBody) -> Response[bytes]:
        typed = Typed.read(body)
        require_own(typed, session_of(sessions, request))
        desk = Desk(node, node.find_case(render.full_id(case, "case")))
        taken = intake.at(desk.case, name)
        if typed.one("step") == "drop":
            intake.drop(desk.case, name)
        elif typed.one("step") == "stop":
            intake.stop(desk.case, name)
        else:
            try:
                form, told = _take(typed)
            except NotTaken as error:
                return _declare(chrome, request, desk, taken, typed, error.wrong)
            intake.seal(desk.case, name, form, told)
        return Response(b"", status_code=303, headers={"location": f"/act/{desk.case}/files"})

    return [listed, taken, one, declared]


def _signed(desk: Desk) -> set[str]:
    """The roots of items whose seals are signed in the case."""
    seals = (record.content for record in desk.reading.state.of("evidence.seal"))
    return {content.item.root for content in seals if isinstance(content, kinds.Seal)}


def _declare(
    chrome: Chrome,
    request: _Ask,
    desk: Desk,
    taken: Taken,
    typed: Typed,
    wrong: tuple[Wrong, ...] = (),
) -> Response[bytes]:
    found = taken.detected
    why = f"{found.why}; {found.doubt}" if found.doubt else found.why
    form = Form(
        title=phrase("Declare and seal {}", taken.name),
        lead=phrase(
            "{} bytes are in this node's store, encrypted. Nothing is signed yet.", f"{taken.size:,}"
        ),
        effect=(),
        sections=(
            Section(
                title="How it is cut into rows",
                legend=phrase("It looks like {}: {}.", _FORMATS[found.format], why),
                fields=(
                    pick(
                        typed,
                        "format",
                        "Cut it as",
                        [Choice(value=v, words=w) for v, w in _FORMATS.items()],
                        found.format,
                        required=True,
                        hint="Rows are what can be disclosed one by one.",
                    ),
                ),
            ),
            Section(
                title="What you declare of it",
                legend="These words are sealed with it and cannot be changed afterwards.",
                fields=(
                    line(
                        typed,
                        "zone",
                        "Time zone of times in it that carry none",
                        hint="As +02:00. Leave it empty if you do not know.",
                    ),
                    line(
                        typed,
                        "origin",
                        "Source it goes back to",
                        hint="What shares a declared source counts once; an undeclared one is unknown.",
                    ),
                    line(typed, "collected-from", "Where it was taken"),
                ),
            ),
        ),
        button="Seal it",
    )
    shown = Shown(
        form=form,
        action=f"/act/{desk.case}/files/{taken.id}",
        hidden=(),
        wrong=wrong,
        errors=errors_of(wrong),
        case_title=desk.reading.title,
        case_link=f"/case/{desk.case}",
    )
    heading = phrase("Not taken yet: {}", form.title) if wrong else form.title
    return chrome.answer(request, "declare.html", shown, heading, status=422 if wrong else 200)


def _take(typed: Typed) -> tuple[str, Declared]:
    check = Checking(typed)
    form = check.choice("format", "how it is cut", FORMATS)
    zone = check.line("zone", "the time zone", limit=10)
    if zone and not ZONE.fullmatch(zone):
        check.refuse("zone", phrase("Write the time zone as +02:00; {} is none.", f"{zone!r}"))
    told = Declared(
        zone=zone,
        origin=check.line("origin", "the source"),
        collected_from=check.line("collected-from", "the place"),
    )
    check.done()
    check_declared(told, "form")
    return form, told
