"""Routes of the pages for the party's own people. All of them only read; each is also there as ``.json``.

What a page shows is made by the view modules; a route checks what the address says and picks the form.
"""

from __future__ import annotations

import re
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from comity.errors import Malformed
from comity.exchange.acts import neutral_title
from comity.exchange.delivery import address_of
from comity.exchange.node import Node
from comity.exchange.notices.links import link_of
from comity.exchange.proposing import approvals_asked
from comity.records.parties import grouped
from comity.web import law_views, render, rowtext
from comity.web.acts_on import acts_on
from comity.web.approval_views import ProposalLine, waiting_lines
from comity.web.assessments import WORDINGS, view_assessment
from comity.web.cases import NEWEST, view_case, view_cases
from comity.web.chrome import Chrome
from comity.web.comparisons import view_comparison
from comity.web.custody_views import OpeningLog, render_item_provenance
from comity.web.docket_page import HITS, search_cases, view_docket_page
from comity.web.evidence_views import ItemView, view_evidence, view_item, view_shown
from comity.web.finding_views import MATCHED, view_finding
from comity.web.forms_of_members import invitable
from comity.web.matching_views import view_matching
from comity.web.phrases import phrase
from comity.web.reading import Reading
from comity.web.record_views import Found, RecordView, find, view_record
from comity.web.words import name_record

ROW_LIMIT = 2**53
_CASE = re.compile(r"(C-)?[0-9a-f]{8,64}(-[0-9]{4}-[0-9]{2}-[0-9]{2})?")
_HASH = re.compile(r"[0-9a-f]{6,64}")

_Ask = Request[Any, Any, Any]


SEALED_IN = 5
"""Cases that the page of evidence offers to seal in, newest first."""


def page_routes(node: Node, chrome: Chrome, log: OpeningLog | None = None) -> list[HTTPRouteHandler]:
    """Every page of a node that only shows."""
    answer = chrome.answer

    @get("/", sync_to_thread=True)
    def cases(request: _Ask) -> Response[bytes]:
        waiting, damaged = _waiting(node)
        return answer(
            request,
            "cases.html",
            view_cases(node),
            phrase("Cases"),
            is_json=False,
            waiting=waiting,
            damaged=damaged,
        )

    @get("/index.json", sync_to_thread=True)
    def cases_json(request: _Ask) -> Response[bytes]:
        return answer(request, "cases.html", view_cases(node), phrase("Cases"), is_json=True)

    @get("/case/{name:str}", sync_to_thread=True)
    def case(request: _Ask, name: FromPath[str]) -> Response[bytes]:
        text, is_json = _split(name)
        if not _CASE.fullmatch(text):
            raise Malformed(
                "page.id", "case", "a case is named by its id, or by C- and the first digits of it"
            )
        reading = Reading(node, node.find_case(text), render.instant_of(request, "as_of"))
        # The page ends with the newest entries; as data it is read from the first, or from where one says.
        first = render.whole_number(request, "from", 1, ROW_LIMIT)
        view = view_case(reading, max(first if is_json else len(reading.state.ordered) - NEWEST + 1, 1))
        waiting, damaged = _waiting(node, reading.case)
        return answer(
            request,
            "case.html",
            view,
            reading.title,
            is_json=is_json,
            waiting=waiting,
            damaged=damaged,
            approvals_asked=approvals_asked(node, reading.case),
            opened=bool(request.query_params.get("opened")),
            invitable=bool(invitable(node, reading.state.members)),
        )

    def show_docket(request: _Ask, name: str, is_json: bool) -> Response[bytes]:
        if not _CASE.fullmatch(name):
            raise Malformed("page.id", "case", "a case is named by its id")
        reading = Reading(node, node.find_case(name), render.instant_of(request, "as_of"))
        view = view_docket_page(
            reading,
            max(render.whole_number(request, "from", 1, ROW_LIMIT), 1),
            render.text_of(request, "q"),
            render.text_of(request, "by", 64),
            render.text_of(request, "family", 4),
        )
        title = phrase("Docket: {}", reading.title)
        asked = render.text_of(request, "as_of")
        return answer(request, "docket.html", view, title, is_json=is_json, as_of=asked)

    @get("/case/{name:str}/docket", sync_to_thread=True)
    def docket_page(request: _Ask, name: FromPath[str]) -> Response[bytes]:
        return show_docket(request, name, False)

    @get("/case/{name:str}/docket.json", sync_to_thread=True)
    def docket_json(request: _Ask, name: FromPath[str]) -> Response[bytes]:
        return show_docket(request, name, True)

    @get("/case/{name:str}/law", sync_to_thread=True)
    def law(request: _Ask, name: FromPath[str]) -> Response[bytes]:
        if not _CASE.fullmatch(name):
            raise Malformed("page.id", "case", "a case is named by its id")
        reading = Reading(node, node.find_case(name))
        view = law_views.view_law(reading)
        return answer(request, "law.html", view, phrase("Law: {}", reading.title), is_json=False)

    @get("/law", sync_to_thread=True)
    def law_list(request: _Ask) -> Response[bytes]:
        title = phrase("Law that can be named")
        return answer(request, "catalogue.html", law_views.view_catalogue(), title, is_json=False)

    def show_matching(request: _Ask, name: str, is_json: bool) -> Response[bytes]:
        if not _CASE.fullmatch(name):
            raise Malformed("page.id", "case", "a case is named by its id")
        view = view_matching(Reading(node, node.find_case(name)))
        title = phrase("Private matching: {}", view.head.title)
        return answer(request, "matching.html", view, title, is_json=is_json, problem="")

    @get("/case/{name:str}/matching", sync_to_thread=True)
    def match_page(request: _Ask, name: FromPath[str]) -> Response[bytes]:
        return show_matching(request, name, False)

    @get("/case/{name:str}/matching.json", sync_to_thread=True)
    def match_json(request: _Ask, name: FromPath[str]) -> Response[bytes]:
        return show_matching(request, name, True)

    @get("/record/{name:str}", sync_to_thread=True)
    def record(request: _Ask, name: FromPath[str]) -> Response[bytes]:
        text, is_json = _split(name)
        view = view_record(node, render.full_id(text, "record"))
        signed = bool(request.query_params.get("signed"))
        return answer(
            request,
            "record.html",
            view,
            _title(view),
            is_json=is_json,
            signed=signed,
            acts=_acts(view),
            addressed=_addressed(node, view),
        )

    @get("/record/{name:str}/envelope.cose", sync_to_thread=True)
    def envelope(name: FromPath[str]) -> Response[bytes]:
        view = view_record(node, render.full_id(name, "record"))
        disposition = {"content-disposition": f'attachment; filename="{name}.cose"'}
        return Response(bytes.fromhex(view.envelope), media_type="application/cose", headers=disposition)

    @get("/evidence", sync_to_thread=True)
    def evidence(request: _Ask) -> Response[bytes]:
        cases = [(c, neutral_title(node.state(c))) for c in reversed(node.cases())][:SEALED_IN]
        view = view_evidence(node)
        return answer(request, "evidence.html", view, phrase("Evidence"), is_json=False, cases=cases)

    @get("/evidence.json", sync_to_thread=True)
    def evidence_json(request: _Ask) -> Response[bytes]:
        return answer(request, "evidence.html", view_evidence(node), phrase("Evidence"), is_json=True)

    @get("/evidence/{name:str}", sync_to_thread=True)
    def item(request: _Ask, name: FromPath[str]) -> Response[bytes]:
        text, is_json = _split(name)
        root = render.full_id(text, "evidence")
        first = max(render.whole_number(request, "from", 1, ROW_LIMIT), 1)
        view = view_item(node, root, first, render.text_of(request, "q"), rows_chosen(request), log)
        heading = view.item.name or phrase("Item {}…", grouped(root[:16]))
        # An item that no case holds a seal of can be committed in any of them.
        open_cases = [] if view.item.by else [(c, neutral_title(node.state(c))) for c in node.cases()]
        acts = _acts_on_item(view)
        return answer(request, "item.html", view, heading, is_json=is_json, cases=open_cases, acts=acts)

    @get("/evidence/{name:str}/provenance.jsonld", sync_to_thread=True)
    def provenance(name: FromPath[str], request: _Ask) -> Response[bytes]:
        root = render.full_id(name, "evidence")
        raw = render_item_provenance(node, root, render.text_of(request, "case", 64))
        disposition = {"content-disposition": f'attachment; filename="{root[:12]}.jsonld"'}
        return Response(raw, media_type="application/ld+json", headers=disposition)

    @get("/shown/{name:str}", sync_to_thread=True)
    def shown(request: _Ask, name: FromPath[str]) -> Response[bytes]:
        text, is_json = _split(name)
        view = view_shown(node, render.full_id(text, "shown"))
        return answer(request, "shown.html", view, phrase("Rows shown"), is_json=is_json)

    @get("/findings/{name:str}", sync_to_thread=True)
    def finding(request: _Ask, name: FromPath[str]) -> Response[bytes]:
        text, is_json = _split(name)
        first = max(render.whole_number(request, "from", 1, ROW_LIMIT), 1)
        why = render.whole_number(request, "why", 0, ROW_LIMIT)
        view = view_finding(node, render.full_id(text, "findings"), first, why)
        title = phrase("Finding № {}: {}", f"{view.record.number:,}", view.named)
        return answer(request, "finding.html", view, title, is_json=is_json, page=MATCHED, why=why)

    @get("/assessments/{name:str}", sync_to_thread=True)
    def assessment(request: _Ask, name: FromPath[str]) -> Response[bytes]:
        text, is_json = _split(name)
        words = render.text_of(request, "words", 20)
        if words and words not in WORDINGS:
            raise Malformed("page.words", "words", phrase("it is one of {}", ", ".join(WORDINGS)))
        view = view_assessment(node, render.full_id(text, "assessments"), words)
        return answer(request, "assessment.html", view, phrase("Assessment {}…", text[:12]), is_json=is_json)

    @get("/assessments/{name:str}/against/{other:str}", sync_to_thread=True)
    def comparison(request: _Ask, name: FromPath[str], other: FromPath[str]) -> Response[bytes]:
        text, is_json = _split(other)
        both = (render.full_id(each, "assessments") for each in (name, text))
        view = view_comparison(node, *both)
        title = phrase("Two assessments side by side")
        return answer(request, "comparison.html", view, title, is_json=is_json)

    def look_up(request: _Ask, is_json: bool) -> Response[bytes]:
        query = render.text_of(request, "q")
        wanted = re.sub(r"[\s:…]", "", query).lower().removeprefix("c-")
        usable = _HASH.fullmatch(wanted) is not None
        found: tuple[Found, ...] = find(node, wanted) if usable else ()
        if len(found) == 1 and not is_json:
            # Built here from what is held, never from the address.
            return Response(b"", status_code=303, headers={"location": found[0].link})
        readings = (Reading(node, case) for case in reversed(node.cases()))
        hits = search_cases(readings, query) if query.strip() and not found else ()
        view = {"query": query, "usable": usable, "found": found, "hits": hits, "more": len(hits) == HITS}
        return answer(request, "find.html", view, phrase("Find"), is_json=is_json)

    @get("/find", sync_to_thread=True)
    def find_page(request: _Ask) -> Response[bytes]:
        return look_up(request, False)

    @get("/find.json", sync_to_thread=True)
    def find_json(request: _Ask) -> Response[bytes]:
        return look_up(request, True)

    return [
        *(
            cases,
            cases_json,
            case,
            docket_page,
            docket_json,
            law,
            law_list,
            match_page,
            match_json,
            record,
            envelope,
        ),
        *(evidence, evidence_json, item, provenance, shown, finding, assessment, comparison),
        *(find_page, find_json),
    ]


def _title(view: RecordView) -> str:
    """What the window is called: the number of the record and what it is, else the beginning of its id."""
    if not view.record.number:
        return phrase("Record {}…", view.record.id[:12])
    return phrase("№ {} · {}", f"{view.record.number:,}", name_record(view.record.kind))


def _acts(view: RecordView) -> tuple[tuple[str, str], ...]:
    """What can be done about a record that the rules accept."""
    if view.judged != "accepted":
        return ()
    record = view.record
    return acts_on(
        view.head.id,
        record.id,
        record.kind,
        view.by.own,
        proposes='"due":' in view.content,
        states='"assertions":' in view.content,
    )


def _addressed(node: Node, view: RecordView) -> tuple[str, str] | None:
    """Of a notice that this party gave: where this node is reached, and the path of the notice's link, ""
    where it has none. None for any other record."""
    if view.record.kind != "notice.give" or not view.by.own or view.judged != "accepted":
        return None
    return address_of(node, node.party.id).rstrip("/"), link_of(node, view.head.id, view.record.id)


def _acts_on_item(view: ItemView) -> tuple[tuple[str, str], ...]:
    """What can be done about an item that a case here holds a seal of."""
    line = view.item
    if line.by is None:
        return ()
    return acts_on(line.case, line.seal, "evidence.seal", line.by.own)[: 5 if line.by.own else 2]


def rows_chosen(request: _Ask) -> tuple[int, ...]:
    """Rows that the address names as chosen: kept from other pages, or marked on this one."""
    kept = render.text_of(request, "chosen", 6000)
    marked = " ".join(request.query_params.getall("row", []))
    shown = set(read_rows(" ".join(request.query_params.getall("on-page", []))[:20_000], "on-page"))
    before = set(read_rows(kept, "chosen"))
    # A box that stands on the page and is not marked was unmarked.
    return tuple(sorted((before - shown) | set(read_rows(marked[:20_000], "row"))))


def read_rows(text: str, where: str) -> list[int]:
    """Row numbers written ``3, 7-9``; ``Malformed`` (``page.rows``) for anything else."""
    try:
        return rowtext.read_rows(text)
    except ValueError as error:
        raise Malformed("page.rows", where, str(error)) from None


def _split(name: str) -> tuple[str, bool]:
    return name.removesuffix(".json"), name.endswith(".json")


def _waiting(node: Node, case: str = "") -> tuple[tuple[ProposalLine, ...], str]:
    """What waits for approval; and why that cannot be told, which keeps nobody from the rest of a page."""
    try:
        return waiting_lines(node, case=case), ""
    except Malformed as error:
        return (), str(error)
